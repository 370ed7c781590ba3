import type { Batch, TraceInfo } from '../../native/types.js';
import type { Analyzer, Interest } from '../analyzer.js';
import type { Container } from '../container.js';
import type { Cpu } from '../kernel/cpu.js';
import type { Cpus } from '../kernel/cpus.js';
import type { Thread } from '../kernel/thread.js';
import type { ThrottleJudge } from '../ledger/waits.js';
import { Inference } from './inference.js';
import { PeriodTimers } from './period-timers.js';

/** How throttling is told: by kprobes on the kernel's functions, or by the pattern of switches around period timers. */
export type ThrottlingBasis = 'measured' | 'inferred';

/** Names that a kprobe on the function has in use: LTTng leaves them to the user. */
const namesOf = (symbol: string): string[] => [
  symbol,
  `probe_${symbol}`,
  `kprobe_${symbol}`,
  `${symbol}_entry`,
  `probe_${symbol}_entry`,
];
const THROTTLE = namesOf('throttle_cfs_rq');
const UNTHROTTLE = namesOf('unthrottle_cfs_rq');
const EXPIRE = 'timer_hrtimer_expire_entry';
const EXPIRED = 'timer_hrtimer_expire_exit';

/**
 * Throttling by CPU quotas (CFS bandwidth control, `kernel/sched/fair.c`). Where the trace has kprobes on
 * throttle_cfs_rq and unthrottle_cfs_rq, it is measured: the first fires in the context of the thread that used up the
 * quota; the second in that of the period timer, whose address tells the container (see `PeriodTimers`). From Linux 6.18
 * on these functions only mark what is to happen to each thread later, and mean something else. Without them it is
 * inferred from the pattern (see `Inference`).
 */
export class Throttling implements Analyzer, ThrottleJudge {
  static readonly interests: readonly Interest<Throttling>[] = [
    { events: THROTTLE, handle: (throttling) => (row) => throttling.onThrottle(row) },
    { events: UNTHROTTLE, handle: (throttling) => (row) => throttling.onUnthrottle(row) },
    {
      events: [EXPIRE],
      fields: { hrtimer: 'i32', function: 'i32' },
      frequent: true,
      handle: (throttling) => (row) => throttling.onTimerEntry(row),
      pair: { second: () => EXPIRED, handle: (throttling) => (row) => throttling.onTimer(row) },
    },
    {
      events: [EXPIRED],
      frequent: true,
      handle: (throttling) => (row) => throttling.onTimerExit(row),
    },
  ];

  basis: ThrottlingBasis | undefined = undefined;
  private readonly timers = new PeriodTimers();
  private readonly inference = new Inference();
  private cpus!: Cpus;
  private time!: Float64Array;
  private hrtimer!: Int32Array;
  private function!: Int32Array;

  /** Whose waits it cuts where throttling begins and ends. */
  attach(cpus: Cpus): void {
    this.cpus = cpus;
  }

  bind(batch: Batch): void {
    this.time = batch.time;
    this.hrtimer = batch.columns.hrtimer as Int32Array;
    this.function = batch.columns.function as Int32Array;
  }

  /** Learns from what the metadata declares how throttling can be told. */
  addTrace(trace: TraceInfo): void {
    const declares = (names: readonly string[]) => trace.declared.some(({ name }) => names.includes(name));
    if (declares(THROTTLE) && declares(UNTHROTTLE) && throttlesQueues(trace.env.kernel_release)) {
      this.basis = 'measured';
    } else if (this.basis === undefined && declares([EXPIRE]) && declares(['sched_switch'])) {
      this.basis = 'inferred';
    }
  }

  private onThrottle(row: number): void {
    if (this.basis !== 'measured') return;
    const cpu = this.cpus.at(row);
    const container = cpu?.thread?.container;
    if (cpu === undefined || container === undefined || container.isHost) return;
    if (container.throttle.isThrottled(cpu.id)) return;
    this.cpus.waits.creditWaiters(cpu, this.time[row]!);
    container.throttle.begin(cpu.id, this.time[row]!);
    this.timers.throttled(container, cpu);
  }

  private onUnthrottle(row: number): void {
    if (this.basis !== 'measured') return;
    const cpu = this.cpus.at(row);
    if (cpu === undefined) return;
    const time = this.time[row]!;
    const queue = this.timers.unthrottled(cpu, time);
    if (queue === undefined) return;
    this.cpus.waits.creditWaiters(queue.cpu, time);
    queue.throttle.end(queue.cpu.id, time);
  }

  private onTimerEntry(row: number): void {
    const cpu = this.cpus.at(row);
    if (cpu === undefined) return;
    cpu.timer = this.hrtimer[row]!;
    cpu.timerFunction = this.function[row]!;
    cpu.timerWakes = false;
    this.expired(row);
  }

  /** A timer's function that did nothing else. */
  private onTimer(row: number): void {
    const cpu = this.cpus.at(row);
    if (cpu === undefined) return;
    cpu.timer = undefined;
    this.expired(row);
  }

  private expired(row: number): void {
    if (this.basis === 'measured') this.timers.expired(this.hrtimer[row]!);
    else if (this.basis === 'inferred') {
      this.inference.expired(this.hrtimer[row]!, this.function[row]!, this.time[row]!);
    }
  }

  private onTimerExit(row: number): void {
    const cpu = this.cpus.at(row);
    if (cpu?.timer === undefined) return;
    if (cpu.timerWakes && this.basis === 'inferred') this.inference.woke(cpu.timerFunction);
    cpu.timer = undefined;
  }

  /** Events are missing from this time on: a period timer that unthrottles any queue may have expired on any CPU. */
  lose(begin: number): void {
    for (const { throttle, cpu } of this.timers.forgetAll()) {
      this.cpus.waits.forgetWaiters(cpu, begin, throttle);
      throttle.lose(cpu.id, begin);
    }
  }

  isThrottled(container: Container, cpu: number): boolean {
    return container.throttle.isThrottled(cpu);
  }

  throttledUntil(thread: Thread, since: number, time: number, isOver: boolean): number {
    return this.basis === 'inferred' ? this.inference.throttledUntil(thread, since, time, isOver) : since;
  }

  left(container: Container, begin: number, end: number): void {
    if (this.basis === 'inferred') this.inference.ran(container, begin, end);
  }

  ran({ throttle }: Container, cpu: Cpu, time: number): void {
    const since = throttle.ran(cpu.id);
    if (since === undefined) return;
    this.timers.ran(throttle, since);
    if (!throttle.isThrottled(cpu.id)) return;
    // Its unthrottle was missed, or taken for another queue's.
    this.cpus.waits.creditWaiters(cpu, time);
    throttle.end(cpu.id, time);
    this.timers.forget(throttle, cpu);
  }
}

/** Whether throttle_cfs_rq takes a queue off its CPU at once: before Linux 6.18. */
export function throttlesQueues(release: string | number | undefined): boolean {
  const version = /^(\d+)\.(\d+)/.exec(String(release ?? ''));
  if (version === null) return true;
  const major = Number(version[1]);
  return major < 6 || (major === 6 && Number(version[2]) < 18);
}
