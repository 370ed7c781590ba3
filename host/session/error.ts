/** Something about LTTng on this machine that keeps boxtop from tracing; the message is one sentence for the user. */
export class SessionError extends Error {
  override readonly name = 'SessionError';
}
