import type { Container } from '../container.js';
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
  readonly threads = new Map<number, Thread>();
  readonly processes = new Map<number, Process>();
  /** Left the maps within this interval; the frame reports them once more. */
  readonly goneThreads: Thread[] = [];
  readonly goneProcesses: Process[] = [];
  /** Threads that were not tracked or not reported because of the limits, since the beginning. */
  untracked = 0;
  unreported = 0;

  /** Begin of the interval: a thread that nothing told of before is accounted from here on. */
  begin = 0;
  /** Told of a thread's end, at its exit and when it is forgotten. */
  onEnd: (thread: Thread, time: number) => void = () => {};

  constructor(private readonly limits: TaskLimits = DEFAULT_LIMITS) {}

  /** The thread, made if this is the first that is heard of it; undefined beyond the limit. */
  thread(tid: number): Thread | undefined {
    return this.threads.get(tid) ?? this.add(tid);
  }

  /** A thread that was just born; a former one with the same tid is over. */
  born(tid: number, time: number): Thread | undefined {
    const former = this.threads.get(tid);
    if (former !== undefined) {
      this.end(former, time);
      this.retire(former);
    }
    const thread = this.add(tid);
    if (thread !== undefined) thread.started = time;
    return thread;
  }

  private add(tid: number): Thread | undefined {
    if (this.threads.size >= this.limits.threads) {
      this.untracked++;
      return undefined;
    }
    const thread = new Thread(tid);
    thread.since = this.begin;
    this.threads.set(tid, thread);
    return thread;
  }

  /** Makes the thread one of the process; a process that has ended had the pid before. */
  attach(thread: Thread, pid: number): Process {
    if (thread.process !== undefined && thread.process.pid === pid) return thread.process;
    let process = this.processes.get(pid);
    if (process === undefined || process.ended !== undefined) {
      if (process !== undefined) this.retireProcess(process);
      process = new Process(pid);
      this.processes.set(pid, process);
    }
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

  private detach(thread: Thread, process: Process): void {
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
    const former = this.threads.get(tid);
    if (former !== undefined && former !== thread) {
      thread.vtid = former.vtid;
      this.end(former, time);
      this.retire(former);
    }
    this.threads.delete(thread.tid);
    thread.tid = tid;
    this.threads.set(tid, thread);
    const { process } = thread;
    if (process === undefined) return;
    process.leader = thread;
    if (thread.ended !== undefined) return;
    process.ended = undefined;
    if (this.processes.get(process.pid) !== process) this.processes.set(process.pid, process);
  }

  /** The thread has left its CPU for good: its tid may be used again. */
  retire(thread: Thread): void {
    if (this.threads.get(thread.tid) !== thread) return;
    this.threads.delete(thread.tid);
    this.onEnd(thread, thread.ended ?? this.begin);
    if (this.goneThreads.length < this.limits.ended) this.goneThreads.push(thread);
    else {
      settle(thread);
      this.unreported++;
    }
    const { process } = thread;
    if (process?.leader === thread) process.comm = thread.comm;
    if (process !== undefined && process.alive === 0) this.retireProcess(process);
  }

  private retireProcess(process: Process): void {
    if (this.processes.get(process.pid) !== process) return;
    this.processes.delete(process.pid);
    if (this.goneProcesses.length < this.limits.ended) this.goneProcesses.push(process);
  }

  /** Forgets what the frame has reported, and threads that ended without being seen to leave their CPU. */
  sweep(): void {
    this.goneThreads.length = 0;
    this.goneProcesses.length = 0;
    for (const thread of this.threads.values()) {
      const { ended, state } = thread;
      if (ended === undefined || state === RUNNING || state === RUNNABLE) continue;
      if (state === BLOCKED && this.begin - ended < LONGEST_EXIT_NS) continue;
      this.threads.delete(thread.tid);
      const { process } = thread;
      if (process !== undefined && process.alive === 0 && this.processes.get(process.pid) === process) {
        this.processes.delete(process.pid);
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
