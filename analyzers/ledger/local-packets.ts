import type { Batch } from '../../native/types.js';
import type { Analyzer, Interest } from '../analyzer.js';
import type { Cpus } from '../kernel/cpus.js';
import type { Thread } from '../kernel/thread.js';

/** Packets of one CPU that are on their way at once; of more the older ones are forgotten. A power of two. */
const SLOTS = 64;
/** Buffers are at least this far apart, a cache line. */
const ADDRESS_SHIFT = 6;
/** A packet within the host is received as soon as softirqs run; later the buffer is another packet's. */
const LONGEST_WAY_NS = 2e6;

/** What one CPU has sent lately, by the address of the buffer. */
class Sent {
  readonly addresses = new Int32Array(SLOTS);
  readonly times = new Float64Array(SLOTS).fill(Number.NEGATIVE_INFINITY);
  readonly senders: (Thread | undefined)[] = new Array(SLOTS).fill(undefined);
}

/**
 * Who sent the packet that a CPU receives. Loopback and veth devices hand the buffer that was sent to the same CPU's
 * receive queue, so that its address tells the sender; who is woken up by the packet waited for that one and not for the
 * network. Sets `Cpu.sender`.
 */
export class LocalPackets implements Analyzer {
  static readonly interests: readonly Interest<LocalPackets>[] = [
    {
      events: ['net_dev_queue'],
      fields: { skbaddr: 'i32' },
      frequent: true,
      handle: (packets) => (row) => packets.onSend(row),
    },
    {
      events: ['net_if_receive_skb'],
      fields: { skbaddr: 'i32' },
      frequent: true,
      handle: (packets) => (row) => packets.onReceive(row),
    },
  ];

  private readonly sent: Sent[] = [];
  private time!: Float64Array;
  private skbaddr!: Int32Array;

  constructor(private readonly cpus: Cpus) {}

  bind(batch: Batch): void {
    this.time = batch.time;
    this.skbaddr = batch.columns.skbaddr as Int32Array;
  }

  /** A packet that is sent while another is received is forwarded, or the answer to it: it comes from the same sender. */
  private onSend(row: number): void {
    const cpu = this.cpus.at(row);
    if (cpu === undefined) return;
    const sender = cpu.interrupts > 0 ? cpu.sender : cpu.thread;
    const sent = this.sentOf(cpu.id);
    const address = this.skbaddr[row]!;
    const slot = (address >>> ADDRESS_SHIFT) & (SLOTS - 1);
    sent.addresses[slot] = address;
    sent.times[slot] = this.time[row]!;
    sent.senders[slot] = sender;
  }

  private onReceive(row: number): void {
    const cpu = this.cpus.at(row);
    if (cpu === undefined) return;
    const sent = this.sentOf(cpu.id);
    const address = this.skbaddr[row]!;
    const slot = (address >>> ADDRESS_SHIFT) & (SLOTS - 1);
    const isSent = sent.addresses[slot] === address && this.time[row]! - sent.times[slot]! < LONGEST_WAY_NS;
    cpu.sender = isSent ? sent.senders[slot] : undefined;
    sent.times[slot] = Number.NEGATIVE_INFINITY;
  }

  private sentOf(cpu: number): Sent {
    while (this.sent.length <= cpu) this.sent.push(new Sent());
    return this.sent[cpu]!;
  }
}
