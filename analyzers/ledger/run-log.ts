import { keepAsDoubles } from '../doubles.js';
import type { Counterpart, Counterparts } from './counterparts.js';

/** Runs on one CPU that are remembered while somebody waits for it. A power of two. */
const LOG_LENGTH = 2048;
const MASK = LOG_LENGTH - 1;

/**
 * Who had a CPU lately: a ring of runs, each with its end. It is written only while somebody waits for the CPU, so a run
 * begins where the one before it ended, or before anybody waited.
 */
export class RunLog {
  static {
    keepAsDoubles(new RunLog(), 'since', 'upTo');
  }

  private readonly ends = new Float64Array(LOG_LENGTH);
  private readonly runners: (Counterpart | undefined)[] = new Array(LOG_LENGTH).fill(undefined);
  private next = 0;
  /** Runs since everybody who waits was last charged. */
  private length = 0;
  /** What `charge` is to charge: fields, because numbers that are handed over are an object more each. */
  since = 0;
  upTo = 0;

  push(runner: Counterpart, end: number): void {
    this.ends[this.next] = end;
    this.runners[this.next] = runner;
    this.next = (this.next + 1) & MASK;
    this.length++;
  }

  get isFull(): boolean {
    return this.length === MASK;
  }

  /** Charges [since, upTo) to those who had the CPU; `current` has had it since the last run's end. */
  charge(into: Counterparts, current: Counterpart): void {
    const { ends, runners, length, since } = this;
    let { upTo } = this;
    let runner = current;
    let at = this.next;
    for (let i = 0; upTo > since; i++) {
      at = (at - 1) & MASK;
      const from = i < length ? Math.max(since, ends[at]!) : since;
      if (upTo > from) {
        into.sumOf(runner).ns += upTo - from;
        upTo = from;
      }
      if (i < length) runner = runners[at]!;
    }
  }

  /** Nobody waits any longer for what was before now. */
  clear(): void {
    this.length = 0;
  }
}
