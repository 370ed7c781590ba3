import type { Thread } from '../kernel/thread.js';

/** Switches of one CPU that are remembered while somebody waits for it. */
export const LOG_LENGTH = 2048;

/** Takes a stretch of time in which the thread had the CPU; undefined: nothing told who. */
export type Runner = Thread | undefined;

/**
 * Who had a CPU lately: a ring of runs, each with its end. It is written only while somebody waits for the CPU, so a run
 * begins where the one before it ended, or before anybody waited.
 */
export class RunLog {
  private readonly ends = new Float64Array(LOG_LENGTH);
  private readonly runners: Runner[] = new Array(LOG_LENGTH).fill(undefined);
  private next = 0;
  /** Runs since everybody who waits was last charged. */
  length = 0;

  push(runner: Runner, end: number): void {
    this.ends[this.next] = end;
    this.runners[this.next] = runner;
    this.next = (this.next + 1) % LOG_LENGTH;
    this.length++;
  }

  get isFull(): boolean {
    return this.length === LOG_LENGTH - 1;
  }

  /** Tells who had the CPU in [begin, end), last first; `current` has had it since the last run's end. */
  each(begin: number, end: number, current: Runner, take: (runner: Runner, elapsed: number) => void): void {
    let upTo = end;
    let runner = current;
    for (let i = 0; i <= this.length && upTo > begin; i++) {
      const at = (this.next - 1 - i + 2 * LOG_LENGTH) % LOG_LENGTH;
      const from = i === this.length ? begin : Math.max(begin, this.ends[at]!);
      if (upTo > from) take(runner, upTo - from);
      upTo = Math.min(upTo, from);
      runner = this.runners[at];
    }
  }

  /** Nobody waits any longer for what was before now. */
  clear(): void {
    this.length = 0;
  }
}
