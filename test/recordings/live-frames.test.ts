/** A kernel's trace, once as a live session sends it and once as a recording. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { analyze, Engine } from '../../analyzers/engine.js';
import type { Frame } from '../../analyzers/frame.js';
import { open } from '../../native/index.js';
import { streamFiles } from '../ctf/files.js';
import type { Packet } from '../ctf/writer.js';
import { type RelayStream, ScriptedRelay } from '../native/live/relay.js';
import { piece } from '../native/recordings.js';

/** The packets of a file of lttng-modules 2.13: header and context have fixed places, all in the order of little endians. */
function packetsOf(file: string): Packet[] {
  const bytes = readFileSync(file);
  const packets: Packet[] = [];
  for (let at = 0; at < bytes.length; ) {
    const u64 = (offset: number): bigint => bytes.readBigUInt64LE(at + offset);
    const size = Number(u64(56) / 8n);
    packets.push({
      bytes: bytes.subarray(at, at + size),
      contentBits: Number(u64(48)),
      begin: u64(32),
      end: u64(40),
      discarded: u64(72),
      streamId: BigInt(bytes.readUInt32LE(at + 20)),
      instance: u64(24),
      seq: u64(64),
    });
    at += size;
  }
  return packets;
}

async function framesOf(path: string, interval: number): Promise<Frame[]> {
  const frames: Frame[] = [];
  const source = await open(path, Engine.subscription());
  for await (const frame of analyze(source, { interval })) frames.push(frame);
  return frames;
}

/** A table's rows have no order of their own: it comes from that of the events in the batches. */
function ordered(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const rows = value.map((row): [string, unknown] => [JSON.stringify(row), row]);
  return rows.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

for (const [name, interval] of [
  ['shop', 1e9],
  ['shop', 1e8],
  ['whatif', 1e8],
] as const) {
  it(`${name}: frames of ${interval / 1e6} ms that come live are those of the recording`, async () => {
    const streams = streamFiles(piece(name)).map(
      (file): RelayStream => ({
        channel: file.slice(file.lastIndexOf('/') + 1),
        packets: packetsOf(join(piece(name), file)),
      }),
    );
    const metadata = readFileSync(join(piece(name), 'kernel/metadata'));
    const relay = new ScriptedRelay({ metadata, streams, beacons: 1, piece: 30_000 });
    try {
      const live = await framesOf(await relay.listen(), interval);
      const recorded = await framesOf(piece(name), interval);
      assert.ok(recorded.length > 2, `${recorded.length} frames`);
      // The last one ends where the recording does; live, nothing tells that it has ended.
      const whole = recorded.slice(0, -1);
      for (const [index, frame] of whole.entries()) {
        for (const [table, value] of Object.entries(frame)) {
          const other = live[index]?.[table as keyof Frame];
          assert.deepEqual(ordered(other), ordered(value), `${table} of frame ${index}`);
        }
      }
    } finally {
      await relay.close();
    }
  });
}
