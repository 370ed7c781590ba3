/** What the menus offer and what the lines to type in do. */
import { lineOf } from './line-editor.js';
import type { Session } from './session.js';
import { screenColumns, type ViewId, views } from './views.js';

export function openSortMenu(session: Session): void {
  const columns = screenColumns(session.view, session.scope);
  session.overlay = {
    kind: 'menu',
    title: 'Sort by',
    items: columns.map(({ id, title, doc }) => ({ id, label: title, doc })),
    selected: Math.max(
      0,
      columns.findIndex(({ id }) => id === session.sort.column),
    ),
    choose: (id) => session.sortBy(id),
  };
}

export function openViewMenu(session: Session): void {
  session.overlay = {
    kind: 'menu',
    title: 'Views',
    items: views.map(({ id, title, doc }) => ({ id, label: title, doc })),
    selected: views.indexOf(session.view),
    choose: (id) => session.showView(id as ViewId),
  };
}

export function openFilter(session: Session): void {
  const before = session.filterText;
  session.overlay = {
    kind: 'prompt',
    label: 'Filter',
    hint: 'text, glob* or /regex/',
    line: lineOf(before),
    error: undefined,
    change: (text) => session.setFilter(text),
    submit: (text) => session.setFilter(text),
    cancel: () => session.setFilter(before),
  };
}

export function openJump(session: Session): void {
  session.overlay = {
    kind: 'prompt',
    label: 'Jump to',
    hint: '12:03:10.5, +2m from the beginning, -10s from the end, @NS',
    line: lineOf(''),
    error: undefined,
    submit: (text) => {
      if (text.trim() === '') return undefined;
      try {
        session.player.seek(session.options.parseTime(text.trim()));
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
  };
}
