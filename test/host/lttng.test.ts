import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { findLttng } from '../../host/lttng.js';

describe('LTTng on this machine', () => {
  let root: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'boxtop-test-'));
    await mkdir(join(root, 'bin'));
    await mkdir(join(root, 'lib/6.1.0-x'), { recursive: true });
    await writeFile(join(root, 'bin/lttng-sessiond'), '');
    await chmod(join(root, 'bin/lttng-sessiond'), 0o755);
    await writeFile(join(root, 'lib/6.1.0-x/modules.dep'), 'updates/dkms/lttng-tracer.ko.xz: kernel/a.ko\n');
    await writeFile(join(root, 'loaded'), 'lttng_tracer 12345 0 - Live 0x0\n');
    await writeFile(join(root, 'others'), 'lttng_tracerless 1 0 - Live 0x0\next4 1 0 - Live 0x0\n');
  });
  after(() => rm(root, { recursive: true }));

  const find = (changes: object) =>
    findLttng({
      kernel: '6.2.0-none',
      loadedModules: join(root, 'others'),
      modulesRoot: join(root, 'lib'),
      searchPath: '/nonexistent',
      ...changes,
    });

  it('is not there where nothing of it is', async () => {
    assert.deepEqual(await find({}), { kernel: '6.2.0-none', modules: false, sessiond: false });
  });

  it('has modules that are loaded, or installed for the running kernel', async () => {
    assert.equal((await find({ loadedModules: join(root, 'loaded') })).modules, true);
    assert.equal((await find({ kernel: '6.1.0-x' })).modules, true);
    assert.equal((await find({ loadedModules: join(root, 'nothing') })).modules, false);
  });

  it('has a session daemon that can be started', async () => {
    assert.equal((await find({ searchPath: join(root, 'bin') })).sessiond, true);
  });
});
