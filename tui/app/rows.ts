/** The rows of a view in one frame: narrowed, filtered, sorted. */
import type { TextMatcher } from '../../analyzers/filter/compare.js';
import type { RowMatcher } from '../../analyzers/filter/filter.js';
import type { Frame } from '../../analyzers/frame.js';
import { ordered } from './order.js';
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
  const column = table.columns.find(({ id }) => id === sort.column);
  const sorted = column === undefined ? rows : ordered(rows, frame, column, sort.descending);
  const tree = asTree && view.family !== undefined ? treeOf(sorted, view.family) : { rows: sorted };
  return { ...tree, total: inScope.length };
}

/** Rows that belong to no container (CPUs, issues of the trace) are always shown. */
function isNamed(container: string | undefined, names: TextMatcher | undefined): boolean {
  return names === undefined || container === undefined || names(container);
}
