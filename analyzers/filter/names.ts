/** Columns by the names that a filter may use for them. */
import type { Column } from '../columns/column.js';

/** Endings of ids, which may be left out: of several columns that differ in these only, the first is meant. */
const ENDINGS = ['_pct', '_bytes', '_cpus', '_ns', '_count'];

/** By id, by id without its unit (`cpu` is cpu_pct), by alias or title (`wait`). undefined: there is none. */
export function columnNamed<Row>(columns: readonly Column<Row>[], name: string): Column<Row> | undefined {
  const wanted = name.toLowerCase();
  const exact = columns.find(({ id, alias }) => id === wanted || alias === wanted);
  if (exact !== undefined) return exact;
  for (const ending of ENDINGS) {
    const column = columns.find(({ id }) => id === wanted + ending);
    if (column !== undefined) return column;
  }
  return columns.find(({ title, priority }) => priority !== undefined && title.toLowerCase() === wanted);
}

/** The shortest name of the column. */
export function shortName<Row>(columns: readonly Column<Row>[], column: Column<Row>): string {
  if (column.alias !== undefined) return column.alias;
  const ending = ENDINGS.find((candidate) => column.id.endsWith(candidate));
  const short = ending === undefined ? column.id : column.id.slice(0, -ending.length);
  return columnNamed(columns, short) === column ? short : column.id;
}
