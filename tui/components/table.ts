/** The table of a view: its header and the rows that can be seen. */
import type { Column } from '../../analyzers/columns/column.js';
import type { Frame } from '../../analyzers/frame.js';
import type { PlacedColumn } from '../app/columns.js';
import type { Rows, Sort } from '../app/rows.js';
import { branchText } from '../app/tree.js';
import type { Trends } from '../app/trend.js';
import type { View } from '../app/views.js';
import { formatValue } from '../text/format.js';
import { cut, cutStart, fit } from '../text/width.js';
import type { Painter, Token } from '../theme.js';
import { strip } from './strip.js';

export interface TableProps {
  readonly view: View;
  readonly frame: Frame;
  readonly columns: readonly PlacedColumn[];
  readonly rows: readonly unknown[];
  /** Of a tree: where each row hangs. */
  readonly branches: Rows['branches'];
  readonly first: number;
  readonly selected: number;
  readonly sort: Sort;
  readonly trends: Trends | undefined;
  readonly width: number;
  readonly height: number;
  /** Said where there are no rows. */
  readonly empty: string;
  readonly painter: Painter;
}

/** Shares of a row's ceiling (its CPU limit, else one CPU) from which a value is marked. */
const WARNING_SHARE = 0.5;
const CRITICAL_SHARE = 0.9;
const TREND_TITLE = 'HISTORY';

/** Its header, then `height` lines. */
export function tableLines(props: TableProps): string[] {
  const { rows, first, height, width, empty, painter } = props;
  const shown = rows.slice(first, first + height);
  const body = shown.map((row, index) => rowLine(props, row, first + index));
  if (rows.length === 0)
    body.push(
      '',
      painter.paint('muted', ` ${cut(painter.clean(empty), width - 2, painter.glyphs.ellipsis)}`),
    );
  return [headerLine(props), ...fill(body, height)];
}

function headerLine({ columns, sort, width, painter }: TableProps): string {
  const { glyphs } = painter;
  const cells = columns.map(({ column, width: columnWidth, isTrend }, index) => {
    const isSorted = !isTrend && column.id === sort.column;
    const mark = isSorted ? (sort.descending ? glyphs.descending : glyphs.ascending) : '';
    const title = isTrend ? TREND_TITLE : column.title + mark;
    const gap = index === 0 ? '' : ' ';
    return painter.paint(
      isSorted ? 'headerSorted' : 'header',
      gap + fit(title, columnWidth, isTrend ? 'left' : alignOf(column), glyphs.ellipsis),
    );
  });
  return cells.join('') + painter.paint('header', ' '.repeat(Math.max(0, width - usedWidth(columns))));
}

function rowLine(props: TableProps, row: unknown, index: number): string {
  const { columns, selected, width, painter } = props;
  const isSelected = index === selected;
  let line = '';
  for (const [position, placed] of columns.entries()) {
    const cell = placed.isTrend
      ? trendCell(props, placed, row)
      : valueCell(props, placed, row, index, position);
    const gap = position === 0 ? '' : ' ';
    const text = gap + cell.text;
    if (isSelected) line += text;
    else line += cell.painted === undefined ? painter.paint(cell.token, text) : gap + cell.painted;
  }
  if (!isSelected) return line;
  return painter.paint('selected', line + ' '.repeat(Math.max(0, width - usedWidth(columns))));
}

interface Cell {
  readonly text: string;
  readonly token: Token;
  /** The text with its looks, where it has several. */
  readonly painted?: string;
}

function trendCell({ trends, view, painter }: TableProps, { width }: PlacedColumn, row: unknown): Cell {
  const text = trends?.line(view.table.key(row), width, painter.glyphs.levels) ?? ' '.repeat(width);
  return { text, token: 'trend' };
}

function valueCell(
  { view, frame, branches, painter }: TableProps,
  { column, width }: PlacedColumn,
  row: unknown,
  index: number,
  position: number,
): Cell {
  const { glyphs } = painter;
  if (view.strip?.column === column.id) {
    return { token: 'text', ...strip(view.strip.parts(row, frame), width, painter) };
  }
  const value = column.value(row, frame);
  const formatted = formatValue(column.unit, value);
  const align = alignOf(column);
  if (formatted === undefined)
    return { text: fit(glyphs.unknown, width, align, glyphs.ellipsis), token: 'muted' };
  const hangs = branches !== undefined && column.id === view.family?.column;
  const branch = hangs ? branchText(branches[index]!, painter.isUnicode) : '';
  const whole = column.unit === 'text' ? branch + painter.clean(formatted) : formatted;
  const short = column.isPath && whole.startsWith('/') ? cutStart(whole, width, glyphs.ellipsis) : whole;
  const text = fit(short, width, align, glyphs.ellipsis);
  const token = view.token?.(row) ?? (position === 0 ? 'strong' : undefined);
  if (column.unit === 'text' && token !== undefined) return { text, token };
  if (value === 0) return { text, token: 'muted' };
  if (column.unit === 'percent')
    return { text, token: loadToken(Number(value) / (view.ceiling?.(row) ?? 100)) };
  return { text, token: 'text' };
}

function loadToken(share: number): Token {
  if (share >= CRITICAL_SHARE) return 'critical';
  return share >= WARNING_SHARE ? 'warning' : 'text';
}

/** Text to the left, numbers to the right. */
function alignOf(column: Column<unknown>): 'left' | 'right' {
  return column.unit === 'text' ? 'left' : 'right';
}

function usedWidth(columns: readonly PlacedColumn[]): number {
  return columns.reduce((sum, { width }) => sum + width, 0) + Math.max(0, columns.length - 1);
}

function fill(lines: readonly string[], height: number): string[] {
  return Array.from({ length: height }, (_, index) => lines[index] ?? '');
}
