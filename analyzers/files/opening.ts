import type { Batch } from '../../native/types.js';
import type { Analyzer, Columns, Interest } from '../analyzer.js';
import type { Thread } from '../kernel/thread.js';
import { join, LONGEST_TEXT } from '../syscalls/arguments.js';
import { OUTSIDE } from '../syscalls/call.js';
import { entriesOf, exitsOf } from '../syscalls/call-names.js';
import type { CallReader, Calls } from '../syscalls/calls.js';
import type { Descriptors } from './descriptors.js';
import type { FileUses } from './file-uses.js';
import { A_PIPE, ANOTHER, fileAt, type OpenFile, SOCKET, UNTOLD } from './open-file.js';

const AT_FDCWD = -100;
const CLONE_FILES = 0x400;
const O_DIRECTORY = 0o200000;
const O_PATH = 0o10000000;
/** EFD_CLOEXEC and its like are the same bit. */
const O_CLOEXEC = 0o2000000;
const F_DUPFD = 0;
const F_SETFD = 2;
const F_DUPFD_CLOEXEC = 1030;
const CLOSE_RANGE_UNSHARE = 2;
const CLOSE_RANGE_CLOEXEC = 4;

/** They make a descriptor that is neither file nor socket nor pipe. */
const OTHERS = (
  'epoll_create epoll_create1 eventfd eventfd2 timerfd_create signalfd signalfd4 inotify_init inotify_init1 fanotify_init ' +
  'memfd_create memfd_secret userfaultfd io_uring_setup pidfd_open perf_event_open mq_open fsopen fsmount open_tree fspick'
).split(' ');

/** Which arguments and results are read. */
const FIELDS: readonly { readonly events: readonly string[]; readonly fields: Columns }[] = [
  { events: entriesOf('open'), fields: { filename: 'string', flags: 'i32' } },
  { events: entriesOf('openat'), fields: { dfd: 'i32', filename: 'string', flags: 'i32' } },
  { events: entriesOf('openat2'), fields: { dfd: 'i32', filename: 'string' } },
  { events: entriesOf('creat'), fields: { pathname: 'string' } },
  { events: entriesOf('chdir'), fields: { filename: 'string' } },
  { events: entriesOf('close', 'fchdir'), fields: { fd: 'i32' } },
  { events: entriesOf('fcntl'), fields: { fd: 'i32', cmd: 'i32', arg: 'i32' } },
  { events: entriesOf('dup2', 'dup3'), fields: { oldfd: 'i32', flags: 'i32' } },
  { events: entriesOf('pipe2', 'clone', ...OTHERS), fields: { flags: 'i32' } },
  { events: entriesOf('unshare'), fields: { unshare_flags: 'i32' } },
  { events: entriesOf('close_range'), fields: { fd: 'i32', max_fd: 'i32', flags: 'i32' } },
  { events: [...entriesOf('dup'), ...exitsOf('pipe', 'pipe2')], fields: { fildes: 'list' } },
  { events: exitsOf('unknown'), fields: { args: 'list' } },
];

/** Where a path begins, and how it was opened. */
interface Opened {
  readonly path: string | undefined;
  readonly flags: number;
}

/** Follows the calls that open, share and close descriptors, except those of sockets. */
export class Opening implements Analyzer {
  static readonly interests: readonly Interest<never>[] = FIELDS;

  private batch!: Batch;
  private fd!: Int32Array;
  private dfd!: Int32Array;
  private oldfd!: Int32Array;
  private maxFd!: Int32Array;
  private cmd!: Int32Array;
  private arg!: Int32Array;
  private flags!: Int32Array;
  private unshareFlags!: Int32Array;
  private filename!: Uint32Array;
  private pathname!: Uint32Array;
  private fildes!: Uint32Array;
  private args!: Uint32Array;

  constructor(
    calls: Calls,
    private readonly descriptors: Descriptors,
    private readonly uses: FileUses,
  ) {
    this.readOpening(calls);
    this.readSharing(calls);
    this.readClosing(calls);
  }

  bind(batch: Batch): void {
    const { columns } = batch;
    this.batch = batch;
    this.fd = columns.fd as Int32Array;
    this.dfd = columns.dfd as Int32Array;
    this.oldfd = columns.oldfd as Int32Array;
    this.maxFd = columns.max_fd as Int32Array;
    this.cmd = columns.cmd as Int32Array;
    this.arg = columns.arg as Int32Array;
    this.flags = columns.flags as Int32Array;
    this.unshareFlags = columns.unshare_flags as Int32Array;
    this.filename = columns.filename as Uint32Array;
    this.pathname = columns.pathname as Uint32Array;
    this.fildes = columns.fildes as Uint32Array;
    this.args = columns.args as Uint32Array;
  }

  private readOpening(calls: Calls): void {
    calls.read(
      ['open'],
      this.opener((thread, row) => ({
        path: this.path(thread, AT_FDCWD, this.filename, row),
        flags: this.flags[row]!,
      })),
    );
    calls.read(
      ['openat'],
      this.opener((thread, row) => ({
        path: this.path(thread, this.dfd[row]!, this.filename, row),
        flags: this.flags[row]!,
      })),
    );
    calls.read(
      ['openat2'],
      this.opener((thread, row) => ({
        path: this.path(thread, this.dfd[row]!, this.filename, row),
        flags: 0,
      })),
    );
    calls.read(
      ['creat'],
      this.opener((thread, row) => ({
        path: this.path(thread, AT_FDCWD, this.pathname, row),
        flags: 0,
      })),
    );
    const untold = this.opener(() => ({ path: undefined, flags: 0 }));
    calls.read(['open_by_handle_at'], untold);
    calls.readNumbered(['openat2', 'open_by_handle_at'], untold);

    calls.read(['chdir'], {
      save: ({ call }, row) => {
        call.text = this.text(this.filename, row);
      },
      returned: (thread, _, ret) => {
        const { process, call } = thread;
        if (ret !== 0 || process === undefined) return;
        const path =
          call.row >= 0
            ? this.path(thread, AT_FDCWD, this.filename, call.row)
            : this.resolve(thread, AT_FDCWD, call.row === OUTSIDE ? undefined : call.text);
        process.cwd = path?.startsWith('/') ? path : undefined;
      },
    });
    calls.read(['fchdir'], {
      save: ({ call }, row) => {
        call.a = this.fd[row]!;
      },
      returned: (thread, _, ret) => {
        const { process, call } = thread;
        if (ret !== 0 || process === undefined) return;
        const fd = call.row >= 0 ? this.fd[call.row]! : call.a;
        process.cwd = call.row === OUTSIDE ? undefined : this.descriptors.get(thread, fd)?.path;
      },
    });
  }

  /** Reads a call whose result is a file. */
  private opener(at: (thread: Thread, row: number) => Opened): CallReader {
    return {
      save: (thread, row) => {
        const { path, flags } = at(thread, row);
        thread.call.text = path;
        thread.call.a = flags;
      },
      returned: (thread, _, ret, ns) => {
        if (ret < 0) return;
        const { call } = thread;
        if (call.row >= 0) {
          const { path, flags } = at(thread, call.row);
          this.opened(thread, ret, path, flags, ns);
        } else if (call.row === OUTSIDE) this.opened(thread, ret, undefined, 0, ns);
        else this.opened(thread, ret, call.text, call.a, ns);
      },
    };
  }

  private opened(thread: Thread, fd: number, path: string | undefined, flags: number, ns: number): void {
    const file = fileAt(path);
    this.descriptors.set(thread, fd, file, (flags & O_CLOEXEC) !== 0);
    if ((flags & (O_DIRECTORY | O_PATH)) !== 0) return;
    const use = this.uses.of(thread, file);
    use.opens++;
    if (ns > 0) use.ns += ns;
  }

  private path(thread: Thread, dfd: number, column: Uint32Array, row: number): string | undefined {
    return this.resolve(thread, dfd, this.text(column, row));
  }

  private text(column: Uint32Array, row: number): string | undefined {
    return this.batch.string(column[row]!)?.slice(0, LONGEST_TEXT);
  }

  /** Absolute, where it is known what the path is relative to. */
  private resolve(thread: Thread, dfd: number, path: string | undefined): string | undefined {
    if (path === undefined || path.startsWith('/')) return path;
    const base = dfd === AT_FDCWD ? thread.process?.cwd : this.descriptors.get(thread, dfd)?.path;
    if (base?.startsWith('/')) return join(base, path).slice(0, LONGEST_TEXT);
    return dfd === AT_FDCWD ? path : undefined;
  }

  private readSharing(calls: Calls): void {
    const flagged = ({ call }: Thread, row: number): void => {
      call.a = this.flags[row]!;
    };
    const unflagged: CallReader = {
      entered: ({ call }) => {
        call.a = 0;
      },
    };
    calls.read(['dup2', 'dup3'], {
      save: ({ call }, row) => {
        call.a = this.oldfd[row]!;
        call.b = this.flags[row]!;
      },
      returned: (thread, _, ret) => {
        const { call } = thread;
        const isHere = call.row >= 0;
        const from = isHere ? this.oldfd[call.row]! : call.a;
        const flags = isHere ? this.flags[call.row]! : call.b;
        if (ret < 0 || (call.row !== OUTSIDE && ret === from)) return;
        const file = call.row === OUTSIDE ? undefined : this.descriptors.get(thread, from);
        this.shared(thread, ret, file, (flags & O_CLOEXEC) !== 0);
      },
    });
    calls.read(['dup'], {
      entered: ({ call }, row) => {
        call.a = this.batch.list(this.fildes[row]!)?.[0] ?? -1;
      },
      returned: (thread, _, ret) => {
        if (ret < 0) return;
        const file = thread.call.row === OUTSIDE ? undefined : this.descriptors.get(thread, thread.call.a);
        this.shared(thread, ret, file, false);
      },
    });
    calls.read(['fcntl'], {
      save: ({ call }, row) => {
        call.a = this.fd[row]!;
        call.b = this.cmd[row]!;
        call.c = this.arg[row]!;
      },
      returned: (thread, _, ret) => {
        const { call } = thread;
        if (ret < 0 || call.row === OUTSIDE) return;
        const isHere = call.row >= 0;
        const command = isHere ? this.cmd[call.row]! : call.b;
        if (command !== F_DUPFD && command !== F_DUPFD_CLOEXEC && command !== F_SETFD) return;
        const fd = isHere ? this.fd[call.row]! : call.a;
        if (command === F_SETFD) {
          const closes = ((isHere ? this.arg[call.row]! : call.c) & 1) !== 0;
          thread.process?.files?.closeOnExec(fd, closes);
        } else this.shared(thread, ret, this.descriptors.get(thread, fd), command === F_DUPFD_CLOEXEC);
      },
    });
    const piped = (thread: Thread, row: number, ret: number): void => {
      if (ret !== 0) return;
      const closes = thread.call.row !== OUTSIDE && (thread.call.a & O_CLOEXEC) !== 0;
      for (const fd of this.batch.list(this.fildes[row]!) ?? []) {
        this.descriptors.set(thread, fd, A_PIPE, closes);
      }
    };
    calls.read(['pipe'], { ...unflagged, returned: piped });
    calls.read(['pipe2'], { entered: flagged, returned: piped });
    calls.read(
      OTHERS,
      this.maker(ANOTHER, (row) => (this.flags[row]! & O_CLOEXEC) !== 0),
    );
    calls.readNumbered(OTHERS, this.maker(ANOTHER));
    calls.read(['pidfd_getfd'], this.maker(UNTOLD));
    calls.readNumbered(['pidfd_getfd'], this.maker(UNTOLD));
    // What sched_process_fork asks for while the call is under way.
    calls.read(['clone'], { entered: flagged });
    calls.read(['fork', 'vfork', 'clone3'], unflagged);
    calls.readNumbered(['fork', 'vfork', 'clone3'], unflagged);
    calls.read(['unshare'], {
      entered: ({ call }, row) => {
        call.a = this.unshareFlags[row]!;
      },
      returned: ({ process, call }, _, ret) => {
        const unshares = ret === 0 && call.row !== OUTSIDE && (call.a & CLONE_FILES) !== 0;
        if (unshares && process !== undefined) this.descriptors.unshare(process);
      },
    });
  }

  /** Reads a call whose result is a descriptor of such a thing. */
  private maker(file: OpenFile, closesOnExec: (row: number) => boolean = () => false): CallReader {
    return {
      entered: ({ call }, row) => {
        call.a = closesOnExec(row) ? 1 : 0;
      },
      returned: (thread, _, ret) => {
        if (ret >= 0)
          this.descriptors.set(thread, ret, file, thread.call.row !== OUTSIDE && thread.call.a === 1);
      },
    };
  }

  private shared(thread: Thread, fd: number, file: OpenFile | undefined, closesOnExec: boolean): void {
    if (file === undefined) thread.process?.files?.delete(fd);
    else this.descriptors.set(thread, fd, file, closesOnExec);
  }

  private readClosing(calls: Calls): void {
    // Linux gives the number back at once: while the call is under way, it may be another file's.
    calls.read(['close'], {
      entered: ({ process }, row) => {
        const file = process?.files?.delete(this.fd[row]!);
        if (file?.kind === SOCKET) file.connection!.close();
      },
    });
    calls.read(['close_range'], {
      save: ({ call }, row) => {
        call.a = this.fd[row]!;
        call.b = this.maxFd[row]!;
        call.c = this.flags[row]!;
      },
      returned: (thread, _, ret) => {
        const { call } = thread;
        if (ret !== 0 || call.row === OUTSIDE) return;
        if (call.row >= 0)
          this.closeRange(thread, this.fd[call.row]!, this.maxFd[call.row]! >>> 0, this.flags[call.row]!);
        else this.closeRange(thread, call.a, call.b >>> 0, call.c);
      },
    });
    calls.readNumbered(['close_range'], {
      returned: (thread, row, ret) => {
        const [first, last, flags] = this.batch.list(this.args[row]!) ?? [];
        if (ret === 0 && first !== undefined && last !== undefined)
          this.closeRange(thread, first, last, flags ?? 0);
      },
    });
  }

  private closeRange({ process }: Thread, first: number, last: number, flags: number): void {
    if (process === undefined) return;
    if ((flags & CLOSE_RANGE_UNSHARE) !== 0) this.descriptors.unshare(process);
    process.files?.deleteRange(first, last, (flags & CLOSE_RANGE_CLOEXEC) !== 0);
  }
}
