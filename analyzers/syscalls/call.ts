import type { Group } from '../denials/groups.js';
import type { Target } from './target.js';

/** Nothing tells of its entry. */
export const OUTSIDE = -1;
/** A call is under way whose entry was in an earlier batch: its target has been read. */
export const SAVED = -2;

/** The system call that a thread is in, or was in last. */
export class Call {
  /** Row of its entry in this batch, OUTSIDE or SAVED; kept while the event of its exit is looked at. */
  row = OUTSIDE;
  /** It is under way. */
  open = false;
  /** Number of the batch in which an entry was seen last; -1 before the first. */
  batch = -1;
  /** How often events had been lost when the thread's last call ended. */
  losses = 0;
  target: Target | undefined = undefined;
  /** The group of its last expected failure, with what made it: programs fail the same way again and again. */
  lastFailure = -1;
  lastGroup: Group | undefined = undefined;
}
