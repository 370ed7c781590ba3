import type { Container } from '../container.js';
import type { Cpu } from '../kernel/cpus.js';

/** A queue (of a container on a CPU) that is throttled. */
export interface ThrottledQueue {
  readonly container: Container;
  readonly cpu: Cpu;
}

/** More timers that unthrottle than any host has groups with a quota. */
const MOST_TIMERS = 1 << 14;
/** A timer is a container's when that container was throttled so many times more often at its expiries than any other. */
const LEAD = 2;
/** So many expiries in a row at which its container had no throttled queue, and it is somebody else's. */
const MISSES = 3;

interface PeriodTimer {
  container: Container | undefined;
  /** By container that was throttled when it expired: how often it was, less how often it was not. */
  readonly scores: Map<Container, number>;
  misses: number;
  /** It has expired and not yet unthrottled anything since. */
  isFresh: boolean;
}

/**
 * Which container's queue an unthrottle is of. The kprobes carry no group, but each group with a quota has a period timer
 * of its own, in whose expiry its queues are unthrottled, first throttled first. A timer becomes a container's by who was
 * throttled when it expired.
 */
export class PeriodTimers {
  private readonly timers = new Map<number, PeriodTimer>();
  /** In the order in which they were throttled. */
  private readonly queues: ThrottledQueue[] = [];

  throttled(container: Container, cpu: Cpu): void {
    this.queues.push({ container, cpu });
  }

  /** A timer expires: if it is known as a container's, a period of that is over. */
  expired(address: number): void {
    const timer = this.timers.get(address);
    if (timer === undefined) return;
    timer.isFresh = true;
    if (timer.container?.throttle.isActive) timer.container.throttle.periods++;
  }

  /** Something is unthrottled on the CPU: which queue, and the container has it no longer among the throttled ones. */
  unthrottled(cpu: Cpu): ThrottledQueue | undefined {
    const timer = cpu.timer === undefined ? undefined : this.timerAt(cpu.timer);
    const isNobodys = timer?.container === undefined;
    if (timer?.isFresh) this.learn(timer);
    const at = this.queues.findIndex(this.chooser(timer, cpu));
    if (at < 0) return undefined;
    const [queue] = this.queues.splice(at, 1);
    if (timer?.isFresh && isNobodys) queue!.container.throttle.periods++;
    if (timer !== undefined) timer.isFresh = false;
    return queue;
  }

  /** The queue was unthrottled unseen. */
  forget(container: Container, cpu: Cpu): void {
    const at = this.queues.findIndex((queue) => queue.container === container && queue.cpu === cpu);
    if (at >= 0) this.queues.splice(at, 1);
  }

  private timerAt(address: number): PeriodTimer {
    let timer = this.timers.get(address);
    if (timer === undefined) {
      if (this.timers.size >= MOST_TIMERS) this.timers.clear();
      timer = { container: undefined, scores: new Map(), misses: 0, isFresh: true };
      this.timers.set(address, timer);
    }
    return timer;
  }

  private chooser(timer: PeriodTimer | undefined, cpu: Cpu): (queue: ThrottledQueue) => boolean {
    if (timer === undefined) return (queue) => queue.cpu === cpu;
    const { container, scores } = timer;
    if (container !== undefined) return (queue) => queue.container === container;
    const taken = new Set([...this.timers.values()].map((each) => each.container));
    let best: Container | undefined;
    for (const { container: each } of this.queues) {
      if (taken.has(each)) continue;
      if (best === undefined || (scores.get(each) ?? 0) > (scores.get(best) ?? 0)) best = each;
    }
    return (queue) => queue.container === best;
  }

  /** Who is throttled while the timer unthrottles may be whom it is of; who is not is not. */
  private learn(timer: PeriodTimer): void {
    const throttled = new Set(this.queues.map(({ container }) => container));
    if (timer.container !== undefined) {
      timer.misses = throttled.has(timer.container) ? 0 : timer.misses + 1;
      if (timer.misses < MISSES) return;
      timer.container = undefined;
      timer.misses = 0;
      timer.scores.clear();
    }
    const { scores } = timer;
    for (const [container, score] of scores) if (!throttled.has(container)) scores.set(container, score - 1);
    for (const container of throttled) scores.set(container, (scores.get(container) ?? 0) + 1);
    const [first, second] = [...scores].sort((a, b) => b[1] - a[1]);
    if (first !== undefined && first[1] >= (second?.[1] ?? 0) + LEAD) timer.container = first[0];
  }
}
