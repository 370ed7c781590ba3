/** The help: keys, commands and filters from their tables, columns from the table of the view. */
import { FILTER_SYNTAX } from '../../analyzers/filter/syntax.js';
import { fit, textWidth, wrap } from '../text/width.js';
import { groups } from './actions/action.js';
import { commands } from './commands.js';
import { fullTitle, keyNames } from './key-names.js';
import type { Keymap } from './keymap.js';
import type { View } from './views.js';

export interface HelpLine {
  readonly kind: 'heading' | 'entry' | 'blank';
  /** Keys or a column's title, padded; '' where the text goes on. */
  readonly term: string;
  readonly text: string;
}

const TERM_WIDTH = 20;

export function helpLines(
  keymap: Keymap,
  view: View,
  width: number,
  isUnicode: boolean,
): readonly HelpLine[] {
  const keys = groups.flatMap((group) => [
    heading(group),
    ...keymap.actions
      .filter((action) => action.group === group)
      .flatMap((action) => entry(keyNames(keymap.keysOf(action), isUnicode), fullTitle(action), width)),
    blank,
  ]);
  const palette = commands.flatMap(({ id, argument, title }) => entry(`:${id} ${argument}`, title, width));
  const filter = FILTER_SYNTAX.flatMap(({ form, doc }) => entry(form, doc, width));
  const columns = view.table.columns.flatMap(({ title, doc, unknown }) =>
    entry(title, unknown === undefined ? doc : `${doc} ${isUnicode ? '–' : '-'}: ${unknown}`, width),
  );
  return [
    ...keys,
    heading('Commands'),
    ...palette,
    blank,
    heading('Filter'),
    ...filter,
    blank,
    heading(`Columns of ${view.title}`),
    ...columns,
  ];
}

const blank: HelpLine = { kind: 'blank', term: '', text: '' };

function heading(text: string): HelpLine {
  return { kind: 'heading', term: '', text };
}

function entry(term: string, text: string, width: number): HelpLine[] {
  const room = Math.max(20, width - TERM_WIDTH - 3);
  return wrap(text, room).map((line, index) => ({
    kind: 'entry',
    term:
      index === 0 ? fit(term, Math.max(TERM_WIDTH, textWidth(term)), 'left', '…') : ' '.repeat(TERM_WIDTH),
    text: line,
  }));
}
