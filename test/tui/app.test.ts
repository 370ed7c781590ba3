import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { DenialRow } from '../../analyzers/frame.js';
import type { SessionOptions } from '../../tui/app/session.js';
import { type ViewId, viewOf, views } from '../../tui/app/views.js';
import { textWidth } from '../../tui/text/width.js';
import { type Drawing, draw } from './drawing.js';
import { containerRow, FakePlayer, frameOf, SECOND, sessionOf, shopFrames } from './synthetic.js';

const SMALL = { columns: 80, rows: 24 };
const LARGE = { columns: 200, rows: 50 };
const F = { f2: '\x1bOQ', f4: '\x1bOS', f6: '\x1b[17~', f10: '\x1b[21~' };

let drawing: Drawing | undefined;
afterEach(() => drawing?.unmount());

function open(size = SMALL, more: Partial<SessionOptions> = {}, player = new FakePlayer(shopFrames(20))) {
  const session = sessionOf(player, size, more);
  drawing = draw(session);
  const { lines, text, press } = drawing;
  const row = (start: string) => lines().find((line) => line.startsWith(start)) ?? '';
  /** First words of the table's rows. */
  const names = () => {
    const all = lines();
    const header = all.findIndex((line) => /^\s*(NAME|CONTAINER|PID|TID|CPU|SEVERITY)/.test(line));
    return all
      .slice(header + 1, header + 1 + session.layout.bodyRows)
      .map((line) => line.split(/\s+/)[0]!)
      .filter(Boolean);
  };
  return { player, session, lines, text, press, row, names };
}

for (const size of [
  SMALL,
  LARGE,
  { columns: 60, rows: 15 },
  { columns: 120, rows: 40 },
  { columns: 400, rows: 120 },
]) {
  describe(`at ${size.columns}x${size.rows}`, () => {
    it('fills the screen and no more', async () => {
      const { lines, session } = open(size);
      const raw = drawing!.frame().split('\n');
      assert.equal(raw.length, size.rows);
      for (const line of lines()) assert.ok(textWidth(line) <= size.columns);
      assert.match(lines()[0]!, /^ boxtop {2}▶ 1×/);
      assert.match(lines().at(-1)!, /F1 Help/);
      assert.ok(session.layout.bodyRows >= 7);
    });
    for (const [name, keys] of [
      ['help', '?'],
      ['sort menu', F.f6],
      ['view menu', 'v'],
      ['processes', '\r'],
      ['threads', '\rH'],
      ['filter', '/we'],
      ['jump', 'J12'],
      ['palette', ':so'],
    ] as const) {
      it(`keeps its lines with ${name}`, async () => {
        const { press } = open(size);
        await press(keys);
        assert.equal(drawing!.frame().split('\n').length, size.rows);
        for (const line of drawing!.lines()) assert.ok(textWidth(line) <= size.columns);
      });
    }
  });
}

describe('the first line', () => {
  it('says how far a live view is behind, at every size', async () => {
    for (const size of [SMALL, LARGE]) {
      const player = new FakePlayer(shopFrames(20));
      const { lines, session } = open(size, {}, player);
      assert.doesNotMatch(lines()[0]!, /behind/);
      for (const [ns, text] of [
        [2e9, ' 2 s behind '],
        [119e9, ' 119 s behind '],
        [150e9, ' 2 min behind '],
      ] as const) {
        player.behind = ns;
        session.update(() => {});
        await drawing!.settle();
        assert.ok(lines()[0]!.includes(text), lines()[0]);
        assert.ok(textWidth(lines()[0]!) <= size.columns);
      }
      drawing!.unmount();
    }
  });
});

describe('containers', () => {
  it('tells where in time, how much, and each container', async () => {
    const { text, row, player } = open();
    player.show(9);
    await drawing!.settle();
    assert.match(text(), /2026-11-22 \d\d:\d\d:09\.0–\d\d:\d\d:10\.0/);
    assert.match(text(), /0:10 ━+●━*─* 0:20/);
    assert.match(text(), /4 containers · 10 threads · 36500 events\/s · nothing lost/);
    assert.match(row('web '), /^web .* 30\.0 .* 0\.30\b/);
    assert.match(row('host'), / 5\.0 /);
  });
  it('draws the past of each', async () => {
    const { row, player } = open();
    player.show(19);
    await drawing!.settle();
    assert.match(row('web '), /▅▅▅▅▅/);
  });
  it('shows more columns where there is room', async () => {
    assert.doesNotMatch(open(SMALL).row('NAME'), /THROTTLED/);
    drawing?.unmount();
    assert.match(open(LARGE).row('NAME'), /THROTTLED/);
  });
  it('says that a value is unknown, and why', async () => {
    const { press, lines } = open(LARGE);
    await press('/batch\r');
    assert.match(lines().find((line) => line.startsWith('batch'))!, / – /);
    assert.match(lines().slice(-3).join(' '), /IMAGE.* –: the inventory does not have this container/);
  });
  it('shows no more than --name asks for, and says so', async () => {
    const { names, text } = open(SMALL, {
      names: { label: 'web*', matches: (name) => name.startsWith('web') },
    });
    assert.deepEqual(names(), ['web', 'web-client']);
    assert.match(text(), /only web\*/);
  });
});

describe('sorting', () => {
  it('is by CPU first', async () =>
    assert.deepEqual(open().names(), ['web', 'batch', 'web-client', 'host', 'db']));
  it('is by the nth column with Shift-n, again the other way', async () => {
    const { press, names, text } = open();
    await press('!');
    assert.deepEqual(names(), ['batch', 'db', 'host', 'web', 'web-client']);
    assert.match(text(), /NAME▲/);
    await press('!');
    assert.deepEqual(names(), ['web-client', 'web', 'host', 'db', 'batch']);
  });
  it('goes the other way round', async () => {
    const { press, names } = open();
    await press('I');
    assert.deepEqual(names(), ['db', 'host', 'web-client', 'batch', 'web']);
  });
  it('moves to the columns beside', async () => {
    const { press, text, session } = open();
    const shown = session.columns.filter(({ isTrend }) => !isTrend).map(({ column }) => column);
    const at = shown.findIndex(({ id }) => id === 'cpu_pct');
    await press('>');
    assert.equal(session.sort.column, shown[at + 1]?.id);
    assert.ok(text().includes(`${shown[at + 1]?.title}▼`));
    await press('<<');
    assert.equal(session.sort.column, shown[at - 1]?.id);
  });
  it('is chosen from the menu, which explains the columns', async () => {
    const { press, names, text } = open();
    await press(F.f6);
    await press('k'.repeat(20));
    assert.match(text(), /Name from the inventory/);
    await press('\r');
    assert.deepEqual(names(), ['batch', 'db', 'host', 'web', 'web-client']);
  });
  it('puts unknown values last either way', async () => {
    const { press, names } = open(LARGE);
    await press(F.f6);
    await press('j'.repeat(20));
    await press('k'.repeat(2));
    await press('\r');
    assert.match(drawing!.text(), /LIMIT/);
    assert.deepEqual(names().slice(0, 2), ['web', 'batch']);
    await press('I');
    assert.deepEqual(names().slice(0, 2), ['batch', 'web']);
  });
  it('starts as --sort says', async () => {
    assert.deepEqual(open(SMALL, { sort: { column: 'name', descending: false } }).names()[0], 'batch');
  });
});

describe('selection', () => {
  const selected = ({ session }: ReturnType<typeof open>) => session.selectedKey();
  it('follows its row when the order changes', async () => {
    const screen = open();
    await screen.press('jj');
    assert.equal(selected(screen), 'pid_ns:web-client');
    await screen.press('I');
    assert.equal(selected(screen), 'pid_ns:web-client');
    await screen.press('k');
    assert.equal(selected(screen), 'host');
  });
  it('stays at its place when its row goes', async () => {
    const frames = shopFrames(2);
    frames[1] = { ...frames[1]!, containers: frames[1]!.containers.filter(({ name }) => name !== 'batch') };
    const screen = open(SMALL, {}, new FakePlayer(frames));
    await screen.press('j');
    screen.player.show(1);
    await drawing!.settle();
    assert.equal(selected(screen), 'pid_ns:web-client');
  });
  it('scrolls through more rows than fit', async () => {
    const many = Array.from({ length: 200 }, (_, i) => containerRow(`c${String(i).padStart(3, '0')}`, 0.001));
    const screen = open(
      SMALL,
      { sort: { column: 'name', descending: false } },
      new FakePlayer([frameOf(0, many)]),
    );
    assert.deepEqual(screen.names()[0], 'c000');
    await screen.press('G');
    assert.deepEqual(screen.names().at(-1), 'host');
    await screen.press('g');
    assert.deepEqual(screen.names()[0], 'c000');
    await screen.press('\x1b[6~');
    assert.equal(selected(screen), `pid_ns:c${String(screen.session.layout.bodyRows).padStart(3, '0')}`);
    await screen.press('\x04\x15\x1b[5~');
    assert.equal(selected(screen), 'pid_ns:c000');
  });
});

describe('filter', () => {
  it('filters while it is typed, and goes back with Escape', async () => {
    const { press, names, text } = open();
    await press('/web');
    assert.deepEqual(names(), ['web', 'web-client']);
    assert.match(text(), /Filter: web/);
    await press('-c');
    assert.deepEqual(names(), ['web-client']);
    await press('\x1b');
    assert.equal(names().length, 5);
  });
  it('stays after Enter and goes with Escape', async () => {
    const { press, names, text } = open();
    await press(`${F.f4}w*b\r`);
    assert.deepEqual(names(), ['web']);
    assert.match(text(), /filter: w\*b {2}1 of 5/);
    await press('\x1b');
    assert.equal(names().length, 5);
  });
  it('does not empty the table on the way to a column', async () => {
    const { press, session, text } = open();
    await press('/w');
    const before = session.rows().rows;
    await press('ai');
    assert.match(text(), /Filter: wai/);
    assert.ok(before.length > 0);
    assert.deepEqual(session.rows().rows, before);
    await press('t>1ms');
    assert.equal(session.filterText, 'wait>1ms');
    await press('\x15waiz');
    assert.equal(session.rows().rows.length, 0);
    await press('\x15wai\r');
    assert.equal(session.filterText, 'wai');
    assert.equal(session.rows().rows.length, 0);
  });
  it('takes regular expressions and says what is wrong with them', async () => {
    const { press, names, text } = open();
    await press('\\/^(web|db)$/');
    assert.deepEqual(names(), ['web', 'db']);
    await press('\x15/(/');
    assert.match(text(), /Filter: \/\(\/\s+.*nvalid regular expression/);
    await press('\r');
    assert.match(text(), /Filter: /);
  });
  it('compares columns', async () => {
    const { press, names } = open();
    await press('/cpu>20 and not image:web\r');
    assert.deepEqual(names(), ['batch']);
  });
  it('marks the wrong place while one types', async () => {
    const { press, names, lines } = open();
    await press('/web cpx>5');
    assert.equal(lines().at(-2), ' Filter: web cpx>5');
    assert.match(lines().at(-1)!, /^ {13}\^ containers have no column “cpx”; did you mean cpu\?/);
    await press('\x1b[D\x1b[D\x7fu');
    assert.equal(lines().at(-2), ' Filter: web cpu>5');
    assert.deepEqual(names(), ['web', 'web-client']);
    assert.match(lines().at(-1)!, /^ web {2}web\*/);
  });
  it('completes columns and values', async () => {
    const { press, names, lines, text } = open();
    await press('/me\t');
    assert.equal(lines().at(-2), ' Filter: mem');
    assert.match(text(), /mem_limit +MEMLIM/);
    await press('\x15image=bat\t');
    assert.equal(lines().at(-2), ' Filter: image=bat');
    await press('\x15image=web-\t\r');
    assert.deepEqual(names(), ['web-client']);
  });
  it('starts as --filter says', async () => {
    assert.deepEqual(open(SMALL, { filter: 'cpu>=25' }).names(), ['web', 'batch']);
  });
  it('says when nothing is left', async () => {
    const { press, text } = open();
    await press('/nothing\r');
    assert.match(text(), /Nothing here matches 'nothing'\. Esc takes the filter away\./);
  });
});

describe('drilling', () => {
  it('goes into processes and threads and back, and the crumbs show the way', async () => {
    const { press, text, session } = open();
    await press('\r');
    assert.match(text(), /Containers › web › Processes/);
    assert.equal(session.rows().rows.length, 2);
    await press('\r');
    assert.match(text(), /Containers › web › proc-1010 › Threads/);
    assert.equal(session.rows().rows.length, 2);
    await press('\x7f');
    assert.match(text(), /Containers › web › Processes/);
    await press('\x1b');
    assert.doesNotMatch(text(), /›/);
    assert.equal(session.selectedKey(), 'pid_ns:web');
  });
  it('keeps what was entered in views that show more, and says so', async () => {
    const { press, text, session } = open();
    const show = (view: ViewId) => session.update(() => session.showView(view));
    await press('j\r\r');
    assert.match(text(), /batch › proc-1040 › Threads {2}/);
    show('syscalls');
    await press('');
    assert.match(text(), /batch › proc-1040 › System calls \(of all of batch\)/);
    show('cpus');
    await press('');
    assert.match(text(), /batch › proc-1040 › CPUs \(not only of proc-1040\)/);
    assert.equal(session.rows().rows.length, 2);
    show('threads');
    await press('');
    assert.match(text(), /batch › proc-1040 › Threads {2}/);
    assert.equal(session.rows().rows.length, 2);
    show('containers');
    await press('');
    assert.doesNotMatch(text(), /›/);
  });
  it('changes between processes and threads', async () => {
    const { press, text, session } = open();
    await press('jH');
    assert.match(text(), /Containers › batch › Threads/);
    assert.equal(session.rows().rows.length, 4);
    await press('H');
    assert.match(text(), /Containers › batch › Processes/);
  });
  it('goes from a kind of refusal into single ones, with names that cannot harm', async () => {
    const hostile = '/nowhere/\u001b[2J\n\u202egnp.exe\u0007';
    const denial: DenialRow = {
      host: undefined,
      container: 'pid_ns:web',
      containerName: 'web',
      comm: 'app\u001b]0;x\u0007',
      pid: 7,
      tid: 8,
      syscall: 'openat',
      object: hostile,
      errno: 'ENOENT',
      count: 2,
      first: 0,
      last: SECOND / 2,
      occurrences: [
        { time: 0, pid: 7, tid: 7 },
        { time: SECOND / 2, pid: 7, tid: 8 },
      ],
      rule: 'path-elsewhere',
      cause: 'mount namespace',
      confidence: 'likely',
      evidence: 'the host has it',
    };
    const other = { ...denial, errno: 'EACCES', occurrences: [{ time: 1, pid: 9, tid: 9 }] };
    const frames = shopFrames(3).map((frame) => ({ ...frame, denials: [denial, other] }));
    const { press, text, session } = open(LARGE, {}, new FakePlayer(frames));
    session.update(() => session.showView('denials'));
    assert.equal(session.rows().rows.length, 2);
    session.update(() => session.setFilter('error=ENOENT'));
    await press('\r');
    assert.match(text(), /Denials › openat ENOENT › Occurrences/);
    assert.equal(session.rows().rows.length, 2);
    assert.match(text(), /the host has it/);
    assert.doesNotMatch(text(), /[\u0007\u202e]/);
    assert.ok(!text().includes('\u001b[2J'));
    await press('\x1b');
    assert.doesNotMatch(text(), /›/);
    const container = { key: denial.container, name: denial.containerName };
    const ofProcess = (pid: number) => {
      const scope = { container, process: { pid, name: '' } };
      return viewOf('denials').inScope!(denial, scope);
    };
    assert.deepEqual([ofProcess(7), ofProcess(9)], [true, false]);
  });
  it('shows every view', async () => {
    for (const [downs, { title }] of views.entries()) {
      const { press, text } = open();
      await press(F.f2);
      await press('j'.repeat(downs));
      await press('\r');
      assert.match(text(), new RegExp(title));
      drawing?.unmount();
    }
  });
});

describe('time', () => {
  it('pauses, goes on, steps', async () => {
    const { press, player, text } = open();
    await press(' ');
    assert.equal(player.playing, false);
    assert.match(text(), /‖ 1×/);
    await press('\x1b[C\x1b[C]');
    assert.equal(player.index, 3);
    await press('\x1b[D[');
    assert.equal(player.index, 1);
    await press('p');
    assert.equal(player.playing, true);
  });
  it('plays faster and slower', async () => {
    const { press, player, text } = open();
    await press('++');
    assert.equal(player.speed, 5);
    await press('---');
    assert.equal(player.speed, 0.5);
    await press('-'.repeat(10));
    assert.match(text(), / 0\.1×/);
  });
  it('jumps', async () => {
    const { press, player, text } = open();
    await press('J12\r');
    assert.deepEqual(player.seeks, [12 * SECOND]);
    assert.equal(player.index, 12);
    await press(':+3s\r');
    assert.equal(player.index, 15);
    await press(':jump -5s\r');
    assert.equal(player.index, 10);
    await press(':jump nonsense\r');
    assert.match(text(), /:jump nonsense\s[\s\S]*nonsense is no time/);
    await press('\x1b');
    await press('}');
    assert.equal(player.index, 19);
    await press('{');
    assert.equal(player.index, 0);
  });
  it('shows a progress bar while one waits for reading', async () => {
    const { player, text } = open();
    player.reading = { position: 5 * SECOND, goal: 15 * SECOND };
    player.tell();
    await drawing!.settle();
    assert.match(text(), /reading up to 0:15 ━+─+ 33%/);
  });
  it('tells what was lost', async () => {
    const frames = shopFrames(1);
    frames[0] = { ...frames[0]!, quality: { ...frames[0]!.quality, discardedEvents: 1234, lostPackets: 1 } };
    assert.match(open(SMALL, {}, new FakePlayer(frames)).text(), /lost 1234 events, 1 packet/);
  });
});

describe('the rest', () => {
  it('quits, suspends and repaints by key', async () => {
    const calls: string[] = [];
    const { press } = open(SMALL, {
      onQuit: () => calls.push('quit'),
      onSuspend: () => calls.push('suspend'),
      onRepaint: () => calls.push('repaint'),
    });
    await press(`q${F.f10}\x03\x1a\x0c`);
    await press('/q');
    await press('\x03');
    assert.deepEqual(calls, ['quit', 'quit', 'quit', 'suspend', 'repaint', 'quit']);
  });
  it('explains keys and columns', async () => {
    const { press, text } = open();
    await press('?');
    assert.match(text(), /Move[\s\S]*A page down/);
    await press('G');
    assert.match(text(), /ENDED +When its last thread ended/);
    await press('h');
    assert.doesNotMatch(text(), /When its last thread/);
  });
  it('says when the terminal is too small', async () => {
    assert.deepEqual(open({ columns: 40, rows: 10 }).lines()[0], '40x10: boxtop needs 60x15. q quits.');
  });
  it('shows hostile names without what is hostile in them', async () => {
    const evil = containerRow('evil\x1b[2J\x1b]0;owned\x07\u202etxt.exe\n字', 0.5);
    const { text } = open(SMALL, {}, new FakePlayer([frameOf(0, [evil])]));
    assert.match(text(), /evil\[2J\]0;ownedtxt\.exe字/);
    assert.doesNotMatch(drawing!.frame(), /\x1b\[2J|\x1b\]|\u202e/);
  });
  it('uses no colours under NO_COLOR and only ASCII without UTF-8', async () => {
    const { session } = open();
    drawing!.unmount();
    drawing = draw(session, { depth: 'none' });
    assert.doesNotMatch(drawing.frame(), /\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9\d|10\d)/);
    drawing.unmount();
    drawing = draw(session, { depth: '16', isUnicode: false });
    for (const keys of ['', '?', '\x1b', '\r']) {
      await drawing.press(keys);
      assert.match(drawing.frame(), /^[\x00-\x7e]*$/);
    }
  });
  it('draws many CPUs', async () => {
    for (const cpus of [1, 4, 8, 16, 64, 300, 1000]) {
      const { lines } = open(SMALL, {}, new FakePlayer([frameOf(0, [containerRow('web', 1)], cpus)]));
      assert.equal(lines().length, 24);
      assert.match(lines()[3]!, /5[01]%/);
      drawing?.unmount();
    }
  });
});
