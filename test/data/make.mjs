/**
 * Makes the small pieces of the real recordings that lie beside this file, so that the tests need no ../shared:
 *
 *     npx tsc && node test/data/make.mjs
 *
 * Each piece is a trace as LTTng 2.13.9 wrote it, cut at packet boundaries; its index is left out, because it would speak of
 * packets that are not there. README.md says what is in them.
 */

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { piece, recording } from '../../dist/test/native/recordings.js';

/** Recording, its trace, and which packets of both streams. */
const PIECES = [
  { name: 'shop', trace: 'trace/kernel', packets: [0, 2] },
  { name: 'deny', trace: 'trace/kernel', packets: [30, 31] },
  { name: 'whatif', trace: 'q20/trace/kernel', packets: [-1, undefined] },
];

/** Packets of a stream file. LTTng ≥ 2.8, little endian, packed: packet_size is at byte 56. */
function packetsOf(bytes) {
  const packets = [];
  for (let at = 0; at < bytes.length; ) {
    const size = Number(bytes.readBigUInt64LE(at + 56)) / 8;
    packets.push(bytes.subarray(at, at + size));
    at += size;
  }
  return packets;
}

for (const { name, trace, packets } of PIECES) {
  const from = recording(name);
  if (!from) throw new Error('../shared/traces is not there');
  mkdirSync(join(piece(name), 'kernel'), { recursive: true });
  copyFileSync(join(from, trace, 'metadata'), join(piece(name), 'kernel/metadata'));
  for (const stream of ['k_0', 'k_1']) {
    const kept = packetsOf(readFileSync(join(from, trace, stream))).slice(...packets);
    writeFileSync(join(piece(name), 'kernel', stream), Buffer.concat(kept));
    console.log(`${name} ${stream}: ${kept.length} packets, ${Buffer.concat(kept).length} bytes`);
  }
}
