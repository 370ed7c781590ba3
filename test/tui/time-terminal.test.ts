/** Charts, bookmarks, comparison and files in a real terminal. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { hasTmux, Tmux } from './tmux.js';

const skip = hasTmux() ? false : 'tmux is not installed';

describe('history, bookmarks, comparison and files, in a terminal', { skip }, () => {
  let tmux: Tmux;
  before(async () => {
    tmux = new Tmux(80, 24);
    tmux.type(`export XDG_STATE_HOME=${tmux.folder}/state LC_ALL=C.UTF-8; clear`);
    tmux.type('node bin/boxtop.js replay test/data/shop --interval 100ms --at +1s');
    await tmux.until(/CPU%▼/);
  });
  after(() => tmux.close());

  it('draws charts, and the cursor goes with the screen', async () => {
    tmux.keys('y');
    await tmux.until(/CPU% {2}Time on a[\s\S]*[\u2801-\u28ff]{3}/u);
    tmux.keys('Right');
    await tmux.until(/ 0:01\.[12] /);
    tmux.keys('y');
    await tmux.until(/Charts/);
    tmux.keys('Escape', 'Escape');
    await tmux.until((screen) => !screen.includes('Time on a CPU'));
  });
  it('keeps bookmarks', async () => {
    tmux.keys('m');
    await tmux.until(/Bookmark \d\d:/);
    tmux.type('look here');
    await tmux.until(/Marked/);
    tmux.keys('}');
    await tmux.until(/end $|end\n/m);
    tmux.keys("'");
    await tmux.until(/Bookmarks[\s\S]*look here/);
    tmux.keys('Enter');
    await tmux.until(/ 0:01\.[12] /);
  });
  it('compares two ranges', async () => {
    tmux.keys(':');
    await tmux.until(/a few letters/);
    tmux.type('compare +0s..+1s +1s..+2s');
    await tmux.until(/\+0s\.\.\+1s compared with \+1s\.\.\+2s[\s\S]*(BEFORE|Nothing changed)/);
    tmux.keys('Escape');
    await tmux.until(/CPU%▼/);
  });
  it('writes what is on the screen', async () => {
    for (const name of ['screen.txt', 'screen.svg', 'rows.csv', 'rows.json']) {
      tmux.keys(':');
      await tmux.until(/a few letters/);
      tmux.type(`write ${tmux.folder}/${name}`);
      await tmux.until(/Written: /);
      tmux.keys('k');
      await tmux.until((screen) => !screen.includes('Written'));
    }
    const lines = tmux.file('screen.txt').split('\n');
    assert.equal(lines.length, 25);
    assert.match(lines[0]!, /^ boxtop {2}‖/);
    assert.match(tmux.file('screen.txt'), /^NAME .* CPU%▼/m);
    assert.match(tmux.file('screen.svg'), /^<svg [\s\S]*>host [\s\S]*<\/svg>\n$/);
    assert.match(tmux.file('rows.csv'), /^time,name,.*cpu_pct/);
    const rows = JSON.parse(tmux.file('rows.json'));
    assert.ok(rows.some(({ name }: { name: string }) => name === 'host'));
  });
  it('asks before it writes over a file', async () => {
    writeFileSync(join(tmux.folder, 'mine.txt'), 'mine');
    for (const [answer, said] of [
      ['n', /Nothing was written/],
      ['y', /Written: /],
    ] as const) {
      tmux.keys(':');
      await tmux.until(/a few letters/);
      tmux.type(`write ${tmux.folder}/mine.txt`);
      await tmux.until(/Replace\?/);
      if (answer === 'n') assert.equal(tmux.file('mine.txt'), 'mine');
      tmux.keys(answer, 'Enter');
      await tmux.until(said);
    }
    assert.notEqual(tmux.file('mine.txt'), 'mine');
  });
});
