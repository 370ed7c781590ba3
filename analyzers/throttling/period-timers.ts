import type { Container } from '../container.js';
import type { Cpu } from '../kernel/cpu.js';
import type { Throttle } from './throttle.js';

/** A queue (of a quota's group on a CPU) that is throttled. */
export interface ThrottledQueue {
  readonly throttle: Throttle;
  readonly cpu: Cpu;
  /** Whose thread used up the quota. */
  readonly container: Container;
}

/** More timers that unthrottle than any host has groups with a quota. */
const MOST_TIMERS = 1 << 14;
/** A timer is a group's when that group was throttled so many times more often at its expiries than any other. */
const LEAD = 2;
/** So many expiries in a row at which its group had no throttled queue, and it is somebody else's. */
const MISSES = 3;

interface PeriodTimer {
  throttle: Throttle | undefined;
  /** By group that was throttled when it expired: how often it was, less how often it was not. */
  readonly scores: Map<Throttle, number>;
  misses: number;
  /** It has expired and not yet unthrottled anything since. */
  isFresh: boolean;
}

/**
 * Which group's queue an unthrottle is of. The kprobes carry no group, but each group with a quota has a period timer of its
 * own, in whose expiry its queues are unthrottled, first throttled first. A timer becomes a group's by who was throttled when
 * it expired.
 */
export class PeriodTimers {
  private readonly timers = new Map<number, PeriodTimer>();
  /** By group that has throttled queues: these, in the order in which they were throttled. */
  private readonly queues = new Map<Throttle, ThrottledQueue[]>();

  throttled(container: Container, cpu: Cpu): void {
    const { throttle } = container;
    const queue = { throttle, cpu, container };
    const own = this.queues.get(throttle);
    if (own === undefined) this.queues.set(throttle, [queue]);
    else own.push(queue);
  }

  /** A timer expires: if it is known as a group's, a period of that is over. */
  expired(address: number): void {
    const timer = this.timers.get(address);
    if (timer === undefined) return;
    timer.isFresh = true;
    if (timer.throttle?.isActive) timer.throttle.periods++;
  }

  /** Something is unthrottled on the CPU: which queue, and it is no longer among the throttled ones. */
  unthrottled(cpu: Cpu): ThrottledQueue | undefined {
    if (cpu.timer === undefined) return this.takeOn(cpu);
    const timer = this.timerAt(cpu.timer);
    const isFirst = timer.isFresh;
    const isNobodys = timer.throttle === undefined;
    timer.isFresh = false;
    if (isFirst) this.learn(timer);
    const throttle = timer.throttle ?? this.likeliest(timer);
    const queue = throttle && this.take(throttle, 0);
    if (queue !== undefined && isFirst && isNobodys) queue.throttle.periods++;
    return queue;
  }

  /** The queue was unthrottled unseen. */
  forget(throttle: Throttle, cpu: Cpu): void {
    const at = this.queues.get(throttle)?.findIndex((queue) => queue.cpu === cpu) ?? -1;
    if (at >= 0) this.take(throttle, at);
  }

  private take(throttle: Throttle, at: number): ThrottledQueue | undefined {
    const own = this.queues.get(throttle);
    const [queue] = own?.splice(at, 1) ?? [];
    if (own?.length === 0) this.queues.delete(throttle);
    return queue;
  }

  /** Where no timer tells, it is a queue of the CPU that it happens on. */
  private takeOn(cpu: Cpu): ThrottledQueue | undefined {
    for (const [throttle, own] of this.queues) {
      const at = own.findIndex((queue) => queue.cpu === cpu);
      if (at >= 0) return this.take(throttle, at);
    }
    return undefined;
  }

  private timerAt(address: number): PeriodTimer {
    let timer = this.timers.get(address);
    if (timer === undefined) {
      if (this.timers.size >= MOST_TIMERS) this.timers.clear();
      timer = { throttle: undefined, scores: new Map(), misses: 0, isFresh: true };
      this.timers.set(address, timer);
    }
    return timer;
  }

  /** While nobody has the timer for sure: who scores best among those without one. */
  private likeliest({ scores }: PeriodTimer): Throttle | undefined {
    const taken = new Set([...this.timers.values()].map(({ throttle }) => throttle));
    let best: Throttle | undefined;
    for (const throttle of this.queues.keys()) {
      if (taken.has(throttle)) continue;
      if (best === undefined || (scores.get(throttle) ?? 0) > (scores.get(best) ?? 0)) best = throttle;
    }
    return best;
  }

  /** Who is throttled while the timer unthrottles may be whom it is of; who is not is not. */
  private learn(timer: PeriodTimer): void {
    if (timer.throttle !== undefined) {
      timer.misses = this.queues.has(timer.throttle) ? 0 : timer.misses + 1;
      if (timer.misses < MISSES) return;
      timer.throttle = undefined;
      timer.misses = 0;
      timer.scores.clear();
    }
    this.forgetEnded();
    const { scores } = timer;
    for (const [throttle, score] of scores) {
      if (!this.queues.has(throttle)) scores.set(throttle, score - 1);
    }
    for (const throttle of this.queues.keys()) scores.set(throttle, (scores.get(throttle) ?? 0) + 1);
    const [first, second] = [...scores].sort((a, b) => b[1] - a[1]);
    if (first === undefined || first[1] < (second?.[1] ?? 0) + LEAD) return;
    timer.throttle = first[0];
    timer.scores.clear();
  }

  /** Nothing unthrottles a group that is gone. */
  private forgetEnded(): void {
    for (const [throttle, own] of this.queues) {
      const left = own.filter(({ container }) => container.alive > 0 || container.ended === undefined);
      if (left.length === 0) this.queues.delete(throttle);
      else if (left.length < own.length) this.queues.set(throttle, left);
    }
  }
}
