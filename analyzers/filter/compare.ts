/** Values of a row against what is written in a filter. */
import type { Column, Unit, Value } from '../columns/column.js';
import { FilterError, type Operator, type Written } from './tokens.js';

/** True for a text that a GLOB matches as a whole, or a /REGEX/ in part. */
export type TextMatcher = (text: string) => boolean;

/**
 * Compiles a GLOB or a /REGEX/flags. Whoever runs filters on hostile texts gives one that ends what backtracks without end.
 * @throws Error with one sentence for the user.
 */
export type PatternCompiler = (pattern: string) => TextMatcher;

export type Test = (value: NonNullable<Value>) => boolean;

const TEXT_OPERATORS: readonly Operator[] = ['=', '!=', '~', '!~', ':'];
const NUMBER_OPERATORS: readonly Operator[] = ['=', '!=', '>', '>=', '<', '<='];

const DURATIONS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};
const BINARY: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };
const DECIMAL: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };
const GLOB = /[*?[]/;
const NUMBER = /^(-?\d+(?:\.(\d+))?)\s*(.*)$/;

/** What the comparison asks of a value that is known. @throws FilterError where it makes no sense for such a column. */
export function testOf(
  column: Pick<Column<never>, 'id' | 'unit'>,
  operator: Operator,
  operatorAt: number,
  value: Written,
  compile: PatternCompiler,
): Test {
  const isText = column.unit === 'text';
  const allowed = isText ? TEXT_OPERATORS : NUMBER_OPERATORS;
  if (!allowed.includes(operator)) {
    const kind = isText ? 'a text' : column.unit === 'time' ? 'a time' : 'a number';
    throw new FilterError(`${column.id} is ${kind}: ${allowed.join(' ')} compare it`, operatorAt);
  }
  if (isText) return textTest(operator, value, compile);
  return column.unit === 'time' ? timeTest(operator, value) : numberTest(column, operator, value);
}

function textTest(operator: Operator, value: Written, compile: PatternCompiler): Test {
  const matches = textMatcher(operator, value, compile);
  const isNegated = operator.startsWith('!');
  return (text) => matches(String(text)) !== isNegated;
}

function textMatcher(operator: Operator, value: Written, compile: PatternCompiler): TextMatcher {
  if (operator === ':') return containing(value.text);
  if (operator.endsWith('~')) {
    const source =
      value.kind === 'regex' ? value.text : `/${value.text.replaceAll(/\\.|\//gs, escapeSlash)}/`;
    return compiled(source, value.at, compile);
  }
  if (value.kind === 'quoted' || !GLOB.test(value.text)) return (text) => text === value.text;
  // Else a path would be taken for a regular expression.
  return compiled(value.text.replace(/^\//, '\\/'), value.at, compile);
}

/** What a word that stands alone asks of a text. */
export function wordMatcher(word: Written, compile: PatternCompiler): TextMatcher {
  if (word.kind === 'regex' || (word.kind === 'plain' && GLOB.test(word.text)))
    return compiled(word.text, word.at, compile);
  return containing(word.text);
}

/** Capital letters count only where there are some. */
function containing(part: string): TextMatcher {
  if (part !== part.toLowerCase()) return (text) => text.includes(part);
  return (text) => text.toLowerCase().includes(part);
}

function escapeSlash(part: string): string {
  return part === '/' ? '\\/' : part;
}

function compiled(pattern: string, at: number, compile: PatternCompiler): TextMatcher {
  try {
    return compile(pattern);
  } catch (error) {
    throw new FilterError(error instanceof Error ? error.message : String(error), at);
  }
}

function numberTest(column: Pick<Column<never>, 'id' | 'unit'>, operator: Operator, written: Written): Test {
  const found = NUMBER.exec(written.text.trim());
  if (found === null)
    throw new FilterError(`${column.id} is a number, like ${EXAMPLES[column.unit]}`, written.at);
  const [, digits = '', fraction = '', unit = ''] = found;
  const scale = scaleOf(column, unit, Number(digits), written.at + written.text.length - unit.length);
  const wanted = Number(digits) * scale;
  const half = (scale * 10 ** -fraction.length) / 2;
  switch (operator) {
    case '=':
      return (value) => Math.abs(Number(value) - wanted) < half;
    case '!=':
      return (value) => Math.abs(Number(value) - wanted) >= half;
    default:
      return ordered(operator, wanted);
  }
}

/** `wanted` is a number for numbers and a bigint for times. */
function ordered(operator: Operator, wanted: number | bigint): Test {
  switch (operator) {
    case '>':
      return (value) => (value as number) > wanted;
    case '>=':
      return (value) => (value as number) >= wanted;
    case '<':
      return (value) => (value as number) < wanted;
    default:
      return (value) => (value as number) <= wanted;
  }
}

const EXAMPLES: Readonly<Record<Unit, string>> = {
  text: 'web',
  count: '20 or 1.5k',
  duration: '5ms',
  percent: '20 or 20%',
  time: '12:03:10',
  cpus: '0.5',
  bytes: '1.5G',
  tid: '4711',
};

/** What the unit multiplies by. @throws FilterError for one that such a column has not. */
function scaleOf(
  column: Pick<Column<never>, 'id' | 'unit'>,
  unit: string,
  number: number,
  at: number,
): number {
  const example = EXAMPLES[column.unit];
  switch (column.unit) {
    case 'duration': {
      const scale = DURATIONS[unit.toLowerCase()];
      if (scale !== undefined) return scale;
      if (unit === '' && number === 0) return 1;
      throw new FilterError(
        unit === ''
          ? `${column.id} is a duration: it needs a unit, like ${example}`
          : `no duration ends in “${unit}”; write ${example}`,
        at,
      );
    }
    case 'bytes': {
      const scale = BINARY[unit.toLowerCase().replace(/^(.?)i?b$/, '$1')];
      if (scale !== undefined) return scale;
      break;
    }
    case 'count': {
      const scale = DECIMAL[unit.toLowerCase()];
      if (scale !== undefined) return scale;
      break;
    }
    case 'percent':
      if (unit === '' || unit === '%') return 1;
      break;
    default:
      if (unit === '') return 1;
  }
  throw new FilterError(`“${unit}” is no unit of ${column.id}; write ${example}`, at);
}

const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?$/;
const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?(Z|[+-]\d{2}:?\d{2})?$/i;

function timeTest(operator: Operator, { text, at }: Written): Test {
  const clock = CLOCK.exec(text);
  if (clock !== null) {
    const [, hours, minutes, seconds = '0', fraction = ''] = clock;
    const [h, m, s] = [Number(hours), Number(minutes), Number(seconds)];
    if (h > 23 || m > 59 || s > 59) throw new FilterError(`“${text}” is no time of day`, at);
    const ns = BigInt(fraction.padEnd(9, '0'));
    return (value) => compareTimes(operator, BigInt(value), onDayOf(BigInt(value), h, m, s) + ns);
  }
  const epoch = /^@\d{1,19}$/.test(text) ? BigInt(text.slice(1)) : undefined;
  const iso = ISO.test(text) ? Date.parse(text.replace(' ', 'T')) : Number.NaN;
  if (epoch === undefined && Number.isNaN(iso))
    throw new FilterError(`“${text}” is no time; write 12:03:10, 2026-11-22T12:03:10Z or @NANOSECONDS`, at);
  const wanted = epoch ?? BigInt(iso) * 1_000_000n;
  return (value) => compareTimes(operator, BigInt(value), wanted);
}

function compareTimes(operator: Operator, value: bigint, wanted: bigint): boolean {
  if (operator === '=') return value === wanted;
  return operator === '!=' ? value !== wanted : ordered(operator, wanted)(value);
}

/** That time of the local day of a moment, in ns since the epoch. */
function onDayOf(moment: bigint, hours: number, minutes: number, seconds: number): bigint {
  const date = new Date(Number(moment / 1_000_000n));
  date.setHours(hours, minutes, seconds, 0);
  return BigInt(date.getTime()) * 1_000_000n;
}
