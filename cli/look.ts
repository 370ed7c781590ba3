/** What the screen is given before there is a player: the same for a recording and for a live view. */
import { tables } from '../analyzers/columns/index.js';
import type { TopOptions } from '../tui/run.js';
import type { ScreenSettings } from './config/load.js';
import { exporter } from './exporter.js';
import { filterOf } from './filter.js';
import { nameMatcher } from './match.js';
import { parseSort } from './view.js';

export type Look = Pick<
  TopOptions,
  'names' | 'sort' | 'filter' | 'actions' | 'exporter' | 'preferences' | 'kept' | 'compilePattern'
>;

export interface LookOptions {
  readonly name?: readonly string[] | undefined;
  readonly sort?: string | undefined;
  /** Filter line of the containers. */
  readonly filter?: string | undefined;
}

/** @throws UsageError for a column that is not there, or a filter that cannot be read */
export function lookOf(
  { name, sort, filter }: LookOptions,
  { settings, kept }: ScreenSettings,
  actions: TopOptions['actions'],
): Look {
  const order = sort === undefined ? undefined : parseSort(tables.containers, sort);
  // The screen would tell of a filter only once it is drawn.
  filterOf(filter, tables.containers);
  return {
    names: name && { label: name.join(' '), matches: nameMatcher(name) },
    sort: order,
    filter,
    actions,
    exporter,
    preferences: settings,
    kept,
    compilePattern: (pattern) => nameMatcher([pattern]),
  };
}
