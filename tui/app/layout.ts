/** Where things stand on a screen of some size. */

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface Layout {
  /** undefined: the screen is large enough; else the line to show instead. */
  readonly tooSmall: string | undefined;
  /** Whether there is room for the line of totals. */
  readonly hasTotals: boolean;
  readonly meterLines: number;
  /** Screen lines, from 0, where the body begins and where the header of its table stands. */
  readonly bodyTop: number;
  readonly tableTop: number;
  /** Rows below the header of a table that has the body to itself. */
  readonly bodyRows: number;
  /** Rows of the view's own table, which may share the body with something drawn. */
  readonly tableRows: number;
  readonly detailLines: number;
}

/** Before the rows of a table whose rows are drawn in a chart: the sign of the line. */
export const SWATCH_WIDTH = 2;
/** Of a menu, to the left of the table. */
export const MENU_WIDTH = 18;
export const LEAST_SIZE: Size = { columns: 60, rows: 15 };
/** From this height on nothing has to be left out, and from that on there is room to spare. */
const COMFORTABLE_ROWS = 20;
const TALL_ROWS = 36;
/** A meter narrower than this says too little. */
const LEAST_METER = 19;
/** Status, time bar, crumbs, table header, footer. */
const FIXED_LINES = 5;

/** `tableRows` is how many rows a table takes of a body; by default all. */
export function layoutOf(
  size: Size,
  cpus: number,
  tableRows: (bodyRows: number) => number = (all) => all,
): Layout {
  const { columns, rows } = size;
  const hasTotals = rows >= COMFORTABLE_ROWS;
  const most = rows >= TALL_ROWS ? 4 : rows >= COMFORTABLE_ROWS ? 2 : 1;
  const meterLines = Math.max(1, Math.min(most, Math.ceil(cpus / metersPerLine(columns))));
  const detailLines = rows >= TALL_ROWS ? 2 : rows >= COMFORTABLE_ROWS ? 1 : 0;
  const bodyRows = Math.max(1, rows - FIXED_LINES - meterLines - detailLines - (hasTotals ? 1 : 0));
  const bodyTop = 3 + meterLines + (hasTotals ? 1 : 0);
  const rowsOfTable = tableRows(bodyRows);
  return {
    tooSmall:
      columns < LEAST_SIZE.columns || rows < LEAST_SIZE.rows
        ? `${columns}x${rows}: boxtop needs ${LEAST_SIZE.columns}x${LEAST_SIZE.rows}. q quits.`
        : undefined,
    hasTotals,
    meterLines,
    detailLines,
    bodyRows,
    tableRows: rowsOfTable,
    bodyTop,
    tableTop: bodyTop + bodyRows - rowsOfTable,
  };
}

/** How many CPU meters stand side by side. */
export function metersPerLine(columns: number): number {
  return Math.max(1, Math.floor(columns / LEAST_METER));
}
