import type { Group } from '../denials/groups.js';
import { keepAsDoubles } from '../doubles.js';
import type { Target } from './target.js';

/** Nothing tells of its entry. */
export const OUTSIDE = -1;
/** A call is under way whose entry was in an earlier batch: what matters of its arguments has been read. */
export const SAVED = -2;

/** The system call that a thread is in, or was in last. */
export class Call {
  static {
    keepAsDoubles(new Call(), 'began');
  }

  /** Row of its entry in this batch, OUTSIDE or SAVED; kept while the event of its exit is looked at. */
  row = OUTSIDE;
  /** Which one: an id of `Calls`. */
  id = 0;
  /** It is under way. */
  open = false;
  /** When it was entered, ns since origin. */
  began = 0;
  /** Number of the batch in which an entry was seen last; -1 before the first. */
  batch = -1;
  /** How often events had been lost when it began or ended. */
  losses = 0;
  /** Of a call that is SAVED, for refusals: what it is about. */
  target: Target | undefined = undefined;
  /** Of a call that is SAVED, for descriptors: up to three numbers and a text of its arguments. */
  a = 0;
  b = 0;
  c = 0;
  text: string | undefined = undefined;
  /** The group of its last expected failure, with what made it: programs fail the same way again and again. */
  lastFailure = -1;
  lastGroup: Group | undefined = undefined;
}
