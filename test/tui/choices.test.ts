/** Columns, search, colours and the mouse, as far as they need no terminal. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { SessionOptions } from '../../tui/app/session.js';
import { KeyDecoder } from '../../tui/terminal/keys.js';
import { Clicks } from '../../tui/terminal/mouse.js';
import { glyphsFor, Painter, themeFor } from '../../tui/theme.js';
import { type Drawing, draw } from './drawing.js';
import { FakePlayer, sessionOf, shopFrames } from './synthetic.js';

let drawing: Drawing | undefined;
afterEach(() => drawing?.unmount());

function open(more: Partial<SessionOptions> = {}, size = { columns: 80, rows: 24 }) {
  const session = sessionOf(new FakePlayer(shopFrames(20)), size, more);
  drawing = draw(session);
  const { text, lines, press } = drawing;
  const titles = () => session.columns.filter(({ isTrend }) => !isTrend).map(({ column }) => column.id);
  const selected = () => session.selectedKey();
  /** Presses the left button at the beginning of a text on the screen. */
  const click = async (what: RegExp) => {
    const row = lines().findIndex((line) => what.test(line));
    const column = what.exec(lines()[row]!)!.index;
    await press(`\x1b[<0;${column + 1};${row + 1}M\x1b[<0;${column + 1};${row + 1}m`);
  };
  return { session, text, lines, press, titles, selected, click };
}

describe('columns', () => {
  it('are chosen in a menu, which begins with those on the screen', async () => {
    const { press, titles, text, session } = open();
    const before = titles();
    await press('C');
    assert.match(text(), / Columns/);
    assert.match(text(), /F1|Space In\/out/);
    // The second one goes, the first one goes down by one.
    await press('j ');
    assert.ok(!titles().includes(before[1]!));
    await press('kJ');
    assert.deepEqual(session.chosen.columnsOf(session.view)!.slice(0, 2), [before[2], before[0]]);
    await press('\x1b');
    assert.equal(session.overlay, undefined);
    assert.deepEqual(titles().slice(0, 2), [before[2], before[0]]);
    await press('Cd\x1b');
    assert.deepEqual(titles(), before);
  });
  it('are chosen by a command, by any of their names', async () => {
    const { press, titles, text } = open();
    const before = titles();
    await press(':columns name,mem cpu,wakeup_p50_ns\r');
    assert.deepEqual(titles(), ['name', 'mem_bytes', 'cpu_pct', 'wakeup_p50_ns']);
    assert.match(text(), /NAME +MEM +CPU%▼ HISTORY +WAKE P50/);
    await press(':columns name,nothing\r');
    assert.match(text(), /Containers have no column “nothing”/);
    await press('\x1b');
    await press(':columns default\r');
    assert.deepEqual(titles(), before);
  });
  it('and the order are as the configuration and then the last time had them', async () => {
    const preferences = {
      views: {
        containers: {
          columns: ['name', 'procs', 'gone'],
          sort: { column: 'name', descending: true },
          filter: 'web',
        },
      },
    };
    const first = open({ preferences });
    assert.deepEqual(first.titles(), ['name', 'procs']);
    assert.deepEqual(first.session.sort, { column: 'name', descending: true });
    assert.equal(first.session.rows().rows.length, 2);
    await first.press(':sort +procs\r:columns name,cpu\r:theme light\r');
    const kept = first.session.chosen.kept();
    assert.deepEqual(kept, {
      theme: 'light',
      views: { containers: { columns: ['name', 'cpu_pct'], sort: { column: 'procs', descending: false } } },
      commands: ['sort +procs', 'columns name,cpu', 'theme light'],
      filters: [],
    });
    drawing?.unmount();
    const second = open({ preferences, kept });
    assert.deepEqual(second.titles(), ['name', 'cpu_pct']);
    assert.equal(second.session.chosen.theme, 'light');
    drawing?.unmount();
    const third = open({ preferences, kept, sort: { column: 'cpu_pct', descending: true } });
    assert.equal(third.session.sort.column, 'cpu_pct');
    assert.deepEqual(third.session.chosen.kept().views.containers?.sort?.column, 'procs');
  });
});

describe('search', () => {
  it('goes to what fits while one types, on with n, back with N, and hides nothing', async () => {
    const { press, selected, session, text } = open();
    await press('\x1bOR');
    await press('web');
    assert.match(text(), /Search: web/);
    assert.equal(selected(), 'pid_ns:web');
    await press('\r');
    assert.equal(session.rows().rows.length, 5);
    await press('n');
    assert.equal(selected(), 'pid_ns:web-client');
    await press('n');
    assert.equal(selected(), 'pid_ns:web');
    await press('NN');
    assert.equal(selected(), 'pid_ns:web');
  });
  it('goes back with Escape, and says when nothing fits', async () => {
    const { press, selected, text } = open();
    await press('j');
    const before = selected();
    await press('\x1bOR');
    await press('db');
    assert.notEqual(selected(), before);
    await press('xx');
    assert.match(text(), /nothing here fits/);
    await press('\x1b');
    assert.equal(selected(), before);
  });
  it('means the columns of the view that is shown', async () => {
    const { press, text } = open();
    await press('\x1bOR');
    await press('image:web\r');
    await press('\rn');
    assert.match(text(), /processes have no column “image”/);
  });
});

describe('themes', () => {
  it('are changed on the screen', async () => {
    const { press, session, text } = open();
    await press(':theme high-contrast\r');
    assert.equal(session.chosen.theme, 'high-contrast');
    await press(':theme pink\r');
    assert.match(text(), /there is no theme “pink”; there are auto dark light high-contrast 16/);
  });
  it('differ, and use no more colours than the terminal has', () => {
    const glyphs = glyphsFor(true, '256');
    const look = (...args: Parameters<typeof themeFor>) =>
      new Painter(themeFor(...args), glyphs).paint('header', 'x');
    const dark = look('dark', '256', true);
    assert.equal(look('auto', '256', false), dark);
    assert.notEqual(look('auto', '256', true), dark);
    assert.notEqual(look('high-contrast', '256', false), dark);
    assert.equal(look('light', '16', true), look('16', '256', false));
    for (const name of ['auto', 'dark', 'light', 'high-contrast', '16'] as const) {
      assert.doesNotMatch(look(name, 'none', false), /\x1b\[[34]8;|\x1b\[[349]\dm/);
      for (const { fg = 0, bg = 0 } of Object.values(themeFor(name, '16', false)))
        assert.ok(fg < 16 && bg < 16, name);
    }
  });
});

describe('the mouse', () => {
  it('selects rows, sorts by titles, drills with a double click', async () => {
    const { click, selected, session, press } = open();
    await click(/^db /);
    assert.equal(selected(), 'pid_ns:db');
    await click(/PROCS/);
    assert.equal(session.sort.column, 'procs');
    await click(/NAME/);
    assert.deepEqual(session.sort, { column: 'name', descending: false });
    const before = session.selectedIndex();
    await press('\x1b[<65;10;10M');
    assert.equal(session.selectedIndex(), Math.min(4, before + 3));
    await press('\x1b[<64;10;10M'.repeat(3));
    assert.equal(session.selectedIndex(), 0);
    await press('\x1b[<0;1;1M\x1b[<0;79;24M\x1b[<2;5;8M\x1b[<35;5;8M');
    assert.equal(session.selectedIndex(), 0);
  });
  it('chooses in menus and leaves them', async () => {
    const { click, session, press } = open();
    await press('\x1bOQ');
    await click(/ Processes/);
    assert.equal(session.view.id, 'processes');
    await press('\x1bOQ');
    await press('\x1b[<0;60;12M');
    assert.equal(session.overlay, undefined);
  });
  it('tells two clicks from a double click', () => {
    const clicks = new Clicks();
    const [click] = new KeyDecoder().push(Buffer.from('\x1b[<0;5;6M'));
    const [elsewhere] = new KeyDecoder().push(Buffer.from('\x1b[<0;5;7M'));
    assert.deepEqual(click, { name: 'click', text: undefined, place: { column: 4, row: 5 } });
    const names = [
      [click, 0],
      [click, 300],
      [click, 500],
      [elsewhere, 600],
      [elsewhere, 1200],
    ].map(([key, at]) => clicks.named(key as typeof click & object, at as number).name);
    assert.deepEqual(names, ['click', 'double-click', 'click', 'click', 'click']);
  });
});
