/** `--filter`: the filter language on the command line. */
import type { Table } from '../analyzers/columns/column.js';
import { type Filter, parseFilter } from '../analyzers/filter/filter.js';
import { FilterError } from '../analyzers/filter/tokens.js';
import { UsageError } from './errors.js';
import { nameMatcher } from './match.js';

/**
 * What the text means for rows of the table; undefined for everything. `what` is how errors call it. @throws UsageError that
 * names the wrong place
 */
export function filterOf<Row>(
  text: string | undefined,
  table: Table<Row>,
  what = '--filter',
): Filter<Row> | undefined {
  if (text === undefined) return undefined;
  try {
    return parseFilter(text, table, (pattern) => nameMatcher([pattern]));
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const rest = text.slice(error.at).trim();
    const place = rest === '' ? 'at its end' : `at “${rest}”`;
    throw new UsageError(`${what} “${text}”, ${place}: ${error.message}`);
  }
}
