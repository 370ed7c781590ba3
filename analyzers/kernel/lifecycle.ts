import type { Batch } from '../../native/types.js';
import type { Analyzer, Interest } from '../analyzer.js';
import { announcement } from '../container.js';
import { type Containers, MAX_LAUNCHERS } from '../containers.js';
import { type Cpus, inode } from './cpus.js';
import type { Tasks } from './tasks.js';
import { MODE_KERNEL, type Process, RUNNABLE, RUNNING, type Thread } from './thread.js';

const O_ACCMODE = 3;
const O_WRONLY = 1;
const CLONE_NEWCGROUP = 0x02000000;

/**
 * runc is three processes before it is the container's first: `runc:[0:PARENT]`, which its own parent puts into the cgroup
 * and which then forks `runc:[1:CHILD]`, which makes or joins the namespaces and forks the init process. From that first
 * fork on all are in the cgroup; the names are literals of runc's `nsexec.c`.
 */
const RUNC_STAGES: readonly string[] = ['runc:[0:PARENT]', 'runc:[1:CHILD]'];
/** Programs that put their own children into a container's cgroup, where systemd does not do it for them. */
const RUNTIMES: readonly string[] = ['runc', 'crun', 'youki'];
const SYSTEMD = 1;
/** No RCU grace period takes so long. */
const LONGEST_GRACE_NS = 10e9;
/** A program that executes itself once more, as runtimes do on their way to the container's. */
const OWN_COPY = /^(?:\/proc\/(?:thread-)?self\/|\/dev\/fd\/)/;

/** The events that happen in the context of a thread, whose namespaces a channel may have added. */
const NAMESPACE_CONTEXTS = { 'ctx.pid_ns': 'i32', 'ctx.cgroup_ns': 'i32' } as const;

/** Births, deaths, programs and namespaces of threads: what changes seldom. Fills `Tasks` and `Containers`. */
export class Lifecycle implements Analyzer {
  static readonly interests: readonly Interest<Lifecycle>[] = [
    {
      events: ['sched_process_fork'],
      fields: {
        parent_tid: 'i32',
        parent_pid: 'i32',
        parent_ns_inum: 'i32',
        parent_comm: 'string',
        child_tid: 'i32',
        child_pid: 'i32',
        child_ns_inum: 'i32',
        child_comm: 'string',
        vtids: 'list',
        ...NAMESPACE_CONTEXTS,
      },
      handle: (lifecycle) => (row) => lifecycle.onFork(row),
    },
    {
      events: ['sched_process_exec'],
      fields: { tid: 'i32', old_tid: 'i32', filename: 'string', ...NAMESPACE_CONTEXTS },
      handle: (lifecycle) => (row) => lifecycle.onExec(row),
    },
    {
      events: ['sched_process_exit'],
      fields: { tid: 'i32', comm: 'string', ...NAMESPACE_CONTEXTS },
      handle: (lifecycle) => (row) => lifecycle.onExit(row),
    },
    {
      events: ['sched_process_free'],
      fields: { tid: 'i32' },
      handle: (lifecycle) => (row) => lifecycle.onFree(row),
    },
    {
      events: ['syscall_entry_unshare'],
      fields: { unshare_flags: 'i32' },
      handle: (lifecycle) => (row) => lifecycle.onNamespaceChange(row, lifecycle.unshareFlags[row]!),
    },
    {
      events: ['syscall_entry_setns'],
      // 0: the namespace's own type, whichever that is.
      fields: { nstype: 'i32' },
      handle: (lifecycle) => (row) =>
        lifecycle.onNamespaceChange(row, lifecycle.nstype[row]! || CLONE_NEWCGROUP),
    },
    {
      events: ['syscall_exit_unshare', 'syscall_exit_setns'],
      fields: { ret: 'i32', ...NAMESPACE_CONTEXTS },
      handle: (lifecycle) => (row) => lifecycle.onNamespaceChanged(row),
    },
    {
      events: ['syscall_entry_mkdir', 'syscall_entry_mkdirat'],
      fields: { pathname: 'string' },
      handle: (lifecycle) => (row) => lifecycle.onMakeDirectory(row),
    },
    {
      events: ['syscall_entry_openat', 'syscall_entry_open'],
      fields: { filename: 'string', flags: 'i32' },
      handle: (lifecycle) => (row) => lifecycle.onOpen(row),
    },
  ];

  private time!: Float64Array;
  private tid!: Int32Array;
  private oldTid!: Int32Array;
  private comm!: Uint32Array;
  private parentTid!: Int32Array;
  private parentPid!: Int32Array;
  private parentNs!: Int32Array;
  private parentComm!: Uint32Array;
  private childTid!: Int32Array;
  private childPid!: Int32Array;
  private childNs!: Int32Array;
  private childComm!: Uint32Array;
  private vtids!: Uint32Array;
  private ret!: Int32Array;
  private flags!: Int32Array;
  private nstype!: Int32Array;
  private unshareFlags!: Int32Array;
  private pathname!: Uint32Array;
  private filename!: Uint32Array;
  private contextPidNs!: Int32Array;
  private contextCgroupNs!: Int32Array;
  private batch!: Batch;
  /** Threads that are about to leave their cgroup namespace, if the system call succeeds. */
  private readonly changing = new WeakSet<Thread>();

  constructor(
    private readonly tasks: Tasks,
    private readonly containers: Containers,
    private readonly cpus: Cpus,
    private readonly hasSyscalls: () => boolean,
  ) {}

  bind(batch: Batch): void {
    const { columns } = batch;
    this.batch = batch;
    this.time = batch.time;
    this.tid = columns.tid as Int32Array;
    this.oldTid = columns.old_tid as Int32Array;
    this.comm = columns.comm as Uint32Array;
    this.parentTid = columns.parent_tid as Int32Array;
    this.parentPid = columns.parent_pid as Int32Array;
    this.parentNs = columns.parent_ns_inum as Int32Array;
    this.parentComm = columns.parent_comm as Uint32Array;
    this.childTid = columns.child_tid as Int32Array;
    this.childPid = columns.child_pid as Int32Array;
    this.childNs = columns.child_ns_inum as Int32Array;
    this.childComm = columns.child_comm as Uint32Array;
    this.vtids = columns.vtids as Uint32Array;
    this.ret = columns.ret as Int32Array;
    this.flags = columns.flags as Int32Array;
    this.nstype = columns.nstype as Int32Array;
    this.unshareFlags = columns.unshare_flags as Int32Array;
    this.pathname = columns.pathname as Uint32Array;
    this.filename = columns.filename as Uint32Array;
    this.contextPidNs = columns['ctx.pid_ns'] as Int32Array;
    this.contextCgroupNs = columns['ctx.cgroup_ns'] as Int32Array;
  }

  private onFork(row: number): void {
    const time = this.time[row]!;
    const parent = this.tasks.thread(this.parentTid[row]!);
    this.cpus.threadAt(row);
    if (parent !== undefined) {
      this.tasks.attach(parent, this.parentPid[row]!);
      const parentNs = inode(this.parentNs[row]!);
      this.containers.learn(
        parent,
        parentNs || inode(this.contextPidNs[row]!),
        inode(this.contextCgroupNs[row]!),
      );
    }
    const child = this.tasks.born(this.childTid[row]!, time);
    if (child === undefined) return;
    const process = this.tasks.attach(child, this.childPid[row]!);
    child.comm = this.batch.string(this.childComm[row]!);
    const vtids = this.batch.list(this.vtids[row]!);
    child.vtid = vtids?.at(-1);
    if (process.leader === child) {
      process.ppid = this.parentPid[row]!;
      process.vpid = child.vtid;
    }
    this.inherit(child, parent);
    if (parent !== undefined) this.followRunc(child, parent, row);
    child.pidNs = inode(this.childNs[row]!) || (parent?.pidNs ?? 0);
    child.pidNsLevel = vtids === undefined ? -1 : vtids.length - 1;
    const entered = parent !== undefined && child.pidNs !== parent.pidNs;
    if (entered) child.cgroupNs = 0;
    if (entered && child.vtid === 1) this.containers.begin(child, time);
    this.containers.place(child);
    this.cpus.waits.begin(child, time);
  }

  /** A child begins in the kernel, on its way out of the system call that made it. */
  private inherit(child: Thread, parent: Thread | undefined): void {
    if (this.hasSyscalls()) child.mode = MODE_KERNEL;
    if (parent === undefined) return;
    child.cgroupNs = parent.cgroupNs;
    child.tree = parent.tree;
    if (parent.isKernelThread || parent.tid === 2) this.setKernelThread(child);
  }

  private followRunc(child: Thread, parent: Thread, row: number): void {
    const stage = RUNC_STAGES.indexOf(this.batch.string(this.parentComm[row]!) ?? '');
    if (stage < 0) return;
    child.launching = true;
    if (stagesBefore(parent) < MAX_LAUNCHERS) child.launcher = parent;
    child.tree = undefined;
    if (parent.launching) return;
    parent.launching = true;
    this.containers.place(parent);
  }

  private setKernelThread(thread: Thread): void {
    thread.isKernelThread = true;
    thread.mode = MODE_KERNEL;
  }

  private onExec(row: number): void {
    const time = this.time[row]!;
    const tid = this.tid[row]!;
    const oldTid = this.oldTid[row]!;
    this.cpus.threadAt(row);
    const thread = this.tasks.thread(oldTid);
    if (thread === undefined) return;
    if (oldTid !== tid) this.tasks.rename(thread, tid, time);
    const filename = this.batch.string(this.filename[row]!);
    thread.isKernelThread = false;
    thread.comm = commOf(filename) ?? thread.comm;
    thread.commBatch = -1;
    this.learnFromContext(thread, row);
    // runc executes a copy of itself before it forks; only what it starts at last is the container's own program.
    if (thread.launcher !== undefined) thread.launching = false;
    thread.launcher = undefined;
    this.containers.place(thread);
    if (!OWN_COPY.test(filename ?? '')) this.containers.settleTree(thread);
  }

  private onExit(row: number): void {
    this.cpus.threadAt(row);
    const thread = this.tasks.thread(this.tid[row]!);
    if (thread === undefined) return;
    thread.comm = this.batch.string(this.comm[row]!) ?? thread.comm;
    this.learnFromContext(thread, row);
    this.tasks.end(thread, this.time[row]!);
  }

  /**
   * The last that is heard of a thread. It comes an RCU grace period late, when the tid may be another's: only a thread that
   * was there for longer and does not run can be the one whose exit was lost.
   */
  private onFree(row: number): void {
    const thread = this.tasks.find(this.tid[row]!);
    if (thread === undefined) return;
    if (thread.started !== undefined && this.time[row]! - thread.started < LONGEST_GRACE_NS) return;
    if (thread.state === RUNNING || thread.state === RUNNABLE) return;
    this.tasks.end(thread, this.time[row]!);
    this.tasks.retire(thread);
  }

  private onNamespaceChange(row: number, flags: number): void {
    const thread = this.cpus.threadAt(row);
    if (thread !== undefined && (flags & CLONE_NEWCGROUP) !== 0) this.changing.add(thread);
  }

  /** The thread has other namespaces now; without the context it is unknown which. */
  private onNamespaceChanged(row: number): void {
    const thread = this.cpus.threadAt(row);
    if (thread === undefined) return;
    const changed = this.changing.delete(thread) && this.ret[row] === 0;
    const cgroupNs = inode(this.contextCgroupNs[row]!);
    if (changed && cgroupNs === 0) {
      thread.cgroupNs = 0;
      this.containers.place(thread);
    } else this.learnFromContext(thread, row);
  }

  private learnFromContext(thread: Thread, row: number): void {
    this.containers.learn(thread, inode(this.contextPidNs[row]!), inode(this.contextCgroupNs[row]!));
  }

  /** A runtime makes a directory that has the container's id for its name, and then starts it. */
  private onMakeDirectory(row: number): void {
    const announced = announcement(this.batch.string(this.pathname[row]!) ?? '');
    if (announced === undefined) return;
    const process = this.cpus.threadAt(row)?.process;
    if (process !== undefined) process.announced = announced;
  }

  /**
   * systemd, or the runtime, puts a process into a container's cgroup by writing its pid to `cgroup.procs`. Which one is not
   * in the trace: for systemd it is the last child of the runtime's process that announced the container, else the writer's.
   */
  private onOpen(row: number): void {
    if ((this.flags[row]! & O_ACCMODE) !== O_WRONLY) return;
    const path = this.batch.string(this.filename[row]!);
    if (path === undefined || !path.endsWith('/cgroup.procs')) return;
    const id = announcement(path)?.id;
    const writer = this.cpus.threadAt(row)?.process;
    if (id === undefined) return;
    const isRuntime = writer?.announced?.id === id || RUNTIMES.includes(writer?.leader?.comm ?? '');
    const thread =
      writer === undefined || writer.pid === SYSTEMD
        ? this.youngestChild((parent) => parent.pid !== SYSTEMD && parent.announced?.id === id)
        : this.youngestChild((parent) => isRuntime && parent === writer);
    if (thread === undefined) return;
    this.cpus.closeThread(thread, this.time[row]!);
    thread.launching = true;
    this.containers.place(thread);
  }

  /** The first thread of the process that was forked last by a parent of which this holds. */
  private youngestChild(isParent: (parent: Process) => boolean): Thread | undefined {
    let youngest: Thread | undefined;
    for (const { leader, ppid } of this.tasks.processes.values()) {
      const parent = ppid === undefined ? undefined : this.tasks.processes.get(ppid);
      if (leader?.started === undefined || parent === undefined || !isParent(parent)) continue;
      if (youngest === undefined || leader.started >= youngest.started!) youngest = leader;
    }
    return youngest;
  }
}

/** How many processes of runc are known to have led to this one; anybody may call itself so, without end. */
function stagesBefore({ launcher }: Thread): number {
  return launcher === undefined ? 0 : 1 + stagesBefore(launcher);
}

/** What a program's thread is called at its start: the file's name, as much of it as the kernel keeps (`TASK_COMM_LEN`). */
function commOf(path: string | undefined): string | undefined {
  return path?.slice(path.lastIndexOf('/') + 1).slice(0, 15) || undefined;
}
