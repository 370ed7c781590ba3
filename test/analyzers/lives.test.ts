import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { containers } from '../../analyzers/columns/containers.js';
import type { ContainerRow, Frame } from '../../analyzers/frame.js';
import type { InventoryEntry } from '../../analyzers/inventory.js';
import { container, HandTrace } from './batch.js';

const PID_NS = 4026532220;
const BLOCKED = 1;
const DEAD = 0x10;

/** The host's shell 100, and a container's init process 200. */
function trace(): HandTrace {
  return new HandTrace()
    .declare('sched_process_fork', { child_ns_inum: 0 })
    .dumped(0, 100, {})
    .dumped(0, 200, { pidNs: PID_NS, vtid: 1 })
    .at(1, 0, 'lttng_statedump_end');
}

const inside = { parentNs: PID_NS, childNs: PID_NS };

function counts({ procsStarted, procsEnded, threadsStarted, threadsEnded }: ContainerRow) {
  return [procsStarted, procsEnded, threadsStarted, threadsEnded];
}

const ofContainer = (frame: Frame | undefined) => counts(container(frame, `pid_ns:${PID_NS}`));

describe('starts and ends', () => {
  it('are counted for processes and threads that did not see the end of the interval', () => {
    const hand = trace()
      .fork(100, 0, 200, 201, { ...inside, parentPid: 200, vtids: [201, 2] })
      .fork(110, 0, 201, 202, { ...inside, parentPid: 201, pid: 201, vtids: [202, 3] })
      .at(150, 0, 'sched_process_exit', { tid: 202, comm: 'sh' })
      .at(160, 0, 'sched_process_exit', { tid: 201, comm: 'sh' })
      .fork(200, 0, 200, 203, { ...inside, parentPid: 200, vtids: [203, 4] })
      .at(2500, 0, 'sched_process_exit', { tid: 203, comm: 'sh' });
    const frames = hand.at(3500, 0, 'sched_waking').frames({ interval: 1000 });
    assert.deepEqual(frames.map(ofContainer), [
      [2, 1, 3, 2],
      [0, 0, 0, 0],
      [0, 1, 0, 1],
      [0, 0, 0, 0],
    ]);
    assert.deepEqual(ofContainer(hand.frames()[0]), [2, 2, 3, 3]);
    assert.deepEqual(counts(container(hand.frames()[0], 'host')), [0, 0, 0, 0]);
  });

  it('belong to one interval each, also at its boundary', () => {
    const hand = trace().fork(1000, 0, 200, 201, { ...inside, vtids: [201, 2] });
    hand.at(2000, 0, 'sched_process_exit', { tid: 201, comm: 'sh' }).switch(2001, 0, 201, DEAD, 0);
    const frames = hand.at(2500, 0, 'sched_waking').frames({ interval: 1000 });
    assert.deepEqual(frames.map(ofContainer), [
      [0, 0, 0, 0],
      [1, 0, 1, 0],
      [0, 1, 0, 1],
    ]);
  });

  it('show a container that lived for less than an interval, with the time that it had', () => {
    const hand = trace()
      .fork(100, 0, 100, 300, { childNs: 7, vtids: [300, 1] })
      .switch(110, 0, 0, 0, 300)
      .switch(150, 0, 300, BLOCKED, 0)
      .switch(170, 0, 0, 0, 300)
      .at(190, 0, 'sched_process_exit', { tid: 300, comm: 'job' })
      .switch(200, 0, 300, DEAD, 0);
    const [first, second] = hand.at(1500, 0, 'sched_waking').frames({ interval: 1000 });
    const row = container(first, 'pid_ns:7');
    assert.deepEqual([row.cpuNs, row.started, row.ended, ...counts(row)], [70, 100, 190, 1, 1, 1, 1]);
    assert.ok(!second!.containers.some(({ name }) => name === 'pid_ns:7'));
  });

  it('are unknown where the trace does not show them', () => {
    const [frame] = new HandTrace().dumped(0, 100, {}).at(10, 0, 'sched_waking').frames();
    assert.deepEqual(counts(container(frame, 'host')), [undefined, undefined, undefined, undefined]);
  });
});

describe('limits of a container', () => {
  const limits = {
    ...{ cpuQuotaUs: 40_000, cpuPeriodUs: 50_000, cpuBurstUs: 20_000, cpus: 0.5, cpusSetBy: '/pod' },
    ...{ cpuWeight: 39, cpuShares: undefined, cpuset: '0-1' },
    ...{ memoryBytes: 1 << 20, memorySetBy: '/pod', pids: 64 },
  };
  const entry: InventoryEntry = {
    ...{ id: 'a', name: 'web', runtime: 'docker', image: undefined, initPid: 200, labels: {} },
    ...{ startedAt: undefined, finishedAt: undefined, limitCpus: 0.5, limits },
    samples: [
      {
        ...{ time: 1_700_000_000_000_000_000n, memoryBytes: 4096, oomKills: 0, pids: 3 },
        ...{ cpuUsageUs: 0, cpuPeriods: 0, cpuThrottledPeriods: 0, cpuThrottledUs: 0 },
      },
    ],
  };

  it('are columns of its row, its own and the tightest above', () => {
    const [frame] = trace()
      .at(10, 0, 'sched_waking')
      .frames({ inventory: [entry] });
    const row = container(frame, 'web');
    const value = (id: string) => containers.columns.find((column) => column.id === id)!.value(row, frame!);
    const ids = ['limit_cpus', 'limit_cpus_by', 'cpu_quota_ns', 'cpu_period_ns', 'cpu_burst_ns'];
    assert.deepEqual(ids.map(value), [0.5, '/pod', 40e6, 50e6, 20e6]);
    assert.deepEqual(['cpu_weight', 'cpu_shares', 'cpuset'].map(value), [39, undefined, '0-1']);
    assert.deepEqual(['pids', 'pids_limit', 'mem_bytes', 'mem_limit_bytes'].map(value), [
      3,
      64,
      4096,
      1 << 20,
    ]);
  });

  it('are unknown for whom the inventory does not have', () => {
    const [frame] = trace().at(10, 0, 'sched_waking').frames();
    const row = container(frame, `pid_ns:${PID_NS}`);
    for (const id of ['limit_cpus_by', 'cpu_quota_ns', 'cpuset', 'pids', 'pids_limit']) {
      assert.equal(containers.columns.find((column) => column.id === id)!.value(row, frame!), undefined);
    }
  });
});
