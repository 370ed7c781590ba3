import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { BOOKMARKS_FILE, openBookmarks } from '../../recordings/bookmarks.js';

const first = { time: 1_795_360_320_000_000_001n, label: 'before' };
const second = { time: 1_795_360_321_000_000_000n, label: 'it hangs "here"\n' };

describe('bookmarks', () => {
  let root: string;
  let env: NodeJS.ProcessEnv;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'boxtop-bookmarks-'));
    env = { XDG_STATE_HOME: join(root, 'state') };
    await mkdir(join(root, 'recording'));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('lie in the recording', async () => {
    const path = join(root, 'recording');
    const bookmarks = await openBookmarks(path, path, env);
    assert.deepEqual(bookmarks.kept, []);
    await Promise.all([bookmarks.save([second]), bookmarks.save([second, first])]);
    assert.deepEqual((await openBookmarks(path, path, env)).kept, [first, second]);
    assert.match(await readFile(join(path, BOOKMARKS_FILE), 'utf8'), /"time_ns": "1795360320000000001"/);
    assert.ok(!existsSync(join(root, 'state')));
  });
  it('lie in the state directory for a bare trace', async () => {
    const path = join(root, 'recording');
    await (await openBookmarks(path, undefined, env)).save([first]);
    assert.ok(!existsSync(join(path, BOOKMARKS_FILE)));
    assert.deepEqual((await openBookmarks(path, undefined, env)).kept, [first]);
    assert.deepEqual((await openBookmarks(root, undefined, env)).kept, []);
  });
  it('lie there, too, where the recording cannot be written, and return into it when it can', async () => {
    // Nobody, root neither, can write a file below a file.
    const path = join(root, 'recording');
    const blocked = join(root, 'blocked');
    await writeFile(blocked, '');
    await (await openBookmarks(path, blocked, env)).save([first, second]);
    assert.deepEqual((await openBookmarks(path, blocked, env)).kept, [first, second]);
    const again = await openBookmarks(path, path, env);
    assert.deepEqual(again.kept, [first, second]);
    await again.save([second]);
    assert.deepEqual((await openBookmarks(path, path, env)).kept, [second]);
    assert.ok(existsSync(join(path, BOOKMARKS_FILE)));
  });
  it('leave a file alone that is none of theirs', async () => {
    const path = join(root, 'recording');
    for (const text of [
      '{"mine": 1}',
      'no json',
      '{"format":"boxtop-bookmarks","version":1,"bookmarks":[{}]}',
    ]) {
      await writeFile(join(path, BOOKMARKS_FILE), text);
      const bookmarks = await openBookmarks(path, path, env);
      assert.deepEqual(bookmarks.kept, []);
      await bookmarks.save([first]);
      assert.equal(await readFile(join(path, BOOKMARKS_FILE), 'utf8'), text);
      await rm(join(root, 'state'), { recursive: true });
    }
  });
});
