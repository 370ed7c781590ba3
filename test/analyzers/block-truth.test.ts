/** Bytes of block devices against a sum of our own over the recordings' events. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test from 'node:test';
import type { Frame } from '../../analyzers/frame.js';
import { recording } from '../native/recordings.js';
import { eachFrame } from './recorded.js';

/** What was submitted by programs of that name, and what was completed, in bytes. */
interface Sums {
  submitted: number;
  read: number;
  written: number;
}

/** Reads the trace as the text that babeltrace2 writes. */
async function textSums(trace: string, comm: string): Promise<Sums> {
  const sums: Sums = { submitted: 0, read: 0, written: 0 };
  const child = spawn('babeltrace2', ['--names=payload', trace], { stdio: ['ignore', 'pipe', 'ignore'] });
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.includes(' block_')) continue;
    const field = (name: string) => Number(new RegExp(`\\b${name} = (\\d+)`).exec(line)?.[1]);
    const bytes = 512 * field('nr_sector');
    const isWrite = (field('rwbs') & 1) !== 0;
    if (line.includes(' block_bio_queue:') && isWrite && line.includes(`comm = "${comm}"`)) {
      sums.submitted += bytes;
    } else if (line.includes(' block_rq_complete:')) sums[isWrite ? 'written' : 'read'] += bytes;
  }
  if (child.exitCode === null) await once(child, 'close');
  assert.equal(child.exitCode, 0);
  return sums;
}

for (const [name, container] of [
  ['market', 'log-writer'],
  ['shop', 'io'],
] as const) {
  const directory = recording(name);
  const skip = directory === undefined && 'this machine has no ../shared/traces';
  test(`${name}: what ${container} wrote is what its programs submitted, all of it`, { skip }, async () => {
    let whole: Frame | undefined;
    await eachFrame(directory!, {}, (frame) => {
      whole = frame;
    });
    const sums = await textSums(join(directory!, 'trace'), 'dd');
    assert.ok(sums.submitted > 100e6);
    const row = whole!.containers.find((each) => each.name === container)!;
    assert.ok(Math.abs(row.blockWriteBytes! / sums.submitted - 1) < 0.001, `${row.blockWriteBytes}`);
    const [vda, ...others] = whole!.devices!;
    assert.deepEqual([vda!.device, others], ['vda', []]);
    assert.deepEqual([vda!.readBytes, vda!.writeBytes], [sums.read, sums.written]);
    const sum = whole!.containers.reduce(
      (total, { blockReadBytes = 0, blockWriteBytes = 0 }) => total + blockReadBytes + blockWriteBytes,
      0,
    );
    assert.ok(Math.abs(sum / (sums.read + sums.written) - 1) < 0.001, 'the containers add up to the device');
  });
}
