/** boxtop in a real terminal: its keys, its sizes, and that every way to end it leaves the terminal as it was. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { hasTmux, Tmux } from './tmux.js';

const skip = hasTmux() ? false : 'tmux is not installed';
const REPLAY = 'node bin/boxtop.js replay test/data/shop --interval 100ms';
/** How often each way to end is tried: `BOXTOP_TEST_ENDINGS=100`. */
const RUNS = Number(process.env.BOXTOP_TEST_ENDINGS ?? '1');

for (const [columns, rows] of [
  [80, 24],
  [200, 50],
  [60, 15],
] as const) {
  describe(`in a terminal of ${columns}x${rows}`, { skip }, () => {
    let tmux: Tmux;
    before(async () => {
      tmux = new Tmux(columns, rows);
      tmux.type(REPLAY);
      await tmux.until(/boxtop .*[\s\S]*CPU%▼/);
      tmux.keys('Space', '{');
    });
    after(() => tmux.close());

    it('fills the screen', () => {
      const lines = tmux.screen().split('\n');
      assert.equal(lines.length, rows);
      assert.match(lines.at(-1)!, /F1 Help/);
    });
    it('sorts', async () => {
      tmux.keys('!');
      await tmux.until(/NAME▲/);
      tmux.keys('!');
      await tmux.until(/NAME▼/);
      tmux.keys('F6');
      await tmux.until(/Sort by/);
      tmux.keys('Escape');
      await tmux.until((screen) => !screen.includes('Sort by'));
      tmux.keys('$');
      await tmux.until((screen) => !screen.includes('NAME▼'));
    });
    it('filters', async () => {
      tmux.keys('/', 'h', 'o', 's');
      await tmux.until(/Filter: hos/);
      tmux.keys('Enter');
      await tmux.until(/filter: hos +1 of/);
      tmux.keys('Escape');
      await tmux.until((screen) => !screen.includes('filter:'));
    });
    it('drills and comes back', async () => {
      tmux.keys('Enter');
      await tmux.until(/Containers › .* › Processes/);
      tmux.keys('H');
      await tmux.until(/› Threads/);
      tmux.keys('BSpace');
      await tmux.until((screen) => !screen.includes('›'));
    });
    it('steps and jumps', async () => {
      tmux.keys('{');
      await tmux.until(/ 0:00\.1 /);
      tmux.keys('Right', 'Right');
      await tmux.until(/ 0:00\.3 /);
      tmux.keys('Left');
      await tmux.until(/ 0:00\.2 /);
      tmux.keys('J');
      await tmux.until(/:jump/);
      tmux.keys('+', '2', 's', 'Enter');
      await tmux.until(/ 0:02\.2 /);
    });
    it('explains itself', async () => {
      tmux.keys('F1');
      await tmux.until(/A page down/);
      tmux.keys('Escape');
      await tmux.until((screen) => !screen.includes('A page down'));
    });
    it('follows the size, down to a line that says it is too small', async () => {
      for (const [width, height] of [
        [100, 30],
        [62, 16],
        [160, 45],
        [30, 8],
      ] as const)
        tmux.resize(width, height);
      await tmux.until(/^30x8: boxtop needs 60x15/);
      tmux.resize(columns, rows);
      await tmux.until((screen) => screen.split('\n').length === rows && /F1 Help/.test(screen));
    });
    it('suspends and goes on', async () => {
      for (const stop of [
        () => tmux.keys('C-z'),
        () => process.kill(tmux.child()!, 'SIGTSTP'),
        () => process.kill(tmux.child()!, 'SIGSTOP'),
      ]) {
        stop();
        await tmux.until(/Stopped/);
        if (stop.toString().includes('SIGSTOP')) tmux.keys('Enter');
        else assert.equal(tmux.ask('#{alternate_on} #{cursor_flag}'), '0 1');
        tmux.type('stty -a > /dev/null; fg');
        await tmux.until(/F1 Help/);
        tmux.keys('?');
        await tmux.until(/A page down/);
        tmux.keys('Escape');
        await tmux.until((screen) => !screen.includes('A page down') && /CPU%/.test(screen));
      }
    });
  });
}

/** Loaded into boxtop's process: fails there when it gets SIGUSR2. */
const FAULTS = {
  throw: `process.on('SIGUSR2', () => { throw new Error('made by the test'); });`,
  reject: `process.on('SIGUSR2', () => { Promise.reject(new Error('made by the test')); });`,
  hangup: `process.on('SIGUSR2', () => { process.stdin.emit('error', Object.assign(new Error('read EIO'), { code: 'EIO' })); });`,
  none: '',
};

interface Way {
  readonly name: string;
  readonly exitCode: number;
  readonly fault?: keyof typeof FAULTS;
  end(tmux: Tmux): void;
}

const signal = (name: NodeJS.Signals) => (tmux: Tmux) => process.kill(tmux.child()!, name);

const WAYS: readonly Way[] = [
  { name: 'q', exitCode: 0, end: (tmux) => tmux.keys('q') },
  { name: 'F10', exitCode: 0, end: (tmux) => tmux.keys('F10') },
  { name: 'Ctrl-C', exitCode: 0, end: (tmux) => tmux.keys('C-c') },
  { name: 'Ctrl-C while a line is typed', exitCode: 0, end: (tmux) => tmux.keys('/', 'q', 'C-c') },
  { name: 'SIGTERM', exitCode: 143, end: signal('SIGTERM') },
  { name: 'SIGHUP', exitCode: 129, end: signal('SIGHUP') },
  { name: 'SIGINT', exitCode: 130, end: signal('SIGINT') },
  { name: 'SIGQUIT', exitCode: 131, end: signal('SIGQUIT') },
  { name: 'an exception', exitCode: 1, fault: 'throw', end: signal('SIGUSR2') },
  { name: 'an unhandled rejection', exitCode: 1, fault: 'reject', end: signal('SIGUSR2') },
  { name: 'a terminal that fails', exitCode: 129, fault: 'hangup', end: signal('SIGUSR2') },
];

describe('after its end the terminal is as it was', { skip }, () => {
  let tmux: Tmux;
  before(() => {
    tmux = new Tmux(80, 24);
  });
  after(() => tmux.close());

  for (const way of WAYS) {
    it(`by ${way.name}${RUNS > 1 ? `, ${RUNS} times` : ''}`, async () => {
      writeFileSync(join(tmux.folder, 'fault.cjs'), FAULTS[way.fault ?? 'none']);
      for (let run = 0; run < RUNS; run++) {
        const { folder } = tmux;
        tmux.type(
          `clear; stty -a > ${folder}/before; echo mark ${run}; node --require ${folder}/fault.cjs ${REPLAY.replace('node ', '')}`,
        );
        await tmux.until(/F1 Help/);
        way.end(tmux);
        await tmux.until((screen) => screen.endsWith('$') && screen.startsWith('mark'));
        // On a line of its own: a shell leaves the rest of a line whose command ended by SIGINT.
        tmux.type(`echo code $?; stty -a > ${folder}/after; echo "done"`);
        const screen = await tmux.until(/done$|done\n\$/);
        assert.match(screen, new RegExp(`^mark ${run}\n[\\s\\S]*code ${way.exitCode}\n`));
        assert.equal(screen.includes('made by the test'), way.exitCode === 1);
        assert.equal(tmux.file('after'), tmux.file('before'));
        assert.equal(tmux.ask('#{alternate_on} #{cursor_flag} #{wrap_flag} #{mouse_any_flag}'), '0 1 1 0');
        assert.equal(tmux.child(), undefined);
      }
    });
  }

  it('and when the terminal is gone, the process ends by itself', async () => {
    const gone = new Tmux(80, 24);
    try {
      // A shell that outlives the terminal tells how it ended.
      gone.type(`bash -c 'trap : HUP; ${REPLAY}; echo $? > ${gone.folder}/code'`);
      await gone.until(/F1 Help/);
      gone.hangUp();
      const end = Date.now() + 10_000;
      const code = () => (existsSync(join(gone.folder, 'code')) ? gone.file('code') : '');
      while (code() === '' && Date.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      assert.equal(code(), '129\n');
    } finally {
      gone.close();
    }
  });
});
