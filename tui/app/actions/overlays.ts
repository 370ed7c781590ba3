/** What keys do in menus and on lines that are being typed. */
import { clickedItem } from '../mouse.js';
import type { Menu } from '../overlay.js';
import { chooseNext, completeLine, recallLine, submitLine } from '../prompt.js';
import type { Session } from '../session.js';
import { type Action, actionsOf } from './action.js';

const menus = actionsOf('Menus and lines', 'menu', [
  { id: 'menu-up', keys: ['up', 'k'], title: 'Up', run: (s) => moveInMenu(s, -1) },
  { id: 'menu-down', keys: ['down', 'j'], title: 'Down', run: (s) => moveInMenu(s, 1) },
  { id: 'menu-choose', keys: ['enter'], title: 'Choose', hint: 'Choose', run: (s) => chooseInMenu(s) },
  {
    id: 'menu-toggle',
    keys: ['space'],
    title: 'In or out, where several are chosen',
    hint: 'In/out',
    applies: choosesSeveral,
    run: (s) => inMenu(s, (menu, id) => menu.toggle?.(id)),
  },
  {
    id: 'menu-raise',
    keys: ['shift-up', 'K', '<', '-'],
    title: 'Further up, where several are chosen',
    hint: 'Raise',
    applies: choosesSeveral,
    run: (s) => inMenu(s, (menu, id) => menu.move?.(id, -1)),
  },
  {
    id: 'menu-lower',
    keys: ['shift-down', 'J', '>', '+'],
    title: 'Further down, where several are chosen',
    hint: 'Lower',
    applies: choosesSeveral,
    run: (s) => inMenu(s, (menu, id) => menu.move?.(id, 1)),
  },
  {
    id: 'menu-reset',
    keys: ['d'],
    title: 'As it is by default, where several are chosen',
    hint: 'Default',
    applies: choosesSeveral,
    run: (s) => inMenu(s, (menu) => menu.reset?.()),
  },
  {
    id: 'menu-click',
    keys: ['click', 'double-click'],
    title: 'Choose',
    run: (s, _key, place) => clickInMenu(s, clickedItem(s, place)),
  },
  { id: 'menu-wheel-up', keys: ['wheel-up'], title: 'Up', run: (s) => moveInMenu(s, -1) },
  { id: 'menu-wheel-down', keys: ['wheel-down'], title: 'Down', run: (s) => moveInMenu(s, 1) },
  {
    id: 'menu-close',
    keys: ['escape', 'q', 'backspace', 'f2', 'f6'],
    title: 'Leave the menu',
    hint: 'Leave',
    run: (s) => closeOverlay(s),
  },
]);

const line = actionsOf('Menus and lines', 'line', [
  { id: 'line-take', keys: ['enter'], title: 'Take the line', run: submitLine },
  { id: 'line-leave', keys: ['escape'], title: 'Leave it as it was before', run: (s) => cancelLine(s) },
  { id: 'line-complete', keys: ['tab'], title: 'Complete the word', run: completeLine },
  { id: 'line-up', keys: ['up'], title: 'The choice above', run: (s) => chooseNext(s, -1) },
  { id: 'line-down', keys: ['down'], title: 'The choice below', run: (s) => chooseNext(s, 1) },
  { id: 'line-before', keys: ['ctrl-p'], title: 'The line typed before', run: (s) => recallLine(s, -1) },
  { id: 'line-after', keys: ['ctrl-n'], title: 'The line typed after it', run: (s) => recallLine(s, 1) },
]);

export const overlayActions: readonly Action[] = [...menus, ...line];

export function closeOverlay(session: Session): void {
  session.overlay = undefined;
}

function moveInMenu(session: Session, by: number): void {
  const { overlay } = session;
  if (overlay?.kind !== 'menu') return;
  const selected = Math.max(0, Math.min(overlay.items.length - 1, overlay.selected + by));
  session.overlay = { ...overlay, selected };
}

function choosesSeveral({ overlay }: Session): boolean {
  return overlay?.kind === 'menu' && overlay.toggle !== undefined;
}

function inMenu({ overlay }: Session, work: (menu: Menu, id: string) => void): void {
  if (overlay?.kind !== 'menu') return;
  const item = overlay.items[overlay.selected];
  if (item !== undefined) work(overlay, item.id);
}

/** A click beside the menu leaves it. */
function clickInMenu(session: Session, index: number | undefined): void {
  const { overlay } = session;
  if (overlay?.kind !== 'menu') return;
  if (index === undefined) {
    closeOverlay(session);
    return;
  }
  session.overlay = { ...overlay, selected: index };
  if (overlay.toggle === undefined) chooseInMenu(session);
  else inMenu(session, (menu, id) => menu.toggle?.(id));
}

function chooseInMenu(session: Session): void {
  const { overlay } = session;
  if (overlay?.kind !== 'menu') return;
  session.overlay = undefined;
  const item = overlay.items[overlay.selected];
  if (item !== undefined) overlay.choose(item.id);
}

function cancelLine(session: Session): void {
  const { overlay } = session;
  if (overlay?.kind !== 'prompt') return;
  session.overlay = undefined;
  overlay.cancel?.();
}
