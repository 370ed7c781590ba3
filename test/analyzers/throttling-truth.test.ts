/** Throttling against the kernel's own accounting: the cgroups' cpu.stat, sampled while the recordings were made. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { ContainerRow } from '../../analyzers/frame.js';
import { recording } from '../native/recordings.js';
import { cpuStat, eachFrame, type Sample } from './recorded.js';

const KPROBES = /throttle_cfs_rq/;

/** What the kernel counted for the row's container between two samples; the LXC container has no id in the trace. */
function truth(row: ContainerRow, from: Sample, to: Sample): { periods: number; ns: number } | undefined {
  const id = row.idBasis === 'namespace' ? 'legacy' : row.id;
  const after = to.cpu.get(id);
  const before = from.cpu.get(id);
  return after && before && { periods: after.periods - before.periods, ns: after.ns - before.ns };
}

async function compare(
  directory: string,
  [from, to]: readonly [Sample, Sample],
  withhold: RegExp | undefined,
  check: (row: ContainerRow, kernel: { periods: number; ns: number }) => void,
): Promise<void> {
  let compared = 0;
  const reading = { begin: from.time, end: to.time, ...(withhold && { withhold }) };
  await eachFrame(directory, reading, (frame) => {
    for (const row of frame.containers) {
      const kernel = row.isHost ? undefined : truth(row, from, to);
      if (kernel === undefined) continue;
      compared++;
      check(row, kernel);
    }
  });
  assert.ok(compared > 0);
}

for (const name of ['shop', 'market']) {
  const whole = recording(name);
  const skip = whole === undefined && 'no ../shared/traces here';

  test(`${name}: measured throttling is the kernel’s, over all and in each quarter`, { skip }, async () => {
    const samples = await cpuStat(whole!);
    const last = samples.length - 1;
    const quarter = (n: number): Sample => samples[Math.floor((n * last) / 4)]!;
    const spans = [[0, 4, 1], ...[0, 1, 2, 3].map((n) => [n, n + 1, 2])] as const;
    for (const [first, end, slack] of spans) {
      await compare(whole!, [quarter(first!), quarter(end!)], undefined, (row, kernel) => {
        const what = `${row.name} quarters ${first}…${end}`;
        assert.equal(row.throttledBasis, 'measured');
        const most = slack! * Math.max(3, 0.02 * kernel.periods);
        assert.ok(
          Math.abs(row.throttledCount! - kernel.periods) <= most,
          `${what}: ${row.throttledCount} periods, the kernel counted ${kernel.periods}`,
        );
        // What is throttled at a sample is in throttled_usec only when it ends: that matters in a quarter with few periods.
        const atEnds = slack === 1 || kernel.ns === 0 ? 0 : 0.1e9;
        assert.ok(
          Math.abs(row.queuesThrottledNs! - kernel.ns) <= slack! * 0.1 * kernel.ns + atEnds,
          `${what}: ${row.queuesThrottledNs} ns, the kernel counted ${kernel.ns}`,
        );
      });
    }
  });

  test(`${name}: inferred throttling is near, and none is where there is no quota`, { skip }, async () => {
    const samples = await cpuStat(whole!);
    await compare(whole!, [samples[0]!, samples.at(-1)!], KPROBES, (row, kernel) => {
      assert.equal(row.throttledBasis, 'inferred');
      const most = Math.max(3, 0.15 * kernel.periods);
      assert.ok(
        Math.abs(row.throttledCount! - kernel.periods) <= (kernel.periods === 0 ? 0 : most),
        `${row.name}: ${row.throttledCount} periods, the kernel counted ${kernel.periods}`,
      );
    });
  });
}
