/** A path that holds no usable recording; the message is one sentence for the user. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
}
