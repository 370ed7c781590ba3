/** What of a table `dump` writes: columns, rows of some containers, their order, and how many. */
import type { Column, Table, Value } from '../analyzers/columns/column.js';
import type { Filter } from '../analyzers/filter/filter.js';
import type { Frame } from '../analyzers/frame.js';
import { UsageError } from './errors.js';
import type { NameMatcher } from './match.js';

export interface Sort {
  readonly column: string;
  readonly descending: boolean;
}

export interface View<Row> {
  readonly table: Table<Row>;
  readonly columns: readonly Column<Row>[];
  readonly sort: Sort;
  /** At most so many rows of each frame. */
  readonly top: number;
  /** Rows of containers with such names; undefined: all rows. */
  readonly matches: NameMatcher | undefined;
  /** Rows that `--filter` asks for. */
  readonly filter?: Filter<Row> | undefined;
  /** Rows with such text in these columns. */
  readonly filters?: readonly { readonly column: Column<Row>; readonly matches: NameMatcher }[];
}

/** A row's values in the order of the view's columns. */
export type Cells = readonly Value[];

/** The columns of `ids` in that order. @throws UsageError that lists the columns where there is no such one. */
export function chooseColumns<Row>(table: Table<Row>, ids: readonly string[]): Column<Row>[] {
  return ids.map((id) => columnOf(table, id));
}

/**
 * Reads `--sort`: `cpu_ns`, `-cpu_ns` (largest first), `+cpu_ns` (smallest first). Without a sign numbers come largest
 * first and text in the order of the alphabet. @throws UsageError for a column that is not there.
 */
export function parseSort<Row>(table: Table<Row>, text: string): Sort {
  const sign = /^[+-]/.exec(text)?.[0];
  const column = columnOf(table, sign === undefined ? text : text.slice(1));
  return { column: column.id, descending: sign === undefined ? column.unit !== 'text' : sign === '-' };
}

/** The frame's rows as the view wants them: filtered, sorted (unknown values last, equal ones as they came), cut. */
export function rowsOf<Row>(view: View<Row>, frame: Frame): Cells[] {
  const { table, matches, filter, filters = [] } = view;
  const all = table.rows(frame);
  const chosen = all.filter(
    (row) =>
      (matches?.(table.container(row) ?? '') ?? true) &&
      (filter?.matches(row, frame) ?? true) &&
      filters.every((filter) => fits(filter.column.value(row, frame), filter.matches)),
  );
  const by = columnOf(table, view.sort.column);
  const keyed = chosen.map((row) => ({ row, key: by.value(row, frame) }));
  keyed.sort((a, b) => compareValues(a.key, b.key, view.sort.descending));
  return keyed.slice(0, view.top).map(({ row }) => view.columns.map((column) => column.value(row, frame)));
}

/** What is unknown fits no pattern. */
function fits(value: Value, matches: NameMatcher): boolean {
  return value !== undefined && matches(String(value));
}

function compareValues(a: Value, b: Value, descending: boolean): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return (a < b ? -1 : a > b ? 1 : 0) * (descending ? -1 : 1);
}

function columnOf<Row>(table: Table<Row>, id: string): Column<Row> {
  const column = table.columns.find((candidate) => candidate.id === id);
  if (column !== undefined) return column;
  const known = table.columns.map((candidate) => candidate.id).join(' ');
  throw new UsageError(`${table.id} have no column “${id}”; there are: ${known}`);
}
