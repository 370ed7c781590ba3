import type { Batch } from '../../native/types.js';
import type { Analyzer, Interest } from '../analyzer.js';
import type { Containers } from '../containers.js';
import { inode } from './cpus.js';
import type { Tasks } from './tasks.js';
import { BLOCKED, MODE_KERNEL, type Thread, UNKNOWN } from './thread.js';

/** `status` of a dumped thread. */
const EXITING: readonly number[] = [3, 4, 7];
const WAITING = 5;

const KTHREADD = 2;

/**
 * The threads that were there when tracing began. lttng-modules 2.12 and later have an event for each kind of namespace;
 * up to 2.11 the pid namespace is in the process's own record, of which there is one for each level.
 */
export class Statedump implements Analyzer {
  static readonly interests: readonly Interest<Statedump>[] = [
    {
      events: ['lttng_statedump_process_state'],
      fields: {
        tid: 'i32',
        pid: 'i32',
        ppid: 'i32',
        name: 'string',
        type: 'i32',
        status: 'i32',
        vtid: 'i32',
        ns_level: 'i32',
        ns_inum: 'i32',
      },
      handle: (statedump) => (row) => statedump.onProcessState(row),
    },
    {
      events: ['lttng_statedump_process_pid_ns'],
      fields: { tid: 'i32', vtid: 'i32', ns_level: 'i32', ns_inum: 'i32' },
      handle: (statedump) => (row) => statedump.onPidNamespace(row),
    },
    {
      events: ['lttng_statedump_process_cgroup_ns'],
      fields: { tid: 'i32', ns_inum: 'i32' },
      handle: (statedump) => (row) => statedump.onCgroupNamespace(row),
    },
    {
      events: ['lttng_statedump_end'],
      handle: (statedump) => () => statedump.onEnd(),
    },
  ];

  private tid!: Int32Array;
  private pid!: Int32Array;
  private ppid!: Int32Array;
  private name!: Uint32Array;
  private type!: Int32Array;
  private status!: Int32Array;
  private vtid!: Int32Array;
  private nsLevel!: Int32Array;
  private nsInum!: Int32Array;
  private batch!: Batch;

  constructor(
    private readonly tasks: Tasks,
    private readonly containers: Containers,
  ) {}

  bind(batch: Batch): void {
    const { columns } = batch;
    this.batch = batch;
    this.tid = columns.tid as Int32Array;
    this.pid = columns.pid as Int32Array;
    this.ppid = columns.ppid as Int32Array;
    this.name = columns.name as Uint32Array;
    this.type = columns.type as Int32Array;
    this.status = columns.status as Int32Array;
    this.vtid = columns.vtid as Int32Array;
    this.nsLevel = columns.ns_level as Int32Array;
    this.nsInum = columns.ns_inum as Int32Array;
  }

  private onProcessState(row: number): void {
    const tid = this.tid[row]!;
    const status = this.status[row]!;
    const known = this.tasks.find(tid);
    // A zombie whose exit was before the trace, or seen in it, has no life to tell of.
    if (EXITING.includes(status) && (known === undefined || known.ended !== undefined)) return;
    const thread = known ?? this.tasks.thread(tid);
    if (thread === undefined) return;
    const process = this.tasks.attach(thread, this.pid[row]!);
    if (process.leader === thread) process.ppid ??= this.ppid[row]!;
    thread.comm ??= this.batch.string(this.name[row]!);
    if (thread.state === UNKNOWN && status === WAITING) thread.state = BLOCKED;
    if (this.type[row] === 1) {
      thread.isKernelThread = true;
      thread.mode = MODE_KERNEL;
    }
    this.inheritTree(thread);
    this.onPidNamespace(row);
  }

  /** Levels come in either order: the deepest is the thread's own namespace. */
  private onPidNamespace(row: number): void {
    const thread = this.tasks.find(this.tid[row]!);
    const inum = inode(this.nsInum[row]!);
    const level = this.nsLevel[row]!;
    if (thread === undefined) return;
    if (inum !== 0 && level === 0) this.containers.setHostNamespaces(inum, 0);
    if (inum !== 0 && level >= Math.max(0, thread.pidNsLevel)) {
      thread.pidNsLevel = level;
      thread.pidNs = inum;
      thread.vtid = this.vtid[row]!;
      if (thread.process?.leader === thread) thread.process.vpid = thread.vtid;
    }
    this.place(thread);
  }

  private onCgroupNamespace(row: number): void {
    const thread = this.tasks.find(this.tid[row]!);
    if (thread === undefined) return;
    const inum = inode(this.nsInum[row]!);
    if (thread.tid === KTHREADD) this.containers.setHostNamespaces(0, inum);
    if (inum !== 0) thread.cgroupNs = inum;
    this.place(thread);
  }

  private place(thread: Thread): void {
    this.containers.place(thread);
    if (thread.container?.isHost === true) this.containers.settleTree(thread);
  }

  /** Below an init process that the inventory names and that was dumped before. */
  private inheritTree(thread: Thread): void {
    const ppid = thread.process?.ppid;
    const parent = ppid === undefined ? undefined : this.tasks.processes.get(ppid);
    thread.tree ??= (thread.process?.leader ?? parent?.leader)?.tree ?? parent?.leader?.tree;
  }

  private onEnd(): void {
    this.containers.statedumpComplete = true;
  }
}
