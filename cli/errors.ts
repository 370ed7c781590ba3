/** The errors of the command line itself. Their messages are one sentence for the user. */

export const EXIT_OK = 0;
/** Something that the user or the world got wrong, or a fault of ours. */
export const EXIT_FAILURE = 1;
/** A command line that cannot be understood. */
export const EXIT_USAGE = 2;

/** A command line that cannot be understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Something that a command cannot do as things are. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

export function exitCodeOf(error: unknown): number {
  return error instanceof UsageError ? EXIT_USAGE : EXIT_FAILURE;
}
