import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { CgroupSample, InventoryEntry } from '../../analyzers/inventory.js';
import { InventoryLog, readInventoryLog } from '../../recordings/inventory-log.js';

const NOW = 1_763_900_000_000_000_001n;

const sampleAt = (time: bigint, cpuUsageUs: number): CgroupSample => ({
  time,
  cpuUsageUs,
  cpuPeriods: 3,
  cpuThrottledPeriods: 1,
  cpuThrottledUs: 20,
  memoryBytes: 4096,
  oomKills: undefined,
  pids: 1,
});

const web: InventoryEntry = {
  id: 'a'.repeat(64),
  name: 'web',
  runtime: 'docker',
  image: 'tiny:1',
  initPid: 4711,
  limitCpus: 0.3,
  startedAt: NOW - 5_000_000_000n,
  finishedAt: undefined,
  labels: { team: 'shop "1"\n' },
  pod: undefined,
  service: undefined,
  project: undefined,
  cgroupPath: '/system.slice/docker-a.scope',
  namespaces: { pid: 4026532220, net: 4026532221 },
  privileges: {
    capEffective: 0x1ff_ffff_ffffn,
    capPermitted: 0xa80425fbn,
    capBounding: undefined,
    capAmbient: 0n,
    seccomp: 'filter',
    noNewPrivs: false,
    uids: [0, 0, 0, 0],
  },
  limits: undefined,
};

describe('inventory.jsonl', () => {
  let directory: string;
  let path: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'boxtop-test-'));
    path = join(directory, 'inventory.jsonl');
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('gives back what was written, to the last nanosecond and bit', async () => {
    const samples = [sampleAt(NOW, 10), sampleAt(NOW + 1n, 2 ** 53 - 1)];
    const log = await InventoryLog.create(path);
    await log.append([{ ...web, samples }], NOW);
    await log.close();
    assert.deepEqual(await readInventoryLog(path), [{ ...web, samples }]);
  });

  it('writes only news, and the last word about a container wins', async () => {
    const log = await InventoryLog.create(path);
    const first = sampleAt(NOW, 10);
    await log.append([{ ...web, samples: [first] }], NOW);
    await log.append([{ ...web, samples: [first] }], NOW + 1n);
    assert.equal((await readFile(path, 'utf8')).split('\n').length - 1, 2);
    const second = sampleAt(NOW + 2n, 20);
    await log.append([{ ...web, finishedAt: NOW + 2n, samples: [first, second] }], NOW + 2n);
    await log.close();
    const [read] = await readInventoryLog(path);
    assert.equal(read?.finishedAt, NOW + 2n);
    assert.deepEqual(read?.samples, [first, second]);
  });

  it('can be read up to wherever it was cut off', async () => {
    const log = await InventoryLog.create(path);
    await log.append([web, { ...web, id: 'b', name: 'db' }], NOW);
    await log.close();
    const { length } = await readFile(path);
    for (let size = length - 1; size >= 0; size -= 7) {
      await truncate(path, size);
      const names = (await readInventoryLog(path)).map(({ name }) => name);
      assert.deepEqual(names, ['web', 'db'].slice(0, names.length));
    }
  });

  it('takes nothing from lines of other shapes', async () => {
    const lines = [
      '{"container":{"name":"no id"}}',
      '{"container":{"id":"x","name":7,"labels":[1],"startedAt":1,"privileges":{"seccomp":"?"}}}',
      '{"id":"nobody","sample":{"time":"1"}}',
      '{"id":"x","sample":{"time":"soon"}}',
      '{"id":"x","sample":{"time":"5","pids":-1}}',
      '[]',
    ];
    await writeFile(path, `${lines.join('\n')}\n`);
    const [read, ...more] = await readInventoryLog(path);
    assert.equal(more.length, 0);
    assert.deepEqual([read?.id, read?.name, read?.runtime, read?.labels], ['x', 'x', 'unknown', {}]);
    assert.deepEqual(
      read?.samples?.map(({ time, pids }) => [time, pids]),
      [[5n, undefined]],
    );
    await appendFile(path, `${'x'.repeat(2 * 1024 * 1024)}\n{"container":{"id":"late"}}\n`);
    assert.equal((await readInventoryLog(path)).length, 1);
  });

  it('keeps a bounded number of samples, evenly over time', async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) =>
      JSON.stringify({ id: web.id, sample: { time: String(index), cpuUsageUs: index } }),
    );
    await writeFile(path, `${JSON.stringify({ container: { id: web.id } })}\n${lines.join('\n')}\n`);
    const times = (await readInventoryLog(path))[0]!.samples!.map(({ time }) => Number(time));
    assert.ok(times.length <= 4096 && times.length >= 2048, `${times.length} samples`);
    assert.ok(times.at(-1)! > 19_900);
    assert.ok(times.every((time, index) => index === 0 || time > times[index - 1]!));
  });
});
