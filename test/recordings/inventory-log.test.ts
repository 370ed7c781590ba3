import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { CgroupSample, InventoryEntry } from '../../analyzers/inventory.js';
import type { InventorySnapshot } from '../../host/inventory/watcher.js';
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
};

const snapshot = (containers: readonly InventoryEntry[]): InventorySnapshot => ({
  time: NOW,
  host: { name: 'h', kernel: '6.1', cgroup: 'v2' },
  runtimes: [],
  containers,
});

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
    await log.append(snapshot([{ ...web, samples }]));
    await log.close();
    assert.deepEqual((await readInventoryLog(path)).inventory, [{ ...web, samples }]);
  });

  it('writes only news, and the last word about a container wins', async () => {
    const log = await InventoryLog.create(path);
    const first = sampleAt(NOW, 10);
    await log.append(snapshot([{ ...web, samples: [first] }]));
    await log.append(snapshot([{ ...web, samples: [first] }]));
    assert.equal((await readFile(path, 'utf8')).split('\n').length - 1, 1);
    const second = sampleAt(NOW + 2n, 20);
    await log.append(snapshot([{ ...web, finishedAt: NOW + 2n, samples: [first, second] }]));
    await log.close();
    const [read] = (await readInventoryLog(path)).inventory;
    assert.equal(read?.finishedAt, NOW + 2n);
    assert.deepEqual(read?.samples, [first, second]);
  });

  it('can be read up to wherever it was cut off', async () => {
    const log = await InventoryLog.create(path);
    await log.append(snapshot([web]));
    await log.append(snapshot([web, { ...web, id: 'b', name: 'db' }]));
    await log.close();
    const { length } = await readFile(path);
    for (let size = length - 1; size >= 0; size -= 7) {
      await truncate(path, size);
      const names = (await readInventoryLog(path)).inventory.map(({ name }) => name);
      assert.deepEqual(names, ['web', 'db'].slice(0, names.length));
    }
  });
});
