/** What to tell the user of an error. */
import { InventoryError } from '../host/inspect.js';
import { SessionError } from '../host/session/error.js';
import { SourceError } from '../native/index.js';
import { RecordingError } from '../recordings/error.js';
import { CommandError, UsageError } from './errors.js';
import { escapeHostile, unicodeEscape } from './formats/escape.js';

const FOR_THE_USER = [UsageError, CommandError, InventoryError, RecordingError, SessionError, SourceError];

/** One line for standard error; with `debug` the stack of it and of its causes too. */
export function describeError(error: unknown, debug: boolean): string {
  const known = FOR_THE_USER.some((kind) => error instanceof kind) || isSystemError(error);
  const message = error instanceof Error ? error.message : String(error);
  const line = `boxtop: ${escapeHostile(message.replace(/\s*\n\s*/g, ' '), unicodeEscape)}`;
  if (debug && error instanceof Error) return `${line}\n${error.stack}${causeOf(error)}`;
  return known ? line : `${line} (a fault in boxtop itself; BOXTOP_DEBUG=1 shows where)`;
}

function causeOf(error: Error): string {
  return error.cause instanceof Error ? `\ncaused by ${error.cause.stack}` : '';
}

/** Files and streams fail with a code of the system (ENOSPC, EACCES), which its message names. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
