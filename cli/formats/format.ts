/** How rows become text. A format keeps at most one frame's rows, so that a dump's memory does not grow with the trace. */
import type { Column, Unit, Value } from '../../analyzers/columns/column.js';
import type { Cells } from '../view.js';

/** What a format needs to know of a column. `width` is for the table only: programs get the whole text. */
export type Heading = Pick<Column<never>, 'id' | 'title' | 'unit' | 'width'>;

export interface Format {
  /** Before the first row. */
  begin(columns: readonly Heading[]): string;
  /** The rows of one frame. */
  frame(rows: readonly Cells[]): string;
  /** After the last row. */
  end(): string;
}

/**
 * A value as the formats for programs write it: times as decimal strings of ns since the epoch, durations as whole ns,
 * shares to a thousandth, unknown as null. All of them write the same.
 */
export function plainValue(unit: Unit, value: Value): string | number | null {
  if (value === undefined) return null;
  if (unit === 'time')
    return typeof value === 'number' ? BigInt(Math.round(value)).toString() : String(value);
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === 'string') return value;
  if (!Number.isFinite(value)) return null;
  return unit === 'percent' || unit === 'cpus' ? Math.round(value * 1000) / 1000 : Math.round(value);
}
