/** `table`: for people. One block of aligned lines for each frame, its column titles above. */
import type { Value } from '../../analyzers/columns/column.js';
import { clean } from '../../tui/text/clean.js';
import { formatClock, formatDate, formatValue } from '../../tui/text/format.js';
import { cut, fit, textWidth } from '../../tui/text/width.js';
import type { Format, Heading } from './format.js';

const UNKNOWN = '–';
const GAP = '  ';

export function table(): Format {
  let columns: readonly Heading[] = [];
  /** Only grow, so that the blocks of several frames stand in line. */
  let widths: number[] = [];
  let first = true;
  /** The day of the first time: other days are named. */
  let day: string | undefined;
  const cell = ({ unit, width }: Heading, value: Value): string => {
    if (unit !== 'time' || value === undefined)
      return shortened(clean(formatValue(unit, value) ?? UNKNOWN), width);
    const ns = BigInt(value);
    const date = formatDate(ns);
    day ??= date;
    return date === day ? formatClock(ns, 3) : `${date} ${formatClock(ns, 3)}`;
  };
  return {
    begin(headings) {
      columns = headings;
      widths = columns.map(({ title }) => textWidth(title));
      return '';
    },
    frame(rows) {
      if (rows.length === 0) return '';
      const titles = columns.map(({ title }) => title);
      const texts = rows.map((row) => columns.map((column, index) => cell(column, row[index])));
      for (const cells of texts) {
        for (const [index, text] of cells.entries())
          widths[index] = Math.max(widths[index]!, textWidth(text));
      }
      const gap = first ? '' : '\n';
      first = false;
      return gap + [titles, ...texts].map((cells) => `${line(cells, columns, widths)}\n`).join('');
    },
    end: () => '',
  };
}

/** Text to the left, numbers to the right; nothing after the last column. */
function line(cells: readonly string[], columns: readonly Heading[], widths: readonly number[]): string {
  return cells
    .map((text, index) => fit(text, widths[index]!, columns[index]!.unit === 'text' ? 'left' : 'right', '…'))
    .join(GAP)
    .trimEnd();
}

/** Ids and names are cut to the width that they have on screen, sentences are not. */
function shortened(text: string, width: number): string {
  return text.includes(' ') ? text : cut(text, width, '…');
}
