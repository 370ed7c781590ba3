/** Every action of the table, by its keys in a real terminal. An action without a script is a failure. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { actions } from '../../tui/app/actions.js';
import { hasTmux, Tmux } from './tmux.js';

const skip = hasTmux() ? false : 'tmux is not installed';
const REPLAY = 'node bin/boxtop.js replay test/data/shop --interval 100ms';

interface Script {
  /** What brings the screen to where the action applies. */
  readonly first?: readonly string[];
  /** Keys by their tmux names; `click LINE COLUMN`, `wheel-up` and `wheel-down` are the mouse's. */
  readonly keys: readonly string[];
  /** What the screen shows then, knowing what it showed before. */
  readonly shows: RegExp | ((screen: string, before: string) => boolean);
  /** What undoes it, where going back to the containers does not. */
  readonly last?: readonly string[];
}

/** The row that the details are about, and names of rows from the top. */
const selected = (screen: string) => / (\S+) · ID/.exec(screen.split('\n').at(-2)!)?.[1];
const rows = (screen: string) => {
  const lines = screen.split('\n');
  const header = lines.findIndex((line) => /^ *NAME/.test(line));
  return lines
    .slice(header + 1, -2)
    .map((line) => line.trimStart().split(/\s/)[0]!)
    .filter(Boolean);
};
const selects = (index: number) => (screen: string) => selected(screen) === rows(screen).at(index);
const changes = (screen: string, before: string) => screen !== before;
const without = (text: RegExp) => (screen: string) => !text.test(screen);
const at = (time: RegExp) => new RegExp(`^ +${time.source} [━●╂*]`, 'm');
/** In a terminal of 80×24 the table's header is the sixth line. */
const FIRST_ROW = 6;

const SCRIPTS: Readonly<Record<string, Script>> = {
  up: { first: ['Down', 'Down'], keys: ['Up'], shows: selects(1) },
  down: { keys: ['Down'], shows: selects(1) },
  'page-up': { first: ['G'], keys: ['PPage'], shows: selects(0) },
  'page-down': { keys: ['NPage'], shows: selects(-1) },
  'half-page-up': { first: ['G'], keys: ['C-u'], shows: (screen) => !selects(-1)(screen) },
  'half-page-down': { keys: ['C-d'], shows: (screen) => !selects(0)(screen) },
  'wheel-up': { first: ['G'], keys: ['wheel-up'], shows: (screen) => !selects(-1)(screen) },
  'wheel-down': { keys: ['wheel-down'], shows: (screen) => !selects(0)(screen) },
  click: { keys: [`click ${FIRST_ROW + 1} 5`], shows: selects(1) },
  first: { first: ['G'], keys: ['g'], shows: selects(0) },
  last: { keys: ['G'], shows: selects(-1) },
  drill: { keys: ['Enter'], shows: /Containers › .* › Processes/ },
  'click-into': {
    keys: [`click ${FIRST_ROW} 5`, `click ${FIRST_ROW} 5`],
    shows: /Containers › .* › Processes/,
  },
  threads: { keys: ['H'], shows: /› Threads/ },
  tree: { keys: ['F5'], shows: /^ Processes/m, last: ['F5'] },
  back: { first: ['Enter'], keys: ['BSpace'], shows: without(/›/) },
  views: { keys: ['F2'], shows: /^ Views/m },
  history: { keys: ['y'], shows: /^ History/m },
  draw: { first: ['y'], keys: ['x'], shows: changes, last: ['x'] },
  'filter-line': { keys: ['/'], shows: /Filter:/ },
  search: { keys: ['F3'], shows: /Search:/ },
  'search-next': { first: ['F3', 'p', 'i', 'd', 'Enter'], keys: ['n'], shows: changes },
  'search-before': { first: ['F3', 'p', 'i', 'd', 'Enter'], keys: ['N'], shows: changes },
  actions: { keys: ['F9'], shows: changes },
  'column-menu': { keys: ['C'], shows: /■ NAME/ },
  'sort-menu': { keys: ['F6'], shows: /Sort by/ },
  'sort-left': { keys: ['<'], shows: without(/CPU%▼/) },
  'sort-right': { keys: ['>'], shows: without(/CPU%▼/) },
  'sort-nth': { keys: ['!'], shows: /NAME▲/ },
  invert: { keys: ['I'], shows: /CPU%▲/ },
  pause: { keys: ['Space'], shows: / ▶ / },
  'step-back': { first: ['Right', 'Right'], keys: ['Left'], shows: at(/0:00\.2/) },
  step: { keys: ['Right'], shows: at(/0:00\.2/) },
  'step-back-ten': { first: ['S-Right', 'S-Right'], keys: ['S-Left'], shows: at(/0:01\.1/) },
  'step-ten': { keys: ['S-Right'], shows: at(/0:01\.1/) },
  'next-anomaly': { keys: ['a'], shows: changes },
  'previous-anomaly': { first: ['}'], keys: ['A'], shows: changes },
  mark: { first: ['m'], keys: ['Enter'], shows: changes, last: ['m'] },
  bookmarks: { first: ['m', 'Enter'], keys: ["'"], shows: /^ Bookmarks/m, last: ['Escape', 'm'] },
  beginning: { first: ['}'], keys: ['{'], shows: at(/0:00\.1/) },
  end: { keys: ['}'], shows: / end$/m },
  faster: { keys: ['+'], shows: / 2× /, last: ['-'] },
  slower: { keys: ['-'], shows: / 0\.5× /, last: ['+'] },
  'menu-up': { first: ['F6'], keys: ['Up'], shows: changes },
  'menu-down': { first: ['F6'], keys: ['Down'], shows: changes },
  'menu-choose': { first: ['F6', 'Up'], keys: ['Enter'], shows: without(/Sort by|CPU%▼/) },
  'menu-toggle': { first: ['C'], keys: ['Space'], shows: without(/■ NAME/), last: ['d'] },
  'menu-raise': { first: ['C', 'Down'], keys: ['S-Up'], shows: changes, last: ['d'] },
  'menu-lower': { first: ['C'], keys: ['S-Down'], shows: changes, last: ['d'] },
  'menu-reset': { first: ['C', 'Space'], keys: ['d'], shows: /■ NAME/ },
  'menu-click': { first: ['F2'], keys: ['click 7 3'], shows: without(/^ Views/m) },
  'menu-wheel-up': { first: ['F6'], keys: ['wheel-up'], shows: changes },
  'menu-wheel-down': { first: ['F6'], keys: ['wheel-down'], shows: changes },
  'menu-close': { first: ['F2'], keys: ['q'], shows: without(/^ Views/m) },
  'line-take': { first: ['/', 'h', 'o'], keys: ['Enter'], shows: /filter: ho +1 of/ },
  'line-leave': { first: ['/', 'h', 'o'], keys: ['Escape'], shows: without(/[Ff]ilter: ho/) },
  'line-complete': { first: ['/', 'm', 'e'], keys: ['Tab'], shows: /Filter: mem/ },
  'line-up': { first: [':', 's', 'o', 'Down', 'Down'], keys: ['Up', 'Tab'], shows: /^ :sort$/m },
  'line-down': { first: [':', 'j', 'u', 'm'], keys: ['Down', 'Tab'], shows: /^ :jump$/m },
  'line-before': { first: ['/', 'h', 'o', 'Enter', '/', 'C-u'], keys: ['C-p'], shows: /Filter: ho$/m },
  'line-after': { first: ['/', 'h', 'o', 'Enter', '/', 'C-u', 'C-p'], keys: ['C-n'], shows: /Filter:$/m },
  'help-up': { first: ['F1', 'Down'], keys: ['Up'], shows: /^ Move/m },
  'help-down': { first: ['F1'], keys: ['Down'], shows: without(/^ Move/m) },
  'help-page-up': { first: ['F1', 'NPage'], keys: ['PPage'], shows: changes },
  'help-page-down': { first: ['F1'], keys: ['NPage'], shows: without(/^ Move/m) },
  'help-first': { first: ['F1', 'G'], keys: ['g'], shows: /^ Move/m },
  'help-last': { first: ['F1'], keys: ['G'], shows: /ENDED +When its last thread ended/ },
  'help-wheel-up': { first: ['F1', 'NPage'], keys: ['wheel-up'], shows: changes },
  'help-wheel-down': { first: ['F1'], keys: ['wheel-down'], shows: without(/^ Move/m) },
  'help-close': { first: ['F1'], keys: ['Escape'], shows: without(/A page down/) },
  help: { keys: ['F1'], shows: /A page down/ },
  palette: { keys: [':'], shows: /jump TIME/ },
  'jump-line': { keys: ['J'], shows: /^ :jump/m },
  quit: { keys: ['q'], shows: /^\$$/m, last: ['again'] },
  'quit-anywhere': { first: ['/'], keys: ['C-c'], shows: /^\$$/m, last: ['again'] },
  suspend: { keys: ['C-z'], shows: /Stopped/, last: ['fg'] },
  repaint: { first: ['garbage'], keys: ['C-l'], shows: without(/GARBAGE/) },
};

describe('every action, by its keys in a terminal', { skip }, () => {
  let tmux: Tmux;
  before(async () => {
    tmux = new Tmux(80, 24);
    await start();
  });
  after(() => tmux.close());

  async function start(): Promise<void> {
    tmux.type(`clear; ${REPLAY}`);
    await tmux.until(/CPU%▼/);
    tmux.keys('Space');
    await tmux.until(/ ‖ | ■ /);
  }

  async function press(key: string): Promise<void> {
    const [name, line, column] = key.split(' ');
    if (key === 'again') await start();
    else if (key === 'fg') {
      tmux.type('fg');
      await tmux.until(/F1 Help/);
    } else if (key === 'garbage') {
      writeFileSync(tmux.ask('#{pane_tty}'), '\x1b[10;10HGARBAGE');
      await tmux.until(/GARBAGE/);
    } else if (name === 'click') tmux.raw(`\x1b[<0;${column};${Number(line) + 1}M`);
    else if (name === 'wheel-up' || name === 'wheel-down')
      tmux.raw(`\x1b[<${name === 'wheel-up' ? 64 : 65};5;10M`);
    else tmux.keys(key);
  }

  /** Back to the containers at the beginning, with nothing over them. */
  async function reset(): Promise<void> {
    for (let i = 0; i < 2; i++) {
      tmux.keys('Escape');
      // What follows an ESC at once would belong to it.
      await sleep(100);
    }
    if (/ ▶ /.test(tmux.screen())) tmux.keys('Space');
    tmux.raw(':view containers\r');
    await sleep(30);
    tmux.raw(':sort -cpu_pct\r');
    await sleep(30);
    tmux.raw('{g');
    await tmux.until(
      (screen) => at(/0:00\.1/).test(screen) && /CPU%▼/.test(screen) && !/›|[Ff]ilter: /.test(screen),
    );
  }

  it('has a script', () => {
    assert.deepEqual(
      actions.map(({ id }) => id).filter((id) => !(id in SCRIPTS)),
      [],
    );
    assert.deepEqual(
      Object.keys(SCRIPTS).filter((id) => !actions.some((action) => action.id === id)),
      [],
    );
  });

  for (const { id, title } of actions) {
    const script = SCRIPTS[id];
    if (script === undefined) continue;
    it(`${id}: ${title}`, async () => {
      await reset();
      for (const key of script.first ?? []) {
        await press(key);
        await sleep(60);
      }
      await sleep(150);
      const shown = tmux.screen();
      for (const key of script.keys) await press(key);
      const { shows } = script;
      await tmux.until(shows instanceof RegExp ? shows : (screen) => shows(screen, shown));
      for (const key of script.last ?? []) {
        await press(key);
        await sleep(60);
      }
    });
  }
});
