import type { Batch } from '../../native/types.js';
import type { Analyzer, Interest } from '../analyzer.js';
import type { SyscallObserver } from '../kernel/cpus.js';
import type { Thread } from '../kernel/thread.js';
import type { Arguments } from './arguments.js';
import { OUTSIDE, SAVED } from './call.js';
import { unknownCallName } from './numbers.js';
import type { Target } from './refusal.js';

const MAX_ERRNO = 4095;
/** What LTTng calls system calls that it has no event for. */
const UNKNOWN_CALL = 'unknown';

/** `lseek` and its like give numbers of 64 bits, of which the column keeps 32: only these can be errors of theirs. */
const FEW_ERRORS: Readonly<Record<string, readonly number[]>> = {
  lseek: [6, 9, 22, 29, 75],
  mmap: [1, 9, 11, 12, 13, 19, 22, 23, 75, 17, 26],
  mremap: [11, 12, 14, 22],
  brk: [],
  time: [14],
  times: [14],
  rt_sigreturn: [],
  shmat: [12, 13, 22, 43],
};

export type OnFailure = (thread: Thread, row: number, event: number, errno: number) => void;

/** A system call that came back with an error. */
export interface FailedCall {
  readonly thread: Thread;
  readonly row: number;
  readonly name: string;
  /** LTTng has no event of its own for it, but records its number and arguments. */
  readonly isNumbered: boolean;
  readonly errno: number;
  /** Its entry was seen. */
  readonly paired: boolean;
  /** It came back without having been let in. */
  readonly atGate: boolean;
}

/**
 * Pairs entry and exit of every system call per thread. At the entry only its row is kept; the arguments are read when the
 * call fails, or at the end of the batch where it is still under way. An entry whose exit was lost is replaced by the next
 * one; an exit whose entry was lost, or before the trace, has no target.
 *
 * An exit without an entry, although nothing was lost and the thread's entries are recorded, is a call that never got in:
 * on x86-64 seccomp decides before the tracer is told (`syscall_trace_enter` in `kernel/entry/common.c`).
 */
export class Calls implements Analyzer, SyscallObserver {
  /** What is read of events that `Cpus` tells of, and that need no handler of their own. */
  static readonly interests: readonly Interest<never>[] = [
    {
      events: ['syscall_exit_*', 'compat_syscall_exit_*'],
      fields: { ret: 'i32' },
    },
    {
      events: ['syscall_exit_unknown', 'compat_syscall_exit_unknown'],
      fields: { id: 'i32', args: 'list' },
    },
  ];

  private event!: Uint16Array;
  private ret!: Int32Array;
  private batchNumber = 0;
  /** Counts losses. What is paired before one and what after it may lack something in between. */
  private losses = 0;
  /** Something was lost somewhere in this batch. */
  private lossy = false;
  /** Threads that entered a call within this batch. */
  private readonly entered: Thread[] = [];
  /** By index of event name: the call's name. */
  private readonly names: (string | undefined)[] = [];

  constructor(
    private readonly args: Arguments,
    private readonly eventName: (index: number) => string,
    private readonly onFailure: OnFailure,
  ) {}

  bind(batch: Batch): void {
    this.event = batch.event;
    this.ret = batch.columns.ret as Int32Array;
    this.batchNumber++;
    this.lossy = batch.losses.length > 0;
    if (this.lossy) this.losses++;
  }

  /** The batch's arrays are about to go: what is still needed of them is read. */
  release(): void {
    for (const { call, syscall } of this.entered) {
      if (!call.open || call.row < 0) continue;
      call.target = this.args.target(this.nameOf(syscall), call.row);
      call.row = SAVED;
    }
    this.entered.length = 0;
    if (this.lossy) this.losses++;
  }

  /** What the thread's call, whose exit the row is, is about; undefined where its entry was not seen. */
  targetAt({ call, syscall }: Thread): Target | undefined {
    if (call.row === OUTSIDE) return undefined;
    return call.row === SAVED ? call.target : this.args.target(this.nameOf(syscall), call.row);
  }

  onEntry(thread: Thread, row: number): void {
    const { call } = thread;
    call.row = row;
    call.open = true;
    if (call.batch === this.batchNumber) return;
    call.batch = this.batchNumber;
    this.entered.push(thread);
  }

  onExit(thread: Thread, row: number): void {
    const ret = this.ret[row]!;
    if (ret < 0 && ret >= -MAX_ERRNO) this.onFailure(thread, row, this.event[row]!, -ret);
    const { call } = thread;
    if (call.open) call.open = false;
    else call.row = OUTSIDE;
    call.losses = this.losses;
  }

  /** What of the call whose exit the row is has failed; undefined where its result only looks like an error. */
  failed(thread: Thread, row: number, event: number, errno: number): FailedCall | undefined {
    const { call } = thread;
    const traced = this.nameOf(event);
    const name = traced === UNKNOWN_CALL ? unknownCallName(this.args.number('id', row) ?? -1) : traced;
    if (FEW_ERRORS[name]?.includes(errno) === false) return undefined;
    const paired = call.open && this.nameOf(thread.syscall) === traced;
    const isWhole = !this.lossy && call.losses === this.losses;
    const atGate = isWhole && call.batch >= 0 && !call.open;
    return { thread, row, name, isNumbered: traced === UNKNOWN_CALL, errno, paired, atGate };
  }

  /** What the failed call is about; LTTng tells the arguments of the calls that it does not know at their exit too. */
  targetOf({ thread, row, isNumbered, paired }: FailedCall): Target | undefined {
    if (paired) return this.targetAt(thread);
    return isNumbered ? this.args.unknownCall(row) : undefined;
  }

  /** `openat` of `syscall_entry_openat`, `compat_syscall_exit_openat`. */
  private nameOf(event: number): string {
    const known = this.names[event];
    if (known !== undefined) return known;
    const name = this.eventName(event).replace(/^(compat_)?syscall_(entry|exit)_/, '');
    this.names[event] = name;
    return name;
  }
}
