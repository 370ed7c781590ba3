/** Values as they stand on the screen: short, with their unit, local time (`TZ`). */
import type { Unit, Value } from '../../analyzers/columns/column.js';

/** The value's text; undefined where it is unknown. */
export function formatValue(unit: Unit, value: Value): string | undefined {
  if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) return undefined;
  switch (unit) {
    case 'text':
      return shortId(String(value));
    case 'tid':
      return String(value);
    case 'count':
      return formatCount(Number(value));
    case 'duration':
      return formatDuration(Number(value));
    case 'percent':
      return formatPercent(Number(value));
    case 'cpus':
      return Number(value).toFixed(2);
    case 'bytes':
      return formatScaled(Number(value), 1024, ['', 'K', 'M', 'G', 'T']);
    case 'time':
      return formatClock(typeof value === 'bigint' ? value : BigInt(Math.round(Number(value))));
  }
}

/** Ids of 64 hexadecimal digits by their first 12, as the runtimes' own tools show them. */
function shortId(text: string): string {
  return /^[0-9a-f]{64}$/.test(text) ? text.slice(0, 12) : text;
}

/** Whole up to five digits, then three digits and a unit: 99999, 123k, 4.56M. */
export function formatCount(count: number): string {
  return count < 100_000 ? String(Math.round(count)) : formatScaled(count, 1000, ['', 'k', 'M', 'G', 'T']);
}

/** Three digits and a unit: 1.23s, 45.6ms, 789us; 0 stays 0. */
export function formatDuration(ns: number): string {
  if (ns === 0) return '0';
  const size = Math.abs(ns);
  if (size < 1e3) return `${Math.round(ns)}ns`;
  if (size < 999_500) return `${threeDigits(ns / 1e3)}us`;
  if (size < 999_500_000) return `${threeDigits(ns / 1e6)}ms`;
  return `${size < 999.5e9 ? threeDigits(ns / 1e9) : Math.round(ns / 1e9)}s`;
}

/** A length that somebody chose: `1s`, `100ms`, `2.5s`. */
export function formatInterval(ns: number): string {
  if (ns >= 1e9) return `${ns / 1e9}s`;
  return ns >= 1e6 ? `${ns / 1e6}ms` : `${ns / 1e3}us`;
}

/** One decimal, none from 1000 on. */
export function formatPercent(percent: number): string {
  return percent >= 999.95 ? percent.toFixed(0) : percent.toFixed(1);
}

/** Time of day, `15:04:05`, or with `decimals` up to nanoseconds. */
export function formatClock(epochNs: bigint, decimals = 0): string {
  const date = dateOf(epochNs);
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  if (decimals === 0) return clock;
  const fraction = String(((epochNs % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n).padStart(9, '0');
  return `${clock}.${fraction.slice(0, decimals)}`;
}

/** `2026-11-22` */
export function formatDate(epochNs: bigint): string {
  const date = dateOf(epochNs);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** A distance in time as a player shows it: `1:02.5`, `1:02:03.5`; the decimals that the interval needs. */
export function formatOffset(ns: number, decimals: number): string {
  const tick = 10 ** (9 - decimals);
  const rounded = Math.round(Math.abs(ns) / tick) * tick;
  const seconds = Math.floor(rounded / 1e9);
  const fraction =
    decimals === 0 ? '' : `.${String(Math.round((rounded % 1e9) / tick)).padStart(decimals, '0')}`;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const head = hours > 0 ? `${hours}:${two(minutes)}` : String(minutes);
  return `${ns < 0 ? '-' : ''}${head}:${two(seconds % 60)}${fraction}`;
}

/** How many decimals of a second tell one interval from the next. */
export function decimalsFor(interval: number): number {
  if (interval % 1e9 === 0) return 0;
  if (interval % 1e8 === 0) return 1;
  return interval >= 1e6 ? 3 : 6;
}

function formatScaled(value: number, step: number, units: readonly string[]): string {
  let scaled = value;
  let unit = 0;
  while (Math.abs(scaled) >= step && unit < units.length - 1) {
    scaled /= step;
    unit++;
  }
  return unit === 0 ? String(Math.round(value)) : threeDigits(scaled) + units[unit]!;
}

function threeDigits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
}

function dateOf(epochNs: bigint): Date {
  return new Date(Number(epochNs / 1_000_000n));
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
