/** The scale of a chart: a round upper end, and numbers at round distances. */
import type { Unit } from '../../../analyzers/columns/column.js';

export interface Scale {
  /** In shown units. */
  readonly max: number;
  readonly step: number;
  /** What a value is divided by to be shown. */
  readonly divisor: number;
  /** Of the shown numbers: `ms`; '' for plain numbers. */
  readonly unit: string;
}

const DURATIONS = [
  [1, 'ns'],
  [1e3, 'us'],
  [1e6, 'ms'],
  [1e9, 's'],
] as const;
const BYTES = [
  [1, 'B'],
  [2 ** 10, 'KiB'],
  [2 ** 20, 'MiB'],
  [2 ** 30, 'GiB'],
  [2 ** 40, 'TiB'],
] as const;
const COUNTS = [
  [1, ''],
  [1e3, 'thousand'],
  [1e6, 'million'],
  [1e9, 'thousand million'],
] as const;
/** A line of numbers for so many lines of values. */
const LINES_PER_NUMBER = 2;

/** For values up to `most`, drawn on so many lines. */
export function scaleFor(unit: Unit, most: number, lines: number): Scale {
  const units =
    unit === 'duration'
      ? DURATIONS
      : unit === 'bytes'
        ? BYTES
        : unit === 'count'
          ? COUNTS
          : ([[1, '']] as const);
  const [divisor, name] = units.findLast(([size]) => most >= size) ?? units[0];
  // Nothing at all is drawn on the scale of one.
  const top = most > 0 ? most / divisor : 1;
  const numbers = Math.max(1, Math.min(5, Math.floor(lines / LINES_PER_NUMBER)));
  const step = roundUp(top / numbers);
  return {
    max: Math.ceil(top / step - 1e-9) * step,
    step,
    divisor,
    unit: unit === 'percent' ? '' : name,
  };
}

/** The next of 1, 2, 2.5, 5 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 2.5, 5, 10].find((candidate) => candidate * power >= value * (1 - 1e-9)) ?? 10;
  return factor * power;
}
