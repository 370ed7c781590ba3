/**
 * Everything that a key can do. Dispatch, the hints of the footer, the help, the palette and docs/keys.md come from this one
 * table. Defaults follow the field: htop's F-keys, csysdig's Shift-digits, vim's letters, below's Space and time keys.
 */
import { type Action, actionsOf, halfPage } from './actions/action.js';
import { closeOverlay, overlayActions } from './actions/overlays.js';
import { tableActions } from './actions/table.js';
import { helpLines } from './help.js';
import { WHEEL_ROWS } from './mouse.js';
import { openPalette } from './palette.js';
import type { Session } from './session.js';

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
    id: 'help-first',
    keys: ['home', 'g'],
    title: 'Beginning',
    run: (s) => scrollHelp(s, Number.NEGATIVE_INFINITY),
  },
  { id: 'help-last', keys: ['end', 'G'], title: 'End', run: (s) => scrollHelp(s, Number.POSITIVE_INFINITY) },
  { id: 'help-wheel-up', keys: ['wheel-up'], title: 'Up', run: (s) => scrollHelp(s, -WHEEL_ROWS) },
  { id: 'help-wheel-down', keys: ['wheel-down'], title: 'Down', run: (s) => scrollHelp(s, WHEEL_ROWS) },
  {
    id: 'help-close',
    keys: ['escape', 'q', 'enter', 'f1', '?', 'h', 'backspace'],
    title: 'Leave it',
    hint: 'Leave',
    run: (s) => closeOverlay(s),
  },
]);

const program = [
  ...actionsOf('boxtop', 'table', [
    { id: 'help', keys: ['f1', '?', 'h'], title: 'Keys and columns', hint: 'Help', run: (s) => openHelp(s) },
    {
      id: 'palette',
      keys: [':'],
      title: 'Command by name: everything that can be done, found by a few letters',
      hint: 'Command',
      byKeyOnly: true,
      run: (s) => openPalette(s),
    },
    {
      id: 'jump-line',
      keys: ['J'],
      title: 'Jump to a time',
      hint: 'Jump',
      spare: 4,
      byKeyOnly: true,
      run: (s) => openPalette(s, 'jump '),
    },
    { id: 'quit', keys: ['q', 'f10'], title: 'Quit', hint: 'Quit', spare: 1, run: (s) => s.options.onQuit() },
  ]),
  ...actionsOf('boxtop', 'anywhere', [
    {
      id: 'quit-anywhere',
      keys: ['ctrl-c'],
      title: 'Quit from anywhere',
      byKeyOnly: true,
      run: (s) => s.options.onQuit(),
    },
    {
      id: 'suspend',
      keys: ['ctrl-z'],
      title: 'Back to the shell; fg goes on',
      run: (s) => s.options.onSuspend(),
    },
    { id: 'repaint', keys: ['ctrl-l'], title: 'Draw the screen anew', run: (s) => s.options.onRepaint() },
  ]),
];

export const actions: readonly Action[] = [...tableActions, ...overlayActions, ...helpPage, ...program];

function openHelp(session: Session): void {
  session.overlay = { kind: 'help', top: 0 };
}

function scrollHelp(session: Session, by: number): void {
  const { overlay, layout, size, view } = session;
  if (overlay?.kind !== 'help' && overlay?.kind !== 'page') return;
  const lines =
    overlay.kind === 'page' ? overlay.lines : helpLines(session.options.keymap, view, size.columns, true);
  const last = Math.max(0, lines.length - layout.bodyRows - 1);
  session.overlay = { ...overlay, top: Math.max(0, Math.min(last, overlay.top + by)) };
}
