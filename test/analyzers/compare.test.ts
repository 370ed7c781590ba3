import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareRanges } from '../../analyzers/compare.js';
import type { ContainerRow } from '../../analyzers/frame.js';
import { containerRow, frameOf } from '../tui/synthetic.js';

const web = (more: Partial<ContainerRow>) => containerRow('web', 0.3, { contendedNs: 0, ...more });
const compared = (before: ContainerRow[][], after: ContainerRow[][]) =>
  compareRanges(
    before.map((rows, index) => frameOf(index, rows)),
    after.map((rows, index) => frameOf(10 + index, rows)),
  );

describe('the comparison of two ranges', () => {
  it('tells what got worse first, and what got better last', () => {
    const db = (more: Partial<ContainerRow>) => containerRow('db', 0.3, more);
    const rows = compared(
      [[web({ contendedNs: 1e8, queuesThrottledNs: 5e8 }), db({ wakeupP99Ns: 1e6 })]],
      [[web({ contendedNs: 3e8, queuesThrottledNs: 1e8 }), db({ wakeupP99Ns: 41e6 })]],
    );
    assert.deepEqual(
      rows.map(({ name, metric, before, after, worse }) => [
        name,
        metric.id,
        before,
        after,
        Math.round(worse),
      ]),
      [
        ['db', 'wakeup_p99_ns', 1e6, 41e6, 40],
        ['web', 'contended_pct', 10, 30, 20],
        ['web', 'throttled_pct', 50, 10, -40],
      ],
    );
  });
  it('takes means over the whole range, also of intervals in which a container was not there', () => {
    const [row] = compared([[web({})], [web({})]], [[web({ contendedNs: 4e8 })], []]);
    assert.deepEqual([row?.metric.id, row?.before, row?.after], ['contended_pct', 0, 20]);
  });
  it('says nothing of what is unknown on one side', () => {
    assert.deepEqual(compared([[web({ denials: undefined })]], [[web({ denials: 7 })]]), []);
  });
  it('tells of containers that came or went', () => {
    const rows = compared([[web({})]], [[web({}), containerRow('noisy', 0.6)]]);
    assert.deepEqual(
      rows.map(({ name, before, after, worse }) => [name, before, after && Math.round(after), worse]),
      [['noisy', undefined, 60, 0]],
    );
  });
  it('keeps the verdicts of both', () => {
    const why = (kind: 'ok' | 'quota') => ({ kind, by: [], share: 0, text: `${kind}!` });
    const [row] = compared([[web({ why: why('ok') })]], [[web({ why: why('quota'), contendedNs: 1e8 })]]);
    assert.deepEqual([row?.whyBefore, row?.whyAfter], ['ok!', 'quota!']);
  });
});
