/**
 * Everything that a key can do. Dispatch, the hints of the footer, the help and docs/keys.md come from this one table.
 * Defaults follow the field: htop's F-keys, csysdig's Shift-digits, vim's letters, below's Space and time keys.
 */
import { helpLines } from './help.js';
import { openFilter, openJump, openSortMenu, openViewMenu } from './overlays.js';
import type { Session } from './session.js';

/** Where an action applies. `line` actions come before the keys that edit the line. */
export type Context = 'table' | 'menu' | 'help' | 'line' | 'anywhere';

export type Group = 'Move' | 'Look' | 'Sort and filter' | 'Time' | 'Menus and lines' | 'boxtop';

export interface Action {
  readonly id: string;
  readonly keys: readonly string[];
  readonly title: string;
  readonly group: Group;
  readonly where: Context;
  /** Short label for the footer; only there where it helps most. */
  readonly hint?: string;
  run(session: Session, key: string): void;
}

/** Actions of one group that apply in one place. */
function actionsOf(
  group: Group,
  where: Context,
  entries: readonly Omit<Action, 'group' | 'where'>[],
): Action[] {
  return entries.map((entry) => ({ ...entry, group, where }));
}

/** Shift with the digits 1 to 9 on a US keyboard, as csysdig has it. */
const SHIFTED_DIGITS = ['!', '@', '#', '$', '%', '^', '&', '*', '('];

const move = actionsOf('Move', 'table', [
  { id: 'up', keys: ['up', 'k'], title: 'Up', run: (s) => s.moveBy(-1) },
  { id: 'down', keys: ['down', 'j'], title: 'Down', run: (s) => s.moveBy(1) },
  { id: 'page-up', keys: ['pageup'], title: 'A page up', run: (s) => s.moveBy(-s.layout.bodyRows) },
  { id: 'page-down', keys: ['pagedown'], title: 'A page down', run: (s) => s.moveBy(s.layout.bodyRows) },
  { id: 'half-page-up', keys: ['ctrl-u'], title: 'Half a page up', run: (s) => s.moveBy(-halfPage(s)) },
  { id: 'half-page-down', keys: ['ctrl-d'], title: 'Half a page down', run: (s) => s.moveBy(halfPage(s)) },
  { id: 'first', keys: ['home', 'g'], title: 'First row', run: (s) => s.moveTo(0) },
  {
    id: 'last',
    keys: ['end', 'G'],
    title: 'Last row; live, while looking back: now',
    run: (s) => (looksBack(s) ? s.player.play() : s.moveTo(Number.MAX_SAFE_INTEGER)),
  },
]);

const look = actionsOf('Look', 'table', [
  {
    id: 'drill',
    keys: ['enter'],
    title: 'Into the container’s processes, into the process’s threads',
    hint: 'Into',
    run: (s) => s.drill(),
  },
  {
    id: 'threads',
    keys: ['t'],
    title: 'Processes or threads',
    run: (s) => s.toggleThreads(),
  },
  {
    id: 'back',
    keys: ['escape', 'backspace'],
    title: 'Filter away; back to where Enter was pressed',
    run: (s) => s.back(),
  },
  { id: 'views', keys: ['f2', 'v', 'Q'], title: 'Other views', hint: 'Views', run: openViewMenu },
]);

const order = actionsOf('Sort and filter', 'table', [
  {
    id: 'filter',
    keys: ['/', 'f4', '\\'],
    title: 'Filter: text, glob* or /regex/',
    hint: 'Filter',
    run: openFilter,
  },
  {
    id: 'sort-menu',
    keys: ['f6'],
    title: 'Choose the column to sort by',
    hint: 'Sort',
    run: openSortMenu,
  },
  { id: 'sort-left', keys: ['<', ','], title: 'Sort by the column to the left', run: (s) => s.shiftSort(-1) },
  {
    id: 'sort-right',
    keys: ['>', '.'],
    title: 'Sort by the column to the right',
    run: (s) => s.shiftSort(1),
  },
  {
    id: 'sort-nth',
    keys: SHIFTED_DIGITS,
    title: 'Shift-1 … Shift-9: sort by the nth column, again the other way',
    run: (s, key) => s.sortByNth(SHIFTED_DIGITS.indexOf(key) + 1),
  },
  { id: 'invert', keys: ['I', 'r'], title: 'The other way round', run: (s) => s.invertSort() },
]);

const time = actionsOf('Time', 'table', [
  { id: 'pause', keys: ['space', 'p'], title: 'Pause, go on', hint: 'Pause', run: (s) => s.togglePause() },
  { id: 'step-back', keys: ['left', '['], title: 'The interval before', run: (s) => s.player.step(-1) },
  {
    id: 'step',
    keys: ['right', ']'],
    title: 'The next interval',
    hint: 'Step',
    run: (s) => s.player.step(1),
  },
  { id: 'step-back-ten', keys: ['shift-left'], title: 'Ten intervals back', run: (s) => s.player.step(-10) },
  { id: 'step-ten', keys: ['shift-right'], title: 'Ten intervals on', run: (s) => s.player.step(10) },
  { id: 'jump', keys: ['J', ':'], title: 'Jump to a time', hint: 'Jump', run: openJump },
  {
    id: 'beginning',
    keys: ['{', 'ctrl-home'],
    title: 'Beginning of the recording',
    run: (s) => s.player.seek(s.player.begin),
  },
  {
    id: 'end',
    keys: ['}', 'ctrl-end'],
    title: 'End of the recording',
    run: (s) => s.player.seek(s.player.end ?? Number.MAX_SAFE_INTEGER),
  },
  { id: 'faster', keys: ['+', '='], title: 'Faster', hint: 'Speed', run: (s) => s.changeSpeed(1) },
  { id: 'slower', keys: ['-', '_'], title: 'Slower', run: (s) => s.changeSpeed(-1) },
]);

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
  { id: 'line-take', keys: ['enter'], title: 'Take the line', hint: 'Take', run: (s) => submitLine(s) },
  {
    id: 'line-leave',
    keys: ['escape'],
    title: 'Leave it as it was before',
    hint: 'Leave',
    run: (s) => cancelLine(s),
  },
]);

const helpPage = actionsOf('Menus and lines', 'help', [
  { id: 'help-up', keys: ['up', 'k'], title: 'Up', run: (s) => scrollHelp(s, -1) },
  { id: 'help-down', keys: ['down', 'j'], title: 'Down', run: (s) => scrollHelp(s, 1) },
  {
    id: 'help-page-up',
    keys: ['pageup', 'ctrl-u'],
    title: 'A page up',
    run: (s) => scrollHelp(s, -halfPage(s)),
  },
  {
    id: 'help-page-down',
    keys: ['pagedown', 'ctrl-d', 'space'],
    title: 'A page down',
    hint: 'More',
    run: (s) => scrollHelp(s, halfPage(s)),
  },
  {
    id: 'help-close',
    keys: ['escape', 'q', 'enter', 'f1', '?', 'h', 'backspace'],
    title: 'Leave the help',
    hint: 'Leave',
    run: (s) => closeOverlay(s),
  },
]);

const program = [
  ...actionsOf('boxtop', 'table', [
    { id: 'help', keys: ['f1', '?', 'h'], title: 'Keys and columns', hint: 'Help', run: (s) => openHelp(s) },
    { id: 'quit', keys: ['q', 'f10'], title: 'Quit', hint: 'Quit', run: (s) => s.options.onQuit() },
  ]),
  ...actionsOf('boxtop', 'anywhere', [
    { id: 'quit-anywhere', keys: ['ctrl-c'], title: 'Quit from anywhere', run: (s) => s.options.onQuit() },
    {
      id: 'suspend',
      keys: ['ctrl-z'],
      title: 'Back to the shell; fg goes on',
      run: (s) => s.options.onSuspend(),
    },
    { id: 'repaint', keys: ['ctrl-l'], title: 'Draw the screen anew', run: (s) => s.options.onRepaint() },
  ]),
];

export const actions: readonly Action[] = [
  ...move,
  ...look,
  ...order,
  ...time,
  ...menus,
  ...line,
  ...helpPage,
  ...program,
];

export const groups: readonly Group[] = [
  'Move',
  'Look',
  'Sort and filter',
  'Time',
  'Menus and lines',
  'boxtop',
];

function halfPage(session: Session): number {
  return Math.max(1, Math.floor(session.layout.bodyRows / 2));
}

function openHelp(session: Session): void {
  session.overlay = { kind: 'help', top: 0 };
}

function scrollHelp(session: Session, by: number): void {
  const { overlay, layout, size, view } = session;
  if (overlay?.kind !== 'help') return;
  const last = Math.max(
    0,
    helpLines({ groups, actions }, view, size.columns, true).length - layout.bodyRows - 1,
  );
  session.overlay = { ...overlay, top: Math.max(0, Math.min(last, overlay.top + by)) };
}

function closeOverlay(session: Session): void {
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

function submitLine(session: Session): void {
  const { overlay } = session;
  if (overlay?.kind !== 'prompt') return;
  const error = overlay.submit(overlay.line.text.join(''));
  session.overlay = error === undefined ? undefined : { ...overlay, error };
}

function cancelLine(session: Session): void {
  const { overlay } = session;
  if (overlay?.kind !== 'prompt') return;
  session.overlay = undefined;
  overlay.cancel?.();
}

/** Live goes on while one stands still. */
function looksBack({ player }: Session): boolean {
  return player.mode === 'live' && !player.state().playing && !player.state().atEnd;
}
