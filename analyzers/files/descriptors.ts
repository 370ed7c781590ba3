import type { Batch } from '../../native/types.js';
import type { Analyzer, Interest } from '../analyzer.js';
import type { Cpus } from '../kernel/cpus.js';
import type { Tasks } from '../kernel/tasks.js';
import type { Process, Thread } from '../kernel/thread.js';
import { FileTable, type OpenFile } from './open-file.js';

const CLONE_FILES = 0x400;

/** Descriptors of all processes that are followed at once. */
const MAX_ALL = 1 << 18;

/** The descriptors of each process (`Process.files`), and what becomes of them when it forks and executes. */
export class Descriptors implements Analyzer {
  static readonly interests: readonly Interest<Descriptors>[] = [
    {
      events: ['sched_process_fork'],
      fields: { parent_tid: 'i32', child_tid: 'i32' },
      handle: (descriptors) => (row) => descriptors.onFork(row),
    },
    {
      events: ['sched_process_exec'],
      handle: (descriptors) => (row) => descriptors.onExec(row),
    },
  ];

  private parentTid!: Int32Array;
  private childTid!: Int32Array;
  /** Descriptors of all tables: counted anew when there seem to be too many, because tables go without a word. */
  private total = 0;
  private countAgainAt = MAX_ALL;

  constructor(
    private readonly cpus: Cpus,
    private readonly tasks: Tasks,
  ) {}

  bind({ columns }: Batch): void {
    this.parentTid = columns.parent_tid as Int32Array;
    this.childTid = columns.child_tid as Int32Array;
  }

  /** What the thread means by the descriptor; undefined where nothing has told. */
  get(thread: Thread, fd: number): OpenFile | undefined {
    return thread.process?.files?.get(fd);
  }

  set({ process }: Thread, fd: number, file: OpenFile, closesOnExec: boolean): void {
    if (process !== undefined) this.setOf(process, fd, file, closesOnExec);
  }

  setOf(process: Process, fd: number, file: OpenFile, closesOnExec: boolean): void {
    if (this.hasRoom(1)) this.tableOf(process).set(fd, file, closesOnExec);
    else process.files?.delete(fd);
  }

  tableOf(process: Process): FileTable {
    process.files ??= new FileTable();
    return process.files;
  }

  /** The process has descriptors of its own from now on. */
  unshare(process: Process): void {
    if (process.files?.shared === true) process.files = process.files.copy();
  }

  private onFork(row: number): void {
    const parent = this.tasks.find(this.parentTid[row]!);
    const child = this.tasks.find(this.childTid[row]!)?.process;
    const process = parent?.process;
    if (parent === undefined || process === undefined || child === undefined || child === process) return;
    child.cwd = process.cwd;
    if (parent.call.open && (parent.call.a & CLONE_FILES) !== 0) {
      child.files = this.tableOf(process);
      child.files.shared = true;
    } else if (process.files !== undefined && this.hasRoom(process.files.size)) {
      child.files = process.files.copy();
    }
  }

  private onExec(row: number): void {
    const process = this.cpus.at(row)?.thread?.process;
    if (process?.files !== undefined) process.files = process.files.executed();
  }

  private hasRoom(descriptors: number): boolean {
    this.total += descriptors;
    if (this.total <= this.countAgainAt) return true;
    this.total = 0;
    for (const { files } of this.tasks.processes.values()) this.total += files?.size ?? 0;
    // Where there are really too many, counting takes long: not again before as many more were asked for.
    this.countAgainAt = Math.max(MAX_ALL, this.total + MAX_ALL / 4);
    return this.total <= MAX_ALL;
  }
}
