/** The verdicts on recordings whose story is known. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import type { Why } from '../../analyzers/frame.js';
import { recording } from '../native/recordings.js';
import { eachFrame } from './recorded.js';

/** By name of container: the verdicts of its intervals, in order. */
type Verdicts = Map<string, Why[]>;

async function verdicts(directory: string, interval: number | 'total'): Promise<Verdicts> {
  const found: Verdicts = new Map();
  await eachFrame(directory, { interval }, (frame) => {
    for (const { name, why } of frame.containers) {
      if (why !== undefined) found.set(name, [...(found.get(name) ?? []), why]);
    }
  });
  return found;
}

const shop = recording('shop');
const whatif = recording('whatif');
const skip = whatif === undefined && 'no ../shared/traces here';

test('shop: batch is held back by its quota throughout', { skip }, async () => {
  for (const [interval, least] of [
    [10e9, 30],
    [1e9, 300],
  ] as const) {
    const each = (await verdicts(shop!, interval)).get('batch')!;
    assert.ok(each.length >= least);
    assert.deepEqual(new Set(each.map(({ kind }) => kind)), new Set(['quota']));
  }
});

test('whatif/q20: the quota of api, for which the job waits', { skip }, async () => {
  const found = await verdicts(join(whatif!, 'q20'), 'total');
  assert.equal(found.get('api')![0]!.kind, 'quota');
  const [job] = [...found].filter(([name]) => !['api', 'db'].includes(name)).map(([, [why]]) => why!);
  assert.equal(job!.kind, 'waiting');
  assert.equal(job!.by[0], 'api');
});

test('whatif/hog2: api is crowded out by hog1 and hog2', { skip }, async () => {
  const [api] = (await verdicts(join(whatif!, 'hog2'), 'total')).get('api')!;
  assert.equal(api!.kind, 'crowded out');
  assert.deepEqual([...api!.by].sort(), ['hog1', 'hog2']);
});

test('whatif/free: neither a quota nor neighbours, as a whole and second by second', { skip }, async () => {
  for (const interval of ['total', 1e9] as const) {
    for (const [name, each] of await verdicts(join(whatif!, 'free'), interval)) {
      for (const { kind } of each) assert.ok(!['quota', 'crowded out'].includes(kind), `${name}: ${kind}`);
    }
  }
});
