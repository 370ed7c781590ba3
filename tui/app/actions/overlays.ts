/** What keys do in menus and on lines that are being typed. */
import { chooseNext, completeLine, recallLine, submitLine } from '../prompt.js';
import type { Session } from '../session.js';
import { type Action, actionsOf } from './action.js';

const menus = actionsOf('Menus and lines', 'menu', [
  { id: 'menu-up', keys: ['up', 'k'], title: 'Up', run: (s) => moveInMenu(s, -1) },
  { id: 'menu-down', keys: ['down', 'j'], title: 'Down', run: (s) => moveInMenu(s, 1) },
  { id: 'menu-choose', keys: ['enter'], title: 'Choose', hint: 'Choose', run: (s) => chooseInMenu(s) },
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
