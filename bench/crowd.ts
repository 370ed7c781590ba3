/**
 * Hosts of any size, made up: so many containers with so many threads. All threads are told of in the first second; from
 * then on up to 1000 of them, spread over all containers, work in turn: woken up, a system call, asleep again.
 */

import { eventClass, type Layout, LTTNG, packet, preamble, streamClass } from '../test/ctf/lttng.js';
import { type Packet, stream, writeFiles } from '../test/ctf/writer.js';

export interface Crowd {
  readonly containers: number;
  readonly threads: number;
  /** Seconds of event time after the first one, and turns of a thread in each. */
  readonly seconds: number;
  readonly turns: number;
}

const CPUS = 2;
const WORKING = 1000;
const THREADS_OF_PROCESS = 4;
const FIRST_TID = 1000;
const FIRST_INODE = 4_026_532_000;
const SECOND = 1_000_000_000;

const layout: Layout = { ...LTTNG, header: 'large' };
const SWITCH = 0;
const WAKING = 1;
const WAKEUP = 2;
const ENTRY = 3;
const EXIT = 4;
const NAMES = 'integer { size = 8; align = 8; signed = 0; encoding = UTF8; base = 10; }';

function metadata(): string {
  const comm = (name: string) => `${NAMES} ${name}[16];`;
  const wake = `${comm('_comm')} int32_t _tid; int32_t _prio; int32_t _target_cpu;`;
  return (
    preamble(layout) +
    streamClass(layout, 0, 'int32_t _pid; int32_t _tid; uint32_t _pid_ns;') +
    eventClass(
      SWITCH,
      'sched_switch',
      `${comm('_prev_comm')} int32_t _prev_tid; int32_t _prev_prio; int64_t _prev_state; ${comm('_next_comm')} int32_t _next_tid; int32_t _next_prio;`,
    ) +
    eventClass(WAKING, 'sched_waking', wake) +
    eventClass(WAKEUP, 'sched_wakeup', wake) +
    eventClass(ENTRY, 'syscall_entry_read', 'uint32_t _fd; uint64_t _count;') +
    eventClass(EXIT, 'syscall_exit_read', 'int64_t _ret; uint64_t _buf;')
  );
}

/** One CPU's events, written a packet at a time: the bit writer of the tests is too slow for millions. */
class Channel {
  readonly packets: Packet[] = [];
  private readonly bytes = Buffer.alloc(256 << 10);
  private at = 0;
  private begin = 0;
  private last = 0;

  constructor(
    private readonly cpu: number,
    private readonly inodeOf: (tid: number) => number,
  ) {}

  event(id: number, time: number, current: number, fields: (bytes: Buffer, at: number) => number): void {
    if (this.at > this.bytes.length - 256) this.flush();
    const { bytes } = this;
    if (this.at === 0) this.begin = time;
    this.last = time;
    bytes.writeUInt16LE(id, this.at);
    bytes.writeUInt32LE(time % 2 ** 32, this.at + 2);
    bytes.writeInt32LE(current === 0 ? 0 : processOf(current), this.at + 6);
    bytes.writeInt32LE(current, this.at + 10);
    bytes.writeUInt32LE(this.inodeOf(current), this.at + 14);
    this.at = fields(bytes, this.at + 18);
  }

  flush(): void {
    if (this.at === 0) return;
    const { begin, last, cpu } = this;
    const content = Uint8Array.from(this.bytes.subarray(0, this.at));
    this.packets.push(
      packet(layout, { begin, end: last, cpu, seq: this.packets.length }, (writer) => writer.bytes(content)),
    );
    this.at = 0;
  }

  switch(time: number, from: number, state: number, to: number): void {
    this.event(SWITCH, time, from, (bytes, at) => {
      comm(bytes, at, from);
      bytes.writeInt32LE(from, at + 16);
      bytes.writeInt32LE(20, at + 20);
      bytes.writeBigInt64LE(BigInt(state), at + 24);
      comm(bytes, at + 32, to);
      bytes.writeInt32LE(to, at + 48);
      bytes.writeInt32LE(20, at + 52);
      return at + 56;
    });
  }

  wake(id: number, time: number, tid: number): void {
    this.event(id, time, 0, (bytes, at) => {
      comm(bytes, at, tid);
      bytes.writeInt32LE(tid, at + 16);
      bytes.writeInt32LE(20, at + 20);
      bytes.writeInt32LE(this.cpu, at + 24);
      return at + 28;
    });
  }

  /** Entry and exit alike are 12 or 16 bytes of numbers that nobody looks at. */
  call(id: number, time: number, tid: number): void {
    this.event(
      id,
      time,
      tid,
      (bytes, at) => bytes.fill(0, at, at + (id === ENTRY ? 12 : 16)) && at + (id === ENTRY ? 12 : 16),
    );
  }
}

function processOf(tid: number): number {
  return tid - ((tid - FIRST_TID) % THREADS_OF_PROCESS);
}

function comm(bytes: Buffer, at: number, tid: number): void {
  bytes.fill(0, at, at + 16);
  bytes.write(tid === 0 ? 'swapper' : `worker-${tid % 16}`, at, 'latin1');
}

/** Writes the trace into the directory. */
export function writeCrowd(directory: string, { containers, threads, seconds, turns }: Crowd): void {
  // Whole processes are in one container.
  const inodeOf = (tid: number) =>
    tid === 0 ? 0 : FIRST_INODE + ((((tid - FIRST_TID) / THREADS_OF_PROCESS) | 0) % containers);
  const channels = Array.from({ length: CPUS }, (_, cpu) => new Channel(cpu, inodeOf));
  const turn = (index: number, time: number, tid: number) => {
    const channel = channels[index % CPUS]!;
    channel.wake(WAKING, time, tid);
    channel.wake(WAKEUP, time + 500, tid);
    channel.switch(time + 1000, 0, 0, tid);
    channel.call(ENTRY, time + 2000, tid);
    channel.call(EXIT, time + 3000, tid);
    channel.switch(time + 4000, tid, 1, 0);
  };
  const first = SECOND / threads;
  for (let i = 0; i < threads; i++) turn(i, Math.floor(i * first), FIRST_TID + i);
  const working = Math.min(threads, WORKING);
  const stride = Math.floor(threads / working);
  const step = SECOND / turns;
  for (let i = 0; i < seconds * turns; i++) {
    turn(i, SECOND + Math.floor(i * step), FIRST_TID + (i % working) * stride);
  }
  for (const channel of channels) channel.flush();
  writeFiles(directory, {
    metadata: metadata(),
    ...Object.fromEntries(channels.map(({ packets }, cpu) => [`k_${cpu}`, stream(...packets)])),
  });
}
