import { keepAsDoubles } from '../doubles.js';

/**
 * Throttling by one quota, of a container or of a group of them: which of its queues are throttled since when, and the sums
 * of the interval.
 */
export class Throttle {
  static {
    keepAsDoubles(new Throttle(), 'ns');
  }

  /** By CPU: since when its queue is throttled, as far as that is not yet in `ns`; undefined if it is not. */
  private readonly since: (number | undefined)[] = [];
  private throttled = 0;
  /** By CPU: when its queue was throttled that nobody of it has run on since. */
  private readonly heldSince: (number | undefined)[] = [];
  private held = 0;
  /** Time of the interval in which its queues were throttled, summed over the CPUs as `throttled_usec` is. */
  ns = 0;
  /** Periods of the interval in which one of them was, as `nr_throttled` counts. */
  periods = 0;

  /** @param isShared by the containers below a slice or pod that has the quota */
  constructor(readonly isShared = false) {}

  isThrottled(cpu: number): boolean {
    return this.throttled > 0 && this.since[cpu] !== undefined;
  }

  /** Any queue is throttled. */
  get isActive(): boolean {
    return this.throttled > 0;
  }

  /** Any queue may be throttled, going by who has run. */
  get holds(): boolean {
    return this.held > 0;
  }

  /** Somebody runs on the CPU: since when nobody could, whether or not the unthrottle was seen; undefined where that was not so. */
  ran(cpu: number): number | undefined {
    if (this.held === 0) return undefined;
    const since = this.heldSince[cpu];
    if (since === undefined) return undefined;
    this.heldSince[cpu] = undefined;
    this.held--;
    return since;
  }

  begin(cpu: number, time: number): void {
    if (this.heldSince[cpu] === undefined) this.held++;
    this.heldSince[cpu] = time;
    if (this.since[cpu] === undefined) this.throttled++;
    this.since[cpu] = time;
  }

  end(cpu: number, time: number): void {
    const since = this.since[cpu];
    if (since === undefined) return;
    this.ns += time - since;
    this.since[cpu] = undefined;
    this.throttled--;
  }

  /** The unthrottle may have been lost: it is known up to this time that its queue was throttled. */
  lose(cpu: number, time: number): void {
    const since = this.since[cpu];
    if (since !== undefined) this.end(cpu, Math.max(since, time));
    this.ran(cpu);
  }

  /** Credits what is throttled now up to the end of the interval. */
  credit(time: number): void {
    if (this.throttled === 0) return;
    for (const [cpu, since] of this.since.entries()) {
      if (since === undefined) continue;
      this.ns += time - since;
      this.since[cpu] = time;
    }
  }

  clear(): void {
    this.ns = 0;
    this.periods = 0;
  }
}
