/** The settings: one table of what there is, and the reading of a configuration by it. */

import { columnNamed } from '../../analyzers/filter/names.js';
import { nearest } from '../../analyzers/nearest.js';
import { actions } from '../../tui/app/actions.js';
import { keyProblems } from '../../tui/app/keymap.js';
import { type View, views } from '../../tui/app/views.js';
import {
  type Preferences,
  THEME_NAMES,
  type ThemeName,
  type ViewPreferences,
} from '../../tui/preferences.js';
import { CommandError } from '../errors.js';
import { filterOf } from '../filter.js';
import { parseDuration } from '../time.js';
import { parseSort as parseTableSort } from '../view.js';
import { type Entry, JsonError, type Node, parseJsonc } from './jsonc.js';

export interface Settings extends Preferences {
  /** Length of a frame, ns. */
  readonly interval?: number | undefined;
}

export interface Configuration {
  readonly settings: Settings;
  /** Line of the file by key (`views.containers.sort`). */
  readonly lines: ReadonlyMap<string, number>;
}

export const NO_CONFIGURATION: Configuration = { settings: {}, lines: new Map() };

/** A value that cannot be taken: the sentence goes behind file, line and key. */
class Refusal extends Error {
  readonly key: string;
  readonly line: number;

  constructor(message: string, key: string, line: number) {
    super(message);
    this.key = key;
    this.line = line;
  }
}

interface Setting {
  readonly key: keyof Settings;
  /** One line, for `boxtop config`. */
  readonly doc: string;
  read(reader: Reader, entry: Entry, key: string): Settings[keyof Settings];
}

export const SETTINGS: readonly Setting[] = [
  {
    key: 'theme',
    doc: `Colours: ${THEME_NAMES.join(', ')}; NO_COLOR has none.`,
    read: (reader, entry, key) => {
      const text = reader.text(entry, key);
      const name = THEME_NAMES.find((candidate) => candidate === text);
      if (name === undefined)
        throw new Refusal(`there is no theme “${text}”; there are ${THEME_NAMES.join(' ')}`, key, entry.line);
      return name satisfies ThemeName;
    },
  },
  {
    key: 'interval',
    doc: 'Length of a frame, where --interval does not say it.',
    read: (reader, entry, key) => reader.told(key, entry.line, () => parseDuration(reader.text(entry, key))),
  },
  {
    key: 'mouse',
    doc: 'Whether clicks and the wheel are for boxtop; else they are for the terminal, which selects text (with Shift it always does).',
    read: (reader, entry, key) => reader.flag(entry, key),
  },
  {
    key: 'keys',
    doc: 'Keys of actions in place of the default ones, by the ids in docs/keys.md: "quit": ["q", "f10", "ctrl-q"].',
    read: readKeys,
  },
  {
    key: 'views',
    doc: 'For each view: "columns" in their order, "sort" by a column (-cpu: largest first), and the "filter" it begins with.',
    read: (reader, entry, key) => {
      const found = [...reader.entries(entry, key)].map(([id, view]) => [
        id,
        readView(reader, view, `${key}.${id}`, id),
      ]);
      return Object.fromEntries(found) as Record<string, ViewPreferences>;
    },
  },
];

/** @throws CommandError that names file, line and key */
export function readConfiguration(text: string, file: string): Configuration {
  const reader = new Reader();
  try {
    const root = parseJsonc(text);
    if (root.kind !== 'object') throw new JsonError('the configuration is not an object in { }', root.line);
    const settings: Record<string, unknown> = {};
    for (const [key, entry] of root.entries) {
      const setting = SETTINGS.find((candidate) => candidate.key === key);
      if (setting === undefined)
        throw unknownKey(
          key,
          key,
          entry.line,
          SETTINGS.map((candidate) => candidate.key),
        );
      reader.lines.set(key, entry.line);
      settings[key] = setting.read(reader, entry, key);
    }
    return { settings, lines: reader.lines };
  } catch (error) {
    if (error instanceof Refusal)
      throw new CommandError(`${file}:${error.line}: ${error.key}: ${error.message}`);
    if (error instanceof JsonError) throw new CommandError(`${file}:${error.line}: ${error.message}`);
    throw error;
  }
}

/** Takes values of some kind, and remembers where they stand. */
class Reader {
  readonly lines = new Map<string, number>();

  text({ node, line }: Entry, key: string): string {
    if (node.kind !== 'value' || typeof node.value !== 'string')
      throw new Refusal('it is not a text in quotes', key, line);
    return node.value;
  }

  flag({ node, line }: Entry, key: string): boolean {
    if (node.kind !== 'value' || typeof node.value !== 'boolean')
      throw new Refusal('it is neither true nor false', key, line);
    return node.value;
  }

  /** A list of texts, or one alone. */
  texts({ node, line }: Entry, key: string): string[] {
    const items: readonly Node[] = node.kind === 'array' ? node.items : [node];
    return items.map((item) => {
      if (item.kind !== 'value' || typeof item.value !== 'string')
        throw new Refusal('it is not a list of texts', key, item.kind === 'value' ? item.line : line);
      return item.value;
    });
  }

  entries({ node, line }: Entry, key: string): ReadonlyMap<string, Entry> {
    if (node.kind !== 'object') throw new Refusal('it is not an object in { }', key, line);
    return node.entries;
  }

  /** What the work throws for the user, as a refusal of the key. */
  told<T>(key: string, line: number, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof Refusal || !(error instanceof Error)) throw error;
      throw new Refusal(error.message, key, line);
    }
  }
}

function readKeys(reader: Reader, entry: Entry, key: string): Record<string, readonly string[]> {
  const remaps: Record<string, readonly string[]> = {};
  for (const [id, keys] of reader.entries(entry, key)) {
    reader.lines.set(`${key}.${id}`, keys.line);
    remaps[id] = reader.texts(keys, `${key}.${id}`);
  }
  const [problem] = keyProblems(actions, remaps);
  if (problem !== undefined) {
    const name = `${key}.${problem.action}`;
    throw new Refusal(problem.message, name, reader.lines.get(name) ?? entry.line);
  }
  return remaps;
}

function readView(reader: Reader, entry: Entry, key: string, id: string): ViewPreferences {
  const view = views.find((candidate) => candidate.id === id);
  if (view === undefined)
    throw unknownKey(
      id,
      key,
      entry.line,
      views.map((candidate) => candidate.id),
    );
  const found: { -readonly [K in keyof ViewPreferences]: ViewPreferences[K] } = {};
  for (const [name, value] of reader.entries(entry, key)) {
    const place = `${key}.${name}`;
    reader.lines.set(place, value.line);
    if (name === 'columns')
      found.columns = reader.texts(value, place).map((text) => columnId(view, text, place, value.line));
    else if (name === 'sort') {
      const text = reader.text(value, place);
      const sign = /^[+-]/.exec(text)?.[0] ?? '';
      const column = columnId(view, text.slice(sign.length), place, value.line);
      found.sort = parseTableSort(view.table, sign + column);
    } else if (name === 'filter') {
      found.filter = reader.text(value, place);
      reader.told(place, value.line, () => filterOf(found.filter, view.table, 'the filter'));
    } else throw unknownKey(name, place, value.line, ['columns', 'sort', 'filter']);
  }
  return found;
}

function columnId(view: View, name: string, key: string, line: number): string {
  const { columns } = view.table;
  const column = columnNamed(columns, name);
  if (column !== undefined) return column.id;
  const near = nearest(
    name,
    columns.map(({ id }) => id),
  );
  const hint = near === undefined ? 'docs/columns.md lists them' : `did you mean ${near}?`;
  throw new Refusal(`${view.table.id} have no column “${name}”; ${hint}`, key, line);
}

function unknownKey(name: string, key: string, line: number, known: readonly string[]): Refusal {
  const near = nearest(name, known);
  const hint = near === undefined ? `there are ${known.join(' ')}` : `did you mean ${near}?`;
  return new Refusal(`there is no such setting; ${hint}`, key, line);
}
