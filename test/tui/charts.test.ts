import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ChartKit } from '../../tui/charts/chart.js';
import { contribKit } from '../../tui/charts/contrib.js';
import { withCursor } from '../../tui/charts/cursor.js';
import { apportion, plainKit } from '../../tui/charts/plain.js';
import type { ColorDepth } from '../../tui/environment.js';
import { Grid } from '../../tui/terminal/grid.js';
import { glyphsFor, Painter, themes } from '../../tui/theme.js';

const WIDTH = 40;
const AXIS = 6;
const labels = Array.from({ length: WIDTH - AXIS }, (_, index) => `12:00:${String(index).padStart(2, '0')}`);
const painter = (depth: ColorDepth, isUnicode: boolean) =>
  new Painter(themes[depth], glyphsFor(isUnicode, depth));
const kits: readonly [string, ChartKit][] = [
  ['contrib', contribKit(painter('256', true))],
  ['contrib of 16 colours', contribKit(painter('16', true))],
  ['plain', plainKit(painter('none', true))],
  ['plain ASCII', plainKit(painter('16', false))],
];

/** The characters of drawn lines. */
function cells(lines: readonly string[]): string[] {
  const grid = new Grid(WIDTH, lines.length);
  grid.fill(lines.join('\n'));
  return lines.map((_, row) => grid.text.slice(row * WIDTH, (row + 1) * WIDTH).join(''));
}

const lineChart = (values: readonly (number | undefined)[], height = 8) => ({
  width: WIDTH,
  height,
  axisWidth: AXIS,
  labels,
  max: 100,
  step: 50,
  series: [{ values, token: 'series1' as const, letter: 'a' }],
});
const barChart = (bars: readonly (readonly number[] | undefined)[]) => ({
  width: WIDTH,
  height: 8,
  axisWidth: AXIS,
  labels,
  bars,
  parts: [
    { token: 'running' as const, letter: 'R' },
    { token: 'throttled' as const, letter: 'T' },
  ],
});

for (const [name, kit] of kits) {
  describe(`charts: ${name}`, () => {
    it('are exactly as large as asked for', () => {
      for (const height of [5, 8, 20]) {
        const lines = kit.lines(
          lineChart(
            labels.map(() => 50),
            height,
          ),
        );
        assert.equal(lines.length, height);
        for (const line of cells(lines)) assert.equal(line.length, WIDTH);
      }
      assert.equal(kit.bars(barChart(labels.map(() => [1, 0]))).length, 8);
    });
    it('draw each value in its own column, the highest on the first line and zero on the last', () => {
      for (const [value, row] of [
        [100, 0],
        [0, 5],
      ] as const) {
        const drawn = cells(
          kit.lines(lineChart(labels.map((_, at) => (at >= 10 && at < 14 ? value : undefined)))),
        );
        for (const [index, line] of drawn.slice(0, 6).entries()) {
          const inside = line.slice(AXIS);
          assert.equal(inside.trim() !== '', index === row, `${value} on line ${index}: ${line}`);
          if (index === row) assert.match(inside, /^ {10}[^ ]{4} *$/);
        }
      }
    });
    it('show a value that stands alone', () => {
      const drawn = cells(kit.lines(lineChart(labels.map((_, at) => (at === 20 ? 60 : undefined)))));
      assert.ok(drawn.slice(0, 6).some((line) => line.slice(AXIS).trim() !== ''));
    });
    it('draw nothing where nothing is known', () => {
      const drawn = cells(kit.lines(lineChart(labels.map(() => undefined))));
      for (const line of drawn.slice(0, 6)) assert.equal(line.slice(AXIS).trim(), '');
    });
    it('have numbers at one side and times below', () => {
      const drawn = cells(kit.lines(lineChart(labels.map((_, at) => at))));
      assert.match(drawn.join('\n'), /^ *100|^ *50/m);
      assert.match(drawn.at(-1)!, /^ {6}12:00:00 +12:00:\d\d/);
    });
    it('stack shares from the bottom', () => {
      const drawn = cells(kit.bars(barChart(labels.map((_, at) => (at === 3 ? undefined : [0.5, 0.5])))));
      const column = (at: number) =>
        drawn
          .slice(0, 6)
          .map((line) => line[AXIS + at])
          .join('');
      assert.equal(column(0), 'TTTRRR');
      assert.equal(column(3), '      ');
    });
  });
}

describe('charts', () => {
  it('listen to nothing of the process', async () => {
    const before = process.eventNames().map((name) => [name, process.listenerCount(name)]);
    contribKit(painter('256', true)).lines(lineChart(labels.map(() => 1)));
    assert.deepEqual(
      process.eventNames().map((name) => [name, process.listenerCount(name)]),
      before,
    );
    for (const name of ['SIGINT', 'SIGTERM', 'SIGQUIT', 'exit', 'uncaughtException'])
      assert.equal(process.listenerCount(name), before.find(([known]) => known === name)?.[1] ?? 0);
  });
  it('share out cells so that they add up', () => {
    assert.deepEqual(apportion([0.5, 0.25, 0.25], 10), [5, 3, 2]);
    assert.deepEqual(apportion([1 / 3, 1 / 3, 1 / 3], 10), [4, 3, 3]);
    assert.deepEqual(apportion([0.2, 0], 10), [2, 0]);
  });
  it('keep characters and looks under the cursor', () => {
    const lines = withCursor(['\u001b[31mab\u001b[0mc', 'xyz'], 3, 1);
    assert.deepEqual(lines, ['\u001b[31ma\u001b[7mb\u001b[mc', 'x\u001b[7my\u001b[mz']);
  });
});
