import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { unpackDemo } from '../../recordings/demo.js';
import { findRecording } from '../../recordings/open.js';

const packed = new URL('../../../recordings/demo/', import.meta.url);
const demoModule = new URL('../../recordings/demo.js', import.meta.url).href;

/** Unpacks in a process of its own; gives the directory that it printed, and what stood in it then. */
async function unpackInProcess(env: NodeJS.ProcessEnv): Promise<{ path: string; whole: boolean }> {
  const script = `
    const { unpackDemo } = await import(${JSON.stringify(demoModule)});
    const { existsSync } = await import('node:fs');
    const path = await unpackDemo();
    console.log(JSON.stringify({ path, whole: existsSync(path + '/trace/kernel/metadata') }));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output = (await child.stdout.toArray()).join('');
  if (child.exitCode === null) await once(child, 'exit');
  assert.equal(child.exitCode, 0);
  return JSON.parse(output);
}

describe('the demo recording', () => {
  let root: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'boxtop-test-'));
  });
  after(() => rm(root, { recursive: true }));

  it('is at most 6 MB in the repository', async () => {
    const entries = await readdir(packed, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    const sizes = await Promise.all(files.map((entry) => stat(join(entry.parentPath, entry.name))));
    assert.ok(sizes.reduce((sum, { size }) => sum + size, 0) <= 6 * 1024 * 1024);
  });

  it('is unpacked whole, and a second time not at all', async () => {
    const path = await unpackDemo(join(root, 'cache'));
    const manifest = JSON.parse(await readFile(new URL('manifest.json', packed), 'utf8'));
    for (const { path: name, sha256 } of manifest.files) {
      const bytes = await readFile(join(path, name));
      assert.equal(createHash('sha256').update(bytes).digest('hex'), sha256, name);
    }
    const { mtimeMs } = await stat(join(path, 'trace/kernel/sched_0'));
    assert.equal(await unpackDemo(join(root, 'cache')), path);
    assert.equal((await stat(join(path, 'trace/kernel/sched_0'))).mtimeMs, mtimeMs);
    assert.deepEqual(await readdir(join(root, 'cache/boxtop')), [path.split('/').at(-1)]);
  });

  it('is a recording with inventories', async () => {
    const recording = await findRecording(await unpackDemo(join(root, 'cache')));
    assert.equal(recording.inventoryFiles.length, 4);
  });

  it('is made whole again where a file is cut short', async () => {
    const path = await unpackDemo(join(root, 'cache'));
    await truncate(join(path, 'trace/kernel/sched_1'), 100);
    assert.equal(await unpackDemo(join(root, 'cache')), path);
    assert.ok((await stat(join(path, 'trace/kernel/sched_1'))).size > 100);
  });

  it('may be unpacked by several first runs at once', async () => {
    const env = { XDG_CACHE_HOME: join(root, 'shared') };
    const runs = await Promise.all(Array.from({ length: 4 }, () => unpackInProcess(env)));
    assert.equal(new Set(runs.map(({ path }) => path)).size, 1);
    assert.ok(runs.every(({ whole }) => whole));
    assert.equal((await readdir(join(root, 'shared/boxtop'))).length, 1);
  });

  it('goes to a temporary directory, and from it again, where the cache cannot be written', async () => {
    const file = join(root, 'file');
    await writeFile(file, '');
    await mkdir(join(root, 'tmp'));
    const { path, whole } = await unpackInProcess({
      XDG_CACHE_HOME: join(file, 'cache'),
      TMPDIR: join(root, 'tmp'),
    });
    assert.ok(whole && path.startsWith(join(root, 'tmp')));
    assert.ok(!existsSync(path));
  });

  it('is not given the cache of a relative XDG_CACHE_HOME', async () => {
    const home = join(root, 'home');
    await mkdir(home);
    await chmod(home, 0o755);
    const { path } = await unpackInProcess({ XDG_CACHE_HOME: 'relative', HOME: home });
    assert.ok(path.startsWith(join(home, '.cache/boxtop/')));
  });
});
