/**
 * What can be done by a line in the palette (`:`) and takes an argument; what takes none is in the table of actions. Palette,
 * help and docs/keys.md come from this table.
 */
import { columnNamed } from '../../analyzers/filter/names.js';
import { THEME_DOCS, THEME_NAMES } from '../preferences.js';
import { openColumnMenu } from './column-menu.js';
import { type ArgumentChoice, type Command, complain } from './commands/command.js';
import { recordCommand } from './deeds/record.js';
import { writeCommand } from './deeds/write.js';
import { filterChoices } from './filter.js';
import { fuzzyFind } from './fuzzy.js';
import type { Complaint } from './overlay.js';
import type { Session } from './session.js';
import { addBookmark } from './time/bookmarks.js';
import { compareCommand } from './time/compare.js';
import { viewOf, views } from './views.js';

const SPEED = /^(\d{1,6}(?:\.\d{1,6})?)x?$/;

export const commands: readonly Command[] = [
  {
    id: 'jump',
    argument: 'TIME',
    title: 'Jump to 12:03:10.5, -10m or +2s from here, begin, end, @NANOSECONDS',
    choices: () => [
      { value: 'begin', title: 'Beginning of the recording' },
      { value: 'end', title: 'End of the recording; live: now' },
    ],
    run: (session, text) => {
      const { player } = session;
      if (text === 'begin') player.seek(player.begin);
      else if (text === 'end') player.seek(player.end ?? Number.MAX_SAFE_INTEGER);
      else player.seek(session.options.parseTime(text, session.frame?.begin ?? player.begin));
      return undefined;
    },
  },
  {
    id: 'sort',
    argument: 'COLUMN',
    title: 'Sort by a column: cpu_pct, -cpu_pct (largest first), +cpu_pct',
    choices: columnChoices,
    run: (session, text) => {
      const sign = /^[+-]/.exec(text)?.[0];
      const id = sign === undefined ? text : text.slice(1);
      const column = columnNamed(session.view.table.columns, id);
      if (column === undefined) return complain(`${session.view.title} have no column “${id}”`);
      session.sortBy(column.id, sign === undefined ? undefined : sign === '-');
      return undefined;
    },
  },
  {
    id: 'view',
    argument: 'NAME',
    title: 'Show another view',
    choices: () => views.map(({ id, doc }) => ({ value: id, title: doc })),
    run: (session, text) => {
      const [view] = fuzzyFind(text, views, ({ id, title }) => [id, title]);
      if (view === undefined) return complain(`there is no view “${text}”`);
      session.showView(viewOf(view.id).id);
      return undefined;
    },
  },
  {
    id: 'filter',
    argument: '[FILTER]',
    title: 'Show only what matches; without a filter everything',
    complete: (session, typed) => filterChoices(typed, session),
    run: (session, text) => session.setFilter(text),
  },
  {
    id: 'columns',
    argument: '[COLUMN,…]',
    title: 'Choose columns in their order: name,cpu,mem or default; without any by a menu',
    choices: (session) => [{ value: 'default', title: 'As they are by default' }, ...columnChoices(session)],
    run: (session, text) => {
      if (text === '') openColumnMenu(session);
      else if (text === 'default') session.chosen.setColumns(session.view, undefined);
      else return chooseColumns(session, text);
      return undefined;
    },
  },
  {
    id: 'theme',
    argument: 'NAME',
    title: 'Colours: auto, dark, light, high-contrast or 16',
    choices: () => THEME_NAMES.map((value) => ({ value, title: THEME_DOCS[value] })),
    run: (session, text) => {
      const name = THEME_NAMES.find((candidate) => candidate === text);
      if (name === undefined)
        return complain(`there is no theme “${text}”; there are ${THEME_NAMES.join(' ')}`);
      session.chosen.theme = name;
      return undefined;
    },
  },
  {
    id: 'speed',
    argument: 'FACTOR',
    title: 'Play faster or slower: 0.1 to 100',
    run: ({ player }, text) => {
      const factor = Number(SPEED.exec(text)?.[1] ?? 0);
      if (factor < 0.1 || factor > 100) return complain(`“${text}” is no speed from 0.1 to 100`);
      player.setSpeed(factor);
      return undefined;
    },
  },
  {
    id: 'compare',
    argument: 'RANGE RANGE',
    title: 'What got worse: 12:01-12:02 12:05-12:06, or +10s..+20s +30s..+40s',
    run: compareCommand,
  },
  {
    id: 'bookmark',
    argument: 'WORDS',
    title: 'Bookmark the shown interval under these words',
    run: (session, text) => {
      addBookmark(session, text);
      return undefined;
    },
  },
  {
    id: 'write',
    argument: 'FILE',
    title: 'Write what is on the screen: NAME.txt, .svg (a picture), .csv or .json (all rows of the table)',
    run: writeCommand,
  },
  recordCommand,
];

/** The most important ones first. */
function columnChoices({ view }: Session): ArgumentChoice[] {
  const rank = (priority: number | undefined) => priority ?? Number.MAX_SAFE_INTEGER;
  const columns = [...view.table.columns].sort((a, b) => rank(a.priority) - rank(b.priority));
  return columns.map(({ id, title, doc }) => ({ value: id, title: `${title}: ${doc}` }));
}

function chooseColumns(session: Session, text: string): Complaint | undefined {
  const { view } = session;
  const names = text.split(/[\s,]+/).filter((name) => name !== '');
  const columns = names.map((name) => columnNamed(view.table.columns, name));
  const unknown = columns.indexOf(undefined);
  if (unknown >= 0)
    return { message: `${view.title} have no column “${names[unknown]}”`, at: text.indexOf(names[unknown]!) };
  session.chosen.setColumns(view, [...new Set(columns.map((column) => column!.id))]);
  return undefined;
}
