/**
 * TIME and DURATION as one types them, in two steps: `parseTime` when the command line is read (a mistake is a usage
 * error before anything is opened), `resolveTime` when the trace's span is known. Wall-clock times are local (`TZ`), as
 * the screen shows them.
 */
import { formatClock, formatDate } from '../tui/text/format.js';
import { UsageError } from './errors.js';

/** First and last event of a trace, in ns since the Unix epoch. */
export interface Span {
  readonly begin: bigint;
  readonly end: bigint;
}

/** A point in time that needs a trace to become one: ns since the epoch, after the beginning, before the end, or of a day. */
export type Time =
  | { readonly kind: 'absolute'; readonly ns: bigint }
  | { readonly kind: 'after-begin'; readonly ns: bigint }
  | { readonly kind: 'before-end'; readonly ns: bigint }
  | { readonly kind: 'clock'; readonly clock: Clock };

interface Clock {
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  readonly ns: bigint;
}

export const TIME_FORMS =
  '12:03:10.5 (the trace’s day, local time), 2026-11-22T12:03:10.5Z (without a zone: local time), ' +
  '+2m (from the beginning), -10s (from the end) or @NANOSECONDS (since the epoch)';
export const DURATION_FORMS = '500ms, 1s, 2m, 1h or 1h30m';

const NS_PER_UNIT: Readonly<Record<string, bigint>> = {
  d: 86_400_000_000_000n,
  h: 3_600_000_000_000n,
  m: 60_000_000_000n,
  s: 1_000_000_000n,
  ms: 1_000_000n,
  us: 1_000n,
  µs: 1_000n,
  ns: 1n,
};
/** 2^63 ns is the year 2262: no trace's clock goes further. */
const LATEST_NS = 2n ** 63n;

const DURATION_PART = /^(\d{1,15})(?:\.(\d{1,15}))?(d|h|ms|m|s|us|µs|ns)/;
const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?$/;
const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)(Z|z|[+-]\d{2}(?::?\d{2})?)?)?$/;

/** Reads a TIME. @throws UsageError that says what is wrong and names the forms. */
export function parseTime(text: string): Time {
  const sign = text[0];
  if (sign === '@') return { kind: 'absolute', ns: parseEpoch(text) };
  if (sign === '+') return { kind: 'after-begin', ns: durationOf(text.slice(1), text, TIME_FORMS) };
  if (sign === '-') return { kind: 'before-end', ns: durationOf(text.slice(1), text, TIME_FORMS) };
  const clock = CLOCK.exec(text);
  if (clock !== null) return { kind: 'clock', clock: clockOf(clock, text) };
  const iso = ISO.exec(text);
  if (iso !== null) return { kind: 'absolute', ns: parseIso(iso, text) };
  throw badTime(text, 'it has none of the forms of a time');
}

/** The time as ns since the epoch. It may lie outside of the trace: what that means is the caller's to say. */
export function resolveTime(time: Time, span: Span): bigint {
  switch (time.kind) {
    case 'absolute':
      return time.ns;
    case 'after-begin':
      return span.begin + time.ns;
    case 'before-end':
      return span.end - time.ns;
    case 'clock':
      return resolveClock(time.clock, span);
  }
}

/** Reads a duration and gives ns. @throws UsageError for what is none, for zero, and for more than 2^53 ns (104 days). */
export function parseDuration(text: string): number {
  const ns = Number(durationOf(text, text, DURATION_FORMS));
  if (ns <= 0 || !Number.isSafeInteger(ns)) {
    throw new UsageError(`“${text}” is no usable duration: it must be more than 0 and less than 104 days`);
  }
  return ns;
}

/** Local wall-clock time to the millisecond, with its date. */
export function formatTime(ns: bigint): string {
  return `${formatDate(ns)} ${formatClock(ns, 3)}`;
}

/**
 * The first moment of the trace at which clocks showed this; where it shows it at none, the nearest. A time of day that
 * the span contains comes first on the day of its beginning or the day after.
 */
function resolveClock(clock: Clock, span: Span): bigint {
  const candidates = [
    ...[-1, 0, 1].map((days) => onLocalDay(clock, span.begin, days)),
    onLocalDay(clock, span.end, 0),
    onLocalDay(clock, span.end, 1),
  ];
  const within = candidates.find((ns) => ns >= span.begin && ns <= span.end);
  if (within !== undefined) return within;
  const distance = (ns: bigint) => (ns < span.begin ? span.begin - ns : ns - span.end);
  return candidates.reduce((best, ns) => (distance(ns) < distance(best) ? ns : best));
}

function onLocalDay(clock: Clock, day: bigint, offsetDays: number): bigint {
  const date = new Date(Number(day / 1_000_000n));
  const moment = new Date(
    date.getFullYear(),
    date.getMonth(),
    date.getDate() + offsetDays,
    clock.hours,
    clock.minutes,
    clock.seconds,
  );
  return BigInt(moment.getTime()) * 1_000_000n + clock.ns;
}

function parseEpoch(text: string): bigint {
  if (!/^@\d{1,19}$/.test(text)) {
    throw badTime(text, 'after @ come nanoseconds since the epoch, as one whole number');
  }
  const ns = BigInt(text.slice(1));
  if (ns >= LATEST_NS) throw badTime(text, 'it is later than any trace can be');
  return ns;
}

function clockOf([, hours, minutes, seconds = '0', fraction = '']: RegExpExecArray, text: string): Clock {
  const clock = {
    hours: Number(hours),
    minutes: Number(minutes),
    seconds: Number(seconds),
    ns: BigInt(fraction.padEnd(9, '0')),
  };
  if (clock.hours > 23) throw badTime(text, 'hours go from 0 to 23');
  if (clock.minutes > 59) throw badTime(text, 'minutes go from 0 to 59');
  if (clock.seconds > 59) throw badTime(text, 'seconds go from 0 to 59');
  return clock;
}

function parseIso([, year, month, day, timeOfDay = '00:00', zone]: RegExpExecArray, text: string): bigint {
  const clock = clockOf(CLOCK.exec(timeOfDay)!, text);
  const [y, m, d] = [Number(year), Number(month) - 1, Number(day)];
  const calendar = new Date(Date.UTC(y, m, d));
  if (calendar.getUTCMonth() !== m || calendar.getUTCDate() !== d) {
    throw badTime(text, `there is no day ${year}-${month}-${day}`);
  }
  const ms =
    zone === undefined
      ? new Date(y, m, d, clock.hours, clock.minutes, clock.seconds).getTime()
      : Date.UTC(y, m, d, clock.hours, clock.minutes, clock.seconds) - zoneMinutes(zone, text) * 60_000;
  return BigInt(ms) * 1_000_000n + clock.ns;
}

function zoneMinutes(zone: string, text: string): number {
  if (zone === 'Z' || zone === 'z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || '0');
  if (hours > 14 || minutes > 59) throw badTime(text, `there is no time zone ${zone}`);
  return (zone[0] === '-' ? -1 : 1) * (hours * 60 + minutes);
}

/** Parts in falling order of units, as in 1h30m; fractions are exact. */
function durationOf(text: string, whole: string, forms: string): bigint {
  let rest = text;
  let total = 0n;
  let previous = LATEST_NS;
  while (rest !== '') {
    const part = DURATION_PART.exec(rest);
    if (part === null) {
      const why = /^[\d.]+$/.test(rest) ? `“${rest}” has no unit` : `“${rest}” is no duration`;
      throw new UsageError(`“${whole}”: ${why}; use ${forms}`);
    }
    const [matched, integer = '', fraction = '', name = ''] = part;
    const unit = NS_PER_UNIT[name]!;
    if (unit >= previous) throw new UsageError(`“${whole}”: its units must fall, as in 1h30m`);
    previous = unit;
    total += BigInt(integer) * unit + (BigInt(fraction || '0') * unit) / 10n ** BigInt(fraction.length);
    rest = rest.slice(matched.length);
  }
  if (text === '') throw new UsageError(`“${whole}”: a duration is missing; use ${forms}`);
  if (total >= LATEST_NS) throw new UsageError(`“${whole}” is too long`);
  return total;
}

function badTime(text: string, why: string): UsageError {
  return new UsageError(`“${text}” is no time: ${why}; use ${TIME_FORMS}`);
}
