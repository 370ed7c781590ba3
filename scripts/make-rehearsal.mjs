// Makes the recording of the rehearsal: node scripts/make-rehearsal.mjs TRACE
//
// TRACE is an LTTng kernel trace whose packets are as short as a live timer makes them, as `native/build/test/recut DEMO/trace
// TRACE 50000000` writes it. What is kept is its beginning: all that the tracer tells of who was there before, and a little more.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const KEPT_NS = 200e6;
/** In the header of a packet of LTTng 2.8 and later, in bytes: when it ends, and its size in bits. */
const [END, SIZE] = [40, 56];

const [trace] = process.argv.slice(2);
if (trace === undefined) {
  console.error('usage: node scripts/make-rehearsal.mjs TRACE (with a directory kernel/, in short packets)');
  process.exit(2);
}
const source = join(trace, 'kernel');
const target = fileURLToPath(new URL('../recordings/rehearsal/kernel/', import.meta.url));

/** With the time at which each ends, ns of the tracer's clock: the first begins when its channel was made. */
function* packetsOf(bytes) {
  for (let at = 0; at < bytes.length; ) {
    const size = Number(bytes.readBigUInt64LE(at + SIZE) / 8n);
    yield { end: Number(bytes.readBigUInt64LE(at + END)), bytes: bytes.subarray(at, at + size) };
    at += size;
  }
}

const streams = readdirSync(source)
  .filter((name) => /_\d+$/.test(name))
  .map((name) => ({ name, packets: [...packetsOf(readFileSync(join(source, name)))] }));
const begin = Math.min(...streams.map(({ packets }) => packets[0].end));
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
copyFileSync(join(source, 'metadata'), join(target, 'metadata'));
for (const { name, packets } of streams) {
  const kept = packets.filter((packet) => packet.end < begin + KEPT_NS);
  if (kept.length > 0) writeFileSync(join(target, name), Buffer.concat(kept.map(({ bytes }) => bytes)));
}
