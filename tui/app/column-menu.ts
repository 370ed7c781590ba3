/** The menu that chooses columns: what stands on the screen is where one begins. */
import type { Menu, MenuItem } from './overlay.js';
import type { Session } from './session.js';

export function openColumnMenu(session: Session): void {
  const menu: Menu = {
    kind: 'menu',
    title: 'Columns',
    items: itemsOf(session),
    selected: 0,
    choose: () => {},
    toggle: (id) => {
      const shown = shownIds(session);
      change(session, id, shown.includes(id) ? shown.filter((other) => other !== id) : [...shown, id]);
    },
    move: (id, by) => {
      const shown = [...shownIds(session)];
      const at = shown.indexOf(id);
      const to = at + by;
      if (at < 0 || to < 0 || to >= shown.length) return;
      shown.splice(to, 0, ...shown.splice(at, 1));
      change(session, id, shown);
    },
    reset: () => {
      session.chosen.setColumns(session.view, undefined);
      refresh(session, undefined);
    },
  };
  session.overlay = menu;
}

/** The columns on the whole width of the screen, which the menu takes a part of. */
function shownIds(session: Session): readonly string[] {
  const chosen = session.chosen.columnsOf(session.view);
  return chosen ?? session.columns.filter(({ isTrend }) => !isTrend).map(({ column }) => column.id);
}

function itemsOf(session: Session): MenuItem[] {
  const { columns } = session.view.table;
  const shown = shownIds(session);
  const item = (id: string): MenuItem => {
    const { title, doc } = columns.find((column) => column.id === id)!;
    return { id, label: title, doc: `${id}: ${doc}`, mark: shown.includes(id) };
  };
  const others = columns.map(({ id }) => id).filter((id) => !shown.includes(id));
  return [...shown, ...others].map(item);
}

function change(session: Session, id: string, shown: readonly string[]): void {
  if (shown.length === 0) {
    session.message = 'One column has to stay.';
    return;
  }
  session.chosen.setColumns(session.view, shown);
  refresh(session, id);
}

/** The menu follows the column that was moved; a column that was toggled leaves the selection where it is. */
function refresh(session: Session, moved: string | undefined): void {
  const { overlay } = session;
  if (overlay?.kind !== 'menu') return;
  const items = itemsOf(session);
  const isMove =
    overlay.items.find(({ id }) => id === moved)?.mark === items.find(({ id }) => id === moved)?.mark;
  const at = items.findIndex(({ id }) => id === moved);
  session.overlay = { ...overlay, items, selected: isMove && at >= 0 ? at : overlay.selected };
}
