import type { Container } from '../container.js';
import { NOT_WOKEN, type Thread } from '../kernel/thread.js';
import type { Throttle } from './throttle.js';

/** Shortest gap between two expiries of a period timer: longer than a tick, the only other one that keeps such order. */
const SHORTEST_PERIOD_NS = 5e6;
const SHARE_SHORT = 0.02;
/** Timers with a function that wakes somebody up more often than this are sleeps and the like. */
const SHARE_WAKES = 0.1;
/** Expiries that a timer must have had to be looked at. */
const FEWEST_EXPIRIES = 3;

/** Waits shorter than this tell nothing: a preemption is mostly over by then. */
const SHORTEST_WAIT_NS = 2e6;
/** A thread that goes on within this time after an expiry probably does because of it. */
const PROMPT_NS = 1e6;
/**
 * What binds a timer to a container: it ended so many waits, and so many times more than chance would let it, which is
 * about what it does for containers without a quota. Where a quota is known a small excess is enough.
 */
const FEWEST_ENDED = 6;
const LIFT = 6;
const FEWEST_ENDED_WITH_QUOTA = 2;
const LIFT_WITH_QUOTA = 1.5;
/** A thread overruns its quota until the next tick, which is at most so far away on usual kernels. */
const LONGEST_OVERRUN_NS = 10e6;
/** Period of a quota as the kernel and all runtimes have it if nobody sets another. */
const USUAL_PERIOD_NS = 100e6;
/** A period in which less of the usual quota was used ended otherwise than by throttling. */
const SHARE_OF_QUOTA = 0.8;
/** A period in which so much of it was used was throttled at its end, whether or not somebody is seen to wait. */
const SHARE_SPENT = 0.9;
/** A quota that is known needs less caution. */
const SHARE_OF_KNOWN = 0.95;
/** Weight of the newest period in what is believed to be the quota. */
const QUOTA_WEIGHT = 0.1;

const MOST_TIMERS = 4096;
/** Expiries that are remembered: those of the last moment, of all timers that may be period timers. */
const RECENT = 32;

/** Timers with the same function. */
interface TimerClass {
  expiries: number;
  wakes: number;
}

interface Timer {
  shortGaps: number;
  readonly first: number;
  /** The last two expiries. */
  last: number;
  before: number;
  expiries: number;
  /** Who may have it. Timers with equal periods often expire together: then it is any of them. */
  readonly suspects: Set<Suspect>;
}

/** What is believed of the quota of a container, or of several that share one. */
interface Suspect {
  /** The first of them. */
  readonly container: Container;
  readonly throttle: Throttle;
  timer: Timer | undefined;
  /** By timer: how many long waits ended promptly after its expiry. */
  readonly ended: Map<Timer, number>;
  longWaits: number;
  /** CPU time used since the timer's last expiry, and in the period before each of the last two. */
  used: number;
  usedBeforeLast: number;
  usedBeforeThat: number;
  /** CPU time after which it is throttled, by the inventory; and as learned. */
  known: number | undefined;
  quota: number | undefined;
  /** The last expiry that was counted as the end of a throttled period. */
  counted: number;
  /** By CPU: up to when throttled time is counted. */
  readonly until: number[];
}

/**
 * Throttling told by its pattern alone. Each group with a quota has a period timer of its own, which expires on a regular
 * grid; a throttled thread loses its CPU while runnable, and goes on without a wake-up right after an expiry. The timer
 * after whose expiries a container's threads go on again and again is its own; then a wait across an expiry, begun when
 * about as much CPU time was used in the period as in other throttled ones, was throttled until that expiry.
 */
export class Inference {
  private readonly classes = new Map<number, TimerClass>();
  private readonly timers = new Map<number, Timer>();
  private readonly recent: (Timer | undefined)[] = new Array(RECENT).fill(undefined);
  private readonly recentTimes = new Float64Array(RECENT);
  private nextRecent = 0;
  private readonly suspects = new WeakMap<Throttle, Suspect>();

  /** A timer expires; address and function in their lower 32 bits. */
  expired(address: number, code: number, time: number): void {
    const timerClass = this.classOf(code);
    timerClass.expiries++;
    if (timerClass.wakes > SHARE_WAKES * timerClass.expiries) return;
    const timer = this.timers.get(address);
    if (timer === undefined) {
      if (this.timers.size >= MOST_TIMERS) this.timers.clear();
      this.timers.set(address, newTimer(time));
      return;
    }
    timer.expiries++;
    if (time - timer.last < SHORTEST_PERIOD_NS) timer.shortGaps++;
    timer.before = timer.last;
    timer.last = time;
    if (!isCandidate(timer)) return;
    this.recent[this.nextRecent] = timer;
    this.recentTimes[this.nextRecent] = time;
    this.nextRecent = (this.nextRecent + 1) % RECENT;
    for (const suspect of timer.suspects) {
      if (suspect.container.alive === 0 && !suspect.throttle.isShared) timer.suspects.delete(suspect);
      this.endPeriod(suspect, time);
      suspect.usedBeforeThat = suspect.usedBeforeLast;
      suspect.usedBeforeLast = suspect.used;
      // What it overran its quota by, before the kernel noticed, is taken from the next period's.
      const overrun = suspect.known === undefined ? 0 : suspect.used - suspect.known;
      suspect.used = Math.max(0, Math.min(overrun, LONGEST_OVERRUN_NS));
    }
  }

  /** A timer with this function woke somebody up: a period timer does not. */
  woke(code: number): void {
    this.classOf(code).wakes++;
  }

  private classOf(code: number): TimerClass {
    let timerClass = this.classes.get(code);
    if (timerClass === undefined) {
      if (this.classes.size >= MOST_TIMERS) this.classes.clear();
      timerClass = { expiries: 0, wakes: 0 };
      this.classes.set(code, timerClass);
    }
    return timerClass;
  }

  /** A thread of the container has had a CPU in [begin, end). */
  ran(container: Container, begin: number, end: number): void {
    const suspect = this.suspects.get(container.throttle);
    if (suspect?.timer !== undefined) suspect.used += end - Math.max(begin, suspect.timer.last);
  }

  /** Until when a wait in [since, time) was throttled; `since`: not at all. */
  throttledUntil(thread: Thread, since: number, time: number, isOver: boolean): number {
    const container = thread.container!;
    const { entry } = container;
    if (container.isHost || (entry !== undefined && entry.limitCpus === undefined)) return since;
    const suspect = this.suspectOf(container);
    if (entry?.limitCpus !== undefined) {
      suspect.known = entry.limitCpus * (entry.limits?.cpuPeriodUs ?? USUAL_PERIOD_NS / 1e3) * 1e3;
    }
    const isLong = time - since >= SHORTEST_WAIT_NS;
    if (isOver && isLong && thread.wokenAt === NOT_WOKEN) this.learn(suspect, since, time);
    const { timer } = suspect;
    if (timer === undefined) return since;
    if (timer.last <= since) {
      const lasts = !isOver && isLong && suspect.used >= this.threshold(suspect);
      return lasts ? this.count(suspect, thread, since, time, undefined) : since;
    }
    const isSecond = timer.before > since;
    const end = isSecond ? timer.before : timer.last;
    const used = isSecond ? suspect.usedBeforeThat : suspect.usedBeforeLast;
    if (thread.wokenAt === NOT_WOKEN && isLong && time - timer.last < PROMPT_NS && !isSecond) {
      suspect.quota =
        suspect.quota === undefined ? used : suspect.quota + QUOTA_WEIGHT * (used - suspect.quota);
    }
    if (used < this.threshold(suspect)) return since;
    return this.count(suspect, thread, since, end, end);
  }

  /** Who used up the quota was throttled, also where nobody waits for the period's end. */
  private endPeriod(suspect: Suspect, time: number): void {
    const { used, quota, known } = suspect;
    const spent = known ?? (quota === undefined ? Number.POSITIVE_INFINITY : SHARE_SPENT * quota);
    if (used < spent) return;
    suspect.throttle.periods++;
    suspect.counted = time;
  }

  /** What must have been used of the quota for a wait to be throttled. */
  private threshold({ quota, known }: Suspect): number {
    return known === undefined ? SHARE_OF_QUOTA * (quota ?? 0) : SHARE_OF_KNOWN * known;
  }

  private count(
    suspect: Suspect,
    thread: Thread,
    since: number,
    end: number,
    expiry: number | undefined,
  ): number {
    const { throttle } = suspect;
    if (expiry !== undefined && expiry !== suspect.counted) {
      suspect.counted = expiry;
      throttle.periods++;
    }
    const cpu = thread.queue?.id ?? 0;
    const from = Math.max(since, suspect.until[cpu] ?? 0);
    if (end > from) {
      throttle.ns += end - from;
      suspect.until[cpu] = end;
    }
    return end;
  }

  private suspectOf(container: Container): Suspect {
    let suspect = this.suspects.get(container.throttle);
    if (suspect === undefined) {
      suspect = newSuspect(container);
      this.suspects.set(container.throttle, suspect);
    }
    return suspect;
  }

  /** A long wait that no wake-up ended is over: which timers may have ended it. */
  private learn(suspect: Suspect, since: number, time: number): void {
    suspect.longWaits++;
    for (let i = 1; i <= RECENT; i++) {
      const at = (this.nextRecent - i + RECENT) % RECENT;
      const timer = this.recent[at];
      const expiry = this.recentTimes[at]!;
      if (timer === undefined || expiry <= since || time - expiry > PROMPT_NS) return;
      const ended = (suspect.ended.get(timer) ?? 0) + 1;
      suspect.ended.set(timer, ended);
      if (timer === suspect.timer) continue;
      const gap = Math.min((timer.last - timer.first) / timer.expiries, USUAL_PERIOD_NS);
      const chance = (suspect.longWaits * PROMPT_NS) / gap;
      const needed =
        suspect.known === undefined
          ? FEWEST_ENDED + LIFT * chance
          : FEWEST_ENDED_WITH_QUOTA + LIFT_WITH_QUOTA * chance;
      if (ended < needed || ended <= (suspect.timer === undefined ? 0 : suspect.ended.get(suspect.timer)!))
        continue;
      suspect.timer?.suspects.delete(suspect);
      suspect.timer = timer;
      timer.suspects.add(suspect);
    }
  }
}

function newTimer(time: number): Timer {
  return { shortGaps: 0, first: time, last: time, before: time, expiries: 1, suspects: new Set() };
}

function newSuspect(container: Container): Suspect {
  return {
    container,
    throttle: container.throttle,
    timer: undefined,
    ended: new Map(),
    longWaits: 0,
    used: 0,
    usedBeforeLast: 0,
    usedBeforeThat: 0,
    known: undefined,
    quota: undefined,
    counted: 0,
    until: [],
  };
}

function isCandidate({ expiries, shortGaps }: Timer): boolean {
  return expiries >= FEWEST_EXPIRIES && shortGaps <= SHARE_SHORT * expiries;
}
