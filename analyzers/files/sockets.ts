import type { Batch } from '../../native/types.js';
import type { Analyzer, Columns, Interest } from '../analyzer.js';
import type { Thread } from '../kernel/thread.js';
import { inetAddress } from '../syscalls/arguments.js';
import { OUTSIDE } from '../syscalls/call.js';
import { entriesOf, exitsOf } from '../syscalls/call-names.js';
import type { Calls } from '../syscalls/calls.js';
import { type Connection, type Connections, protocolOf } from './connections.js';
import type { Descriptors } from './descriptors.js';
import { OpenFile, SOCKET } from './open-file.js';
import { endpoint } from './packets.js';

const SOCK_CLOEXEC = 0o2000000;
const SOCK_STREAM = 1;
const EINPROGRESS = 115;
const EISCONN = 106;
const AF_INET = 2;
const AF_INET6 = 10;

/** Which arguments and results are read. `bind`, and the addresses of `sendto`, LTTng does not record. */
const FIELDS: readonly { readonly events: readonly string[]; readonly fields: Columns }[] = [
  { events: entriesOf('socket', 'socketpair'), fields: { family: 'i32', type: 'i32' } },
  { events: entriesOf('accept', 'listen'), fields: { fd: 'i32' } },
  { events: entriesOf('accept4'), fields: { fd: 'i32', flags: 'i32' } },
  {
    events: entriesOf('connect'),
    fields: { fd: 'i32', family: 'i32', dport: 'i32', v4addr: 'list', v6addr: 'list' },
  },
  { events: exitsOf('socketpair'), fields: { socket: 'list' } },
  {
    events: exitsOf('accept', 'accept4'),
    fields: { family: 'i32', sport: 'i32', v4addr: 'list', v6addr: 'list' },
  },
];

/** Follows the calls that make, connect and accept sockets. */
export class Sockets implements Analyzer {
  static readonly interests: readonly Interest<never>[] = FIELDS;

  private batch!: Batch;
  private fd!: Int32Array;
  private flags!: Int32Array;
  private family!: Int32Array;
  private type!: Int32Array;
  private dport!: Int32Array;
  private sport!: Int32Array;
  private v4addr!: Uint32Array;
  private v6addr!: Uint32Array;
  private pair!: Uint32Array;

  constructor(
    calls: Calls,
    private readonly descriptors: Descriptors,
    private readonly connections: Connections,
  ) {
    this.readMaking(calls);
    this.readConnecting(calls);
  }

  bind(batch: Batch): void {
    const { columns } = batch;
    this.batch = batch;
    this.fd = columns.fd as Int32Array;
    this.flags = columns.flags as Int32Array;
    this.family = columns.family as Int32Array;
    this.type = columns.type as Int32Array;
    this.dport = columns.dport as Int32Array;
    this.sport = columns.sport as Int32Array;
    this.v4addr = columns.v4addr as Uint32Array;
    this.v6addr = columns.v6addr as Uint32Array;
    this.pair = columns.socket as Uint32Array;
  }

  private readMaking(calls: Calls): void {
    const entered = ({ call }: Thread, row: number): void => {
      call.a = this.family[row]!;
      call.b = this.type[row]!;
    };
    calls.read(['socket'], {
      entered,
      returned: (thread, _, ret) => {
        if (ret >= 0) this.make(thread, ret);
      },
    });
    calls.read(['socketpair'], {
      entered,
      returned: (thread, row, ret) => {
        if (ret !== 0) return;
        for (const fd of this.batch.list(this.pair[row]!) ?? []) this.make(thread, fd).state = 'connected';
      },
    });
  }

  /** A socket as the thread's call has it in its arguments. */
  private make(thread: Thread, fd: number): Connection {
    const { row, a: family, b: type } = thread.call;
    const seen = row !== OUTSIDE;
    const connection = this.connections.make(seen ? protocolOf(family, type) : undefined);
    this.put(thread, fd, connection, seen && (type & SOCK_CLOEXEC) !== 0);
    return connection;
  }

  private put(thread: Thread, fd: number, connection: Connection, closesOnExec: boolean): void {
    this.descriptors.set(thread, fd, new OpenFile(SOCKET, undefined, connection), closesOnExec);
  }

  private readConnecting(calls: Calls): void {
    calls.read(['connect'], {
      save: (thread, row) => {
        const { call } = thread;
        call.a = this.fd[row]!;
        call.b = this.family[row]!;
        call.text = this.address(row, this.dport);
      },
      returned: (thread, _, ret) => {
        const { call } = thread;
        if (call.row === OUTSIDE) return;
        if (call.row >= 0) {
          const peer = this.address(call.row, this.dport);
          this.connected(thread, this.fd[call.row]!, this.family[call.row]!, peer, ret);
        } else this.connected(thread, call.a, call.b, call.text, ret);
      },
    });
    calls.read(['listen'], {
      entered: ({ call }, row) => {
        call.a = this.fd[row]!;
      },
      returned: (thread, _, ret) => {
        if (ret !== 0 || thread.call.row === OUTSIDE) return;
        this.listens(thread, this.socketOf(thread, thread.call.a));
      },
    });
    const accepted = (thread: Thread, row: number, ret: number): void => {
      if (ret < 0) return;
      const { call } = thread;
      const seen = call.row !== OUTSIDE;
      const listener = seen ? this.socketOf(thread, call.a) : undefined;
      const family = this.family[row]!;
      if (listener !== undefined) {
        listener.protocol ??= protocolOf(family, SOCK_STREAM);
        this.listens(thread, listener);
      }
      const connection = this.connections.make(listener?.protocol ?? protocolOf(family, SOCK_STREAM));
      connection.direction = 'in';
      connection.state = 'connected';
      connection.peer = this.address(row, this.sport);
      this.put(thread, ret, connection, seen && (call.b & SOCK_CLOEXEC) !== 0);
      this.connections.of(thread, connection);
    };
    calls.read(['accept'], {
      entered: ({ call }, row) => {
        call.a = this.fd[row]!;
        call.b = 0;
      },
      returned: accepted,
    });
    calls.read(['accept4'], {
      entered: ({ call }, row) => {
        call.a = this.fd[row]!;
        call.b = this.flags[row]!;
      },
      returned: accepted,
    });
  }

  private listens(thread: Thread, connection: Connection): void {
    connection.direction = 'listening';
    connection.state = 'listening';
    this.connections.of(thread, connection);
  }

  private connected(thread: Thread, fd: number, family: number, peer: string | undefined, ret: number): void {
    const connection = this.socketOf(thread, fd);
    connection.protocol ??= family === AF_INET || family === AF_INET6 ? undefined : protocolOf(family, 0);
    connection.direction = 'out';
    if (peer !== undefined) connection.peer = peer;
    if (ret === 0 || ret === -EISCONN) connection.state = 'connected';
    else connection.state = ret === -EINPROGRESS ? 'connecting' : 'failed';
    this.connections.of(thread, connection);
  }

  /** The socket of the descriptor: known by the call as one, if by nothing else. */
  socketOf(thread: Thread, fd: number): Connection {
    const known = this.descriptors.get(thread, fd)?.connection;
    if (known !== undefined) return known;
    const connection = this.connections.make(undefined);
    this.put(thread, fd, connection, false);
    return connection;
  }

  private address(row: number, ports: Int32Array): string | undefined {
    const { batch } = this;
    const family = this.family[row]!;
    const bytes =
      family === AF_INET
        ? batch.list(this.v4addr[row]!)
        : family === AF_INET6
          ? batch.list(this.v6addr[row]!)
          : undefined;
    const address = bytes && inetAddress(bytes);
    if (address === undefined) return undefined;
    return endpoint(address, ports[row]!);
  }
}
