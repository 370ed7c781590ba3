/** `:write FILE`: what is on the screen, as text or a picture, or the rows of its table for programs. */
import type { Column, Value } from '../../../analyzers/columns/column.js';
import { svgOf } from '../../export/svg.js';
import type { Grid } from '../../terminal/grid.js';
import type { Complaint } from '../overlay.js';
import { openPrompt } from '../prompt.js';
import type { Session } from '../session.js';

export const writtenFormats = ['txt', 'svg', 'csv', 'json'] as const;
export type WrittenFormat = (typeof writtenFormats)[number];

/** What writes for the screen, which knows no files. */
export interface Exporter {
  /** The table in the format of `dump`. */
  table(
    format: 'csv' | 'json',
    columns: readonly Pick<Column<never>, 'id' | 'title' | 'unit' | 'width'>[],
    rows: readonly (readonly Value[])[],
  ): string;
  /** `exists` where there is such a file and it is not to be replaced. @throws Error with one sentence */
  write(path: string, text: string, replace: boolean): Promise<'written' | 'exists'>;
}

export function writeCommand(session: Session, argument: string): Complaint | undefined {
  const format = writtenFormats.find((name) => argument.endsWith(`.${name}`));
  if (format === undefined)
    return { message: `a name ends in ${writtenFormats.map((name) => `.${name}`).join(', ')}` };
  attempt(session, argument, format, false);
  return undefined;
}

function attempt(session: Session, path: string, format: WrittenFormat, replace: boolean): void {
  const { exporter } = session.options;
  contentOf(session, format)
    .then((text) => exporter.write(path, text, replace))
    .then(
      (result) =>
        session.update(() => {
          if (result === 'written') session.message = `Written: ${path}`;
          else askToReplace(session, path, format);
        }),
      (error: unknown) =>
        session.update(() => {
          session.message = error instanceof Error ? error.message : String(error);
        }),
    );
}

function askToReplace(session: Session, path: string, format: WrittenFormat): void {
  openPrompt(session, {
    label: 'Replace?',
    hint: `${path} is there already; y writes over it`,
    text: '',
    submit: (text) => {
      if (/^y(es)?$/i.test(text.trim())) attempt(session, path, format, true);
      else session.message = 'Nothing was written.';
      return undefined;
    },
  });
}

async function contentOf(session: Session, format: WrittenFormat): Promise<string> {
  if (format === 'csv' || format === 'json') return tableText(session, format);
  const grid = await session.options.screenshot();
  return format === 'txt' ? textOf(grid) : svgOf(grid, `boxtop: ${session.crumbs.join(' › ')}`);
}

/** All rows, not only those that fit, in their order; the columns that are shown, after the time. */
function tableText(session: Session, format: 'csv' | 'json'): string {
  const { frame, view } = session;
  if (frame === undefined) throw new Error('there is nothing to write yet');
  const time = view.table.columns.filter(({ id }) => id === 'time');
  const shown = session.columns.filter(({ isTrend }) => !isTrend).map(({ column }) => column);
  const columns = [...time, ...shown];
  const rows = session.rows().rows.map((row) => columns.map((column) => column.value(row, frame)));
  return session.options.exporter.table(format, columns, rows);
}

function textOf(grid: Grid): string {
  const lines = Array.from({ length: grid.rows }, (_, row) =>
    grid.text
      .slice(row * grid.columns, (row + 1) * grid.columns)
      .join('')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}
