/** `:compare`: what got worse from one range of time to another, as a page. */
import { type ComparisonRow, compareRanges } from '../../../analyzers/compare.js';
import type { Frame } from '../../../analyzers/frame.js';
import { formatValue } from '../../text/format.js';
import { cut, textWidth } from '../../text/width.js';
import type { Token } from '../../theme.js';
import type { Complaint } from '../overlay.js';
import { openPage, type PageLine } from '../page.js';
import type { Session } from '../session.js';

/** Frames of ranges as typed. @throws Error with one sentence for the user */
export type RangeReader = (ranges: readonly string[]) => Promise<readonly (readonly Frame[])[]>;

/** From this weight on a change is called worse, or better. */
const NOTABLE = 2;
const BAD = 10;
const LONGEST_NAME = 24;

export function compareCommand(session: Session, argument: string): Complaint | undefined {
  const ranges = argument.split(/\s+/);
  if (ranges.length !== 2) return { message: 'two ranges are needed, like 12:01-12:02 12:05-12:06' };
  session.message = 'Comparing …';
  session.options.readRanges(ranges).then(
    ([before = [], after = []]) =>
      session.update(() => {
        session.message = undefined;
        const { names } = session.options;
        const rows = compareRanges(before, after).filter(({ name }) => names?.matches(name) ?? true);
        openPage(session, `${ranges[0]} compared with ${ranges[1]}`, comparisonPage(rows));
      }),
    (error: unknown) =>
      session.update(() => {
        session.message = error instanceof Error ? error.message : String(error);
      }),
  );
  return undefined;
}

interface Cell {
  readonly text: string;
  readonly token: Token;
}

/** A table by what got worse most; then the verdicts of those whose verdict is another. */
export function comparisonPage(rows: readonly ComparisonRow[]): PageLine[] {
  if (rows.length === 0) return [[{ text: ' Nothing changed that is worth telling.', token: 'muted' }]];
  const headings: Cell[] = ['NAME', 'WHAT', 'BEFORE', 'AFTER', 'CHANGE', ''].map((text) => ({
    text,
    token: 'header',
  }));
  const table = [headings, ...rows.map(cellsOf)];
  const widths = headings.map((_, column) =>
    Math.max(...table.map((cells) => textWidth(cells[column]!.text))),
  );
  const lines = table.map((cells) =>
    cells.map(({ text, token }, column) => ({ text: padded(text, widths[column]!, column < 2), token })),
  );
  return [...lines, ...verdictLines(rows)];
}

function cellsOf({ name, metric, before, after, change, worse }: ComparisonRow): Cell[] {
  const text = (value: number | undefined) => formatValue(metric.unit, value) ?? '–';
  const sign = change !== undefined && change > 0 ? '+' : '';
  return [
    { text: cut(name, LONGEST_NAME, '…'), token: 'strong' },
    { text: metric.title, token: 'text' },
    { text: text(before), token: 'text' },
    { text: text(after), token: 'text' },
    { text: change === undefined ? '–' : sign + text(change), token: lookOf(worse) },
    { text: worse >= NOTABLE ? 'worse' : worse <= -NOTABLE ? 'better' : '', token: lookOf(worse) },
  ];
}

function lookOf(worse: number): Token {
  if (worse >= BAD) return 'critical';
  if (worse >= NOTABLE) return 'warning';
  return worse <= -NOTABLE ? 'good' : 'text';
}

function verdictLines(rows: readonly ComparisonRow[]): PageLine[] {
  const told = new Map<string, ComparisonRow>();
  for (const row of rows)
    if (row.whyBefore !== row.whyAfter && !told.has(row.container)) told.set(row.container, row);
  if (told.size === 0) return [];
  return [
    [],
    [{ text: ' Verdicts before and after', token: 'strong' }],
    ...[...told.values()].map(
      ({ name, whyBefore, whyAfter }): PageLine => [
        { text: ` ${name}: `, token: 'strong' },
        { text: `${whyBefore ?? 'was not there'}, then ${whyAfter ?? 'was not there'}`, token: 'text' },
      ],
    ),
  ];
}

function padded(text: string, width: number, isLeft: boolean): string {
  const blanks = ' '.repeat(width - textWidth(text));
  return ` ${isLeft ? text + blanks : blanks + text} `;
}
