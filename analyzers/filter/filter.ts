/**
 * The filter language: which rows of a table are meant. The same on the command line, in the filter line and in the
 * configuration; `syntax.ts` tells of it.
 */
import type { Column, Table } from '../columns/column.js';
import type { Frame } from '../frame.js';
import { nearest } from '../nearest.js';
import { type PatternCompiler, testOf, wordMatcher } from './compare.js';
import { columnNamed, shortName } from './names.js';
import { FilterError, type Token, tokensOf } from './tokens.js';

export type RowMatcher<Row> = (row: Row, frame: Frame) => boolean;

export interface Filter<Row> {
  readonly matches: RowMatcher<Row>;
  /** Columns that it looks at. */
  readonly columns: readonly Column<Row>[];
}

/** Deeper brackets are a mistake, or meant to harm. */
const DEEPEST = 100;

/** What the text means for rows of the table; undefined for none at all. @throws FilterError */
export function parseFilter<Row>(
  text: string,
  table: Table<Row>,
  compile: PatternCompiler,
): Filter<Row> | undefined {
  const tokens = tokensOf(text);
  if (tokens.length === 0) return undefined;
  return new Parser(tokens, text.length, table, compile).parse();
}

/** Columns that words alone are looked for in. */
export function searchedColumns<Row>({ columns, searched }: Table<Row>): readonly Column<Row>[] {
  if (searched === undefined)
    return columns.filter(({ unit, priority }) => unit === 'text' && priority !== undefined);
  return columns.filter(({ id }) => searched.includes(id));
}

/** By recursive descent: or, and (also by standing side by side), not, brackets. */
class Parser<Row> {
  readonly #tokens: readonly Token[];
  readonly #length: number;
  readonly #table: Table<Row>;
  readonly #compile: PatternCompiler;
  readonly #columns = new Set<Column<Row>>();
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], length: number, table: Table<Row>, compile: PatternCompiler) {
    this.#tokens = tokens;
    this.#length = length;
    this.#table = table;
    this.#compile = compile;
  }

  parse(): Filter<Row> {
    const matches = this.#or();
    const rest = this.#tokens[this.#next];
    if (rest !== undefined) throw new FilterError('this ) closes nothing', rest.at);
    return { matches, columns: [...this.#columns] };
  }

  #or(): RowMatcher<Row> {
    const parts = [this.#and()];
    while (this.#take('or')) parts.push(this.#and());
    if (parts.length === 1) return parts[0]!;
    return (row, frame) => parts.some((matches) => matches(row, frame));
  }

  #and(): RowMatcher<Row> {
    const parts = [this.#not()];
    while (this.#take('and') || this.#goesOn()) parts.push(this.#not());
    if (parts.length === 1) return parts[0]!;
    return (row, frame) => parts.every((matches) => matches(row, frame));
  }

  #not(): RowMatcher<Row> {
    if (!this.#take('not')) return this.#primary();
    this.#deeper();
    const matches = this.#not();
    this.#depth--;
    return (row, frame) => !matches(row, frame);
  }

  #primary(): RowMatcher<Row> {
    const token = this.#tokens[this.#next++];
    if (token === undefined) throw new FilterError('something is missing here', this.#length);
    switch (token.kind) {
      case 'word':
        return this.#word(token);
      case 'comparison':
        return this.#comparison(token);
      case 'open':
        return this.#group(token.at);
      case 'close':
        throw new FilterError('something is missing before this )', token.at);
      default:
        throw new FilterError(
          `something is missing before “${token.kind}”; as a word it goes in quotes`,
          token.at,
        );
    }
  }

  #group(at: number): RowMatcher<Row> {
    this.#deeper();
    const matches = this.#or();
    this.#depth--;
    if (this.#tokens[this.#next]?.kind !== 'close') throw new FilterError('this ( is not closed', at);
    this.#next++;
    return matches;
  }

  #word({ word }: Token & { readonly kind: 'word' }): RowMatcher<Row> {
    const matches = wordMatcher(word, this.#compile);
    const columns = searchedColumns(this.#table);
    for (const column of columns) this.#columns.add(column);
    return (row, frame) =>
      columns.some((column) => {
        const value = column.value(row, frame);
        return value !== undefined && matches(String(value));
      });
  }

  #comparison(token: Token & { readonly kind: 'comparison' }): RowMatcher<Row> {
    const column = columnNamed(this.#table.columns, token.column);
    if (column === undefined) throw this.#unknownColumn(token.column, token.at);
    const { value, operator, operatorAt } = token;
    if (value === undefined)
      throw new FilterError(`a value is missing after ${operator}`, operatorAt + operator.length);
    const test = testOf(column, operator, operatorAt, value, this.#compile);
    this.#columns.add(column);
    return (row, frame) => {
      const found = column.value(row, frame);
      return found !== undefined && test(found);
    };
  }

  #unknownColumn(name: string, at: number): FilterError {
    const { columns, id } = this.#table;
    const known = columns.flatMap((column) => [column.id, shortName(columns, column)]);
    const near = nearest(name.toLowerCase(), known);
    const hint = near === undefined ? 'a word with signs in it goes in quotes' : `did you mean ${near}?`;
    return new FilterError(`${id} have no column “${name}”; ${hint}`, at);
  }

  #take(kind: Token['kind']): boolean {
    if (this.#tokens[this.#next]?.kind !== kind) return false;
    this.#next++;
    return true;
  }

  #goesOn(): boolean {
    const kind = this.#tokens[this.#next]?.kind;
    return kind === 'word' || kind === 'comparison' || kind === 'open' || kind === 'not';
  }

  #deeper(): void {
    if (++this.#depth > DEEPEST)
      throw new FilterError('there is too much inside of each other', this.#tokens[this.#next - 1]!.at);
  }
}
