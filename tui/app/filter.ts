/** The filter line: the filter language for rows of the view, with complaints and choices for a line that is being typed. */
import type { Table } from '../../analyzers/columns/column.js';
import type { PatternCompiler } from '../../analyzers/filter/compare.js';
import { unfinishedAt, writtenValue } from '../../analyzers/filter/complete.js';
import { parseFilter, type RowMatcher } from '../../analyzers/filter/filter.js';
import { columnNamed, shortName } from '../../analyzers/filter/names.js';
import { FilterError } from '../../analyzers/filter/tokens.js';
import { fuzzyFind } from './fuzzy.js';
import type { Choice, Complaint } from './overlay.js';
import type { Session } from './session.js';

export type FilterResult =
  | { readonly matcher: RowMatcher<unknown> | undefined }
  | { readonly complaint: Complaint };

/**
 * What the text means for rows of the table. A pattern that fails on some value (too much backtracking) tells `onProblem`
 * and matches nothing from then on.
 */
export function compileFilter(
  text: string,
  table: Table<unknown>,
  compile: PatternCompiler,
  onProblem: (message: string) => void,
): FilterResult {
  try {
    const guarding: PatternCompiler = (pattern) => guarded(compile(pattern), onProblem);
    return { matcher: parseFilter(text, table, guarding)?.matches };
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return { complaint: { message: error.message, at: [...text.slice(0, error.at)].length } };
  }
}

function guarded(matches: (text: string) => boolean, onProblem: (message: string) => void): typeof matches {
  let hasFailed = false;
  return (text) => {
    if (hasFailed) return false;
    try {
      return matches(text);
    } catch (error) {
      hasFailed = true;
      onProblem(error instanceof Error ? error.message : String(error));
      return false;
    }
  };
}

/** Whether the text ends in a word that may become the name of a column, as long as nothing follows. */
export function mayNameColumn(text: string, { columns }: Table<unknown>): boolean {
  const unfinished = unfinishedAt(text);
  if (unfinished === undefined || unfinished.column !== undefined || unfinished.typed === '') return false;
  const typed = unfinished.typed.toLowerCase();
  return columns.some((column) =>
    [column.id, column.title.toLowerCase(), shortName(columns, column)].some((name) =>
      name.startsWith(typed),
    ),
  );
}

/** Values of a column that are offered. */
const MOST_VALUES = 200;

/** What the typed filter may become: its last word a column, or a value that is on the screen. */
export function filterChoices(typed: string, session: Session): Choice[] {
  const unfinished = unfinishedAt(typed);
  if (unfinished === undefined) return [];
  const { columns } = session.view.table;
  const before = typed.slice(0, unfinished.at);
  if (unfinished.column === undefined) {
    const named = fuzzyFind(unfinished.typed, columns, (column) => [shortName(columns, column), column.id]);
    return named.map((column) => ({
      line: before + shortName(columns, column),
      label: shortName(columns, column),
      title: `${column.title}: ${column.doc}`,
    }));
  }
  const column = columnNamed(columns, unfinished.column);
  if (column?.unit !== 'text' || session.frame === undefined) return [];
  const values = new Set<string>();
  for (const row of session.view.table.rows(session.frame)) {
    const value = column.value(row, session.frame);
    if (value !== undefined && values.size < MOST_VALUES) values.add(String(value));
  }
  return fuzzyFind(unfinished.typed, [...values], (value) => [value]).map((value) => ({
    line: before + writtenValue(value),
    label: value,
    title: `${column.title}`,
  }));
}
