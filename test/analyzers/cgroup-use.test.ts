import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cgroupUse } from '../../analyzers/cgroup-use.js';
import type { InventoryEntry } from '../../analyzers/inventory.js';

const entry = (oomKills: readonly (number | undefined)[], startedAt?: bigint): InventoryEntry => ({
  id: 'x',
  name: 'x',
  runtime: 'docker',
  image: undefined,
  initPid: 1,
  limitCpus: undefined,
  startedAt,
  finishedAt: undefined,
  labels: {},
  limits: {
    cpuQuotaUs: undefined,
    cpuPeriodUs: undefined,
    cpuBurstUs: undefined,
    cpus: undefined,
    cpusSetBy: undefined,
    cpuWeight: undefined,
    cpuShares: undefined,
    cpuset: undefined,
    memoryBytes: 1000,
    memorySetBy: '/',
    pids: undefined,
  },
  // One at each ten.
  samples: oomKills.map((kills, index) => ({
    time: BigInt(10 * (index + 1)),
    cpuUsageUs: undefined,
    cpuPeriods: undefined,
    cpuThrottledPeriods: undefined,
    cpuThrottledUs: undefined,
    memoryBytes: 100 * (index + 1),
    oomKills: kills,
    pids: 7 + index,
  })),
});
const use = (of: InventoryEntry | undefined, begin: number, end: number) => {
  const { memBytes, limits, oomKills } = cgroupUse(of, BigInt(begin), BigInt(end));
  return [memBytes, limits?.memoryBytes, oomKills];
};

describe('what a cgroup uses', () => {
  it('is the memory of the last sample at the end of the interval', () => {
    const three = entry([0, 0, 0]);
    assert.deepEqual(use(three, 0, 10), [100, 1000, 0]);
    assert.deepEqual(use(three, 10, 29), [200, 1000, 0]);
    assert.deepEqual(use(three, 50, 60), [300, 1000, 0]);
  });

  it('is unknown before the first sample, and where nobody sampled it', () => {
    assert.deepEqual(use(entry([0]), 0, 9), [undefined, 1000, undefined]);
    assert.deepEqual(use(undefined, 0, 9), [undefined, undefined, undefined]);
    assert.deepEqual(use(entry([undefined, undefined]), 10, 20), [200, 1000, undefined]);
  });

  it('counts each OOM kill in one interval only', () => {
    const killed = entry([1, 1, 3, 4]);
    const kills = [0, 10, 20, 30, 40].map((begin) => use(killed, begin, begin + 10)[2]);
    assert.deepEqual(kills, [0, 0, 2, 1, 0]);
    assert.equal(use(killed, 10, 50)[2], 3);
  });

  it('counts from zero in a container that began within the interval', () => {
    assert.equal(use(entry([2], 5n), 0, 20)[2], 2);
    assert.equal(use(entry([2], 5n), 6, 20)[2], 0);
  });

  it('has the pids of the last sample, and all limits', () => {
    const { pids, limits } = cgroupUse(entry([0, 0]), 0n, 25n);
    assert.deepEqual([pids, limits?.memorySetBy], [8, '/']);
    assert.equal(cgroupUse(undefined, 0n, 25n).pids, undefined);
  });

  it('takes a counter that went back for another cgroup’s', () => {
    assert.equal(use(entry([5, 1]), 10, 20)[2], undefined);
  });
});
