import type { Batch } from '../../native/types.js';
import type { Analyzer, Interest } from '../analyzer.js';
import type { Tasks } from '../kernel/tasks.js';
import type { Process } from '../kernel/thread.js';
import { LONGEST_TEXT } from '../syscalls/arguments.js';
import type { Connections } from './connections.js';
import type { Descriptors } from './descriptors.js';
import { A_PIPE, ANOTHER, fileAt, OpenFile, SOCKET } from './open-file.js';

const O_CLOEXEC = 0o2000000;
const NO_TABLE = -0x80000000;

/**
 * The descriptors that were open when tracing began. lttng-modules 2.13 and later name the table that a descriptor is in, and
 * which processes have it; before, the process.
 */
export class Dumped implements Analyzer {
  static readonly interests: readonly Interest<Dumped>[] = [
    {
      events: ['lttng_statedump_start'],
      handle: (dumped) => () => dumped.tables.clear(),
    },
    {
      events: ['lttng_statedump_process_state'],
      // The lower half of an address in the kernel tells tables apart.
      fields: { tid: 'i32', file_table_address: 'i32' },
      handle: (dumped) => (row) => dumped.onProcess(row),
    },
    {
      events: ['lttng_statedump_file_descriptor'],
      fields: { pid: 'i32', file_table_address: 'i32', fd: 'i32', flags: 'i32', filename: 'string' },
      handle: (dumped) => (row) => dumped.onDescriptor(row),
    },
    {
      events: ['lttng_statedump_end'],
      handle: (dumped) => () => dumped.tables.clear(),
    },
  ];

  private batch!: Batch;
  private tid!: Int32Array;
  private pid!: Int32Array;
  private address!: Int32Array;
  private fd!: Int32Array;
  private flags!: Int32Array;
  private filename!: Uint32Array;
  private readonly tables = new Map<number, Process>();

  constructor(
    private readonly tasks: Tasks,
    private readonly descriptors: Descriptors,
    private readonly connections: Connections,
  ) {}

  bind(batch: Batch): void {
    const { columns } = batch;
    this.batch = batch;
    this.tid = columns.tid as Int32Array;
    this.pid = columns.pid as Int32Array;
    this.address = columns.file_table_address as Int32Array;
    this.fd = columns.fd as Int32Array;
    this.flags = columns.flags as Int32Array;
    this.filename = columns.filename as Uint32Array;
  }

  /** Kernel threads have the table of the kernel's first process. */
  private onProcess(row: number): void {
    const address = this.address[row]!;
    const thread = this.tasks.find(this.tid[row]!);
    const process = thread?.process;
    if (address === NO_TABLE || process === undefined || thread?.isKernelThread) return;
    const other = this.tables.get(address);
    if (other === undefined) this.tables.set(address, process);
    else if (other !== process && process.files === undefined) {
      const table = this.descriptors.tableOf(other);
      table.shared = true;
      process.files = table;
    }
  }

  /** What the trace has told since the process was dumped is newer. */
  private onDescriptor(row: number): void {
    const address = this.address[row]!;
    const process =
      address === NO_TABLE ? this.tasks.processes.get(this.pid[row]!) : this.tables.get(address);
    const fd = this.fd[row]!;
    if (process === undefined || process.files?.get(fd) !== undefined) return;
    const name = this.batch.string(this.filename[row]!)?.slice(0, LONGEST_TEXT) ?? '';
    this.descriptors.setOf(process, fd, this.fileOf(name), (this.flags[row]! & O_CLOEXEC) !== 0);
  }

  private fileOf(name: string): OpenFile {
    if (name.startsWith('socket:')) return new OpenFile(SOCKET, undefined, this.connections.make(undefined));
    if (name.startsWith('pipe:')) return A_PIPE;
    return name.startsWith('/') && !name.startsWith('/memfd:') ? fileAt(name) : ANOTHER;
  }
}
