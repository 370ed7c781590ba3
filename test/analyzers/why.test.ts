/** The verdict on containers of which only the sums are made up: large and small ones, with and without limits. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Container } from '../../analyzers/container.js';
import type { Why } from '../../analyzers/frame.js';
import { type Circumstances, verdict } from '../../analyzers/why/verdict.js';

const hog = new Container('hog');
const second: Circumstances = {
  duration: 1e9,
  cpus: 2,
  throttledNs: 0,
  throttledPeriods: 0,
  tellsCauses: true,
  nameOf: (counterpart) => (typeof counterpart === 'string' ? counterpart : counterpart.key),
};

interface Sums {
  readonly cpu?: number;
  readonly limit?: number;
  /** Waited for the hog, all in all, and of that after it had lost the CPU. */
  readonly crowded?: number;
  readonly preempted?: number;
  /** Thread time. */
  readonly throttled?: number;
}

/** The verdict on sums in CPUs, of one second where nothing else is told. */
function judge(
  { cpu = 0, limit, crowded = 0, preempted = 0, throttled = 0 }: Sums,
  others: Partial<Circumstances> = {},
): Why | undefined {
  const circumstances = { ...second, ...others };
  const { duration } = circumstances;
  const container = new Container('web');
  if (limit !== undefined) {
    container.entry = {
      id: 'web',
      name: 'web',
      runtime: 'docker',
      image: undefined,
      initPid: 1,
      limitCpus: limit,
      startedAt: undefined,
      finishedAt: undefined,
      labels: {},
    };
  }
  container.interval.cpuNs = cpu * duration;
  container.interval.throttledNs = throttled * duration;
  container.preemptedNs = preempted * duration;
  if (crowded > 0) container.contention.add(hog, crowded * duration);
  return verdict(container, circumstances);
}

const quotaOf = (periods: number, queues: number, duration = 1e9): Partial<Circumstances> => ({
  duration,
  throttledNs: queues * duration,
  throttledPeriods: periods,
});

test('throttled: a quota, however short or long the interval', () => {
  for (const duration of [100e6, 1e9, 3600e9]) {
    const periods = Math.round((duration / 100e6) * 0.9) || 1;
    const why = judge({ cpu: 0.25, limit: 0.25, throttled: 0.7 }, quotaOf(periods, 0.7, duration));
    assert.equal(why!.kind, 'quota');
    assert.match(why!.text, /^quota: throttled 70%, \d+ times?$/);
  }
});

test('not throttled, but neighbours only take what the quota would: a quota', () => {
  const why = judge({ cpu: 0.2, limit: 0.25, crowded: 0.8, preempted: 0.8 });
  assert.equal(why!.kind, 'quota');
  assert.equal(why!.text, 'quota: used 20% of 25%');
});

test('neighbours take most of what the quota would give: crowded out', () => {
  const why = judge({ cpu: 0.05, limit: 0.25, crowded: 0.9, preempted: 0.9 });
  assert.deepEqual([why!.kind, why!.by], ['crowded out', ['hog']]);
});

test('waits after wake-ups tell nothing of how much it would use: no quota', () => {
  assert.equal(judge({ cpu: 0.2, limit: 0.25, crowded: 0.4, preempted: 0 })!.kind, 'crowded out');
  assert.equal(judge({ cpu: 0.2, limit: 0.25, crowded: 0.02, preempted: 0 })!.kind, 'ok');
});

test('a limit that the machine cannot give holds nobody back', () => {
  const sums = { cpu: 1.5, limit: 3, crowded: 20, preempted: 20 };
  assert.equal(judge(sums)!.kind, 'crowded out');
  assert.equal(judge(sums, { cpus: 64 })!.kind, 'quota');
});

test('of a large container small shares are no reason', () => {
  const large = { cpus: 64, ...quotaOf(1, 0.05) };
  assert.equal(judge({ cpu: 30, limit: 40 }, large)!.kind, 'ok');
  assert.equal(judge({ cpu: 30, limit: 40, crowded: 1 }, large)!.kind, 'ok');
  assert.equal(judge({ cpu: 30, limit: 40 }, { ...large, ...quotaOf(9, 5) })!.kind, 'quota');
  assert.equal(judge({ cpu: 30, crowded: 20, preempted: 20 }, large)!.kind, 'crowded out');
});

test('who seldom runs is crowded out if it waits longer than it runs', () => {
  assert.equal(judge({ cpu: 0.02, crowded: 0.03 })!.kind, 'crowded out');
  assert.equal(judge({ cpu: 0.02, crowded: 0.01 })!.kind, 'ok');
  assert.equal(judge({ cpu: 0.001, crowded: 0.002 })!.kind, 'idle');
});

test('nothing tells throttling: no quota but by its limit', () => {
  const untold = { throttledNs: undefined, throttledPeriods: undefined };
  assert.equal(judge({ cpu: 0.25, limit: 0.25 }, untold)!.kind, 'ok');
  assert.equal(judge({ cpu: 0.2, limit: 0.25, preempted: 0.7 }, untold)!.kind, 'quota');
});
