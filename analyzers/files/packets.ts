import type { Batch } from '../../native/types.js';
import { UNKNOWN_I32 } from '../../native/types.js';
import type { Analyzer, Columns, Interest } from '../analyzer.js';
import type { Cpus } from '../kernel/cpus.js';
import { inetAddress } from '../syscalls/arguments.js';
import type { CallNames } from '../syscalls/call-names.js';
import { entriesOf } from '../syscalls/call-names.js';
import type { Connection } from './connections.js';
import type { Descriptors } from './descriptors.js';

/** Calls that send, all of which have the descriptor as `fd`, and leave it in `Call.a` where they are saved. */
const SENDING: readonly string[] = ['connect', 'sendto', 'sendmsg', 'write', 'writev'];

const PROTOCOLS = ['tcp', 'udp'] as const;
const HEADERS = ['ipv4', 'ipv6'].map((version) => ({
  source: `network_header.${version}.saddr`,
  destination: `network_header.${version}.daddr`,
  ports: PROTOCOLS.map((protocol) => ({
    protocol,
    source: `network_header.${version}.transport_header.${protocol}.source_port`,
    destination: `network_header.${version}.transport_header.${protocol}.dest_port`,
  })),
}));
const COLUMNS: Columns = Object.fromEntries(
  HEADERS.flatMap(({ source, destination, ports }) => [
    [source, 'list'],
    [destination, 'list'],
    ...ports.flatMap((port) => [
      [port.source, 'i32'],
      [port.destination, 'i32'],
    ]),
  ]),
);

/**
 * The addresses of sockets that no call tells: a packet that a thread queues while it sends is its socket's, and has both. What
 * is sent from an interrupt meanwhile is another's.
 */
export class Packets implements Analyzer {
  static readonly interests: readonly Interest<Packets>[] = [
    {
      events: ['net_dev_queue'],
      fields: COLUMNS,
      handle: (packets) => (row) => packets.onQueue(row),
    },
    { events: entriesOf(...SENDING), fields: { fd: 'i32' } },
  ];

  private batch!: Batch;
  private fd!: Int32Array;
  private readonly sending: ReadonlySet<number>;

  constructor(
    private readonly cpus: Cpus,
    private readonly descriptors: Descriptors,
    names: CallNames,
  ) {
    this.sending = new Set(SENDING.map((name) => names.idOf(name)));
  }

  bind(batch: Batch): void {
    this.batch = batch;
    this.fd = batch.columns.fd as Int32Array;
  }

  private onQueue(row: number): void {
    const cpu = this.cpus.at(row);
    const thread = cpu?.thread;
    if (cpu === undefined || thread === undefined || cpu.interrupts > 0 || !thread.call.open) return;
    const { call } = thread;
    if (!this.sending.has(call.id)) return;
    const fd = call.row >= 0 ? this.fd[call.row]! : call.a;
    const connection = this.descriptors.get(thread, fd)?.connection;
    if (connection?.isNetwork && connection.local === undefined) this.learn(connection, row);
  }

  private learn(connection: Connection, row: number): void {
    for (const { source, destination, ports } of HEADERS) {
      const port = ports.find((one) => this.number(one.source, row) !== UNKNOWN_I32);
      const from = this.address(source, row);
      if (port === undefined || from === undefined) continue;
      connection.protocol ??= port.protocol;
      if (connection.protocol !== port.protocol) return;
      connection.local = endpoint(from, this.number(port.source, row));
      const to = this.address(destination, row);
      if (to !== undefined) connection.peer ??= endpoint(to, this.number(port.destination, row));
      return;
    }
  }

  private number(column: string, row: number): number {
    return (this.batch.columns[column] as Int32Array)[row]!;
  }

  private address(column: string, row: number): string | undefined {
    return inetAddress(this.batch.list((this.batch.columns[column] as Uint32Array)[row]!) ?? []);
  }
}

/** An address with its port. */
export function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
