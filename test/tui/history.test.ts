import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { Why } from '../../analyzers/frame.js';
import { scaleFor } from '../../tui/app/history/scale.js';
import { chartSpan, columnsOf } from '../../tui/app/history/span.js';
import { textWidth } from '../../tui/text/width.js';
import { type Drawing, draw } from './drawing.js';
import { containerRow, FakePlayer, frameOf, SECOND, sessionOf } from './synthetic.js';

let drawing: Drawing | undefined;
afterEach(() => drawing?.unmount());

const quota: Why = { kind: 'quota', by: [], share: 0.5, text: 'quota: throttled 50%, 5 times' };

/** 30 seconds in which `web` is throttled from the 10th on, and `late` is there from the 20th on. */
function frames() {
  return Array.from({ length: 30 }, (_, index) =>
    frameOf(index, [
      containerRow('web', 0.1 + index / 100, index < 10 ? {} : { why: quota }),
      containerRow('db', 0.02),
      ...(index < 20 ? [] : [containerRow('late', 0.6)]),
    ]),
  );
}

async function open(size = { columns: 80, rows: 24 }, looks: Parameters<typeof draw>[1] = {}) {
  const player = new FakePlayer(frames());
  const session = sessionOf(player, size);
  await session.charts.load();
  drawing = draw(session, looks);
  await drawing.press('y');
  return { player, session, ...drawing };
}

describe('the history', () => {
  for (const size of [
    { columns: 60, rows: 15 },
    { columns: 80, rows: 24 },
    { columns: 120, rows: 40 },
    { columns: 200, rows: 50 },
    { columns: 400, rows: 120 },
  ]) {
    for (const looks of [{}, { depth: 'none', isUnicode: false }] as const) {
      it(`fills ${size.columns}x${size.rows} ${'depth' in looks ? 'in ASCII' : 'in braille'}`, async () => {
        const { frame, lines } = await open(size, looks);
        assert.equal(frame().split('\n').length, size.rows);
        for (const line of lines()) assert.ok(textWidth(line) <= size.columns);
        assert.match(lines().join('\n'), 'depth' in looks ? /[abc]{3}/ : /[\u2801-\u28ff]{3}/u);
        assert.match(lines().join('\n'), /CPU% {2}Time on a/);
      });
    }
  }
  it('draws containers, not the host, each with a sign in the table', async () => {
    const { lines } = await open(undefined, { depth: 'none', isUnicode: false });
    assert.match(lines().find((line) => line.includes(' web '))!, /^[abc] web/);
    assert.match(lines().find((line) => line.includes(' host '))!, /^ {2}host/);
  });
  it('draws what the user chooses', async () => {
    const { press, lines, text } = await open(undefined, { depth: 'none', isUnicode: false });
    const row = (name: string) => lines().find((line) => line.includes(` ${name} `))!;
    await press('G');
    assert.match(row('db'), /^[abc] db/);
    await press('x');
    assert.match(row('db'), /^ {2}db/);
    await press('x');
    assert.match(row('db'), /^[abc] db/);
    await press('y');
    assert.match(text(), /Charts/);
    await press(`${'k'.repeat(40)}\r`);
    assert.match(text(), /LEDGER of db/);
  });
  it('marks where something began', async () => {
    const { lines } = await open();
    const marks = lines().find((line) => line.startsWith('began'))!;
    const web = marks.indexOf('T');
    // 73 columns for 30 seconds: two each.
    assert.equal(web, 7 + 2 * 10);
    assert.equal(marks.replace('began', '').trim(), 'T');
  });
  it('has a cursor that moves with the whole screen', async () => {
    const { press, frame, player } = await open();
    player.show(4);
    await drawing!.settle();
    const inverse = () => {
      const line = frame()
        .split('\n')
        .find((text) => text.includes('began'))!;
      return line.split('\u001b[7m')[0]!.replace(/\u001b\[[0-9;]*m/g, '').length;
    };
    assert.equal(inverse(), 7 + 8);
    await press('\x1b[C');
    assert.equal(inverse(), 7 + 10);
    assert.equal(player.index, 5);
  });
  it('is narrowed to what was entered', async () => {
    const { press, lines, text } = await open(undefined, { depth: 'none', isUnicode: false });
    await press('\x1b');
    await press('\r');
    await press('y');
    assert.match(text(), /Containers > \w+ > History/);
    assert.equal(lines().filter((line) => /^a \w/.test(line)).length, 1);
  });
  it('reads ahead only while it is shown', async () => {
    const { player, press } = await open();
    const asked: boolean[] = [];
    player.readAhead = (isWanted) => {
      asked.push(isWanted);
    };
    await press('j');
    await press('\x1b');
    assert.deepEqual([asked.at(0), asked.at(-1)], [true, false]);
  });
});

describe('going to what began', () => {
  it('shows the next anomaly and says what it is', async () => {
    const { press, player, text } = await open();
    await press('a');
    assert.equal(player.index, 10);
    assert.match(text(), /web: quota: throttled 50%, 5 times/);
    await press('a');
    assert.equal(player.index, 10);
    assert.match(text(), /Nothing more began/);
    player.show(29);
    await press('A');
    assert.equal(player.index, 10);
  });
  it('marks it on the time bar', async () => {
    const { lines } = await open();
    assert.match(lines()[1]!, /━╂━/);
  });
});

describe('the span of charts', () => {
  const state = (begin: number, end: number) => ({
    ...new FakePlayer(frames()).state(),
    kept: { begin, end },
  });
  it('is a whole recording, in whole columns an interval', () => {
    const span = chartSpan(new FakePlayer(frames()), state(0, 3 * SECOND), 73);
    assert.deepEqual(span, { begin: 0, columnNs: SECOND / 2, columns: 73 });
    assert.deepEqual(columnsOf(span, 10 * SECOND, 11 * SECOND), [20, 22]);
  });
  it('is what is kept of a long one, in whole intervals a column, and keeps still while that grows', () => {
    const player = Object.assign(new FakePlayer([]), { frames: { length: 100_000 } });
    const before = chartSpan(player, state(1000 * SECOND, 1040 * SECOND), 20);
    assert.deepEqual(before, { begin: 1000 * SECOND, columnNs: 4 * SECOND, columns: 20 });
    assert.deepEqual(chartSpan(player, state(1000 * SECOND, 1063 * SECOND), 20), before);
    assert.deepEqual(columnsOf(before, 1003 * SECOND, 1004 * SECOND), [0, 1]);
  });
});

describe('scales', () => {
  for (const [unit, most, lines, expected] of [
    ['percent', 67, 8, { max: 80, step: 20, divisor: 1, unit: '' }],
    ['percent', 100, 4, { max: 100, step: 50, divisor: 1, unit: '' }],
    ['duration', 3.2e6, 4, { max: 4, step: 2, divisor: 1e6, unit: 'ms' }],
    ['bytes', 3 * 2 ** 20, 4, { max: 4, step: 2, divisor: 2 ** 20, unit: 'MiB' }],
    ['count', 0, 4, { max: 1, step: 0.5, divisor: 1, unit: '' }],
  ] as const) {
    it(`are round: ${unit} up to ${most}`, () => assert.deepEqual(scaleFor(unit, most, lines), expected));
  }
});
