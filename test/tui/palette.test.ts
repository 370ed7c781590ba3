import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { commands } from '../../tui/app/commands.js';
import { fuzzyFind, fuzzyScore } from '../../tui/app/fuzzy.js';
import { keysMarkdown } from '../../tui/app/keys-page.js';
import { views } from '../../tui/app/views.js';
import { type Drawing, draw } from './drawing.js';
import { FakePlayer, SECOND, sessionOf, shopFrames } from './synthetic.js';

let drawing: Drawing | undefined;
afterEach(() => drawing?.unmount());

function open() {
  const player = new FakePlayer(shopFrames(20));
  const session = sessionOf(player, { columns: 80, rows: 24 });
  drawing = draw(session);
  const { text, lines, press } = drawing;
  return { player, session, text, lines, press };
}

describe('the palette', () => {
  it('lists what can be done and finds it by a few letters', async () => {
    const { press, text } = open();
    await press(':');
    assert.match(text(), /jump TIME +Jump to/);
    await press('stbk');
    assert.match(text(), /step-back +The interval before \(←\)/);
    assert.doesNotMatch(text(), /jump TIME/);
    await press('\x15faster');
    assert.match(text(), /faster +Faster \(\+\)/);
  });
  it('finds by what the title says, too', async () => {
    const { press, text } = open();
    await press(':another view');
    assert.match(text(), /view NAME +Show another view/);
  });
  it('runs the best fit of what was typed', async () => {
    const { press, session } = open();
    await press(':inver\r');
    assert.deepEqual(session.sort, { column: 'cpu_pct', descending: false });
    assert.equal(session.overlay, undefined);
  });
  it('asks for an argument that is missing', async () => {
    const { press, text, session } = open();
    await press(':sort\r');
    assert.match(text(), /:sort\n/);
    assert.match(text(), / cpu_pct +CPU%: Time on a CPU/);
    await press('proc\t\r');
    assert.deepEqual(session.sort, { column: 'procs', descending: true });
    await press(':sort +procs\r');
    assert.deepEqual(session.sort, { column: 'procs', descending: false });
  });
  it('takes the choice that one moved to', async () => {
    const { press, session } = open();
    await press(':view \x1b[B\x1b[B\x1b[A\x1b[B\r');
    assert.equal(session.view, views[1]);
  });
  it('shows a view, filters, changes the speed', async () => {
    const { press, session, player } = open();
    await press(':view proc\r');
    assert.equal(session.view.id, 'processes');
    await press(':filter 101\r');
    assert.equal(session.filterText, '101');
    await press(':filter\r');
    assert.equal(session.filterText, '');
    await press(':speed 20\r');
    assert.equal(player.speed, 20);
  });
  it('says what is wrong, and keeps the line', async () => {
    const { press, text, session } = open();
    for (const [line, complaint] of [
      ['qqqqq', /there is no command “qqqqq”/],
      ['sort nonsense', /Containers have no column “nonsense”/],
      ['view qqqq', /there is no view “qqqq”/],
      ['speed 1000', /“1000” is no speed from 0.1 to 100/],
      ['jump soon', /soon is no time/],
    ] as const) {
      await press(`:${line}\r`);
      assert.match(text(), complaint);
      assert.equal(session.overlay?.kind, 'prompt');
      await press('\x1b');
    }
  });
  it('remembers', async () => {
    const { press, session, player, lines } = open();
    await press(':speed 2\r:speed 5\r:\x10\x10');
    assert.equal(lines().at(-2), ' :speed 2');
    await press('\x0e');
    assert.equal(lines().at(-2), ' :speed 5');
    await press('\x0e');
    assert.equal(lines().at(-2), ' :');
    await press('\x10\x10\r');
    assert.equal(player.speed, 2);
    assert.deepEqual(session.chosen.commands, ['speed 5', 'speed 2']);
    await press(':');
    assert.match(drawing!.text(), /speed 2 +typed before/);
  });
  it('takes a time alone as a jump', async () => {
    const { press, player } = open();
    await press(':7\r');
    assert.deepEqual(player.seeks, [7 * SECOND]);
  });
  it('is told of on the page of keys', () => {
    for (const { id, argument } of commands) assert.ok(keysMarkdown().includes(`\`:${id} ${argument}\``));
  });
  it('has words that no action has', () => {
    assert.equal(new Set(commands.map(({ id }) => id)).size, commands.length);
  });
});

describe('fuzzy finding', () => {
  it('takes letters in their order only', () => {
    assert.equal(fuzzyScore('xyz', 'step-back'), undefined);
    assert.equal(fuzzyScore('bs', 'step-back'), undefined);
    assert.ok(fuzzyScore('sb', 'step-back') !== undefined);
  });
  it('has whole names first, then beginnings, then words, then letters', () => {
    const find = (typed: string, names: readonly string[]) => fuzzyFind(typed, names, (name) => [name]);
    assert.deepEqual(find('step', ['one-step', 'tes-ep', 'stamp-pie', 'step-back', 'step']).slice(0, 3), [
      'step',
      'step-back',
      'one-step',
    ]);
  });
});
