import type { Batch } from '../../native/types.js';
import type { Analyzer, Columns, Interest } from '../analyzer.js';
import type { Thread } from '../kernel/thread.js';
import { OUTSIDE } from '../syscalls/call.js';
import { entriesOf, exitsOf, UNKNOWN_CALL } from '../syscalls/call-names.js';
import type { CallReader, Calls } from '../syscalls/calls.js';
import type { Connections } from './connections.js';
import type { Descriptors } from './descriptors.js';
import type { FileUse, FileUses } from './file-uses.js';
import { DEVICE, FILE, type OpenFile, SOCKET, UNKNOWN } from './open-file.js';
import type { Sockets } from './sockets.js';

const EAGAIN = 11;

const READS = ['read', 'pread64', 'readv', 'preadv', 'preadv2'];
const WRITES = ['write', 'pwrite64', 'writev', 'pwritev', 'pwritev2'];
/** Only sockets take these. */
const RECEIVES = ['recvfrom', 'recvmsg'];
const SENDS = ['sendto', 'sendmsg'];
/** They move nothing, but take the time that a disk takes. */
const SYNCS = ['fsync', 'fdatasync', 'sync_file_range'];

/** Calls that move from one descriptor to another, by the fields of their entry that have these. */
const COPIES: readonly { readonly calls: readonly string[]; readonly from: string; readonly to: string }[] = [
  { calls: ['sendfile', 'sendfile64'], from: 'in_fd', to: 'out_fd' },
  { calls: ['splice', 'copy_file_range'], from: 'fd_in', to: 'fd_out' },
];
/** The places of `copy_file_range`'s descriptors among its arguments, where only these are recorded. */
const COPY_FROM = 0;
const COPY_TO = 2;

const FIELDS: readonly { readonly events: readonly string[]; readonly fields: Columns }[] = [
  { events: entriesOf(...READS, ...WRITES, ...RECEIVES, ...SENDS, ...SYNCS), fields: { fd: 'i32' } },
  ...COPIES.map(({ calls, from, to }) => ({
    events: entriesOf(...calls),
    fields: { [from]: 'i32', [to]: 'i32' } as Columns,
  })),
  { events: exitsOf(UNKNOWN_CALL), fields: { args: 'list' } },
];

/**
 * What calls move, by their results, credited to what their descriptors stand for. `recvmmsg` and `sendmmsg` tell messages, not
 * bytes; what is mapped into memory or goes by io_uring is not seen.
 */
export class Transfers implements Analyzer {
  static readonly interests: readonly Interest<never>[] = FIELDS;

  private batch!: Batch;
  private fd!: Int32Array;
  private args!: Uint32Array;

  constructor(
    calls: Calls,
    private readonly descriptors: Descriptors,
    private readonly sockets: Sockets,
    private readonly uses: FileUses,
    private readonly connections: Connections,
  ) {
    calls.read(
      READS,
      this.reader((thread, fd, ret, ns) => this.onRead(thread, this.fileOf(thread, fd), ret, ns)),
    );
    calls.read(
      WRITES,
      this.reader((thread, fd, ret, ns) => this.onWritten(thread, this.fileOf(thread, fd), ret, ns)),
    );
    calls.read(
      RECEIVES,
      this.reader((thread, fd, ret, ns) => this.onRead(thread, this.socketOf(thread, fd), ret, ns)),
    );
    calls.read(
      SENDS,
      this.reader((thread, fd, ret, ns) => this.onWritten(thread, this.socketOf(thread, fd), ret, ns)),
    );
    calls.read(
      SYNCS,
      this.reader((thread, fd, ret, ns) => this.onSynced(thread, this.fileOf(thread, fd), ret, ns)),
    );
    for (const { calls: names, from, to } of COPIES) calls.read(names, this.copier(from, to));
    calls.readNumbered(
      ['preadv2'],
      this.numbered((thread, [fd = -1], ret, ns) => this.onRead(thread, this.fileOf(thread, fd), ret, ns)),
    );
    calls.readNumbered(
      ['pwritev2'],
      this.numbered((thread, [fd = -1], ret, ns) => this.onWritten(thread, this.fileOf(thread, fd), ret, ns)),
    );
    calls.readNumbered(
      ['copy_file_range'],
      this.numbered((thread, args, ret, ns) =>
        this.onCopied(thread, args[COPY_FROM] ?? -1, args[COPY_TO] ?? -1, ret, ns),
      ),
    );
  }

  bind(batch: Batch): void {
    this.batch = batch;
    this.fd = batch.columns.fd as Int32Array;
    this.args = batch.columns.args as Uint32Array;
  }

  private reader(moved: (thread: Thread, fd: number, ret: number, ns: number) => void): CallReader {
    return {
      save: ({ call }, row) => {
        call.a = this.fd[row]!;
      },
      returned: (thread, _, ret, ns) => {
        const { row, a } = thread.call;
        moved(thread, row >= 0 ? this.fd[row]! : row === OUTSIDE ? -1 : a, ret, ns);
      },
    };
  }

  private copier(from: string, to: string): CallReader {
    const column = (name: string) => this.batch.columns[name] as Int32Array;
    return {
      entered: ({ call }, row) => {
        call.a = column(from)[row]!;
        call.b = column(to)[row]!;
      },
      returned: (thread, _, ret, ns) => {
        const { row, a, b } = thread.call;
        if (row === OUTSIDE) this.onCopied(thread, -1, -1, ret, ns);
        else this.onCopied(thread, a, b, ret, ns);
      },
    };
  }

  private numbered(
    moved: (thread: Thread, args: readonly number[], ret: number, ns: number) => void,
  ): CallReader {
    return {
      returned: (thread, row, ret, ns) => moved(thread, this.batch.list(this.args[row]!) ?? [], ret, ns),
    };
  }

  private fileOf(thread: Thread, fd: number): OpenFile | undefined {
    return this.descriptors.get(thread, fd);
  }

  private socketOf(thread: Thread, fd: number): OpenFile | undefined {
    const known = this.descriptors.get(thread, fd);
    if (known?.kind === SOCKET || fd < 0) return known;
    this.sockets.socketOf(thread, fd);
    return this.descriptors.get(thread, fd);
  }

  private onCopied(thread: Thread, from: number, to: number, ret: number, ns: number): void {
    this.onRead(thread, this.fileOf(thread, from), ret, ns);
    this.onWritten(thread, this.fileOf(thread, to), ret, ns);
  }

  private onRead(thread: Thread, file: OpenFile | undefined, ret: number, ns: number): void {
    const bytes = Math.max(ret, 0);
    const { pending } = thread;
    if (file === undefined || file.kind === UNKNOWN) pending.untoldBytes += bytes;
    else if (file.kind === FILE || file.kind === DEVICE) {
      const use = this.used(thread, file, ret, ns);
      use.reads++;
      use.readBytes += bytes;
      if (file.kind === FILE) pending.fileReadBytes += bytes;
    } else if (file.kind === SOCKET && ret !== -EAGAIN) {
      const connection = file.connection!;
      if (bytes > 0) connection.moved();
      this.connections.of(thread, connection).rxBytes += bytes;
      if (connection.isNetwork) pending.netRxBytes += bytes;
    }
  }

  private onWritten(thread: Thread, file: OpenFile | undefined, ret: number, ns: number): void {
    const bytes = Math.max(ret, 0);
    const { pending } = thread;
    if (file === undefined || file.kind === UNKNOWN) pending.untoldBytes += bytes;
    else if (file.kind === FILE || file.kind === DEVICE) {
      const use = this.used(thread, file, ret, ns);
      use.writes++;
      use.writeBytes += bytes;
      if (file.kind === FILE) pending.fileWriteBytes += bytes;
    } else if (file.kind === SOCKET && ret !== -EAGAIN) {
      const connection = file.connection!;
      if (bytes > 0) connection.moved();
      this.connections.of(thread, connection).txBytes += bytes;
      if (connection.isNetwork) pending.netTxBytes += bytes;
    }
  }

  private onSynced(thread: Thread, file: OpenFile | undefined, ret: number, ns: number): void {
    if (file?.kind === FILE || file?.kind === DEVICE) this.used(thread, file, ret, ns);
  }

  private used(thread: Thread, file: OpenFile, ret: number, ns: number): FileUse {
    const use = this.uses.of(thread, file);
    if (ns > 0) use.ns += ns;
    if (ret < 0) use.errors++;
    return use;
  }
}
