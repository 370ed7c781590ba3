/** The fewest bytes that turn what a terminal shows into what it should show. */
import type { Grid } from './grid.js';
import { PLAIN, type Style, transition } from './style.js';

/** Unchanged cells up to so many are written again where that is no longer than moving the cursor over them. */
const LONGEST_BRIDGE = 4;
/** Blank cells from so many on are worth an erase (`CSI K`). */
const ERASE_FROM = 6;

/** Where the terminal's cursor is, and what it writes in. Autowrap must be off. */
export interface Pen {
  /** undefined: not known, as after the last column or a character whose width terminals disagree about. */
  column: number | undefined;
  row: number;
  style: Style;
}

/** The bytes that make `shown` look like `wanted`, both of one size; copies the cells over. Empty if nothing differs. */
export function update(shown: Grid, wanted: Grid, pen: Pen): string {
  let out = '';
  for (let row = 0; row < wanted.rows; row++) out += updateRow(shown, wanted, row, pen);
  return out;
}

function updateRow(shown: Grid, wanted: Grid, row: number, pen: Pen): string {
  const first = row * wanted.columns;
  const end = first + wanted.columns;
  let out = '';
  let cell = nextChange(shown, wanted, first, end);
  if (cell === end) return out;
  const blankFrom = trailingBlank(wanted, first, end);
  while (cell < end) {
    // A change in the right half of a wide character is written from its left half.
    if (wanted.text[cell] === '' && cell > first) cell--;
    if (cell >= blankFrom && end - cell >= ERASE_FROM) {
      out += `${moveTo(pen, cell - first, row)}${transition(pen.style, PLAIN)}\u001b[K`;
      pen.style = PLAIN;
      copy(shown, wanted, cell, end);
      return out;
    }
    const stop = runEnd(shown, wanted, cell, end, blankFrom);
    out += writeRun(wanted, cell, stop, pen);
    copy(shown, wanted, cell, stop);
    if (stop === end) pen.column = undefined;
    cell = nextChange(shown, wanted, stop, end);
  }
  return out;
}

/** Where to stop writing from `from`: before unchanged cells that are cheaper to jump, or a blank rest. */
function runEnd(shown: Grid, wanted: Grid, from: number, end: number, blankFrom: number): number {
  let stop = from;
  while (stop < end) {
    if (stop >= blankFrom && end - stop >= ERASE_FROM) return stop;
    const change = nextChange(shown, wanted, stop, end);
    if (change !== stop && !isBridge(wanted, stop, change, end)) return stop;
    stop = Math.max(stop, change) + 1;
    while (stop < end && wanted.text[stop] === '') stop++;
  }
  return end;
}

/** Whether the unchanged cells before the next change are few, and in the style that is being written. */
function isBridge(wanted: Grid, from: number, change: number, end: number): boolean {
  if (change >= end || change - from > LONGEST_BRIDGE) return false;
  for (let cell = from; cell < change; cell++) {
    if (wanted.style[cell] !== wanted.style[from - 1] || wanted.text[cell]! > '~' || wanted.text[cell] === '')
      return false;
  }
  return true;
}

function writeRun(wanted: Grid, from: number, stop: number, pen: Pen): string {
  let out = '';
  const row = Math.floor(from / wanted.columns);
  for (let cell = from; cell < stop; cell++) {
    const text = wanted.text[cell]!;
    if (text === '') continue;
    const column = cell - row * wanted.columns;
    const style = wanted.style[cell]!;
    out += moveTo(pen, column, row) + transition(pen.style, style) + text;
    pen.style = style;
    // Terminals disagree about the width of wide and combined characters: go on by position, not by trust in the cursor.
    const isTrusted = text.length === 1 && (cell + 1 === stop || wanted.text[cell + 1] !== '');
    pen.column = isTrusted ? column + 1 : undefined;
  }
  return out;
}

/** The first cell from `from` on that differs; `end` if none does. */
function nextChange(shown: Grid, wanted: Grid, from: number, end: number): number {
  let cell = from;
  while (cell < end && shown.style[cell] === wanted.style[cell] && shown.text[cell] === wanted.text[cell])
    cell++;
  return cell;
}

/** Where the row's blank end begins. */
function trailingBlank(wanted: Grid, first: number, end: number): number {
  let cell = end;
  while (cell > first && wanted.style[cell - 1] === PLAIN && wanted.text[cell - 1] === ' ') cell--;
  return cell;
}

function copy(shown: Grid, wanted: Grid, from: number, end: number): void {
  for (let cell = from; cell < end; cell++) {
    shown.text[cell] = wanted.text[cell]!;
    shown.style[cell] = wanted.style[cell]!;
  }
}

/** The shortest way to a cell (0-based). */
function moveTo(pen: Pen, column: number, row: number): string {
  const absolute = `\u001b[${row === 0 ? '' : row + 1}${column === 0 ? '' : `;${column + 1}`}H`;
  let way = absolute;
  if (pen.column !== undefined) {
    if (pen.column === column && pen.row === row) return '';
    const relative = vertically(row - pen.row) + horizontally(column - pen.column);
    if (relative.length < way.length) way = relative;
    const fromMargin = `\r${vertically(row - pen.row)}${horizontally(column)}`;
    if (fromMargin.length < way.length) way = fromMargin;
  }
  pen.column = column;
  pen.row = row;
  return way;
}

function vertically(rows: number): string {
  return csi(Math.abs(rows), rows < 0 ? 'A' : 'B');
}

function horizontally(columns: number): string {
  if (columns < 0 && columns >= -3) return '\b'.repeat(-columns);
  return csi(Math.abs(columns), columns < 0 ? 'D' : 'C');
}

function csi(count: number, final: string): string {
  if (count === 0) return '';
  return count === 1 ? `\u001b[${final}` : `\u001b[${count}${final}`;
}
