import type { Batch } from '../../native/types.js';
import type { Analyzer, Interest } from '../analyzer.js';
import type { Cpus } from '../kernel/cpus.js';
import type { Thread } from '../kernel/thread.js';
import { OUTSIDE, SAVED } from './call.js';
import { CallNames, callEvent, entriesOf, exitOf, exitsOf, UNKNOWN_CALL } from './call-names.js';
import type { CallCounts } from './counts.js';
import { FEW_ERRORS } from './numbers.js';

const MAX_ERRNO = 4095;
/** Instead of an id: the event tells the call's number. */
const NUMBERED = -1;

/** They do not come back, or, as rt_sigreturn to where a signal was met, without an exit event. */
const NEVER_RETURN: readonly string[] = ['exit', 'exit_group', 'rt_sigreturn'];

/** Who is told of every call that fails. */
export interface FailureObserver {
  /** `event` is the exit's; `paired`: the call's entry was seen, and it is still the thread's. */
  failed(thread: Thread, row: number, event: number, errno: number, paired: boolean): void;
  /** The batch is about to go while a call is under way: what is needed of the arguments at its entry's row is read. */
  save(thread: Thread, row: number): void;
}

/** Who reads the arguments of some calls. */
export interface CallReader {
  /** The thread's call has begun; its entry is the row. */
  readonly entered?: ((thread: Thread, row: number) => void) | undefined;
  /** It is over. `ret` is the lower half of what it came to; `ns` how long it took, -1 where its entry was not seen. */
  readonly returned?: ((thread: Thread, row: number, ret: number, ns: number) => void) | undefined;
  /** As `FailureObserver.save`: into `Call.a` and its neighbours. */
  readonly save?: ((thread: Thread, row: number) => void) | undefined;
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
      pair: { second: exitOf, handle: (calls) => (row) => calls.onCall(row) },
    },
    {
      events: ['syscall_exit_*', 'compat_syscall_exit_*'],
      fields: { 'ctx.tid': 'i32', ret: 'i32' },
      frequent: true,
      handle: (calls) => (row) => calls.onExit(row),
    },
    { events: [...entriesOf(UNKNOWN_CALL), ...exitsOf(UNKNOWN_CALL)], fields: { id: 'i32' } },
  ];

  /** Who is told, before other analyzers get their events; where nobody is, nothing is paired. */
  observer: FailureObserver | undefined = undefined;
  counts: CallCounts | undefined = undefined;
  readonly names = new CallNames();
  /** By id of the call: who reads it where it has an event of its own, and where only its number is told. */
  private readonly readers: (CallReader | undefined)[] = [];
  private readonly numberedReaders: (CallReader | undefined)[] = [];
  private hasReaders = false;
  private isPairing = false;
  /** By index of event name: the call's id and its reader. */
  private readonly ids: number[] = [];
  private readonly readerOf: (CallReader | undefined)[] = [];
  /** By id. */
  private readonly isFinal: boolean[] = [];
  private readonly fewErrors: (readonly number[] | undefined)[] = [];

  private time!: Float64Array;
  private event!: Uint16Array;
  private ret!: Int32Array;
  private number!: Int32Array;
  private batchNumber = 0;
  /** Counts losses. What is paired before one and what after it may lack something in between. */
  private losses = 0;
  /** Something was lost somewhere in this batch. */
  private lossy = false;
  /** Threads that entered a call within this batch. */
  private readonly entered: Thread[] = [];

  constructor(private readonly cpus: Cpus) {
    for (const name of NEVER_RETURN) this.isFinal[this.names.idOf(name)] = true;
    for (const [name, errors] of Object.entries(FEW_ERRORS)) this.fewErrors[this.names.idOf(name)] = errors;
  }

  /** The calls of such names are read, by one reader each. */
  read(names: readonly string[], reader: CallReader): void {
    for (const name of names) this.readers[this.names.idOf(name)] = this.known(reader);
  }

  /** Likewise where LTTng has no event of its own for them, but tells their number and arguments. */
  readNumbered(names: readonly string[], reader: CallReader): void {
    for (const name of names) this.numberedReaders[this.names.idOf(name)] = this.known(reader);
  }

  /** All alike, whatever they have: the compiler knows one kind of object then. */
  private known({ entered, returned, save }: CallReader): CallReader {
    this.hasReaders = true;
    return { entered, returned, save };
  }

  /** A new event name. */
  addEvent(event: string): void {
    this.names.addEvent(event);
    const name = callEvent(event)?.name;
    const id = name === undefined || name === UNKNOWN_CALL ? NUMBERED : this.names.idOf(name);
    this.ids.push(id);
    this.readerOf.push(this.readers[id]);
  }

  bind(batch: Batch): void {
    const { columns } = batch;
    this.time = batch.time;
    this.event = batch.event;
    this.ret = columns.ret as Int32Array;
    this.number = columns.id as Int32Array;
    this.batchNumber++;
    this.lossy = batch.losses.length > 0;
    if (this.lossy) this.losses++;
    this.isPairing = this.observer !== undefined || this.counts !== undefined || this.hasReaders;
  }

  /** The batch's arrays are about to go: what is still needed of them is read. */
  release(): void {
    for (const thread of this.entered) {
      const { call } = thread;
      if (!call.open || call.row < 0) continue;
      this.observer?.save(thread, call.row);
      const numbered = this.ids[thread.syscall] === NUMBERED;
      (numbered ? this.numberedReaders : this.readers)[call.id]?.save?.(thread, call.row);
      call.row = SAVED;
    }
    this.entered.length = 0;
    if (this.lossy) this.losses++;
  }

  /** The thread's call, whose exit is looked at, never began, although nothing of it was lost and its entries are recorded. */
  hasNoEntry({ call }: Thread): boolean {
    return !this.lossy && call.losses === this.losses && call.batch >= 0 && !call.open;
  }

  private onEntry(row: number): void {
    const thread = this.cpus.enterCall(row);
    if (thread === undefined) return;
    const event = this.event[row]!;
    thread.syscall = event;
    if (!this.isPairing) return;
    let id = this.ids[event]!;
    let reader = this.readerOf[event];
    if (id === NUMBERED) {
      id = this.names.numbered(this.number[row]!);
      reader = this.numberedReaders[id];
    }
    const { call } = thread;
    call.row = row;
    call.id = id;
    call.open = true;
    call.began = this.time[row]!;
    call.losses = this.losses;
    if (call.batch !== this.batchNumber) {
      call.batch = this.batchNumber;
      this.entered.push(thread);
    }
    if (reader?.entered !== undefined) reader.entered(thread, row);
    if (this.isFinal[id]) this.neverReturns(thread);
  }

  /** A whole call: its exit is the row after its entry. */
  private onCall(row: number): void {
    const exit = row + 1;
    const event = this.event[row]!;
    const id = this.ids[event]!;
    const thread =
      this.isPairing && id !== NUMBERED && !this.isFinal[id] ? this.cpus.passCall(row, exit) : undefined;
    if (thread === undefined) {
      this.onEntry(row);
      this.onExit(exit);
      return;
    }
    const { call } = thread;
    const reader = this.readerOf[event];
    const began = this.time[row]!;
    const ret = this.ret[exit]!;
    const ns = this.time[exit]! - began;
    thread.syscall = event;
    call.row = row;
    call.id = id;
    call.open = true;
    call.began = began;
    if (call.batch < 0) call.batch = 0;
    if (reader?.entered !== undefined) reader.entered(thread, row);
    const failed = ret < 0 && ret >= -MAX_ERRNO && this.isError(id, -ret);
    if (failed && this.observer !== undefined) {
      this.observer.failed(thread, exit, this.event[exit]!, -ret, true);
    }
    if (this.counts !== undefined) this.counts.add(thread, id, ns, failed);
    if (reader?.returned !== undefined) reader.returned(thread, exit, ret, ns);
    call.open = false;
    call.losses = this.losses;
  }

  private neverReturns(thread: Thread): void {
    thread.call.open = false;
    this.counts?.add(thread, thread.call.id, -1, false);
  }

  private onExit(row: number): void {
    const thread = this.cpus.leaveCall(row);
    if (thread === undefined || !this.isPairing) return;
    const event = this.event[row]!;
    let id = this.ids[event]!;
    let reader = this.readerOf[event];
    if (id === NUMBERED) {
      id = this.names.numbered(this.number[row]!);
      reader = this.numberedReaders[id];
    }
    const { call } = thread;
    const ret = this.ret[row]!;
    const paired = call.open && call.id === id;
    const failed = ret < 0 && ret >= -MAX_ERRNO && this.isError(id, -ret);
    const ns = paired && call.losses === this.losses ? this.time[row]! - call.began : -1;
    if (failed && this.observer !== undefined) this.observer.failed(thread, row, event, -ret, paired);
    // A child comes back from the call that its parent made.
    const isBirth = call.batch < 0 && ret === 0 && thread.started !== undefined;
    if (!isBirth && this.counts !== undefined) this.counts.add(thread, id, ns, failed);
    if (!paired) call.row = OUTSIDE;
    if (reader?.returned !== undefined) reader.returned(thread, row, ret, ns);
    call.open = false;
    call.losses = this.losses;
  }

  /** The result of some calls only looks like an error. */
  private isError(id: number, errno: number): boolean {
    return this.fewErrors[id]?.includes(errno) !== false;
  }
}
