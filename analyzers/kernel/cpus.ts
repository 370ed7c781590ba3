import { type Batch, UNKNOWN_I32 } from '../../native/types.js';
import type { Analyzer, Interest } from '../analyzer.js';
import type { Container } from '../container.js';
import type { Containers } from '../containers.js';
import { CAUSE_UNKNOWN, causeOfSoftirq } from '../ledger/causes.js';
import type { Waits } from '../ledger/waits.js';
import { Cpu } from './cpu.js';
import type { Tasks } from './tasks.js';
import {
  DEAD,
  MODE_KERNEL,
  MODE_UNKNOWN,
  MODE_USER,
  RUNNABLE,
  RUNNING,
  stateAfterSwitch,
  type Thread,
  UNKNOWN,
} from './thread.js';

/**
 * A wake-up that makes the running thread give way reads the run queue's clock, and the switch that follows does not read it
 * again (`rq_clock_skip_update` in the kernel's scheduler): for its accounting, and so for that of cgroups, the woken thread
 * runs from its wake-up on. Within this time it did give way at once; later it was another reason.
 */
const GIVES_WAY_WITHIN_NS = 500_000;

/** Pairs of container and CPU, more than any host has; a trace that has more is made up. */
const MOST_SHARES = 1 << 22;

/**
 * What runs on each CPU and in which mode, and from that the time of threads: on a CPU, in user mode, in the kernel,
 * interrupted, and waiting for a CPU. Fills `Thread.pending`, `Thread.state` and the CPUs' times from sched_switch, the
 * wake-ups, interrupts, and the system calls that `Calls` tells of. What becomes of a thread that is not on a CPU it tells `Waits`.
 */
export class Cpus implements Analyzer {
  static readonly interests: readonly Interest<Cpus>[] = [
    {
      events: ['sched_switch'],
      fields: {
        prev_tid: 'i32',
        prev_comm: 'string',
        prev_state: 'i32',
        next_tid: 'i32',
        'ctx.pid': 'i32',
        'ctx.pid_ns': 'i32',
        'ctx.cgroup_ns': 'i32',
      },
      frequent: true,
      handle: (cpus) => (row) => cpus.onSwitch(row),
    },
    {
      events: ['sched_waking'],
      fields: { tid: 'i32', target_cpu: 'i32' },
      frequent: true,
      handle: (cpus) => (row) => cpus.onWaking(row),
      pair: { second: () => 'sched_wakeup', handle: (cpus) => (row) => cpus.onWake(row) },
    },
    {
      events: ['sched_wakeup', 'sched_wakeup_new'],
      fields: { tid: 'i32', target_cpu: 'i32' },
      frequent: true,
      handle: (cpus) => (row) => cpus.onWakeup(row),
    },
    {
      events: ['sched_migrate_task'],
      fields: { tid: 'i32', dest_cpu: 'i32' },
      handle: (cpus) => (row) => cpus.onMigrate(row),
    },
    {
      events: ['irq_handler_entry'],
      frequent: true,
      handle: (cpus) => (row) => cpus.onInterruptEntry(row, CAUSE_UNKNOWN),
    },
    {
      events: ['irq_softirq_entry'],
      fields: { vec: 'i32' },
      frequent: true,
      handle: (cpus) => (row) => cpus.onInterruptEntry(row, causeOfSoftirq(cpus.vec[row]!)),
      pair: { second: () => 'irq_softirq_exit', handle: (cpus) => (row) => cpus.onSoftirq(row) },
    },
    {
      events: ['block_rq_complete'],
      handle: (cpus) => (row) => cpus.onBlockComplete(row),
    },
    {
      events: ['irq_handler_exit', 'irq_softirq_exit'],
      frequent: true,
      handle: (cpus) => (row) => cpus.onInterruptExit(row),
    },
  ];

  /** Those that were heard of. */
  readonly all: Cpu[] = [];
  /** By number, which is at most 16 bits wide in a batch; with holes. */
  private readonly byId: (Cpu | undefined)[] = [];
  private time!: Float64Array;
  private cpu!: Int16Array;
  private prevTid!: Int32Array;
  private prevComm!: Uint32Array;
  private prevState!: Int32Array;
  private nextTid!: Int32Array;
  private tid!: Int32Array;
  private targetCpu!: Int32Array;
  private destCpu!: Int32Array;
  private vec!: Int32Array;
  private contextTid!: Int32Array;
  private contextPid!: Int32Array;
  private contextPidNs!: Int32Array;
  private contextCgroupNs!: Int32Array;
  private batch!: Batch;
  private batchNumber = 0;
  /** How many numbers the containers' `onCpu` hold. */
  shares = 0;

  constructor(
    private readonly tasks: Tasks,
    private readonly containers: Containers,
    readonly waits: Waits,
  ) {}

  bind(batch: Batch): void {
    const { columns } = batch;
    this.batch = batch;
    this.batchNumber++;
    this.time = batch.time;
    this.cpu = batch.cpu;
    this.prevTid = columns.prev_tid as Int32Array;
    this.prevComm = columns.prev_comm as Uint32Array;
    this.prevState = columns.prev_state as Int32Array;
    this.nextTid = columns.next_tid as Int32Array;
    this.tid = columns.tid as Int32Array;
    this.targetCpu = columns.target_cpu as Int32Array;
    this.destCpu = columns.dest_cpu as Int32Array;
    this.vec = columns.vec as Int32Array;
    this.contextTid = columns['ctx.tid'] as Int32Array;
    this.contextPid = columns['ctx.pid'] as Int32Array;
    this.contextPidNs = columns['ctx.pid_ns'] as Int32Array;
    this.contextCgroupNs = columns['ctx.cgroup_ns'] as Int32Array;
  }

  /** The thread in whose context the row's event happened; undefined where nothing has told. Its time is closed. */
  threadAt(row: number): Thread | undefined {
    const cpu = this.at(row);
    if (cpu?.thread === undefined) return undefined;
    this.close(cpu, this.time[row]!);
    return cpu.thread === cpu.idle ? undefined : cpu.thread;
  }

  /** The CPU that the row's event happened on; it is that event's time there. */
  at(row: number): Cpu | undefined {
    const id = this.cpu[row]!;
    const cpu = this.byId[id] ?? this.addCpu(id);
    if (cpu !== undefined) cpu.now = this.time[row]!;
    return cpu;
  }

  private addCpu(id: number): Cpu | undefined {
    if (id < 0) return undefined;
    const cpu = new Cpu(id);
    this.byId[id] = cpu;
    this.all.push(cpu);
    return cpu;
  }

  private onSwitch(row: number): void {
    const cpu = this.at(row);
    if (cpu === undefined) return;
    const time = this.time[row]!;
    const prevTid = this.prevTid[row]!;
    const nextTid = this.nextTid[row]!;
    let prev = cpu.thread;
    let runner = prev;
    const next = nextTid === 0 ? cpu.idle : this.tasks.thread(nextTid);
    let begin = time;
    if (prev !== undefined && prev.tid === prevTid) {
      begin = prev === cpu.idle ? time : this.beginOfRun(cpu, next, time);
      this.close(cpu, begin);
    } else {
      // Before the first switch, or a switch was lost: the time since the last one is nobody's.
      if (prev !== undefined && prev !== cpu.idle) this.waits.forget(prev, cpu.runSince);
      prev = prevTid === 0 ? cpu.idle : this.tasks.thread(prevTid);
      runner = undefined;
      if (prev !== undefined && prev !== cpu.idle) this.waits.forget(prev, prev.since);
    }
    this.waits.switched(cpu, runner, begin);
    cpu.thread = next;
    if (next !== undefined && next !== cpu.idle) {
      this.waits.run(next, cpu, begin, time);
      next.state = RUNNING;
    }
    if (prev !== undefined && prev !== cpu.idle) this.leave(prev, cpu, row, begin, time);
    cpu.runSince = begin;
    cpu.modeSince = begin;
    cpu.interrupts = 0;
    cpu.timer = undefined;
    cpu.wokenTid = 0;
  }

  /** When the next thread's time begins: at the switch, or at the wake-up that made the running one give way. */
  private beginOfRun(cpu: Cpu, next: Thread | undefined, time: number): number {
    if (next === undefined || next === cpu.idle || next.tid !== cpu.wokenTid) return time;
    if (time - cpu.wokenAt > GIVES_WAY_WITHIN_NS) return time;
    return Math.max(cpu.wokenAt, cpu.runSince, cpu.modeSince, next.since);
  }

  private leave(prev: Thread, cpu: Cpu, row: number, begin: number, time: number): void {
    const prevState = this.prevState[row]!;
    if (prev.state === UNKNOWN) this.waits.credit(prev, begin);
    prev.state = stateAfterSwitch(prevState, prev.ended !== undefined);
    this.rename(prev, this.prevComm[row]!);
    const pid = this.contextPid[row]!;
    if (prev.process === undefined && pid > 0) this.tasks.attach(prev, pid);
    const pidNs = this.contextPidNs[row]!;
    const cgroupNs = this.contextCgroupNs[row]!;
    if (pidNs !== UNKNOWN_I32 || cgroupNs !== UNKNOWN_I32) {
      this.containers.learn(prev, inode(pidNs), inode(cgroupNs));
    }
    this.waits.leave(prev, cpu, begin, prevState);
    // It lost the CPU on the way back to user mode (or yielded it, which its system call's exit will tell).
    if (prev.mode === MODE_UNKNOWN && prev.state === RUNNABLE && prevState === 0) prev.mode = MODE_USER;
    if (prev.state === DEAD) {
      this.tasks.end(prev, time);
      this.tasks.retire(prev);
    }
  }

  /** Strings are per batch: the text is looked at only where the id is not the one seen before. */
  private rename(thread: Thread, commId: number): void {
    if (thread.commId === commId && thread.commBatch === this.batchNumber) return;
    thread.commId = commId;
    thread.commBatch = this.batchNumber;
    thread.comm = this.batch.string(commId) ?? thread.comm;
  }

  private onWaking(row: number): void {
    this.wake(row);
  }

  private onWakeup(row: number): void {
    const tid = this.tid[row]!;
    const time = this.time[row]!;
    this.wake(row);
    const cpu = this.byId[this.targetCpu[row]!];
    if (cpu === undefined) return;
    cpu.wokenTid = tid;
    cpu.wokenAt = time;
  }

  /** The waking, and at once the wakeup. */
  private onWake(row: number): void {
    const wakeup = row + 1;
    const tid = this.tid[row]!;
    const target = this.targetCpu[row]!;
    this.wake(row);
    if (this.tid[wakeup] !== tid || this.targetCpu[wakeup] !== target) {
      this.onWakeup(wakeup);
      return;
    }
    const cpu = this.byId[target];
    if (cpu === undefined) return;
    cpu.wokenTid = tid;
    cpu.wokenAt = this.time[wakeup]!;
  }

  private wake(row: number): void {
    const tid = this.tid[row]!;
    const thread = tid === 0 ? undefined : this.tasks.thread(tid);
    if (thread === undefined || thread.state === RUNNING) return;
    const by = this.at(row);
    if (by?.timer !== undefined) by.timerWakes = true;
    this.waits.wake(thread, by, this.byId[this.targetCpu[row]!], this.time[row]!);
  }

  private onMigrate(row: number): void {
    const thread = this.tasks.find(this.tid[row]!);
    const target = this.byId[this.destCpu[row]!];
    if (thread !== undefined && target !== undefined) this.waits.migrate(thread, target, this.time[row]!);
  }

  /** A system call begins: the thread that makes it, undefined where nothing tells which. */
  enterCall(row: number): Thread | undefined {
    return this.turnTo(MODE_KERNEL, row);
  }

  /** A system call is over. */
  leaveCall(row: number): Thread | undefined {
    return this.turnTo(MODE_USER, row);
  }

  /**
   * A whole system call, from one row to another without anything in between: the thread that made it. Undefined where it
   * is not as usual, and nothing was credited.
   */
  passCall(entry: number, exit: number): Thread | undefined {
    const cpu = this.byId[this.cpu[entry]!];
    const thread = cpu?.thread;
    if (cpu === undefined || thread === undefined || cpu.interrupts > 0) return undefined;
    if (thread.mode !== MODE_USER || thread.isKernelThread || thread === cpu.idle) return undefined;
    if (this.isAnothers(thread, entry)) return undefined;
    const began = this.time[entry]!;
    const time = this.time[exit]!;
    thread.pending.userNs += began - cpu.modeSince;
    thread.pending.kernelNs += time - began;
    cpu.modeSince = time;
    cpu.now = time;
    return thread;
  }

  private turnTo(mode: number, row: number): Thread | undefined {
    const cpu = this.at(row);
    if (cpu === undefined) return undefined;
    const { thread: known } = cpu;
    const thread = known === undefined || this.isAnothers(known, row) ? this.seed(cpu, row) : known;
    if (thread === undefined) return undefined;
    cpu.leaveInterrupts();
    if (thread.mode === mode) return thread;
    cpu.closeMode();
    if (!thread.isKernelThread && thread !== cpu.idle) thread.mode = mode;
    return thread;
  }

  /** The tid context tells another thread than that which the last switch told: where the trace has none, or one was lost. */
  private isAnothers(thread: Thread, row: number): boolean {
    const tid = this.contextTid[row]!;
    return tid > 0 && tid !== thread.tid;
  }

  /** The tid context tells the current thread where no switch has. */
  private seed(cpu: Cpu, row: number): Thread | undefined {
    const tid = this.contextTid[row]!;
    if (tid <= 0) return undefined;
    const thread = this.tasks.thread(tid);
    if (thread === undefined) return undefined;
    // The time since the last event of the one before is nobody's.
    if (cpu.thread !== undefined && cpu.thread !== cpu.idle) this.waits.forget(cpu.thread, cpu.runSince);
    const time = this.time[row]!;
    this.waits.run(thread, cpu, time, time);
    thread.state = RUNNING;
    cpu.thread = thread;
    cpu.runSince = time;
    cpu.modeSince = time;
    return thread;
  }

  private onInterruptEntry(row: number, cause: number): void {
    this.at(row)?.enterInterrupt(cause);
  }

  /** A whole softirq that did nothing else. */
  private onSoftirq(row: number): void {
    const cpu = this.at(row);
    if (cpu === undefined) return;
    cpu.enterInterrupt(CAUSE_UNKNOWN);
    cpu.now = this.time[row + 1]!;
    cpu.leaveInterrupt();
  }

  /** The interrupt that it comes with is the device's. */
  private onBlockComplete(row: number): void {
    this.at(row)?.noteDisk();
  }

  private onInterruptExit(row: number): void {
    this.at(row)?.leaveInterrupt();
  }

  /** Credits the running thread and the CPU up to now. */
  close(cpu: Cpu, time: number): void {
    const { thread } = cpu;
    if (thread === undefined) return;
    cpu.now = time;
    cpu.closeMode();
    const elapsed = time - cpu.runSince;
    cpu.runSince = time;
    if (thread === cpu.idle) {
      cpu.idleNs += elapsed;
      return;
    }
    thread.pending.cpuNs += elapsed;
    const { container } = thread;
    if (container === undefined) cpu.unplaced.set(thread, (cpu.unplaced.get(thread) ?? 0) + elapsed);
    else this.credit(cpu, container, elapsed);
  }

  /** A thread of the container has had the CPU. */
  credit(cpu: Cpu, container: Container, elapsed: number): void {
    const { onCpu } = container;
    if (cpu.id < onCpu.length) onCpu[cpu.id]! += elapsed;
    else this.creditFirst(cpu, container, elapsed);
  }

  private creditFirst(cpu: Cpu, container: Container, elapsed: number): void {
    const former = container.onCpu;
    if (this.shares + this.byId.length > MOST_SHARES) {
      cpu.othersNs += elapsed;
      return;
    }
    container.onCpu = new Float64Array(this.byId.length);
    container.onCpu.set(former);
    container.onCpu[cpu.id] = elapsed;
    this.shares += container.onCpu.length - former.length;
  }

  /** Credits the thread up to now, wherever it runs. */
  closeThread(thread: Thread, time: number): void {
    for (const cpu of this.all) if (cpu.thread === thread) this.close(cpu, time);
  }

  /**
   * Events of the CPU's switches (of all CPUs', if it is not told which) were lost from `begin` on: what runs there is
   * unknown until the next switch, and nothing is credited to it from `begin` on.
   */
  lose(id: number | undefined, begin: number, time: number): void {
    const known = Math.min(begin, time);
    for (const cpu of id === undefined ? this.all : [this.byId[id]]) {
      if (cpu === undefined) continue;
      this.waits.forgetWaiters(cpu, known);
      if (cpu.thread === undefined) continue;
      if (begin >= cpu.modeSince && begin >= cpu.runSince) this.close(cpu, known);
      if (cpu.thread !== cpu.idle) this.waits.forget(cpu.thread, cpu.runSince);
      cpu.thread = undefined;
      cpu.interrupts = 0;
      cpu.timer = undefined;
    }
    this.waits.lose(time);
  }
}

/** An inode number from a 32-bit column; 0 where the event does not tell. */
export function inode(cell: number): number {
  return cell === UNKNOWN_I32 ? 0 : cell >>> 0;
}
