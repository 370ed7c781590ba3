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

/** Writes the trace below `from` `times` times over to `into`, with an index. Returns the stream files' size in bytes. */
export function stretch(from: string, into: string, times: number): number {
  const streams = streamFiles(from).map((path) => ({ path, packets: split(readFileSync(join(from, path))) }));
  const ends = streams.flatMap(({ packets }) =>
    packets.flatMap((packet) => [AT.begin, AT.end].map((at) => packet.readBigUInt64LE(at))),
  );
  ends.sort((a, b) => Number(a - b));
  const shift = ((ends.at(-1)! - ends[0]!) / STEP + 1n) * STEP;

  let size = 0;
  for (const { path, packets } of streams) {
    mkdirSync(join(into, dirname(path), 'index'), { recursive: true });
    copyFileSync(join(from, dirname(path), 'metadata'), join(into, dirname(path), 'metadata'));
    const places = packets.map(fullTimes);
    const discarded = packets.at(-1)?.readBigUInt64LE(AT.discarded) ?? 0n;
    const entries: Packet[] = [];
    const file = openSync(join(into, path), 'w');
    for (let round = 0n; round < times; round++) {
      for (const [i, original] of packets.entries()) {
        const packet = Buffer.from(original);
        const add = (at: number, value: bigint): bigint => {
          packet.writeBigUInt64LE(packet.readBigUInt64LE(at) + value, at);
          return packet.readBigUInt64LE(at);
        };
        for (const at of places[i]!) add(at, shift * round);
        entries.push({
          bytes: original,
          contentBits: Number(packet.readBigUInt64LE(AT.contentSize)),
          begin: add(AT.begin, shift * round),
          end: add(AT.end, shift * round),
          seq: add(AT.seq, round * BigInt(packets.length)),
          discarded: add(AT.discarded, round * discarded),
          streamId: BigInt(packet.readUInt32LE(AT.streamId)),
          instance: packet.readBigUInt64LE(AT.instance),
        });
        writeSync(file, packet);
        size += packet.length;
      }
    }
    closeSync(file);
    writeFileSync(join(into, dirname(path), 'index', `${basename(path)}.idx`), index(entries));
  }
  return size;
}
