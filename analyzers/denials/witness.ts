import type { Batch } from '../../native/types.js';
import type { Analyzer, Interest } from '../analyzer.js';
import { type Cpus, inode } from '../kernel/cpus.js';
import type { Tasks } from '../kernel/tasks.js';
import type { Process, Thread } from '../kernel/thread.js';
import type { Arguments } from '../syscalls/arguments.js';
import { SAVED } from '../syscalls/call.js';
import type { Directories } from '../syscalls/directories.js';
import type { Target } from '../syscalls/target.js';
import type { Evidence, Spaces } from './evidence.js';
import type { Failures } from './failures.js';
import { keyName } from './rules/ipc.js';
import { listenerName } from './rules/network.js';

const O_DIRECTORY = 0o200000;
const O_PATH = 0o10000000;
/** Longer ones are no evidence: the paths of refusals are cut. */
const LONGEST_PATH = 511;
const S_IFMT = 0o170000;
const DEVICE_MODES: readonly number[] = [0o060000, 0o020000];
/** `nsexec.c` of runc has its names; what lxc-start begins with it starts itself. */
const RUNTIME = /^(runc:\[|(crun|runc|youki|lxc-start|lxc-attach)$)/;
const SLASH = 0x2f;
const AF_UNIX = 1;
const SOCK_CLOEXEC = 0o2000000;
/** Of one process. */
const MOST_SOCKETS = 1024;
const INIT = 1;
const KTHREADD = 2;

const SPACE_CONTEXTS = {
  'ctx.net_ns': 'i32',
  'ctx.ipc_ns': 'i32',
  'ctx.user_ns': 'i32',
  'ctx.uts_ns': 'i32',
} as const;

/** Sees what succeeds: it is the evidence by which refusals are explained. `Calls` has told of an exit before. */
export class Witness implements Analyzer {
  static readonly interests: readonly Interest<Witness>[] = [
    {
      events: ['syscall_exit_open', 'syscall_exit_openat'],
      fields: { ret: 'i32' },
      handle: (witness) => (row) => witness.onOpened(row),
    },
    {
      events: ['syscall_entry_open', 'syscall_entry_openat'],
      fields: { flags: 'i32', filename: 'string' },
    },
    {
      events: ['syscall_exit_chdir', 'syscall_exit_fchdir'],
      fields: { ret: 'i32' },
      handle: (witness) => (row) => witness.onDirectoryChanged(row),
    },
    {
      events: ['syscall_exit_socket'],
      fields: { ret: 'i32' },
      handle: (witness) => (row) => witness.onSocket(row),
    },
    {
      events: ['syscall_exit_connect'],
      fields: { ret: 'i32' },
      handle: (witness) => (row) => witness.onConnected(row),
    },
    {
      events: ['syscall_entry_mknod', 'syscall_entry_mknodat'],
      fields: { mode: 'i32' },
      handle: (witness) => (row) => witness.onMakingNode(row),
    },
    {
      events: ['syscall_exit_mknod', 'syscall_exit_mknodat'],
      fields: { ret: 'i32' },
      handle: (witness) => (row) => witness.onMadeNode(row),
    },
    ...['shmget', 'semget', 'msgget'].map(
      (call): Interest<Witness> => ({
        events: [`syscall_exit_${call}`],
        fields: { ret: 'i32' },
        handle: (witness) => (row) => witness.onKey(row, call),
      }),
    ),
    {
      events: ['syscall_exit_mq_open'],
      fields: { ret: 'i32' },
      handle: (witness) => (row) => witness.onQueue(row),
    },
    {
      events: ['sched_process_fork'],
      fields: { parent_pid: 'i32', child_pid: 'i32' },
      handle: (witness) => (row) => witness.onFork(row),
    },
    {
      events: ['sched_process_exec'],
      fields: SPACE_CONTEXTS,
      handle: (witness) => (row) => witness.onExec(row),
    },
    ...(['net', 'ipc', 'user', 'uts'] as const).map(
      (space): Interest<Witness> => ({
        events: [`lttng_statedump_process_${space}_ns`],
        fields: { tid: 'i32', ns_inum: 'i32' },
        handle: (witness) => (row) => witness.onDumpedSpace(row, space),
      }),
    ),
    {
      events: ['lttng_statedump_process_state'],
      fields: { tid: 'i32' },
      handle: (witness) => (row) => witness.onDumpedProcess(row),
    },
    {
      events: ['lttng_statedump_file_descriptor'],
      fields: { filename: 'string' },
      handle: (witness) => (row) => witness.onDumpedFile(row),
    },
  ];

  private ret!: Int32Array;
  private tid!: Int32Array;
  private mode!: Int32Array;
  private flags!: Int32Array;
  private parentPid!: Int32Array;
  private childPid!: Int32Array;
  private nsInum!: Int32Array;
  private filename!: Uint32Array;
  private batch!: Batch;
  /** Ids of the batch's strings that have been looked at. */
  private readonly looked = new Set<number>();
  /** The process that the statedump tells of. */
  private dumped: Thread | undefined = undefined;
  /** By descriptor: unix sockets that are not closed on exec. */
  private readonly plainSockets = new WeakMap<Process, Set<number>>();
  private readonly makingDevice = new WeakSet<Thread>();
  /** Processes that run a program of their own. */
  private readonly executed = new WeakSet<Process>();

  constructor(
    private readonly cpus: Cpus,
    private readonly tasks: Tasks,
    private readonly failures: Failures,
    private readonly args: Arguments,
    private readonly directories: Directories,
    private readonly evidence: Evidence,
  ) {}

  bind(batch: Batch): void {
    const { columns } = batch;
    this.batch = batch;
    this.looked.clear();
    this.ret = columns.ret as Int32Array;
    this.tid = columns.tid as Int32Array;
    this.mode = columns.mode as Int32Array;
    this.flags = columns.flags as Int32Array;
    this.parentPid = columns.parent_pid as Int32Array;
    this.childPid = columns.child_pid as Int32Array;
    this.nsInum = columns.ns_inum as Int32Array;
    this.filename = columns.filename as Uint32Array;
  }

  /** Whether it is still the runtime, which sets up the container before it runs the container's program. */
  isPreparing({ comm, process }: Thread): boolean {
    return (
      comm !== undefined &&
      RUNTIME.test(comm) &&
      process?.started !== undefined &&
      !this.executed.has(process)
    );
  }

  /** A path is looked at once in a batch: programs open few files often. Open directories of the host matter to nobody. */
  private onOpened(row: number): void {
    const fd = this.ret[row]!;
    if (fd < 0) return;
    const thread = this.cpus.at(row)?.thread;
    if (thread?.process === undefined) return;
    const { row: entry, target } = thread.call;
    if (!thread.container?.isHost) {
      const isDirectory = entry >= 0 && (this.flags[entry]! & (O_DIRECTORY | O_PATH)) !== 0;
      if (isDirectory) this.rememberDirectory(thread, fd);
      else this.directories.forget(thread.process, fd);
    }
    if (entry >= 0) this.lookAt(this.filename[entry]!, thread);
    else if (entry === SAVED && target?.kind === 'path') this.seePath(target.path, thread);
  }

  private lookAt(id: number, thread: Thread): void {
    if (this.looked.has(id)) return;
    this.looked.add(id);
    const path = this.batch.string(id);
    if (path !== undefined && path.length <= LONGEST_PATH) this.seePath(path, thread);
  }

  private seePath(path: string, { container }: Thread): void {
    if (container === undefined || path.charCodeAt(0) !== SLASH) return;
    if (path.startsWith('/proc/') || path.startsWith('/sys/')) return;
    this.evidence.see('path', path, container);
  }

  private rememberDirectory(thread: Thread, fd: number): void {
    const target = this.failures.targetAt(thread);
    if (target?.kind === 'path' && target.path.startsWith('/')) {
      this.directories.opened(thread.process!, fd, target.path);
    } else this.directories.forget(thread.process!, fd);
  }

  private onDirectoryChanged(row: number): void {
    const { thread, target } = this.succeeded(row);
    if (thread?.process === undefined) return;
    const isKnown = target?.kind === 'path' && target.path.startsWith('/');
    this.directories.changed(thread.process, isKnown ? target.path : undefined);
  }

  /** Only those of a kind that programs, and not the C library for itself, make are remembered. */
  private onSocket(row: number): void {
    const fd = this.ret[row]!;
    const thread = this.cpus.at(row)?.thread;
    if (fd < 0 || thread?.process === undefined) return;
    const { row: entry } = thread.call;
    const isUnix = entry >= 0 && this.args.number('family', entry) === AF_UNIX;
    const isPlain = isUnix && ((this.args.number('type', entry) ?? 0) & SOCK_CLOEXEC) === 0;
    let plain = this.plainSockets.get(thread.process);
    if (plain === undefined) {
      if (!isPlain) return;
      plain = new Set();
      this.plainSockets.set(thread.process, plain);
    }
    if (!isPlain) plain.delete(fd);
    else if (plain.size < MOST_SOCKETS) plain.add(fd);
  }

  /**
   * Whether a program made this socket for itself: the C library's own, by which it asks for a cache daemon or writes to the
   * log, are closed on exec.
   */
  isPlainSocket({ process }: Thread, fd: number | undefined): boolean {
    return process !== undefined && fd !== undefined && this.plainSockets.get(process)?.has(fd) === true;
  }

  private onConnected(row: number): void {
    const { thread, target } = this.succeeded(row);
    if (thread?.container === undefined) return;
    if (target?.kind === 'inet') {
      this.evidence.see('listener', listenerName(target.address, target.port), thread.container);
    } else if (target?.kind === 'unix' && target.length !== undefined) {
      this.evidence.see('unix', String(target.length), thread.container);
    }
  }

  private onMakingNode(row: number): void {
    const thread = this.cpus.at(row)?.thread;
    if (thread === undefined) return;
    if (DEVICE_MODES.includes(this.mode[row]! & S_IFMT)) this.makingDevice.add(thread);
    else this.makingDevice.delete(thread);
  }

  private onMadeNode(row: number): void {
    const { thread, target } = this.succeeded(row);
    if (thread?.container === undefined || target?.kind !== 'path' || !this.makingDevice.has(thread)) return;
    this.evidence.see('device', target.path, thread.container);
  }

  private onKey(row: number, call: string): void {
    const { thread, target } = this.succeeded(row);
    if (thread?.container === undefined || target?.kind !== 'key') return;
    this.evidence.see('key', keyName(call, target.key), thread.container);
  }

  private onQueue(row: number): void {
    const { thread, target } = this.succeeded(row);
    if (thread?.container === undefined || target?.kind !== 'queue') return;
    this.evidence.see(
      'queue',
      target.name.startsWith('/') ? target.name : `/${target.name}`,
      thread.container,
    );
  }

  private succeeded(row: number): { thread?: Thread | undefined; target?: Target | undefined } {
    if (this.ret[row]! < 0) return {};
    const thread = this.cpus.at(row)?.thread;
    return { thread, target: thread && this.failures.targetAt(thread) };
  }

  private onFork(row: number): void {
    const parent = this.tasks.processes.get(this.parentPid[row]!);
    const child = this.tasks.processes.get(this.childPid[row]!);
    if (parent === undefined || child === undefined || parent === child) return;
    this.directories.inherit(child, parent);
    // What a container's program forks is never the runtime, whatever it calls itself.
    const container = this.cpus.at(row)?.thread?.container;
    if (container !== undefined && !container.isHost && this.executed.has(parent)) this.executed.add(child);
  }

  /** What a container's program begins with is the container's. */
  private onExec(row: number): void {
    const thread = this.cpus.at(row)?.thread;
    if (thread?.process !== undefined) this.executed.add(thread.process);
    const container = thread?.container;
    if (container === undefined || container.isHost) return;
    const spaces = this.evidence.spacesOf(container);
    const { columns } = this.batch;
    for (const space of ['net', 'ipc', 'user', 'uts'] as const) {
      const inum = inode((columns[`ctx.${space}_ns`] as Int32Array)[row]!);
      if (inum !== 0) spaces[space] = inum;
    }
  }

  /** Services of the host may have some of their own: the host's are those of its first processes. */
  private onDumpedSpace(row: number, space: keyof Spaces): void {
    const thread = this.tasks.find(this.tid[row]!);
    if (thread?.container === undefined) return;
    if (thread.container.isHost && thread.tid !== INIT && thread.tid !== KTHREADD) return;
    const inum = inode(this.nsInum[row]!);
    if (inum !== 0) this.evidence.spacesOf(thread.container)[space] = inum;
  }

  private onDumpedProcess(row: number): void {
    this.dumped = this.tasks.find(this.tid[row]!);
  }

  /** Descriptors follow the process that has them. Its namespaces are told in between, so its container is known. */
  private onDumpedFile(row: number): void {
    const path = this.args.text('filename', row);
    if (this.dumped !== undefined && path?.startsWith('/')) this.seePath(path, this.dumped);
  }
}
