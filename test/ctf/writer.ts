/** Writes CTF 1.8 traces by hand: packets, metadata plain or in packets, index files, directories. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BitWriter, type ByteOrder } from './bits.js';

export const PACKET_MAGIC = 0xc1fc1fc1;
export const METADATA_MAGIC = 0x75d11d57;
export const INDEX_MAGIC = 0xc1f1dcc1;

/** A packet and what an index says of it. Times in clock cycles. */
export interface Packet {
  readonly bytes: Uint8Array;
  readonly contentBits: number;
  readonly begin: bigint;
  readonly end: bigint;
  readonly discarded: bigint;
  readonly streamId: bigint;
  readonly instance: bigint;
  readonly seq: bigint;
}

/** Files of a trace, by path below its directory. */
export type Files = Record<string, string | Uint8Array>;

export const uuidBytes = (uuid: string): Uint8Array =>
  Uint8Array.from(Buffer.from(uuid.replaceAll('-', ''), 'hex'));

export const concat = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

/** The bytes of one stream file. */
export const stream = (...packets: readonly Packet[]): Uint8Array => concat(packets.map((p) => p.bytes));

export function writeFiles(directory: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

/** Metadata text in packets, as LTTng writes it (37-byte headers, checksums unused). */
export function packetize(
  text: string,
  options: { uuid: string; order?: ByteOrder; packetBytes?: number },
): Uint8Array {
  const { uuid, order = 'le', packetBytes = 4096 } = options;
  const bytes = new TextEncoder().encode(text);
  const room = packetBytes - 37;
  const packets: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += room) {
    const part = bytes.subarray(at, at + room);
    const w = new BitWriter(order).u32(METADATA_MAGIC).bytes(uuidBytes(uuid)).u32(0);
    w.u32((37 + part.length) * 8).u32(packetBytes * 8);
    w.u8(0).u8(0).u8(0).u8(1).u8(8).bytes(part);
    const packet = new Uint8Array(packetBytes);
    packet.set(w.done());
    packets.push(packet);
  }
  return concat(packets);
}

/** An index file of a stream file that holds these packets (always big endian; 1.1 adds instance and sequence number). */
export function index(packets: readonly Packet[], minor: 0 | 1 = 1): Uint8Array {
  const w = new BitWriter('be')
    .u32(INDEX_MAGIC)
    .u32(1)
    .u32(minor)
    .u32(minor === 0 ? 56 : 72);
  let offset = 0;
  for (const packet of packets) {
    w.u64(offset)
      .u64(packet.bytes.length * 8)
      .u64(packet.contentBits)
      .u64(packet.begin)
      .u64(packet.end);
    w.u64(packet.discarded).u64(packet.streamId);
    if (minor === 1) w.u64(packet.instance).u64(packet.seq);
    offset += packet.bytes.length;
  }
  return w.done();
}
