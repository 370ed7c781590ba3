/** `table`: for people. One block of aligned lines for each frame, its column titles above. */
import type { Unit, Value } from '../../analyzers/columns/column.js';
import { clean } from '../../tui/text/clean.js';
import { formatClock, formatValue } from '../../tui/text/format.js';
import { fit, textWidth } from '../../tui/text/width.js';
import type { Format, Heading } from './format.js';

const UNKNOWN = '–';
const GAP = '  ';

export function table(): Format {
  let columns: readonly Heading[] = [];
  /** Only grow, so that the blocks of several frames stand in line. */
  let widths: number[] = [];
  let first = true;
  return {
    begin(headings) {
      columns = headings;
      widths = columns.map(({ title }) => textWidth(title));
      return '';
    },
    frame(rows) {
      if (rows.length === 0) return '';
      const titles = columns.map(({ title }) => title);
      const texts = rows.map((row) => columns.map(({ unit }, index) => cellText(unit, row[index])));
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

/** As the screen writes it, but with milliseconds, which tell the beginnings of short intervals apart. */
function cellText(unit: Unit, value: Value): string {
  if (unit === 'time' && value !== undefined) return formatClock(BigInt(value), 3);
  return clean(formatValue(unit, value) ?? UNKNOWN);
}
