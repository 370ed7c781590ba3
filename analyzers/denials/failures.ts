import type { Interest } from '../analyzer.js';
import type { Thread } from '../kernel/thread.js';
import type { Arguments } from '../syscalls/arguments.js';
import { OUTSIDE, SAVED } from '../syscalls/call.js';
import { UNKNOWN_CALL } from '../syscalls/call-names.js';
import type { Calls } from '../syscalls/calls.js';
import { unknownCallName } from '../syscalls/numbers.js';
import type { Target } from '../syscalls/target.js';

/** A system call that came back with an error. */
export interface FailedCall {
  readonly thread: Thread;
  readonly row: number;
  readonly name: string;
  /** LTTng has no event of its own for it, but records its number and arguments. */
  readonly isNumbered: boolean;
  /** Its number, if it is. */
  readonly number: number | undefined;
  readonly errno: number;
  /** Its entry was seen. */
  readonly paired: boolean;
  /** It came back without having been let in. */
  readonly atGate: boolean;
}

/**
 * What is to be known of system calls that failed.
 *
 * An exit without an entry, although nothing was lost and the thread's entries are recorded, is a call that never got in:
 * on x86-64 seccomp decides before the tracer is told (`syscall_trace_enter` in `kernel/entry/common.c`).
 */
export class Failures {
  static readonly interests: readonly Interest<never>[] = [
    { events: ['syscall_exit_unknown', 'compat_syscall_exit_unknown'], fields: { id: 'i32', args: 'list' } },
  ];

  constructor(
    private readonly calls: Calls,
    private readonly args: Arguments,
  ) {}

  /** What the thread's call, whose exit is looked at, is about; undefined where its entry was not seen. */
  targetAt({ call, syscall }: Thread): Target | undefined {
    if (call.row === OUTSIDE) return undefined;
    return call.row === SAVED ? call.target : this.args.target(this.calls.names.ofEvent(syscall), call.row);
  }

  /** What of the call whose exit the row is has failed. */
  failed(thread: Thread, row: number, event: number, errno: number, paired: boolean): FailedCall {
    const traced = this.calls.names.ofEvent(event);
    const isNumbered = traced === UNKNOWN_CALL;
    const number = isNumbered ? (this.args.number('id', row) ?? -1) : undefined;
    const name = number === undefined ? traced : unknownCallName(number);
    return { thread, row, name, isNumbered, number, errno, paired, atGate: this.calls.hasNoEntry(thread) };
  }

  /** What the failed call is about; LTTng tells the arguments of the calls that it does not know at their exit too. */
  targetOf({ thread, row, isNumbered, paired }: FailedCall): Target | undefined {
    if (paired) return this.targetAt(thread);
    return isNumbered ? this.args.unknownCall(row) : undefined;
  }
}
