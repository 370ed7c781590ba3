/** Bytes of block devices against a sum of our own over the recordings' events. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test from 'node:test';
import type { Frame } from '../../analyzers/frame.js';
import { open } from '../../native/index.js';
import { recording } from '../native/recordings.js';
import { eachFrame } from './recorded.js';

/** What was submitted by programs of that name, and what was completed, in bytes. */
interface Sums {
  submitted: number;
  read: number;
  written: number;
}

/** From the text that babeltrace2 writes: nothing of ours is in it. */
async function textSums(trace: string, comm: string): Promise<Sums> {
  const sums: Sums = { submitted: 0, read: 0, written: 0 };
  const child = spawn('babeltrace2', ['--names=payload', trace], { stdio: ['ignore', 'pipe', 'ignore'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const event = / (block_\w+): /.exec(line)?.[1];
    if (event === undefined) continue;
    const field = (name: string) => Number(new RegExp(`\\b${name} = (\\d+)`).exec(line)?.[1]);
    add(sums, event, field('nr_sector'), field('rwbs'), line.includes(`comm = "${comm}"`));
  }
  if (child.exitCode === null) await once(child, 'close');
  assert.equal(child.exitCode, 0);
  return sums;
}

/** From the decoder's rows, which is quicker where the trace is large. */
async function decodedSums(trace: string, comm: string): Promise<Sums> {
  const sums: Sums = { submitted: 0, read: 0, written: 0 };
  const source = await open(trace, {
    columns: { nr_sector: 'i32', rwbs: 'i32', comm: 'string' },
    selections: [
      { events: ['block_bio_queue'], fields: ['nr_sector', 'rwbs', 'comm'] },
      { events: ['block_rq_complete'], fields: ['nr_sector', 'rwbs'] },
    ],
  });
  for await (const batch of source) {
    const { length, event, columns } = batch;
    for (let row = 0; row < length; row++) {
      const name = source.events[event[row]!]!;
      const isTheirs = name === 'block_bio_queue' && batch.string(Number(columns.comm![row])) === comm;
      add(sums, name, Number(columns.nr_sector![row]), Number(columns.rwbs![row]), isTheirs);
    }
  }
  await source.close();
  return sums;
}

function add(sums: Sums, event: string, sectors: number, rwbs: number, isTheirs: boolean): void {
  const isWrite = (rwbs & 1) !== 0;
  if (event === 'block_bio_queue' && isWrite && isTheirs) sums.submitted += 512 * sectors;
  else if (event === 'block_rq_complete') sums[isWrite ? 'written' : 'read'] += 512 * sectors;
}

for (const [name, container, sumsOf] of [
  ['market', 'log-writer', textSums],
  ['shop', 'io', decodedSums],
] as const) {
  const directory = recording(name);
  const skip = directory === undefined && 'this machine has no ../shared/traces';
  test(`${name}: what ${container} wrote is what its programs submitted, all of it`, { skip }, async () => {
    let whole: Frame | undefined;
    await eachFrame(directory!, {}, (frame) => {
      whole = frame;
    });
    const sums = await sumsOf(join(directory!, 'trace'), 'dd');
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
