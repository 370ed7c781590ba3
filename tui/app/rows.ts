/** The rows of a view in one frame: narrowed, filtered, sorted. */
import type { Column, Value } from '../../analyzers/columns/column.js';
import type { TextMatcher } from '../../analyzers/filter/compare.js';
import type { RowMatcher } from '../../analyzers/filter/filter.js';
import type { Frame } from '../../analyzers/frame.js';
import { type Tree, treeOf } from './tree.js';
import type { Scope, View } from './views.js';

export interface Sort {
  readonly column: string;
  readonly descending: boolean;
}

export interface RowsQuery {
  readonly view: View;
  readonly frame: Frame;
  readonly scope: Scope;
  readonly sort: Sort;
  /** The filter line. */
  readonly filter: RowMatcher<unknown> | undefined;
  /** `--name`: containers that are shown at all. */
  readonly names: TextMatcher | undefined;
  /** Children below their parents, where the view has such. */
  readonly asTree: boolean;
}

export interface Rows {
  readonly rows: readonly unknown[];
  readonly keys: readonly string[];
  /** Rows before the filter line. */
  readonly total: number;
  /** Of a tree: where each row hangs. */
  readonly branches?: Tree<unknown>['branches'];
}

/** Remembers its last answer, because most questions come again: a key moves the selection, the rows stay. */
export class RowSelector {
  #query: RowsQuery | undefined;
  #answer: Rows | undefined;

  select(query: RowsQuery): Rows {
    if (this.#query !== undefined && this.#answer !== undefined && isSame(this.#query, query))
      return this.#answer;
    this.#query = query;
    this.#answer = selectRows(query);
    return this.#answer;
  }
}

function isSame(a: RowsQuery, b: RowsQuery): boolean {
  return (Object.keys(a) as (keyof RowsQuery)[]).every((name) => a[name] === b[name]);
}

export function selectRows({ view, frame, scope, sort, filter, names, asTree }: RowsQuery): Rows {
  const { table } = view;
  const inScope = table
    .rows(frame)
    .filter((row) => (view.inScope?.(row, scope) ?? true) && isNamed(table.container(row), names));
  const rows = filter === undefined ? inScope : inScope.filter((row) => filter(row, frame));
  const sorted = sortRows(rows, frame, view.table.columns, sort);
  const total = inScope.length;
  if (!asTree || view.family === undefined)
    return { rows: sorted, keys: sorted.map((row) => table.key(row)), total };
  const tree = treeOf(sorted, view.family);
  return { ...tree, keys: tree.rows.map((row) => table.key(row)), total };
}

/** Rows that belong to no container (CPUs, issues of the trace) are always shown. */
function isNamed(container: string | undefined, names: TextMatcher | undefined): boolean {
  return names === undefined || container === undefined || names(container);
}

/** Unknown values last whatever the direction; equal ones as they came. */
function sortRows(
  rows: readonly unknown[],
  frame: Frame,
  columns: readonly Column<unknown>[],
  sort: Sort,
): unknown[] {
  const by = columns.find((column) => column.id === sort.column);
  if (by === undefined) return [...rows];
  const values = rows.map((row) => by.value(row, frame));
  const order = rows.map((_, index) => index);
  const sign = sort.descending ? -1 : 1;
  order.sort((a, b) => compare(values[a], values[b], sign) || a - b);
  return order.map((index) => rows[index]);
}

function compare(a: Value, b: Value, sign: number): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return a < b ? -sign : a > b ? sign : 0;
}
