/** What keys do on the table: move, look, order, go through time. */

import { openColumnMenu } from '../column-menu.js';
import { openActions } from '../deeds/actions.js';
import { openHistory, toggleDrawn } from '../history/actions.js';
import { clickTable, WHEEL_ROWS } from '../mouse.js';
import { openFilter, openSortMenu, openViewMenu } from '../overlays.js';
import { openSearch, searchOn } from '../search.js';
import type { Session } from '../session.js';
import { findAnomaly } from '../time/anomalies.js';
import { openBookmarks, toggleBookmark } from '../time/bookmarks.js';
import { type Action, actionsOf, halfPage } from './action.js';

/** Shift with the digits 1 to 9 on a US keyboard, as csysdig has it. */
const SHIFTED_DIGITS = ['!', '@', '#', '$', '%', '^', '&', '*', '('];

const move = actionsOf('Move', 'table', [
  { id: 'up', keys: ['up', 'k'], title: 'Up', run: (s) => s.moveBy(-1) },
  { id: 'down', keys: ['down', 'j'], title: 'Down', run: (s) => s.moveBy(1) },
  { id: 'page-up', keys: ['pageup'], title: 'A page up', run: (s) => s.moveBy(-s.layout.tableRows) },
  { id: 'page-down', keys: ['pagedown'], title: 'A page down', run: (s) => s.moveBy(s.layout.tableRows) },
  { id: 'half-page-up', keys: ['ctrl-u'], title: 'Half a page up', run: (s) => s.moveBy(-halfPage(s)) },
  { id: 'half-page-down', keys: ['ctrl-d'], title: 'Half a page down', run: (s) => s.moveBy(halfPage(s)) },
  { id: 'wheel-up', keys: ['wheel-up'], title: 'Up', byKeyOnly: true, run: (s) => s.moveBy(-WHEEL_ROWS) },
  {
    id: 'wheel-down',
    keys: ['wheel-down'],
    title: 'Down',
    byKeyOnly: true,
    run: (s) => s.moveBy(WHEEL_ROWS),
  },
  {
    id: 'click',
    keys: ['click'],
    title: 'Select the row; on a title sort by its column',
    byKeyOnly: true,
    run: (s, _key, place) => clickTable(s, place),
  },
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
    id: 'click-into',
    keys: ['double-click'],
    title: 'Into the row',
    byKeyOnly: true,
    run: (s, _key, place) => clickTable(s, place) && s.drill(),
  },
  {
    id: 'threads',
    keys: ['H'],
    title: 'Processes or threads',
    run: (s) => s.toggleThreads(),
  },
  {
    id: 'tree',
    keys: ['f5'],
    title: 'Processes as a tree, or flat',
    hint: 'Tree',
    spare: 4,
    run: (s) => s.toggleTree(),
  },
  {
    id: 'back',
    keys: ['escape', 'backspace'],
    title: 'Filter away; back to where Enter was pressed',
    run: (s) => s.back(),
  },
  { id: 'views', keys: ['f2', 'v', 'Q'], title: 'Other views', hint: 'Views', run: openViewMenu },
  {
    id: 'history',
    keys: ['y'],
    title: 'History: charts of what is here; in it, choose what is drawn',
    run: openHistory,
  },
  {
    id: 'actions',
    keys: ['f9'],
    title: 'Actions on the container: logs, inspect, shell, pause, stop, CPU limit',
    hint: 'Act',
    spare: 3,
    run: openActions,
  },
  { id: 'draw', keys: ['x'], title: 'History: draw the container, or no more', run: toggleDrawn },
]);

const order = actionsOf('Sort and filter', 'table', [
  {
    id: 'filter-line',
    keys: ['/', 'f4', '\\'],
    title: 'Show only what a filter fits: words, globs, cpu>20 and not image:nginx',
    hint: 'Filter',
    run: openFilter,
  },
  {
    id: 'search',
    keys: ['f3', 'ctrl-f'],
    title: 'Search: go to what a filter fits, without hiding the rest',
    hint: 'Search',
    spare: 4,
    run: openSearch,
  },
  { id: 'search-next', keys: ['n'], title: 'The next one that the search fits', run: (s) => searchOn(s, 1) },
  {
    id: 'search-before',
    keys: ['N'],
    title: 'The one before that the search fits',
    run: (s) => searchOn(s, -1),
  },
  {
    id: 'column-menu',
    keys: ['C'],
    title: 'Choose columns and their order',
    run: openColumnMenu,
  },
  {
    id: 'sort-menu',
    keys: ['f6'],
    title: 'Choose the column to sort by',
    hint: 'Sort',
    spare: 2,
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
    byKeyOnly: true,
    run: (s, key) => s.sortByNth(SHIFTED_DIGITS.indexOf(key) + 1),
  },
  { id: 'invert', keys: ['I', 'r'], title: 'The other way round', run: (s) => s.invertSort() },
]);

const time = actionsOf('Time', 'table', [
  { id: 'pause', keys: ['space', 'p'], title: 'Pause, go on', hint: 'Pause', run: (s) => s.togglePause() },
  { id: 'step-back', keys: ['left', '[', 'T'], title: 'The interval before', run: (s) => s.player.step(-1) },
  {
    id: 'step',
    keys: ['right', ']', 't'],
    title: 'The next interval',
    hint: 'Step',
    spare: 4,
    run: (s) => s.player.step(1),
  },
  { id: 'step-back-ten', keys: ['shift-left'], title: 'Ten intervals back', run: (s) => s.player.step(-10) },
  { id: 'step-ten', keys: ['shift-right'], title: 'Ten intervals on', run: (s) => s.player.step(10) },
  {
    id: 'next-anomaly',
    keys: ['a'],
    title: 'Next anomaly: where a container begins to be held back or refused',
    run: (s) => findAnomaly(s, 1),
  },
  { id: 'previous-anomaly', keys: ['A'], title: 'The anomaly before', run: (s) => findAnomaly(s, -1) },
  {
    id: 'mark',
    keys: ['m'],
    title: 'Bookmark the shown interval, or take its bookmark away',
    run: toggleBookmark,
  },
  { id: 'bookmarks', keys: ["'"], title: 'Go to a bookmark', run: openBookmarks },
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
  {
    id: 'faster',
    keys: ['+', '='],
    title: 'Faster',
    hint: 'Speed',
    spare: 4,
    run: (s) => s.changeSpeed(1),
  },
  { id: 'slower', keys: ['-', '_'], title: 'Slower', run: (s) => s.changeSpeed(-1) },
]);

export const tableActions: readonly Action[] = [...move, ...look, ...order, ...time];

/** Live goes on while one stands still. */
function looksBack({ player }: Session): boolean {
  return player.mode === 'live' && !player.state().playing && !player.state().atEnd;
}
