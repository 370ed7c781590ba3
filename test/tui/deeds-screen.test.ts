/** What is done from the screen, without a terminal: menus, questions, what is said. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { actionsOf } from '../../host/actions/actions.js';
import type { SessionOptions } from '../../tui/app/session.js';
import type { Bookmark } from '../../tui/app/time/bookmarks.js';
import { type Drawing, draw } from './drawing.js';
import { containerRow, FakePlayer, frameOf, ORIGIN, SECOND, sessionOf, shopFrames } from './synthetic.js';

let drawing: Drawing | undefined;
afterEach(() => drawing?.unmount());

function open(more: Partial<SessionOptions> = {}, player = new FakePlayer(shopFrames(20))) {
  const session = sessionOf(player, { columns: 100, rows: 30 }, more);
  drawing = draw(session);
  return { session, player, ...drawing };
}

describe('bookmarks', () => {
  it('are set with words, listed, gone to and taken away, and kept each time', async () => {
    const kept: (readonly Bookmark[])[] = [];
    const { press, text, player, lines } = open({
      bookmarks: { kept: [], keeps: () => true, save: async (bookmarks) => void kept.push(bookmarks) },
    });
    await press("'");
    assert.match(text(), /There are no bookmarks: m marks/);
    player.show(4);
    await press('mit hangs\r');
    assert.deepEqual(kept, [[{ time: ORIGIN + 4n * BigInt(SECOND), label: 'it hangs' }]]);
    player.show(9);
    await drawing!.settle();
    assert.match(lines()[1]!, /◆/);
    await press("'");
    assert.match(text(), /Bookmarks[\s\S]*\d\d:\d\d:04\.000 it hangs/);
    await press('\r');
    assert.equal(player.index, 4);
    await press('m');
    assert.deepEqual(kept.at(-1), []);
    assert.doesNotMatch(lines()[1]!, /◆/);
  });
  it('say where they could not be kept', async () => {
    const { press, text } = open({
      bookmarks: { kept: [], keeps: () => true, save: () => Promise.reject(new Error('the disk is full')) },
    });
    await press(':bookmark here\r');
    await drawing!.settle();
    assert.match(text(), /the disk is full/);
  });
});

describe('the comparison on the screen', () => {
  it('is a page of what got worse, with the verdicts', async () => {
    const why = (text: string) => ({ kind: 'ok' as const, by: [], share: 0, text });
    const at = (contendedNs: number, text: string) => [
      frameOf(0, [containerRow('web', 0.3, { contendedNs, why: why(text) })]),
    ];
    const asked: (readonly string[])[] = [];
    const { press, text } = open({
      readRanges: async (ranges) => {
        asked.push(ranges);
        return [at(1e8, 'ok'), at(4e8, 'crowded out by batch: 40%')];
      },
    });
    await press(':compare 12:01-12:02 12:05-12:06\r');
    assert.deepEqual(asked, [['12:01-12:02', '12:05-12:06']]);
    assert.match(text(), /12:01-12:02 compared with 12:05-12:06/);
    assert.match(text(), /web +CONT% +10\.0 +40\.0 +\+30\.0 +worse/);
    assert.match(text(), /web: ok, then crowded out by batch: 40%/);
    await press('q');
    assert.doesNotMatch(text(), /compared/);
  });
  it('says what is wrong with the ranges', async () => {
    const { press, text } = open({ readRanges: () => Promise.reject(new Error('“x” is no range')) });
    await press(':compare 12:01-12:02\r');
    assert.match(text(), /two ranges are needed/);
    await press('\x15compare x y\r');
    await drawing!.settle();
    assert.match(text(), /“x” is no range/);
  });
});

describe('actions', () => {
  const ran: string[] = [];
  const actions = {
    of: actionsOf,
    capture: async (argv: readonly string[]) => {
      ran.push(argv.join(' '));
      return { exitCode: 0, output: 'line 1\n\u001b[2Jline 2\n' };
    },
    run: async (argv: readonly string[]) => {
      ran.push(argv.join(' '));
      return { exitCode: 0, output: '' };
    },
  };
  const F9 = '\x1b[20~';

  it('are not offered where they are off, for the host, and without a runtime', async () => {
    const { press, text } = open({ actions: 'it was started with --read-only' });
    await press(F9);
    assert.match(text(), /Nothing can be done with containers here: it was started with --read-only\./);
    drawing!.unmount();
    const player = new FakePlayer([frameOf(0, [containerRow('web', 0.3, { runtime: undefined })])]);
    const second = open({ actions }, player);
    await second.press(F9);
    assert.match(second.text(), /Nothing can be done with web: no runtime is known for it\./);
    await second.press('j');
    await second.press(F9);
    assert.match(second.text(), /Nothing can be done with host: this is the host\./);
  });
  it('show the command line, and what is printed without what is hostile in it', async () => {
    const { press, text, frame } = open({ actions });
    await press(F9);
    await press('j');
    assert.match(text(), /All that the runtime tells of it: docker inspect web0+/);
    await press('\r');
    assert.match(text(), /Inspect web\nline 1\n\[2Jline 2/);
    assert.doesNotMatch(frame(), /\u001b\[2J/);
  });
  it('do nothing without a yes', async () => {
    const { press, text } = open({ actions });
    ran.length = 0;
    for (const answer of ['', 'n', 'yess']) {
      await press(F9);
      await press('jjjjj\r');
      await press(`${answer}\r`);
      assert.match(text(), /Nothing was done/);
    }
    assert.deepEqual(ran, []);
    await press(F9);
    await press('jjjjj\r');
    await press('y\r');
    assert.match(text(), /Done: docker stop web/);
  });
});

describe('what is written', () => {
  it('has a name that says what it is', async () => {
    const { press, text } = open();
    await press(':write screen.png\r');
    assert.match(text(), /a name ends in \.txt, \.svg, \.csv, \.json/);
  });
  it('has all rows of the table, and is said to be written', async () => {
    const written: unknown[] = [];
    const { press, text } = open({
      exporter: {
        table: (_format, columns, rows) => `${columns.map(({ id }) => id).join()} ${rows.length}`,
        write: async (path, content, replace) => {
          written.push([path, content.replace(/,.* /, ' '), replace]);
          return 'written';
        },
      },
    });
    await press(':write /tmp/x.csv\r');
    await drawing!.settle();
    assert.deepEqual(written, [['/tmp/x.csv', 'time 5', false]]);
    assert.match(text(), /Written: \/tmp\/x\.csv/);
  });
});

describe('recording what is watched', () => {
  function fakeRecorder() {
    const listeners: ((news: string) => void)[] = [];
    const recorder = {
      directory: undefined as string | undefined,
      begin: async (directory: string) => {
        if (directory === 'full') throw new Error('full is not empty');
        recorder.directory = directory;
        return `Recording to ${directory}`;
      },
      end: async () => {
        recorder.directory = undefined;
        return 'Recorded';
      },
      subscribe: (listener: (news: string) => void) => {
        listeners.push(listener);
        return () => {};
      },
    };
    const tell = (news: string) => {
      for (const listener of listeners) listener(news);
    };
    return { recorder, tell };
  }
  const say = async (line: string) => {
    await drawing!.press(`:record ${line}\r`);
    await drawing!.settle();
    return drawing!.text();
  };

  it('says why it is not offered', async () => {
    open({ recorder: 'this is a recording already' });
    assert.match(await say('x'), /nothing can be recorded here: this is a recording already/);
  });
  it('is marked from its beginning to its end', async () => {
    const { recorder } = fakeRecorder();
    const { lines } = open({ recorder });
    assert.match(await say(''), /a recording needs a directory/);
    await drawing!.press('\x1b');
    assert.match(await say('full'), /full is not empty/);
    assert.doesNotMatch(lines()[0]!, / rec /);
    assert.match(await say('here'), /Recording to here/);
    assert.match(lines()[0]!, / ● rec /);
    assert.match(await say(''), /Recorded/);
    assert.doesNotMatch(lines()[0]!, / rec /);
    await say('stop');
    await say('again');
    assert.match(await say('stop'), /Recorded/);
  });
  it('says that it has ended by itself', async () => {
    const { recorder, tell } = fakeRecorder();
    open({ recorder });
    await say('here');
    recorder.directory = undefined;
    tell('The recording ended: the disk of here is full.');
    await drawing!.settle();
    assert.match(drawing!.text(), /the disk of here is full/);
    assert.doesNotMatch(drawing!.lines()[0]!, / rec /);
  });
  it('says which bookmarks last', async () => {
    const { press, text } = open();
    await press('m\r');
    assert.match(text(), /Marked, until boxtop ends/);
  });
});
