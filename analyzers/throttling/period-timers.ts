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
  /** By container that has throttled queues: these, in the order in which they were throttled. */
  private readonly queues = new Map<Container, ThrottledQueue[]>();

  throttled(container: Container, cpu: Cpu): void {
    const own = this.queues.get(container);
    if (own === undefined) this.queues.set(container, [{ container, cpu }]);
    else own.push({ container, cpu });
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
    if (cpu.timer === undefined) return this.takeOn(cpu);
    const timer = this.timerAt(cpu.timer);
    const isFirst = timer.isFresh;
    const isNobodys = timer.container === undefined;
    timer.isFresh = false;
    if (isFirst) this.learn(timer);
    const container = timer.container ?? this.likeliest(timer);
    const queue = container && this.take(container, 0);
    if (queue !== undefined && isFirst && isNobodys) queue.container.throttle.periods++;
    return queue;
  }

  /** The queue was unthrottled unseen. */
  forget(container: Container, cpu: Cpu): void {
    const at = this.queues.get(container)?.findIndex((queue) => queue.cpu === cpu) ?? -1;
    if (at >= 0) this.take(container, at);
  }

  private take(container: Container, at: number): ThrottledQueue | undefined {
    const own = this.queues.get(container);
    const [queue] = own?.splice(at, 1) ?? [];
    if (own?.length === 0) this.queues.delete(container);
    return queue;
  }

  /** Where no timer tells, it is a queue of the CPU that it happens on. */
  private takeOn(cpu: Cpu): ThrottledQueue | undefined {
    for (const [container, own] of this.queues) {
      const at = own.findIndex((queue) => queue.cpu === cpu);
      if (at >= 0) return this.take(container, at);
    }
    return undefined;
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

  /** While nobody has the timer for sure: who scores best among those without one. */
  private likeliest({ scores }: PeriodTimer): Container | undefined {
    const taken = new Set([...this.timers.values()].map(({ container }) => container));
    let best: Container | undefined;
    for (const container of this.queues.keys()) {
      if (taken.has(container)) continue;
      if (best === undefined || (scores.get(container) ?? 0) > (scores.get(best) ?? 0)) best = container;
    }
    return best;
  }

  /** Who is throttled while the timer unthrottles may be whom it is of; who is not is not. */
  private learn(timer: PeriodTimer): void {
    if (timer.container !== undefined) {
      timer.misses = this.queues.has(timer.container) ? 0 : timer.misses + 1;
      if (timer.misses < MISSES) return;
      timer.container = undefined;
      timer.misses = 0;
      timer.scores.clear();
    }
    this.forgetEnded();
    const { scores } = timer;
    for (const [container, score] of scores) {
      if (!this.queues.has(container)) scores.set(container, score - 1);
    }
    for (const container of this.queues.keys()) scores.set(container, (scores.get(container) ?? 0) + 1);
    const [first, second] = [...scores].sort((a, b) => b[1] - a[1]);
    if (first === undefined || first[1] < (second?.[1] ?? 0) + LEAD) return;
    timer.container = first[0];
    timer.scores.clear();
  }

  /** Nothing unthrottles a group that is gone. */
  private forgetEnded(): void {
    for (const container of this.queues.keys()) {
      if (container.alive === 0 && container.ended !== undefined) this.queues.delete(container);
    }
  }
}
