import type { Batch } from '../../native/types.js';
import type { Analyzer, Interest } from '../analyzer.js';
import type { Cpus } from '../kernel/cpus.js';
import type { Thread } from '../kernel/thread.js';
import { OUTSIDE, SAVED } from './call.js';
import { callEvent } from './call-names.js';

const MAX_ERRNO = 4095;

/** Who needs more of system calls than the mode in which threads run. */
export interface CallObserver {
  /** A call has come back with an error. `event` is the exit's; the call is still the thread's. */
  failed(thread: Thread, row: number, event: number, errno: number): void;
  /** The batch is about to go while a call is under way: what is needed of the arguments at its entry's row is read. */
  save(thread: Thread, row: number): void;
}

/**
 * Pairs entry and exit of every system call per thread. At the entry only its row is kept; arguments are read when the exit
 * makes them worth it, or at the end of the batch where the call is still under way. An entry whose exit was lost is
 * replaced by the next one; an exit whose entry was lost, or before the trace, has no arguments.
 */
export class Calls implements Analyzer {
  static readonly interests: readonly Interest<Calls>[] = [
    {
      events: ['syscall_entry_*', 'compat_syscall_entry_*'],
      fields: { 'ctx.tid': 'i32' },
      frequent: true,
      handle: (calls) => (row) => calls.onEntry(row),
    },
    {
      events: ['syscall_exit_*', 'compat_syscall_exit_*'],
      fields: { 'ctx.tid': 'i32', ret: 'i32' },
      frequent: true,
      handle: (calls) => (row) => calls.onExit(row),
    },
  ];

  /** Who is told of calls, before other analyzers get their events; without one nothing is paired. */
  observer: CallObserver | undefined = undefined;
  private event!: Uint16Array;
  private ret!: Int32Array;
  private batchNumber = 0;
  /** Counts losses. What is paired before one and what after it may lack something in between. */
  private losses = 0;
  /** Something was lost somewhere in this batch. */
  private lossy = false;
  /** Threads that entered a call within this batch. */
  private readonly entered: Thread[] = [];
  /** By index of event name: the call's name; empty where the event tells of none. */
  private readonly names: string[] = [];

  constructor(private readonly cpus: Cpus) {}

  /** A new event name. */
  addEvent(event: string): void {
    this.names.push(callEvent(event)?.name ?? '');
  }

  bind(batch: Batch): void {
    this.event = batch.event;
    this.ret = batch.columns.ret as Int32Array;
    this.batchNumber++;
    this.lossy = batch.losses.length > 0;
    if (this.lossy) this.losses++;
  }

  /** The batch's arrays are about to go: what is still needed of them is read. */
  release(): void {
    for (const thread of this.entered) {
      const { call } = thread;
      if (!call.open || call.row < 0) continue;
      this.observer?.save(thread, call.row);
      call.row = SAVED;
    }
    this.entered.length = 0;
    if (this.lossy) this.losses++;
  }

  /** The name of the call that the event tells of. */
  nameOf(event: number): string {
    return this.names[event] ?? '';
  }

  /** The exit event is that of the call which the thread was seen to enter. */
  isPaired({ call, syscall }: Thread, event: number): boolean {
    return call.open && this.nameOf(syscall) === this.nameOf(event);
  }

  /** The thread's call, whose exit is looked at, never began, although nothing of it was lost and its entries are recorded. */
  hasNoEntry({ call }: Thread): boolean {
    return !this.lossy && call.losses === this.losses && call.batch >= 0 && !call.open;
  }

  private onEntry(row: number): void {
    const thread = this.cpus.enterCall(row);
    if (thread === undefined) return;
    thread.syscall = this.event[row]!;
    if (this.observer === undefined) return;
    const { call } = thread;
    call.row = row;
    call.open = true;
    if (call.batch === this.batchNumber) return;
    call.batch = this.batchNumber;
    this.entered.push(thread);
  }

  private onExit(row: number): void {
    const thread = this.cpus.leaveCall(row);
    if (thread === undefined || this.observer === undefined) return;
    const ret = this.ret[row]!;
    if (ret < 0 && ret >= -MAX_ERRNO) this.observer.failed(thread, row, this.event[row]!, -ret);
    const { call } = thread;
    if (call.open) call.open = false;
    else call.row = OUTSIDE;
    call.losses = this.losses;
  }
}
