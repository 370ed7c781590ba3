import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { PairRow } from '../../analyzers/frame.js';
import { ledgerShares, ledgerStates } from '../../tui/app/ledger.js';
import { matrixOf } from '../../tui/app/matrix.js';
import { textWidth } from '../../tui/text/width.js';
import { type Drawing, draw } from './drawing.js';
import { containerRow, FakePlayer, frameOf, sessionOf } from './synthetic.js';

let drawing: Drawing | undefined;
afterEach(() => drawing?.unmount());

const pair = (victim: string, culprit: string, ns: number): PairRow => ({
  host: undefined,
  victim: `pid_ns:${victim}`,
  victimName: victim,
  culprit: `pid_ns:${culprit}`,
  culpritName: culprit,
  ns,
});
const PAIRS = [
  pair('web', 'batch', 4e8),
  pair('web', 'db', 1e8),
  pair('db', 'batch', 2e7),
  pair('web', 'web', 9e8),
];
/** Half of it running, a quarter throttled, a quarter contended. */
const half = containerRow('web', 0.5, {
  runnableNs: 5e8,
  throttledNs: 2.5e8,
  contendedNs: 2.5e8,
});

async function open(size = { columns: 80, rows: 24 }, looks: Parameters<typeof draw>[1] = {}) {
  const frame = {
    ...frameOf(0, [half, containerRow('db', 0.02), containerRow('字'.repeat(20), 0.01)]),
    waits: PAIRS,
    blockers: [pair('db', 'web', 3e8)],
  };
  const session = sessionOf(new FakePlayer([frame]), size);
  drawing = draw(session, looks);
  await drawing.press('v');
  await drawing.press('jj\r');
  return { session, ...drawing };
}

describe('the ledger', () => {
  it('shares out all of the thread time', () => {
    const shares = ledgerShares([half])!;
    assert.deepEqual(
      Object.fromEntries(
        ledgerStates.map(({ title }, at) => [title, shares[at]]).filter(([, share]) => share !== 0),
      ),
      { running: 0.5, throttled: 0.25, contended: 0.25 },
    );
    assert.equal(ledgerShares([]), undefined);
  });
});

describe('the matrix', () => {
  it('has the longest waits first, and the rest in one column', () => {
    const matrix = matrixOf(PAIRS, 2);
    assert.deepEqual(
      matrix.culprits.map(({ name }) => name),
      ['web', 'others'],
    );
    assert.deepEqual(
      matrix.victims.map(({ name, cells, ns }) => [name, cells, ns]),
      [
        ['web', [9e8, 5e8], 1.4e9],
        ['db', [0, 2e7], 2e7],
      ],
    );
    assert.equal(matrix.most, 4e8);
    assert.equal(matrixOf(PAIRS, 3).culprits.length, 3);
  });
});

describe('the view of waits', () => {
  for (const size of [
    { columns: 60, rows: 15 },
    { columns: 80, rows: 24 },
    { columns: 200, rows: 50 },
    { columns: 400, rows: 120 },
  ]) {
    it(`fills ${size.columns}x${size.rows}`, async () => {
      const { frame, lines } = await open(size);
      assert.equal(frame().split('\n').length, size.rows);
      for (const line of lines()) assert.ok(textWidth(line) <= size.columns);
      assert.match(lines().join('\n'), /Who had the CPUs/);
    });
  }
  it('tells states apart without colours', async () => {
    const { lines } = await open(undefined, { depth: 'none', isUnicode: false });
    const bar = lines().find((line) => line.startsWith('web'))!;
    assert.match(bar, / R{25}T{1,13}C{1,13}$/);
    assert.match(lines().join('\n'), /R running T throttled C contended D disk N network o others z timer/);
  });
  it('has the matrix below, and for whom they were blocked where there is room', async () => {
    const { text } = await open();
    assert.match(text(), /web +batch +db +ALL\nweb +900ms +400ms +100ms +1\.40s/);
    assert.doesNotMatch(text(), /For whom they were blocked/);
    drawing?.unmount();
    assert.match((await open({ columns: 200, rows: 50 })).text(), /For whom they were blocked/);
  });
  it('sorts and selects containers as their table does', async () => {
    const { session, press, lines } = await open();
    await press('j');
    assert.equal(session.selectedKey(), 'host');
    await press('I');
    assert.match(lines().find((line) => line.startsWith('NAME'))!, /CPU%▲/);
  });
});
