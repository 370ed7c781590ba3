import type { Container } from '../container.js';
import type { ProcessRow, ThreadRow } from '../frame.js';
import { Roll } from './roll.js';
import { BLOCKED, Process, RUNNABLE, RUNNING, Thread } from './thread.js';

/**
 * How many threads are tracked at once, and how many that ended within one interval still get a row. A real host stays
 * far below; a trace that was made up does not.
 */
export interface TaskLimits {
  readonly threads: number;
  readonly ended: number;
}

export const DEFAULT_LIMITS: TaskLimits = { threads: 1 << 18, ended: 1 << 16 };

/** After its exit a thread may wait while what it held is put away, and runs once more; nobody waits longer for that. */
const LONGEST_EXIT_NS = 10e9;

/** The threads and processes of one traced kernel, by tid and pid. */
export class Tasks {
  private readonly byTid = new Map<number, Thread>();
  readonly processes = new Map<number, Process>();
  /** Those that are looked at when a frame is cut: the others sleep (`putToSleep`). */
  readonly awakeThreads = new Set<Thread>();
  readonly awakeProcesses = new Set<Process>();
  readonly threadRows = new Roll<ThreadRow, Thread>();
  readonly processRows = new Roll<ProcessRow, Process>();
  /** Left the maps within this interval; the frame reports them once more. */
  readonly goneThreads: Thread[] = [];
  readonly goneProcesses: Process[] = [];
  /** Threads that were not tracked or not reported because of the limits, since the beginning. */
  untracked = 0;
  unreported = 0;

  /** Begin of the interval: a thread that nothing told of before is accounted from here on. */
  begin = 0;
  /** Its number. */
  interval = 0;
  /** Told of a thread's end, at its exit and when it is forgotten. */
  onEnd: (thread: Thread, time: number) => void = () => {};

  constructor(private readonly limits: TaskLimits = DEFAULT_LIMITS) {}

  /** All of them, to look at. */
  all(): Iterable<Thread> {
    return this.byTid.values();
  }

  /** How many threads are tracked. */
  get size(): number {
    return this.byTid.size;
  }

  /** The thread, if it was heard of. */
  find(tid: number): Thread | undefined {
    const thread = this.byTid.get(tid);
    if (thread?.isAsleep === true) this.wakeUp(thread);
    return thread;
  }

  /** The thread, made if this is the first that is heard of it; undefined beyond the limit. */
  thread(tid: number): Thread | undefined {
    return this.find(tid) ?? this.add(tid);
  }

  /**
   * The interval is pictured: threads that did nothing in it go to sleep, and processes that only have such. Until something
   * concerns them, and as long as intervals are equally long, the next ones bring the same: their rows stay, and their time is
   * told by how many sleep for what (`Process.asleep`, `Container.asleep`). So a frame costs what happened in it, not what there is.
   */
  putToSleep(): void {
    for (const thread of this.awakeThreads) if (thread.idleIn === this.interval) this.sleep(thread);
    for (const process of this.awakeProcesses) {
      const { leader, alive, sleepers, block, activeIn } = process;
      if (activeIn === this.interval || sleepers.length === 0 || sleepers.length !== alive) continue;
      if (leader?.container === undefined || !block.isZero) continue;
      process.isAsleep = true;
      process.interval.clear();
      this.awakeProcesses.delete(process);
      leader.container.asleep.procs++;
    }
  }

  /** The thread was blocked throughout the interval that ends, for its `sleepCause`. */
  private sleep(thread: Thread): void {
    const { process, call, sleepCause } = thread;
    if (process === undefined) return;
    const { asleep } = thread.container!;
    thread.isAsleep = true;
    thread.interval.clear();
    thread.bed = process.sleepers.push(thread) - 1;
    process.asleep ??= [0, 0, 0, 0, 0];
    process.asleep[sleepCause]!++;
    asleep.threads[sleepCause]!++;
    if (call.open) asleep.calls.add(call);
    this.awakeThreads.delete(thread);
  }

  /** Something is about to happen to the thread, which sleeps, and so to its process. */
  private wakeUp(thread: Thread): void {
    const { call, sleepCause, bed } = thread;
    const process = thread.process!;
    const { asleep } = thread.container!;
    thread.isAsleep = false;
    thread.since = this.begin;
    const last = process.sleepers.pop()!;
    if (last !== thread) {
      process.sleepers[bed] = last;
      last.bed = bed;
    }
    process.asleep![sleepCause]!--;
    asleep.threads[sleepCause]!--;
    if (call.open) asleep.calls.remove(call);
    this.awakeThreads.add(thread);
    if (!process.isAsleep) return;
    process.isAsleep = false;
    this.awakeProcesses.add(process);
    process.leader!.container!.asleep.procs--;
  }

  /** Something is about to happen to the process or several of its threads. */
  awaken(process: Process | undefined): void {
    if (process === undefined) return;
    for (let left = process.sleepers.length; left > 0; left--) this.wakeUp(process.sleepers[left - 1]!);
  }

  /** Something concerns all. */
  awakenAll(): void {
    if (this.awakeThreads.size === this.byTid.size) return;
    for (const process of this.processes.values()) this.awaken(process);
  }

  /** A thread that was just born; a former one with the same tid is over. */
  born(tid: number, time: number): Thread | undefined {
    const former = this.find(tid);
    if (former !== undefined) {
      this.end(former, time);
      this.retire(former);
    }
    const thread = this.add(tid);
    if (thread !== undefined) thread.started = time;
    return thread;
  }

  private add(tid: number): Thread | undefined {
    if (this.byTid.size >= this.limits.threads) {
      this.untracked++;
      return undefined;
    }
    const thread = new Thread(tid);
    thread.since = this.begin;
    this.byTid.set(tid, thread);
    this.awakeThreads.add(thread);
    this.threadRows.add(thread);
    return thread;
  }

  private forget(thread: Thread): void {
    this.byTid.delete(thread.tid);
    this.awakeThreads.delete(thread);
    this.threadRows.remove(thread);
  }

  private forgetProcess(process: Process): void {
    this.processes.delete(process.pid);
    this.awakeProcesses.delete(process);
    this.processRows.remove(process);
  }

  /** Makes the thread one of the process; a process that has ended had the pid before. */
  attach(thread: Thread, pid: number): Process {
    if (thread.process !== undefined && thread.process.pid === pid) return thread.process;
    this.awaken(thread.process);
    let process = this.processes.get(pid);
    if (process === undefined || process.ended !== undefined) {
      if (process !== undefined) this.retireProcess(process);
      process = new Process(pid);
      this.list(process);
    }
    this.awaken(process);
    process.activeIn = this.interval;
    if (thread.process !== undefined) this.detach(thread, thread.process);
    thread.process = process;
    process.container ??= thread.container;
    if (thread.ended === undefined) process.alive++;
    if (thread.tid === pid) {
      process.leader = thread;
      process.started ??= thread.started;
    }
    return process;
  }

  private list(process: Process): void {
    this.processes.set(process.pid, process);
    this.awakeProcesses.add(process);
    this.processRows.add(process);
  }

  private detach(thread: Thread, process: Process): void {
    process.activeIn = this.interval;
    if (thread.ended === undefined) process.alive--;
    if (process.alive === 0) this.retireProcess(process);
  }

  /** The thread exits; it still runs for a moment. */
  end(thread: Thread, time: number): void {
    this.onEnd(thread, time);
    if (thread.ended !== undefined) return;
    thread.ended = time;
    const { process, container } = thread;
    if (process !== undefined && --process.alive === 0) process.ended = time;
    if (container !== undefined && --container.alive === 0) container.ended = time;
  }

  /** An exec by another thread than the leader: the others are gone, and it gets the leader's tid. */
  rename(thread: Thread, tid: number, time: number): void {
    const former = this.find(tid);
    if (former !== undefined && former !== thread) {
      thread.vtid = former.vtid;
      this.end(former, time);
      this.retire(former);
    }
    this.byTid.delete(thread.tid);
    thread.tid = tid;
    this.byTid.set(tid, thread);
    const { process } = thread;
    if (process === undefined) return;
    process.leader = thread;
    if (thread.ended !== undefined) return;
    process.ended = undefined;
    if (this.processes.get(process.pid) !== process) this.list(process);
  }

  /** The thread has left its CPU for good: its tid may be used again. */
  retire(thread: Thread): void {
    if (this.byTid.get(thread.tid) !== thread) return;
    this.awaken(thread.process);
    this.forget(thread);
    this.onEnd(thread, thread.ended ?? this.begin);
    if (this.goneThreads.length < this.limits.ended) this.goneThreads.push(thread);
    else {
      settle(thread);
      this.unreported++;
    }
    const { process } = thread;
    if (process === undefined) return;
    process.activeIn = this.interval;
    if (process.leader === thread) process.comm = thread.comm;
    if (process.alive === 0) this.retireProcess(process);
  }

  private retireProcess(process: Process): void {
    if (this.processes.get(process.pid) !== process) return;
    this.forgetProcess(process);
    if (this.goneProcesses.length < this.limits.ended) this.goneProcesses.push(process);
  }

  /** An interval begins. Forgets what the frame has reported, and threads that ended without being seen to leave their CPU. */
  beginInterval(time: number): void {
    this.begin = time;
    this.interval++;
    this.goneThreads.length = 0;
    this.goneProcesses.length = 0;
    for (const thread of this.awakeThreads) {
      const { ended, state } = thread;
      if (ended === undefined || state === RUNNING || state === RUNNABLE) continue;
      if (state === BLOCKED && this.begin - ended < LONGEST_EXIT_NS) continue;
      this.forget(thread);
      const { process } = thread;
      if (process !== undefined && process.alive === 0 && this.processes.get(process.pid) === process) {
        this.forgetProcess(process);
      }
    }
  }
}

/**
 * Credits what the thread has used to its process and container: it belongs to other ones from now on, or a frame is cut.
 * Its CPU must be closed up to now. A thread without a container is credited to `otherwise`.
 */
export function settle(thread: Thread, otherwise?: Container): void {
  const { pending, process, container = otherwise } = thread;
  if (thread.contention !== undefined && container !== undefined) {
    container.contention.addAll(thread.contention);
    thread.contention = undefined;
  }
  if (pending.isZero) return;
  thread.interval.add(pending);
  process?.interval.add(pending);
  container?.interval.add(pending);
  pending.clear();
}
