import type { Container } from '../container.js';
import type { ConnectionRow, ConnectionState } from '../frame.js';
import type { Thread } from '../kernel/thread.js';

/** Connections of one container within an interval that have rows of their own; what comes then is counted together. */
const MAX_CONNECTIONS = 1024;
/** Of all containers. */
const MAX_ALL = 1 << 14;

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;

const OTHER_FAMILIES: Readonly<Record<number, string>> = {
  [AF_UNIX]: 'unix',
  [AF_NETLINK]: 'netlink',
  17: 'packet',
  38: 'alg',
  40: 'vsock',
};
const INET_TYPES: Readonly<Record<number, string>> = {
  [SOCK_STREAM]: 'tcp',
  [SOCK_DGRAM]: 'udp',
  [SOCK_RAW]: 'raw',
};

/** The protocol of a socket of the family and type; undefined where these do not tell. */
export function protocolOf(family: number, type: number): string | undefined {
  const isInet = family === AF_INET || family === AF_INET6;
  return isInet ? INET_TYPES[type & 0xf] : OTHER_FAMILIES[family];
}

/** Families whose bytes never reach a network. */
const LOCAL: readonly string[] = ['unix', 'netlink', 'alg'];

/** A socket. What nothing told of it is undefined. */
export class Connection {
  local: string | undefined = undefined;
  peer: string | undefined = undefined;
  direction: 'in' | 'out' | 'listening' | undefined = undefined;
  state: ConnectionState | undefined = undefined;
  use: ConnectionUse | undefined = undefined;

  constructor(
    readonly id: number,
    public protocol: string | undefined,
  ) {}

  /** A descriptor of it was closed; another one may still be open. */
  close(): void {
    this.state = 'closed';
  }

  /** Something went through it, so that it is open. */
  moved(): void {
    if (this.state === 'connecting' || this.state === 'closed') this.state = 'connected';
  }

  /** What goes through it counts as the network's: also where nothing told what it is. */
  get isNetwork(): boolean {
    return this.protocol === undefined || !LOCAL.includes(this.protocol);
  }
}

/** What went through a connection, or through many, within an interval. */
export class ConnectionUse {
  rxBytes = 0;
  txBytes = 0;
  count = 1;

  constructor(
    readonly container: Container,
    readonly pid: number | undefined,
    readonly comm: string | undefined,
    /** undefined: of those beyond the bound. */
    readonly connection: Connection | undefined,
    readonly interval: number,
  ) {}
}

/** The sockets that are used within an interval, bounded however many there are. */
export class Connections {
  private uses: ConnectionUse[] = [];
  private readonly sizes = new Map<Container, number>();
  private readonly rests = new Map<Container, ConnectionUse>();
  private interval = 0;
  private lastId = 0;

  constructor(private readonly containerOf: (thread: Thread) => Container) {}

  make(protocol: string | undefined): Connection {
    return new Connection(++this.lastId, protocol);
  }

  /** The use of the connection in this interval; its row is of the thread that uses it first. */
  of(thread: Thread, connection: Connection): ConnectionUse {
    const { use } = connection;
    if (use !== undefined && use.interval === this.interval) return use;
    const found = this.add(thread, thread.container ?? this.containerOf(thread), connection);
    connection.use = found;
    return found;
  }

  private add(thread: Thread, container: Container, connection: Connection): ConnectionUse {
    const size = this.sizes.get(container) ?? 0;
    const { interval } = this;
    if (size >= MAX_CONNECTIONS || this.uses.length >= MAX_ALL) {
      const known = this.rests.get(container);
      if (known !== undefined) {
        known.count++;
        return known;
      }
      const rest = new ConnectionUse(container, undefined, undefined, undefined, interval);
      this.rests.set(container, rest);
      return rest;
    }
    this.sizes.set(container, size + 1);
    const use = new ConnectionUse(container, thread.process?.pid, thread.comm, connection, interval);
    this.uses.push(use);
    return use;
  }

  /** The rows of the interval. */
  rows(host: string | undefined, nameOf: (container: Container) => string): ConnectionRow[] {
    return [...this.uses, ...this.rests.values()].map(
      ({ container, pid, comm, connection, rxBytes, txBytes, count }): ConnectionRow => ({
        host,
        container: container.key,
        containerName: nameOf(container),
        pid,
        comm,
        id: connection?.id,
        protocol: connection?.protocol,
        local: connection?.local,
        peer: connection?.peer,
        direction: connection?.direction,
        state: connection?.state,
        rxBytes,
        txBytes,
        count,
      }),
    );
  }

  begin(): void {
    this.interval++;
    this.uses = [];
    this.sizes.clear();
    this.rests.clear();
  }
}
