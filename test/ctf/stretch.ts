/** Makes a recorded trace longer: the same packets again and again, each time later, so that time goes on. */

import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { streamFiles } from './files.js';
import { index, type Packet } from './writer.js';

/** Where LTTng ≥ 2.8 puts things in a packet of a little-endian, packed trace. */
const AT = {
  streamId: 20,
  instance: 24,
  begin: 32,
  end: 40,
  contentSize: 48,
  packetSize: 56,
  seq: 64,
  discarded: 72,
  events: 84,
};

/** Times in event headers have 27 or 32 bits; shifted by a multiple of 2^32 those stay as they are. */
const STEP = 1n << 32n;

/** No event class has an id beyond it; tells an extended header from other bytes. */
const MAX_ID = 65536;

function split(file: Buffer): Buffer[] {
  const packets: Buffer[] = [];
  for (let at = 0; at < file.length; ) {
    const size = Number(file.readBigUInt64LE(at + AT.packetSize)) / 8;
    packets.push(file.subarray(at, at + size));
    at += size;
  }
  return packets;
}

/**
 * Where a packet has full 64-bit times in extended event headers: found without decoding, as the header's marker (id 31 of
 * 5 bits or 65535 of 16), a small id, and a time within the packet.
 */
function fullTimes(packet: Buffer): number[] {
  const [begin, end] = [packet.readBigUInt64LE(AT.begin), packet.readBigUInt64LE(AT.end)];
  const content = Number(packet.readBigUInt64LE(AT.contentSize)) / 8;
  const found: number[] = [];
  for (let at = AT.events + 5; at + 8 <= content; at++) {
    if (packet.readUInt32LE(at - 4) >= MAX_ID) continue;
    if ((packet[at - 5]! & 31) !== 31 && (packet[at - 5] !== 255 || packet[at - 6] !== 255)) continue;
    const time = packet.readBigUInt64LE(at);
    if (time >= begin && time <= end) found.push(at);
  }
  return found;
}

/** A stream file whose packets come again and again. */
export class EndlessStream {
  readonly length = Number.POSITIVE_INFINITY;
  private readonly packets: readonly Buffer[];
  private readonly places: readonly number[][];
  private readonly discarded: bigint;

  constructor(file: Buffer) {
    this.packets = split(file);
    this.places = this.packets.map(fullTimes);
    this.discarded = this.packets.at(-1)?.readBigUInt64LE(AT.discarded) ?? 0n;
  }

  /** Packets of the file itself. */
  get round(): number {
    return this.packets.length;
  }

  /** Begins and ends of the file's packets. */
  get times(): bigint[] {
    return this.packets.flatMap((packet) => [AT.begin, AT.end].map((at) => packet.readBigUInt64LE(at)));
  }

  original(number: number): Buffer {
    return this.packets[number % this.packets.length]!;
  }

  /** The packet with that number, `shift` later for each round; `shift` a multiple of STEP. */
  packet(number: number, shift: bigint): Packet {
    const round = BigInt(Math.floor(number / this.packets.length));
    const index = number % this.packets.length;
    const bytes = Buffer.from(this.original(number));
    const add = (at: number, value: bigint): bigint => {
      bytes.writeBigUInt64LE(bytes.readBigUInt64LE(at) + value, at);
      return bytes.readBigUInt64LE(at);
    };
    for (const at of this.places[index]!) add(at, shift * round);
    return {
      bytes,
      contentBits: Number(bytes.readBigUInt64LE(AT.contentSize)),
      begin: add(AT.begin, shift * round),
      end: add(AT.end, shift * round),
      seq: add(AT.seq, round * BigInt(this.packets.length)),
      discarded: add(AT.discarded, round * this.discarded),
      streamId: BigInt(bytes.readUInt32LE(AT.streamId)),
      instance: bytes.readBigUInt64LE(AT.instance),
    };
  }
}

/** By how much each round is later than the one before, for all streams of a trace. */
function shiftOf(streams: readonly EndlessStream[]): bigint {
  const times = streams.flatMap((stream) => stream.times).sort((a, b) => Number(a - b));
  return ((times.at(-1)! - times[0]!) / STEP + 1n) * STEP;
}

/**
 * The same without the time between a buffer's making, when its first packet begins, and its first event; and when the first
 * packet ends.
 */
export function paceOf(streams: readonly EndlessStream[]): { shift: bigint; begin: bigint } {
  const ends = streams.flatMap((stream) => stream.times.filter((_, i) => i % 2 === 1));
  ends.sort((a, b) => Number(a - b));
  return { shift: ((ends.at(-1)! - ends[0]!) / STEP + 2n) * STEP, begin: ends[0]! };
}

/** Writes the trace below `from` `times` times over to `into`, with an index. Returns the stream files' size in bytes. */
export function stretch(from: string, into: string, times: number): number {
  const streams = streamFiles(from).map((path) => ({
    path,
    stream: new EndlessStream(readFileSync(join(from, path))),
  }));
  const shift = shiftOf(streams.map(({ stream }) => stream));

  let size = 0;
  for (const { path, stream } of streams) {
    mkdirSync(join(into, dirname(path), 'index'), { recursive: true });
    copyFileSync(join(from, dirname(path), 'metadata'), join(into, dirname(path), 'metadata'));
    const entries: Packet[] = [];
    const file = openSync(join(into, path), 'w');
    for (let number = 0; number < stream.round * times; number++) {
      const packet = stream.packet(number, shift);
      // Of many rounds there are many: each shares the bytes of the first.
      entries.push({ ...packet, bytes: stream.original(number) });
      writeSync(file, packet.bytes);
      size += packet.bytes.length;
    }
    closeSync(file);
    writeFileSync(join(into, dirname(path), 'index', `${basename(path)}.idx`), index(entries));
  }
  return size;
}
