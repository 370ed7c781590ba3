/** What the menus offer and what the lines to type in do. */
import { filterChoices, mayNameColumn } from './filter.js';
import { remember } from './history.js';
import type { Complaint } from './overlay.js';
import { openPrompt } from './prompt.js';
import type { Session } from './session.js';
import { type ViewId, views } from './views.js';

export function openSortMenu(session: Session): void {
  const columns = session.screenColumns;
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
  openPrompt(session, {
    label: 'Filter',
    hint: 'web  web*  /^web/  cpu>20  image:nginx  name~"a|b"  and or not ( ); Tab names columns',
    text: before,
    history: session.chosen.filters,
    complete: (typed) => filterChoices(typed, session),
    change: (text) => tryFilter(session, text),
    submit: (text) => {
      const complaint = session.setFilter(text);
      if (complaint === undefined && text !== '') remember(session.chosen.filters, text);
      return complaint;
    },
    cancel: () => session.setFilter(before),
  });
}

/** On the way to `cpu>20` the table is not emptied by looking for the word `cp`: the filter before stays until Enter. */
function tryFilter(session: Session, text: string): Complaint | undefined {
  const before = session.filterText;
  const complaint = session.setFilter(text);
  if (complaint !== undefined) return complaint;
  if (session.rows().rows.length === 0 && mayNameColumn(text, session.view.table)) session.setFilter(before);
  return undefined;
}
