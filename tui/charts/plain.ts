/** Charts of letters, for terminals without colours or Unicode, and while the others are being loaded. */
import type { Painter } from '../theme.js';
import { axisNumber, timeAxisLines } from './axis.js';
import { AXIS_LINES, type BarChart, type ChartKit, type LineChart } from './chart.js';

type Cell = { readonly letter: string; readonly token: Parameters<Painter['paint']>[0] } | undefined;

export function plainKit(painter: Painter): ChartKit {
  const vertical = painter.glyphs.vertical;
  const corner = painter.isUnicode ? '└' : '+';
  const horizontal = painter.isUnicode ? '─' : '-';

  function draw(
    chart: LineChart | BarChart,
    rows: readonly (readonly Cell[])[],
    numbers: ReadonlyMap<number, string>,
  ): string[] {
    const blank = ' '.repeat(chart.axisWidth - 1);
    const body = rows.map((row, index) => {
      const number = painter.paint('axisText', numbers.get(index) ?? blank);
      const cells = row.map((cell) => (cell === undefined ? ' ' : painter.paint(cell.token, cell.letter)));
      return number + painter.paint('axis', vertical) + cells.join('');
    });
    return [...body, ...timeAxisLines(chart, corner, horizontal, painter)];
  }

  return {
    lines(chart) {
      const height = chart.height - AXIS_LINES;
      const rowOf = (value: number) =>
        height - 1 - Math.round(Math.min(1, Math.max(0, value / chart.max)) * (height - 1));
      const rows = Array.from({ length: height }, () => new Array<Cell>(chart.labels.length).fill(undefined));
      for (const { values, token, letter } of chart.series) {
        for (const [column, value] of values.entries())
          if (value !== undefined) rows[rowOf(value)]![column] = { token, letter };
      }
      const numbers = new Map<number, string>();
      for (let value = 0; value <= chart.max * 1.001; value += chart.step)
        numbers.set(rowOf(value), axisNumber(value, chart.step, chart.axisWidth - 1));
      return draw(chart, rows, numbers);
    },
    bars(chart) {
      const height = chart.height - AXIS_LINES;
      const rows = Array.from({ length: height }, () => new Array<Cell>(chart.labels.length).fill(undefined));
      for (const [column, bar] of chart.bars.entries()) {
        if (bar === undefined) continue;
        let top = height;
        for (const [part, count] of apportion(bar, height).entries()) {
          for (let n = 0; n < count; n++) rows[--top]![column] = chart.parts[part];
        }
      }
      const numbers = new Map([[0, '100% '.padStart(chart.axisWidth - 1)]]);
      return draw(chart, rows, numbers);
    },
  };
}

/** Whole cells for shares, that add up to those of their sum; what is left over goes to the largest remainders. */
export function apportion(shares: readonly number[], cells: number): number[] {
  const exact = shares.map((share) => share * cells);
  const counts = exact.map(Math.floor);
  const total = Math.min(cells, Math.round(exact.reduce((sum, value) => sum + value, 0)));
  let left = total - counts.reduce((sum, count) => sum + count, 0);
  const byRemainder = exact
    .map((value, index) => ({ index, rest: value - Math.floor(value) }))
    .sort((a, b) => b.rest - a.rest);
  for (const { index } of byRemainder) {
    if (left <= 0) break;
    counts[index]!++;
    left--;
  }
  return counts;
}
