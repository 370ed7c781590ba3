/** A container that fails 100 000 calls a second, each about something else, for as long as it likes. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { HostLooks } from '../../analyzers/denials/looks.js';
import { Engine } from '../../analyzers/engine.js';
import type { Frame } from '../../analyzers/frame.js';
import type { Batch } from '../../native/types.js';
import { BOX, Denied } from './denied.js';

const SECOND = 1e9;
const CALLS = 5000;
const PER_SECOND = 100_000;
/** Frames hold a few hundred rows each; that much they may differ by. */
const ALLOWED_BYTES = 24 * 2 ** 20;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heap(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

test('takes bounded memory, and nothing of it is dropped', { timeout: 300_000 }, () => {
  const denied = new Denied();
  for (let i = 0; i < CALLS; i++) {
    // Keys, pids, ports and paths: all that is remembered of refusals and of what is seen.
    denied.call(BOX, 'openat', { dfd: -100, filename: `/f/${i}`, flags: 0 }, i % 5 === 0 ? 3 : -2);
    denied.call(BOX, 'shmget', { key: i, shmflg: 0 }, -2);
  }
  const [statedump, ...batches] = [...denied.trace.batches(2000)] as [Batch, ...Batch[]];
  let asked = 0;
  const looks = new HostLooks();
  looks.asked = () => asked++;
  const engine = new Engine(denied.trace.info(), { interval: SECOND, looks });
  for (const _ of engine.push(statedump)) assert.fail('no frame yet');

  let now = SECOND;
  let failed = 0;
  let told = 0;
  let round = 0;
  let last: Frame | undefined;
  const flood = (seconds: number): void => {
    const end = now + seconds * SECOND;
    while (now < end) {
      round++;
      for (const batch of batches) {
        const time = batch.time.map((_, row) => now + row * 1000);
        const string = (id: number) => {
          const text = batch.string(id);
          return text?.startsWith('/f/') ? `${text}-${round}` : text;
        };
        for (const frame of engine.push({ ...batch, time, string, watermark: time.at(-1)! })) {
          last = frame;
          told += frame.denials!.reduce((sum, { count }) => sum + count, 0);
        }
        failed += (batch.length / 2) * 0.9;
        now += (batch.length / 2 / PER_SECOND) * SECOND;
      }
    }
  };
  flood(4);
  const before = heap();
  flood(8);
  const after = heap();
  assert.ok(last!.denials!.length < 1000, `${last!.denials!.length} rows`);
  assert.ok(after - before < ALLOWED_BYTES, `${((after - before) / 2 ** 20).toFixed(1)} MiB more`);
  // The last interval is still open.
  assert.ok(told > failed * 0.85 && told <= failed * 1.01, `${told} of ${failed}`);
  assert.ok(asked > 0 && asked < 20 * 1000, `the host was asked ${asked} times in 12 s`);
});
