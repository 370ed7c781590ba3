import type { Container } from '../container.js';
import type { Cpu } from '../kernel/cpu.js';
import { BLOCKED, NOT_WOKEN, RUNNABLE, STOPPED, type Thread, UNKNOWN } from '../kernel/thread.js';
import type { Throttle } from '../throttling/throttle.js';
import type { Usage } from '../usage.js';
import {
  CAUSE_AS_BEFORE,
  CAUSE_DISK,
  CAUSE_NET,
  CAUSE_TASK,
  CAUSE_TIMER,
  CAUSE_UNKNOWN,
  causeOfSyscall,
  isConnecting,
  isServing,
  syscallName,
} from './causes.js';
import { Counterparts, NOBODY_KNOWS, Parties } from './counterparts.js';

/** `prev_state` of a thread in an uninterruptible wait, and of one that is idle in it (kernel threads). */
const UNINTERRUPTIBLE = 0x02;
const IDLE = 0x80;

/** What tells for a thread's wait whether its group was throttled. */
export interface ThrottleJudge {
  /** The queue of the thread's container on the CPU is throttled: nobody in it can run. */
  isThrottled(container: Container, cpu: number): boolean;
  /**
   * A wait is over, or is looked at while it lasts: until when it was throttled, if only the pattern tells. `since` or
   * less: not at all.
   */
  throttledUntil(thread: Thread, since: number, time: number, isOver: boolean): number;
  /** A thread of the container gets the CPU, so its queue there is not throttled. */
  ran(container: Container, cpu: Cpu, time: number): void;
  /** A thread of the container has had a CPU in [begin, end). */
  left(container: Container, begin: number, end: number): void;
}

/**
 * The ledger: where threads' time goes while they are not on a CPU. A thread that is runnable is throttled or contended,
 * and contended time is charged to those who had its CPU meanwhile; a blocked thread waits for what ends its wait.
 *
 * `Cpus` tells each change of state. `Thread.since` is up to when the thread's time is credited, so that nothing is
 * credited twice and nothing is left out.
 */
export class Waits {
  /** By index of event name: what the system call that begins with it waits for. */
  private readonly guesses: number[] = [];
  private readonly calls: (string | undefined)[] = [];
  /** The trace has wake-ups and interrupts: a waker in whose context an interrupt ran would be told as the reason without. */
  tellsCauses = false;
  private readonly parties = new Parties();
  /** When the scheduler's events were last known to be incomplete: a wait across it is unknown. */
  private incompleteUntil = Number.NEGATIVE_INFINITY;

  constructor(private readonly judge: ThrottleJudge) {}

  addEvent(name: string): void {
    this.guesses.push(causeOfSyscall(name));
    this.calls.push(syscallName(name));
  }

  beginInterval(): void {
    this.parties.beginInterval();
  }

  /** The thread leaves its CPU; its state is the new one. */
  leave(thread: Thread, cpu: Cpu, time: number, prevState: number): void {
    if (thread.container !== undefined) this.judge.left(thread.container, thread.since, time);
    thread.since = time;
    thread.wokenAt = NOT_WOKEN;
    if (thread.state === RUNNABLE) this.enqueue(thread, cpu);
    else thread.isUninterruptible = (prevState & UNINTERRUPTIBLE) !== 0 && (prevState & IDLE) === 0;
  }

  /** The thread is born, and waits for its first CPU. */
  begin(thread: Thread, time: number): void {
    thread.since = time;
    thread.state = RUNNABLE;
  }

  /** Something that happens on `by` wakes the thread up: it is runnable from now on, on `target`. */
  wake(thread: Thread, by: Cpu | undefined, target: Cpu | undefined, time: number): void {
    if (thread.state === RUNNABLE) {
      if (thread.queue !== target && target !== undefined) this.move(thread, target, time);
      return;
    }
    this.endBlocked(thread, by, time);
    thread.state = RUNNABLE;
    thread.since = time;
    thread.wokenAt = time;
    if (target !== undefined) this.enqueue(thread, target);
  }

  /** The thread gets a CPU at `begin`; the switch to it is at `time`. The run before it is already in the CPU's log. */
  run(thread: Thread, cpu: Cpu, begin: number, time: number): void {
    const { container } = thread;
    if (thread.state === RUNNABLE) {
      this.creditRunnable(thread, begin, true);
      this.dequeue(thread);
      if (thread.wokenAt !== NOT_WOKEN) container?.latencies.add(time - thread.wokenAt);
    } else {
      // Its wake-up was not seen.
      this.credit(thread, begin);
    }
    thread.since = begin;
    if (container !== undefined) this.judge.ran(container, cpu, begin);
  }

  /** The thread is runnable and gets another CPU's queue. */
  migrate(thread: Thread, target: Cpu, time: number): void {
    if (thread.container !== undefined) thread.container.migrations++;
    if (thread.state === RUNNABLE && thread.queue !== target) this.move(thread, target, time);
  }

  /** What the thread does is not known any longer. */
  forget(thread: Thread, since: number): void {
    this.dequeue(thread);
    thread.state = UNKNOWN;
    thread.since = Math.max(thread.since, since);
  }

  /** The thread is over, or its tid is another's now. */
  end(thread: Thread, time: number): void {
    this.credit(thread, time);
    this.dequeue(thread);
  }

  /** Events of the scheduler are missing up to this time. */
  lose(time: number): void {
    this.incompleteUntil = Math.max(this.incompleteUntil, time);
  }

  /** Who waits for the CPU is known up to this time and no longer: of all, or of those below a quota. */
  forgetWaiters(cpu: Cpu, time: number, throttle?: Throttle): void {
    let waiter = cpu.firstWaiter;
    while (waiter !== undefined) {
      const next = waiter.nextWaiter;
      if (throttle === undefined || waiter.container?.throttle === throttle) {
        this.credit(waiter, time);
        this.forget(waiter, waiter.since);
      }
      waiter = next;
    }
  }

  /** Someone has had the CPU up to now: it counts for all who wait for it. */
  switched(cpu: Cpu, runner: Thread | undefined, time: number): void {
    if (cpu.firstWaiter === undefined) return;
    cpu.log.push(this.parties.of(runner), time);
    if (cpu.log.isFull) this.creditWaiters(cpu, time);
  }

  /** Credits everybody who waits for the CPU up to now: what was a contended wait may be throttled from here on. */
  creditWaiters(cpu: Cpu, time: number): void {
    let waiter = cpu.firstWaiter;
    while (waiter !== undefined) {
      this.creditRunnable(waiter, time, false);
      waiter = waiter.nextWaiter;
    }
    cpu.log.clear();
  }

  /** Credits the thread's state up to now; the time of a running thread is the CPU's to credit. */
  credit(thread: Thread, time: number): void {
    if (thread.state === RUNNABLE) this.creditRunnable(thread, time, false);
    else if (thread.state === BLOCKED) this.creditBlocked(thread, time, this.guess(thread), undefined);
    else if (thread.state === STOPPED) thread.pending.stoppedNs += this.elapsed(thread, time);
    else if (thread.state === UNKNOWN) thread.pending.unknownNs += this.elapsed(thread, time);
  }

  /**
   * A frame is cut: credits a thread that was blocked all the time since `begin`, the frame before, at once to all whose it
   * is. False: it did something. Most threads of a host sleep.
   */
  creditIdle(thread: Thread, begin: number, time: number): boolean {
    const { state, since, container, process } = thread;
    if (state !== BLOCKED || since !== begin || since < this.incompleteUntil) return false;
    if (container === undefined || !thread.pending.isZero) return false;
    const cause = this.guess(thread);
    const elapsed = time - begin;
    thread.sleepCause = cause;
    addBlocked(thread.interval, cause, elapsed);
    addBlocked(container.interval, cause, elapsed);
    if (process !== undefined) addBlocked(process.interval, cause, elapsed);
    thread.since = time;
    return true;
  }

  /** Likewise threads that still sleep (`Tasks.putToSleep`), to a container or process that so many of are for each cause. */
  creditAsleep(interval: Usage, asleep: readonly number[], elapsed: number): void {
    for (let cause = 0; cause < asleep.length; cause++) {
      if (asleep[cause]! > 0) addBlocked(interval, cause, asleep[cause]! * elapsed);
    }
  }

  private elapsed(thread: Thread, time: number): number {
    const elapsed = time - thread.since;
    if (elapsed <= 0) return 0;
    thread.since = time;
    return elapsed;
  }

  private move(thread: Thread, target: Cpu, time: number): void {
    this.creditRunnable(thread, time, false);
    this.dequeue(thread);
    this.enqueue(thread, target);
  }

  private creditRunnable(thread: Thread, time: number, isOver: boolean): void {
    const { since, queue, container, pending } = thread;
    const elapsed = this.elapsed(thread, time);
    if (elapsed === 0) return;
    if (since < this.incompleteUntil) {
      pending.unknownNs += elapsed;
      return;
    }
    let contendedSince = since;
    if (container !== undefined && queue !== undefined) {
      if (this.judge.isThrottled(container, queue.id)) contendedSince = time;
      else if (thread.wokenAt === NOT_WOKEN) {
        const until = this.judge.throttledUntil(thread, since, time, isOver);
        contendedSince = Math.max(since, Math.min(time, until));
      }
    }
    pending.throttledNs += contendedSince - since;
    pending.contendedNs += time - contendedSince;
    if (container !== undefined && thread.wokenAt === NOT_WOKEN) {
      container.preemptedNs += time - contendedSince;
    }
    if (time <= contendedSince) return;
    if (container === undefined) thread.contention ??= new Counterparts();
    const into = container?.contention ?? thread.contention!;
    if (queue === undefined) {
      into.add(NOBODY_KNOWS, time - contendedSince);
      return;
    }
    const { log } = queue;
    log.since = contendedSince;
    log.upTo = time;
    log.charge(into, this.parties.of(queue.thread));
  }

  private endBlocked(thread: Thread, by: Cpu | undefined, time: number): void {
    if (thread.state !== BLOCKED || !this.tellsCauses) {
      this.credit(thread, time);
      return;
    }
    let cause = by?.wakeCause() ?? CAUSE_UNKNOWN;
    let waker: Thread | undefined;
    if (cause === CAUSE_NET) waker = by?.sender;
    else if (cause === CAUSE_TASK) waker = by?.thread;
    if (waker === thread) waker = undefined;
    if (waker !== undefined) cause = CAUSE_TASK;
    // A worker of the kernel that waited for a device itself only passes the news on.
    if (waker?.isKernelThread && waker.lastCause !== CAUSE_TASK && waker.lastCause !== CAUSE_UNKNOWN) {
      cause = waker.lastCause;
      waker = undefined;
    }
    if (cause === CAUSE_TASK && waker === undefined) cause = CAUSE_UNKNOWN;
    thread.lastCause = cause;
    this.creditBlocked(thread, time, cause, waker);
  }

  /** What a wait that has not ended is for. */
  private guess(thread: Thread): number {
    if (!this.tellsCauses) return CAUSE_UNKNOWN;
    const guess = this.guesses[thread.syscall] ?? CAUSE_AS_BEFORE;
    if (guess !== CAUSE_AS_BEFORE) return guess;
    if (thread.isUninterruptible && !thread.isKernelThread) return CAUSE_DISK;
    return thread.lastCause;
  }

  private creditBlocked(thread: Thread, time: number, cause: number, waker: Thread | undefined): void {
    const isKnown = thread.since >= this.incompleteUntil;
    const elapsed = this.elapsed(thread, time);
    if (!isKnown) thread.pending.unknownNs += elapsed;
    else addBlocked(thread.pending, cause, elapsed);
    if (isKnown && waker !== undefined && thread.container !== undefined) {
      this.waited(thread, thread.container, waker, elapsed);
    }
  }

  /**
   * Who waits for whom is symmetric between a client and its server: each is woken up by the other. Who connects is the
   * client; where that was not seen, who more often wakes the other one up without having been woken up by it.
   */
  private waited(thread: Thread, container: Container, waker: Thread, elapsed: number): void {
    const counterpart = this.parties.of(waker);
    container.waitedFor.add(counterpart, elapsed);
    const other = waker.container;
    const isForeign = other !== undefined && other !== container && !waker.isKernelThread;
    if (isForeign) {
      if (isConnecting(this.calls[waker.syscall])) container.clients.add(other);
      if (waker.lastWaker !== container) other.initiatives.set(container, initiatives(other, container) + 1);
      if (this.asks(thread, container, other)) container.requests.add(counterpart, elapsed);
    }
    thread.lastWaker = isForeign ? other : undefined;
  }

  private asks(thread: Thread, container: Container, other: Container): boolean {
    const isClient = other.clients.has(container);
    const isServer = container.clients.has(other);
    if (isClient !== isServer) return isClient;
    const lead = initiatives(container, other) - initiatives(other, container);
    return lead === 0 ? !isServing(this.calls[thread.syscall]) : lead > 0;
  }

  private enqueue(thread: Thread, cpu: Cpu): void {
    // No kernel has a thread in two queues, but a damaged trace may.
    this.dequeue(thread);
    if (cpu.firstWaiter === undefined) cpu.log.clear();
    thread.queue = cpu;
    thread.previousWaiter = undefined;
    thread.nextWaiter = cpu.firstWaiter;
    if (cpu.firstWaiter !== undefined) cpu.firstWaiter.previousWaiter = thread;
    cpu.firstWaiter = thread;
  }

  private dequeue(thread: Thread): void {
    const { queue, previousWaiter, nextWaiter } = thread;
    if (queue === undefined) return;
    if (previousWaiter === undefined) queue.firstWaiter = nextWaiter;
    else previousWaiter.nextWaiter = nextWaiter;
    if (nextWaiter !== undefined) nextWaiter.previousWaiter = previousWaiter;
    thread.queue = undefined;
    thread.previousWaiter = undefined;
    thread.nextWaiter = undefined;
  }
}

function initiatives(of: Container, towards: Container): number {
  return of.initiatives.get(towards) ?? 0;
}

function addBlocked(usage: Usage, cause: number, ns: number): void {
  if (cause === CAUSE_TASK) usage.taskNs += ns;
  else if (cause === CAUSE_TIMER) usage.timerNs += ns;
  else if (cause === CAUSE_NET) usage.netNs += ns;
  else if (cause === CAUSE_DISK) usage.diskNs += ns;
  else usage.blockedUnknownNs += ns;
}
