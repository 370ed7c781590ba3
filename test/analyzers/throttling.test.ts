/** Throttling on traces written by hand. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { ContainerRow } from '../../analyzers/frame.js';
import { sampledThrottling } from '../../analyzers/throttling/sampled.js';
import { throttlesQueues } from '../../analyzers/throttling/throttling.js';
import { HandTrace } from './batch.js';

const NO_LIMITS = {
  cpuQuotaUs: undefined,
  cpuPeriodUs: undefined,
  cpuBurstUs: undefined,
  cpuWeight: undefined,
  cpuShares: undefined,
  cpuset: undefined,
  memoryBytes: undefined,
  memorySetBy: undefined,
  pids: undefined,
};
const MS = 1e6;
const A = { pid: 7, timer: 0x100, ns: 111 };
const B = { pid: 8, timer: 0x200, ns: 222 };

interface Init {
  readonly pid: number;
  readonly ns: number;
}

/** Containers of one process each: the first ones have a CPU each, the others sleep. */
function spinning(running: readonly Init[], asleep: readonly Init[] = []): HandTrace {
  const hand = new HandTrace();
  for (const { pid, ns } of [...running, ...asleep]) hand.dumped(0, pid, { pidNs: ns, vtid: 1 });
  for (const [cpu, { pid }] of running.entries()) hand.switch(0, cpu, 0, 0, pid);
  return hand;
}

/** Two containers that spin on a CPU each, and are throttled and let go on again and again. */
function twoLimited(): HandTrace {
  const hand = spinning([A, B]);
  for (let period = 0; period < 10; period++) {
    const at = period * 100 * MS;
    throttle(hand, at + 20 * MS, 0, A.pid);
    // B is throttled in every other period only.
    if (period % 2 === 0) throttle(hand, at + 30 * MS, 1, B.pid);
    release(hand, at + 90 * MS, 0, A.timer, A.pid);
    if (period % 2 === 0) release(hand, at + 95 * MS, 1, B.timer, B.pid);
  }
  return hand;
}

function throttle(hand: HandTrace, time: number, cpu: number, tid: number): void {
  hand.at(time, cpu, 'probe_throttle_cfs_rq', { ip: 1 }).switch(time, cpu, tid, 0, 0);
}

/** The period timer expires on CPU 0 whosever it is, as timers do. */
function release(hand: HandTrace, time: number, cpu: number, timer: number, tid: number): void {
  hand
    .at(time, 0, 'timer_hrtimer_expire_entry', { hrtimer: timer, function: 1 })
    .at(time, 0, 'probe_unthrottle_cfs_rq', { ip: 2 })
    .at(time, 0, 'timer_hrtimer_expire_exit', { hrtimer: timer })
    .switch(time + MS, cpu, 0, 0, tid);
}

function rowOf(hand: HandTrace, ns: number): ContainerRow {
  const [frame] = hand.frames();
  return frame!.containers.find(({ key }) => key === `pid_ns:${ns}`)!;
}

test('the period timer tells whose queue is unthrottled; what follows is contention', () => {
  const a = rowOf(twoLimited(), A.ns);
  assert.equal(a.throttledBasis, 'measured');
  assert.equal(a.throttledCount, 10);
  assert.equal(a.queuesThrottledNs, 10 * 70 * MS);
  assert.equal(a.throttledNs, 10 * 70 * MS);
  assert.equal(a.contendedNs, 10 * MS);
  const b = rowOf(twoLimited(), B.ns);
  assert.equal(b.throttledCount, 5);
  assert.equal(b.queuesThrottledNs, 5 * 65 * MS);
});

/**
 * A is throttled most of the time, so it nearly always is when B, throttled now and then, is let go on. That B was throttled was
 * not told the first times, so that everything speaks for A.
 */
test('a timer that was taken for another quota’s is given back', () => {
  const hand = spinning([A, B]);
  for (let period = 0; period < 60; period++) {
    const at = period * 100 * MS;
    throttle(hand, at + 5 * MS, 0, A.pid);
    const told = period % 5 === 0 && period >= 5;
    if (told) throttle(hand, at + 10 * MS, 1, B.pid);
    if (told || period < 3) release(hand, at + 40 * MS, 1, B.timer, B.pid);
    release(hand, at + 95 * MS, 0, A.timer, A.pid);
  }
  const [a, b] = [rowOf(hand, A.ns), rowOf(hand, B.ns)];
  assert.ok(Math.abs(a.throttledCount! - 60) <= 4, `${a.throttledCount} of 60`);
  assert.ok(Math.abs(b.throttledCount! - 11) <= 1, `${b.throttledCount} of 11`);
  assert.ok(Math.abs(b.queuesThrottledNs! - 11 * 30 * MS) <= 60 * MS, `${b.queuesThrottledNs} ns`);
});

test('a timer is not of a group that has one, however often that is throttled when it expires', () => {
  const C = { pid: 9, timer: 0x300, ns: 333 };
  const hand = spinning([A, B, C]);
  for (let period = 0; period < 20; period++) {
    const at = period * 100 * MS;
    // A's periods are half as long, so that it is throttled whenever B's timer expires, and is known first.
    throttle(hand, at + 10 * MS, 0, A.pid);
    throttle(hand, at + 30 * MS, 1, B.pid);
    release(hand, at + 50 * MS, 0, A.timer, A.pid);
    throttle(hand, at + 60 * MS, 0, A.pid);
    // C comes to its quota only later, after B in each period, and its timer expires before B's.
    if (period >= 10) {
      throttle(hand, at + 70 * MS, 2, C.pid);
      release(hand, at + 80 * MS, 2, C.timer, C.pid);
    }
    release(hand, at + 90 * MS, 1, B.timer, B.pid);
    release(hand, at + 95 * MS, 0, A.timer, A.pid);
  }
  const [frame] = hand.frames();
  const told = [A, B, C].map(({ ns }) => {
    const row = frame!.containers.find(({ key }) => key === `pid_ns:${ns}`)!;
    return [row.throttledCount, row.queuesThrottledNs! / MS];
  });
  assert.deepEqual(told, [
    [40, 20 * (40 + 35)],
    [20, 20 * 60],
    [10, 10 * 10],
  ]);
});

/** A and B below a slice with the quota; C has a quota of its own, and D is in the slice and sleeps. */
test('a quota above containers is that of all below it', () => {
  const [C, D] = [
    { pid: 9, ns: 333 },
    { pid: 10, ns: 444 },
  ];
  const inventory = [A, B, C, D].map(({ pid }) => ({
    ...{ id: `c${pid}`, name: `c${pid}`, runtime: 'docker', image: undefined, initPid: pid },
    ...{ limitCpus: 0.2, startedAt: undefined, finishedAt: undefined, labels: {} },
    cgroupPath: `/some.slice/docker-c${pid}.scope`,
    limits: {
      ...NO_LIMITS,
      cpus: 0.2,
      cpusSetBy: pid === C.pid ? `/some.slice/docker-c${pid}.scope` : '/some.slice',
    },
  }));
  const hand = spinning([A, B, C], [D]);
  for (let period = 0; period < 10; period++) {
    const at = period * 100 * MS;
    // Both queues of the slice are throttled, now and then first the one and then the other.
    throttle(hand, at + 20 * MS, period % 2, [A, B][period % 2]!.pid);
    throttle(hand, at + 25 * MS, 1 - (period % 2), [A, B][1 - (period % 2)]!.pid);
    throttle(hand, at + 30 * MS, 2, C.pid);
    hand
      .at(at + 90 * MS, 0, 'timer_hrtimer_expire_entry', { hrtimer: A.timer, function: 1 })
      .at(at + 90 * MS, 0, 'probe_unthrottle_cfs_rq', { ip: 2 })
      .at(at + 90 * MS, 0, 'probe_unthrottle_cfs_rq', { ip: 2 })
      .at(at + 90 * MS, 0, 'timer_hrtimer_expire_exit', { hrtimer: A.timer })
      .switch(at + 91 * MS, 0, 0, 0, A.pid)
      .switch(at + 91 * MS, 1, 0, 0, B.pid);
    release(hand, at + 95 * MS, 2, B.timer, C.pid);
  }
  const [frame] = hand.frames({ inventory });
  const told = [A, B, C, D].map(({ ns }) => {
    const { throttledCount, queuesThrottledNs, throttledNs } = frame!.containers.find(
      ({ key }) => key === `pid_ns:${ns}`,
    )!;
    return [throttledCount, queuesThrottledNs! / MS, throttledNs! / MS];
  });
  assert.deepEqual(told, [
    [10, 10 * (70 + 65), 5 * 70 + 5 * 65],
    [10, 10 * (70 + 65), 5 * 70 + 5 * 65],
    [10, 10 * 65, 10 * 65],
    [0, 0, 0],
  ]);
});

test('from Linux 6.18 on the functions mean something else', () => {
  assert.ok(throttlesQueues('6.1.0-28-amd64'));
  assert.ok(throttlesQueues('5.15.0'));
  assert.ok(!throttlesQueues('6.18.5'));
  assert.ok(!throttlesQueues('7.0.1'));
});

test('without kprobes and hrtimers nothing is told', () => {
  const hand = new HandTrace().dumped(0, 7, { pidNs: 111, vtid: 1 }).switch(0, 0, 0, 0, 7).at(50, 0, 'end');
  const row = rowOf(hand, 111);
  assert.equal(row.throttledBasis, undefined);
  assert.equal(row.throttledCount, undefined);
  assert.equal(row.throttledNs, undefined);
});

test('counters that were sampled tell what they grew by, evenly between two samples', () => {
  const sample = (time: bigint, periods: number, us: number) => ({
    time,
    cpuUsageUs: undefined,
    cpuPeriods: undefined,
    cpuThrottledPeriods: periods,
    cpuThrottledUs: us,
    memoryBytes: undefined,
    oomKills: undefined,
    pids: undefined,
  });
  const samples = [sample(1000n, 0, 0), sample(2000n, 10, 100), sample(3000n, 20, 300)];
  assert.deepEqual(sampledThrottling(samples, 1500n, 2500n), { ns: 150_000, periods: 10 });
  assert.equal(sampledThrottling(samples, 500n, 2500n), undefined);
  assert.equal(sampledThrottling([samples[2]!, { ...samples[0]!, time: 4000n }], 3000n, 4000n), undefined);
  assert.equal(sampledThrottling(undefined, 0n, 1n), undefined);
});

test('counters of a pod are not those of a container below it that waited for nothing', () => {
  const origin = new HandTrace().origin;
  const sample = (time: bigint, periods: number, us: number) => ({
    ...{ time, cpuUsageUs: undefined, cpuPeriods: undefined, memoryBytes: undefined },
    ...{ oomKills: undefined, pids: undefined, cpuThrottledPeriods: periods, cpuThrottledUs: us },
  });
  const inventory = [A, B].map(({ pid }) => ({
    ...{ id: `c${pid}`, name: `c${pid}`, runtime: 'docker', image: undefined, initPid: pid, limitCpus: 0.5 },
    ...{ startedAt: undefined, finishedAt: undefined, labels: {}, cgroupPath: `/pod/c${pid}` },
    limits: { ...NO_LIMITS, cpus: 0.5, cpusSetBy: '/pod' },
    samples: [sample(origin, 0, 0), sample(origin + 1000n, 5, 1)],
  }));
  // A runs, and waits for the CPU with work left to do; B sleeps.
  const [frame] = spinning([A], [B])
    .switch(200, 0, A.pid, 0, 0)
    .switch(700, 0, 0, 0, A.pid)
    .at(1000, 0, 'end')
    .frames({ inventory });
  const told = ['c7', 'c8'].map((name) => {
    const row = frame!.containers.find((each) => each.name === name)!;
    return [row.throttledBasis, row.throttledCount];
  });
  assert.deepEqual(told, [
    ['sampled', 5],
    ['sampled', 0],
  ]);
});

test('a timer is not also of a group that has one, whoever is throttled more often', () => {
  const hand = spinning([A, B]);
  for (let period = 0; period < 60; period++) {
    const at = period * 100 * MS;
    throttle(hand, at + 20 * MS, 0, A.pid);
    // For a while B's timer unthrottles what nobody has seen to be throttled: it is taken for somebody else's.
    const isSeen = period < 6 || period > 12;
    if (isSeen) throttle(hand, at + 30 * MS, 1, B.pid);
    hand
      .at(at + 90 * MS, 0, 'timer_hrtimer_expire_entry', { hrtimer: B.timer, function: 1 })
      .at(at + 90 * MS, 0, 'probe_unthrottle_cfs_rq', { ip: 2 })
      .at(at + 90 * MS, 0, 'timer_hrtimer_expire_exit', { hrtimer: B.timer });
    release(hand, at + 90.1 * MS, 0, A.timer, A.pid);
    if (isSeen) hand.switch(at + 92 * MS, 1, 0, 0, B.pid);
  }
  const [a, b] = [rowOf(hand, A.ns), rowOf(hand, B.ns)];
  assert.ok(Math.abs(a.throttledCount! - 60) <= 3, `${a.throttledCount} of 60`);
  assert.ok(Math.abs(b.throttledCount! - 53) <= 3, `${b.throttledCount} of 53`);
});
