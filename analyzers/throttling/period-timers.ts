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
/** A timer is a group's when that has so much more for it than any other. */
const LEAD = 2;
/** Nobody has for so many expiries: then who was taken for it has it. */
const UNDECIDED = 5;
/** What tells that it is not, in the same measure. */
const CONTRADICTION = 2;
/** So many contradictions in a row, and it is somebody else's. */
const MISSES = 3;

interface PeriodTimer {
  throttle: Throttle | undefined;
  /** By group that may have been throttled when it unthrottled something: how often, less what contradicts it. */
  readonly scores: Map<Throttle, number>;
  misses: number;
  /** How often it was nobody's for sure. */
  undecided: number;
  /** When it unthrottled something last. */
  unthrottledAt: number;
  /** It has expired and not yet unthrottled anything since. */
  isFresh: boolean;
}

/**
 * Which group's queue an unthrottle is of. The kprobes carry no group, but each group with a quota has a period timer of its
 * own, in whose expiry its queues are unthrottled, first throttled first. Which timer is whose is told by what is certain whatever
 * was unthrottled: a queue is throttled from its kprobe on, until one of its threads runs there. So it is not the timer that
 * unthrottles while none of the group's queues can be throttled, nor one that has unthrottled nothing when a queue runs again.
 */
export class PeriodTimers {
  private readonly timers = new Map<number, PeriodTimer>();
  /** Groups that were throttled, and for whom last. */
  private readonly known = new Map<Throttle, Container>();
  /** By group that has throttled queues: these, in the order in which they were throttled. */
  private readonly queues = new Map<Throttle, ThrottledQueue[]>();

  throttled(container: Container, cpu: Cpu): void {
    const { throttle } = container;
    const queue = { throttle, cpu, container };
    this.known.set(throttle, container);
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
  unthrottled(cpu: Cpu, time: number): ThrottledQueue | undefined {
    if (cpu.timer === undefined) return this.takeOn(cpu);
    const timer = this.timerAt(cpu.timer);
    timer.unthrottledAt = time;
    const isFirst = timer.isFresh;
    const isNobodys = timer.throttle === undefined;
    timer.isFresh = false;
    if (isFirst) this.learn(timer);
    const throttle = timer.throttle ?? this.likeliest(timer);
    const queue = throttle && this.take(throttle, 0);
    if (queue !== undefined && isFirst && isNobodys) queue.throttle.periods++;
    return queue;
  }

  /** A queue of the group that was throttled at `since` runs: its timer has unthrottled something since then. */
  ran(throttle: Throttle, since: number): void {
    for (const timer of this.timers.values()) {
      if (timer.unthrottledAt >= since) continue;
      if (timer.throttle === throttle) this.miss(timer);
      else contradict(timer, throttle);
    }
  }

  /** The queue was unthrottled unseen. */
  forget(throttle: Throttle, cpu: Cpu): void {
    const at = this.queues.get(throttle)?.findIndex((queue) => queue.cpu === cpu) ?? -1;
    if (at >= 0) this.take(throttle, at);
  }

  /** All queues that are throttled; from now on it is not known of any. */
  forgetAll(): readonly ThrottledQueue[] {
    const all = [...this.queues.values()].flat();
    this.queues.clear();
    return all;
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
      timer = {
        throttle: undefined,
        scores: new Map(),
        misses: 0,
        undecided: 0,
        unthrottledAt: 0,
        isFresh: true,
      };
      this.timers.set(address, timer);
    }
    return timer;
  }

  /** While nobody has the timer for sure: who scores best among those without one. */
  private likeliest({ scores }: PeriodTimer): Throttle | undefined {
    const taken = this.taken();
    let best: Throttle | undefined;
    let bestScore = -1; // whom more contradicts than tells is not
    for (const throttle of this.queues.keys()) {
      const score = scores.get(throttle) ?? 0;
      if (taken.has(throttle) || score <= bestScore) continue;
      best = throttle;
      bestScore = score;
    }
    return best;
  }

  /** Who may be throttled while the timer unthrottles may be whom it is of; who cannot be is not. */
  private learn(timer: PeriodTimer): void {
    if (timer.throttle !== undefined) {
      if (timer.throttle.holds) timer.misses = 0;
      else this.miss(timer);
      if (timer.throttle !== undefined) return;
    }
    this.forgetEnded();
    const { scores } = timer;
    for (const throttle of scores.keys()) if (!throttle.holds) contradict(timer, throttle);
    for (const throttle of this.known.keys())
      if (throttle.holds) scores.set(throttle, (scores.get(throttle) ?? 0) + 1);
    // Periods of several may go in step: whoever is throttled more often would have the timers of all.
    const taken = this.taken();
    const [first, second] = [...scores]
      .filter(([throttle]) => !taken.has(throttle))
      .sort((a, b) => b[1] - a[1]);
    if (first === undefined) return;
    if (first[1] >= (second?.[1] ?? 0) + LEAD) timer.throttle = first[0];
    // The periods of several go in step: whose queues it has been given so far keeps it, until something contradicts that.
    else if (++timer.undecided >= UNDECIDED) timer.throttle = this.likeliest(timer);
    if (timer.throttle === undefined) return;
    timer.undecided = 0;
    scores.clear();
    for (const other of this.timers.values())
      if (other !== timer && other.throttle === timer.throttle) giveBack(other);
  }

  /** Groups that have a timer, unless the next miss would take it away. */
  private taken(): ReadonlySet<Throttle | undefined> {
    const sure = [...this.timers.values()].filter(({ misses }) => misses < MISSES - 1);
    return new Set(sure.map(({ throttle }) => throttle));
  }

  private miss(timer: PeriodTimer): void {
    if (++timer.misses >= MISSES) giveBack(timer);
  }

  /** Nothing unthrottles a group that is gone. */
  private forgetEnded(): void {
    for (const [throttle, container] of this.known) if (isGone(container)) this.known.delete(throttle);
    for (const [throttle, own] of this.queues) {
      const left = own.filter(({ container }) => !isGone(container));
      if (left.length === 0) this.queues.delete(throttle);
      else if (left.length < own.length) this.queues.set(throttle, left);
    }
  }
}

function giveBack(timer: PeriodTimer): void {
  timer.throttle = undefined;
  timer.misses = 0;
  timer.scores.clear();
}

function contradict({ scores }: PeriodTimer, throttle: Throttle): void {
  const score = scores.get(throttle);
  if (score !== undefined) scores.set(throttle, score - CONTRADICTION);
}

function isGone({ alive, ended }: Container): boolean {
  return alive === 0 && ended !== undefined;
}
