/** Rows as a tree: each below the one that it comes from, siblings in the order that they had. */

/** Who is whose child. */
export interface Family<Row> {
  /** Column before whose text the branches are drawn. */
  readonly column: string;
  id(row: Row): string;
  /** undefined for roots; so is a parent that is not among the rows. */
  parent(row: Row): string | undefined;
}

export interface Tree<Row> {
  readonly rows: readonly Row[];
  /** For each row, for each level from the outermost in: whether another sibling follows there. Roots have none. */
  readonly branches: readonly (readonly boolean[])[];
}

export function treeOf<Row>(rows: readonly Row[], family: Family<Row>): Tree<Row> {
  const ids = new Set(rows.map((row) => family.id(row)));
  const children = new Map<string | undefined, Row[]>();
  for (const row of rows) {
    const parent = family.parent(row);
    // A row that is its own parent would never be reached.
    const known = parent !== undefined && parent !== family.id(row) && ids.has(parent) ? parent : undefined;
    const siblings = children.get(known);
    if (siblings === undefined) children.set(known, [row]);
    else siblings.push(row);
  }
  const ordered: Row[] = [];
  const branches: (readonly boolean[])[] = [];
  const seen = new Set<Row>();
  const add = (row: Row, way: readonly boolean[]): void => {
    if (seen.has(row)) return;
    seen.add(row);
    ordered.push(row);
    branches.push(way);
    const below = children.get(family.id(row)) ?? [];
    for (const [index, child] of below.entries()) add(child, [...way, index < below.length - 1]);
  };
  for (const root of children.get(undefined) ?? []) add(root, []);
  // Ids that were used again can make rings: what no root leads to stands by itself.
  for (const row of rows) add(row, []);
  return { rows: ordered, branches };
}

/** `│ ├ ` before the row's text, two columns a level. */
export function branchText(branches: readonly boolean[], isUnicode: boolean): string {
  const [line, fork, last] = isUnicode ? ['│ ', '├ ', '└ '] : ['| ', '|-', '`-'];
  return branches
    .map((follows, level) =>
      level === branches.length - 1 ? (follows ? fork : last) : follows ? line : '  ',
    )
    .join('');
}
