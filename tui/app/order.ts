/**
 * Rows in the order of a column. Every value is read once and given the place that it has among all: a large table is sorted with
 * each key, and comparing rows in pairs would cost several times as much.
 */
import type { Column, Value } from '../../analyzers/columns/column.js';
import type { Frame } from '../../analyzers/frame.js';

/** Unknown values last whatever the direction; equal ones as they came. */
export function ordered(
  rows: readonly unknown[],
  frame: Frame,
  column: Column<unknown>,
  descending: boolean,
): unknown[] {
  const numbers = numbersOf(rows, frame, column, descending ? -1 : 1);
  const firsts = numbers === undefined ? placesOfAny(rows, frame, column, descending) : placesOf(numbers);
  const taken = new Uint32Array(rows.length);
  const placed = new Array<unknown>(rows.length);
  for (const [index, row] of rows.entries()) {
    const first = firsts[index]!;
    placed[first + taken[first]!++] = row;
  }
  return placed;
}

/** The values times `sign`, NaN where unknown; undefined where there are others than numbers. */
function numbersOf(
  rows: readonly unknown[],
  frame: Frame,
  column: Column<unknown>,
  sign: number,
): Float64Array | undefined {
  const numbers = new Float64Array(rows.length);
  for (const [index, row] of rows.entries()) {
    const value = column.value(row, frame);
    if (typeof value === 'number') numbers[index] = value * sign;
    else if (value === undefined) numbers[index] = Number.NaN;
    else return undefined;
  }
  return numbers;
}

/** For each number the first place of those that equal it. */
function placesOf(numbers: Float64Array): Uint32Array {
  // Without a function that compares it sorts natively, NaN last.
  const sorted = numbers.slice().sort();
  const unknown = sorted.findIndex(Number.isNaN);
  const known = unknown < 0 ? sorted.length : unknown;
  return Uint32Array.from(numbers, (number) =>
    Number.isNaN(number) ? known : firstFrom(sorted, known, number),
  );
}

/** Index of the first of `sorted`, of which `length` count, that is no less than the number. */
function firstFrom(sorted: Float64Array, length: number, number: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** As `placesOf`, of texts and times: many rows share a value, so that only the different ones are compared. */
function placesOfAny(
  rows: readonly unknown[],
  frame: Frame,
  column: Column<unknown>,
  descending: boolean,
): Uint32Array {
  const values = rows.map((row) => column.value(row, frame));
  const counts = new Map<Value, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const sign = descending ? -1 : 1;
  const different = [...counts.keys()].sort((a, b) => compare(a, b, sign));
  const places = new Map<Value, number>();
  let place = 0;
  for (const value of different) {
    places.set(value, place);
    place += counts.get(value)!;
  }
  return Uint32Array.from(values, (value) => places.get(value)!);
}

function compare(a: Value, b: Value, sign: number): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return a < b ? -sign : a > b ? sign : 0;
}
