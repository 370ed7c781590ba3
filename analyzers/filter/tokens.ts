/** The filter's text in pieces. */

/** A filter that cannot be understood: one sentence, and the place it is about. */
export class FilterError extends Error {
  override readonly name = 'FilterError';
  /** Index into the text, in UTF-16 units as strings count. */
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

export type Operator = '=' | '!=' | '~' | '!~' | ':' | '>' | '>=' | '<' | '<=';

/** A value as it was written. */
export interface Written {
  readonly kind: 'plain' | 'quoted' | 'regex';
  /** Without its quotes; of a regular expression with its slashes and flags. */
  readonly text: string;
  readonly at: number;
}

export type Token =
  | { readonly kind: 'open' | 'close' | 'and' | 'or' | 'not'; readonly at: number }
  | { readonly kind: 'word'; readonly word: Written; readonly at: number }
  | {
      readonly kind: 'comparison';
      readonly column: string;
      readonly operator: Operator;
      readonly operatorAt: number;
      /** undefined where the text ends before it. */
      readonly value: Written | undefined;
      readonly at: number;
    };

const COLUMN = /^([A-Za-z_]\w*)(\s*)(!=|!~|>=|<=|==|=|~|:|>|<)/;
const KEYWORDS: Readonly<Record<string, 'and' | 'or' | 'not'>> = {
  and: 'and',
  '&&': 'and',
  or: 'or',
  '||': 'or',
  not: 'not',
};

/** @throws FilterError */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at = skipBlanks(text, at);
    if (at >= text.length) return tokens;
    const [token, end] = readToken(text, at);
    tokens.push(token);
    at = end;
  }
}

function readToken(text: string, at: number): readonly [Token, number] {
  const character = text[at]!;
  if (character === '(') return [{ kind: 'open', at }, at + 1];
  if (character === ')') return [{ kind: 'close', at }, at + 1];
  if (character === '!' && text[at + 1] !== '=' && text[at + 1] !== '~') return [{ kind: 'not', at }, at + 1];
  const column = COLUMN.exec(text.slice(at));
  if (column !== null) return readComparison(text, at, column);
  const [word, end] = readWord(text, at);
  const keyword = word.kind === 'plain' ? KEYWORDS[word.text.toLowerCase()] : undefined;
  return [keyword === undefined ? { kind: 'word', word, at } : { kind: keyword, at }, end];
}

function readComparison(text: string, at: number, found: RegExpExecArray): readonly [Token, number] {
  const [whole, column = '', blanks = '', written = ''] = found;
  const operatorAt = at + column.length + blanks.length;
  const operator = (written === '==' ? '=' : written) as Operator;
  const valueAt = skipBlanks(text, at + whole.length);
  const comparison = { kind: 'comparison', column, operator, operatorAt, at } as const;
  if (valueAt >= text.length || text[valueAt] === ')') return [{ ...comparison, value: undefined }, valueAt];
  const [value, end] = readValue(text, valueAt, operator);
  return [{ ...comparison, value }, end];
}

function readValue(text: string, at: number, operator: Operator): readonly [Written, number] {
  const character = text[at]!;
  if (character === '"' || character === "'") return readQuoted(text, at);
  // Elsewhere a slash begins a path.
  if (character === '/' && operator.endsWith('~')) return readRegex(text, at);
  const end = endOf(text, at, /[\s()]/);
  if (end === at) throw new FilterError('a value with brackets goes in quotes', at);
  return [{ kind: 'plain', text: text.slice(at, end), at }, end];
}

/** A word that stands alone: quoted, /REGEX/, or up to a blank or a bracket. */
function readWord(text: string, at: number): readonly [Written, number] {
  const character = text[at]!;
  if (character === '"' || character === "'") return readQuoted(text, at);
  if (character === '/') return readRegex(text, at);
  const end = endOf(text, at, /[\s()=<>~"']/);
  if (end === at) throw new FilterError(`before ${character} stands the name of a column`, at);
  return [{ kind: 'plain', text: text.slice(at, end), at }, end];
}

/** Where `stop` comes first; what stands in [brackets] or after a backslash belongs to the word. */
function endOf(text: string, from: number, stop: RegExp): number {
  let at = from;
  while (at < text.length && !stop.test(text[at]!)) {
    const close = text[at] === '[' ? text.indexOf(']', at + 2) : -1;
    if (text[at] === '\\') at += 2;
    else at = close < 0 ? at + 1 : close + 1;
  }
  return Math.min(at, text.length);
}

/** A backslash takes the quote as it is; before all else it stands for itself, as regular expressions want it. */
function readQuoted(text: string, at: number): readonly [Written, number] {
  const quote = text[at]!;
  let value = '';
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === quote) return [{ kind: 'quoted', text: value, at }, i + 1];
    if (text[i] === '\\' && text[i + 1] === quote) i++;
    value += text[i];
  }
  throw new FilterError(`the text in quotes has no ${quote} at its end`, at);
}

function readRegex(text: string, at: number): readonly [Written, number] {
  const found = /^\/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[])+\/[a-z]*/s.exec(text.slice(at));
  if (found === null) throw new FilterError('a regular expression ends in /', at);
  return [{ kind: 'regex', text: found[0], at }, at + found[0].length];
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text[at]!)) at++;
  return at;
}
