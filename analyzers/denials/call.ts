import type { Group } from './groups.js';
import type { Target } from './refusal.js';

/** No call is under way. */
export const OUTSIDE = -1;
/** A call is under way whose entry was in an earlier batch: its target has been read. */
export const SAVED = -2;

/** The system call that a thread is in. */
export class Call {
  /** Row of its entry in this batch, OUTSIDE or SAVED. */
  row = OUTSIDE;
  /** What the entry's event is: index of its name. */
  event = -1;
  /** Batch in which an entry was seen last. */
  batch = -1;
  /** How often events had been lost when the thread's last call began or ended. */
  losses = 0;
  target: Target | undefined = undefined;
  /** The group of its last expected failure, with what made it: programs fail the same way again and again. */
  lastFailure = -1;
  lastGroup: Group | undefined = undefined;
}
