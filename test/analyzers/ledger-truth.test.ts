/** The ledger over whole recordings: every moment of every thread is in one state, and all that is suffered is charged. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { threadTime } from '../../analyzers/columns/ledger.js';
import type { Frame, ThreadRow } from '../../analyzers/frame.js';
import { unpackDemo } from '../../recordings/demo.js';
import { recording } from '../native/recordings.js';
import { eachFrame } from './recorded.js';

const recordings: readonly { name: string; path: () => Promise<string>; skip: string | false }[] = [
  { name: 'demo', path: unpackDemo, skip: false },
  ...['shop', 'deny', 'whatif/free', 'whatif/q50', 'whatif/q20', 'whatif/hog2'].map((name) => {
    const [archive, ...inner] = name.split('/');
    const whole = recording(archive!);
    return {
      name,
      path: async () => join(whole!, ...inner),
      skip: whole === undefined && 'no ../shared/traces here',
    } as const;
  }),
];

/** For how long the thread existed within the frame. */
function lifetime(row: ThreadRow, frame: Frame): number {
  const begin = Math.max(frame.begin, row.started ?? frame.begin);
  return Math.max(0, Math.min(frame.end, row.ended ?? frame.end) - begin);
}

/** Short intervals, which cut many waits, to one that cuts none; the shortest of a long recording in a part of it. */
const intervals: readonly { interval: number | 'total'; title: string; end?: number }[] = [
  { interval: 100e6, title: 'each tenth of a second', end: 40e9 },
  { interval: 1e9, title: 'each second' },
  { interval: 10e9, title: 'each ten seconds' },
  { interval: 'total', title: 'the whole' },
];

const cases = recordings.flatMap((one) => intervals.map((part) => ({ ...one, ...part })));
for (const { name, path, skip, title, interval, end = Number.POSITIVE_INFINITY } of cases) {
  test(`${name}, ${title}: thread time adds up, and contended time is charged`, { skip }, async () => {
    let before = new Map<number, string>();
    await eachFrame(await path(), { interval, end }, (frame) => {
      const lives = new Map<string, number>();
      // Those that threads came to, or went away from: what they did before counts for where they were.
      const joined = new Set<string>();
      const now = new Map<number, string>();
      for (const row of frame.threads) {
        const life = lifetime(row, frame);
        const excess = threadTime(row)! - life;
        assert.ok(
          // After its exit a thread still runs for a moment, for which it may have to wait.
          excess > -1 && (excess < 1 || row.ended !== undefined),
          `thread ${row.tid} at ${frame.begin}: ${threadTime(row)} of ${life} ns`,
        );
        const former = before.get(row.tid);
        if ((row.started ?? 0) >= frame.begin) joined.add(row.container);
        else if (former !== undefined && former !== row.container) joined.add(row.container).add(former);
        now.set(row.tid, row.container);
        lives.set(row.container, (lives.get(row.container) ?? 0) + life + Math.max(0, excess));
      }
      const whole = frame.containers.reduce((sum, row) => sum + threadTime(row)!, 0);
      const all = [...lives.values()].reduce((sum, life) => sum + life, 0);
      assert.ok(
        Math.abs(whole - all) <= 0.001 * all,
        `all containers at ${frame.begin}: ${whole} of ${all} ns`,
      );
      before = now;
      const charged = new Map<string, number>();
      for (const { victim, ns } of frame.waits!) charged.set(victim, (charged.get(victim) ?? 0) + ns);
      for (const row of frame.containers) {
        const time = threadTime(row)!;
        const life = lives.get(row.key) ?? 0;
        // A new thread may have been another container's at first: its time was credited to that.
        const most = joined.has(row.key) ? 0 : 0.001 * life + 1;
        assert.ok(
          most === 0 || Math.abs(time - life) <= most,
          `${row.name} at ${frame.begin}: ${time} of ${life} ns`,
        );
        const suffered = row.contendedNs!;
        assert.ok(Math.abs((charged.get(row.key) ?? 0) - suffered) < 1 + 1e-9 * suffered, row.name);
      }
    });
  });
}
