import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import type { Hierarchies } from '../../host/cgroup/hierarchies.js';
import { CgroupFinder } from '../../host/inventory/cgroup-finder.js';

it('a glance finds what was made and removed since the walk, and what is below it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'boxtop-cgroup-'));
  const at = (path: string) => join(directory, path);
  let heard: (() => void) | undefined;
  const tree = {
    primary: 'unified',
    directoryOf: (_: string, path: string) => at(path),
  } as unknown as Hierarchies;
  const finder = new CgroupFinder(tree, () => heard?.());
  const found = () => [...finder.found.values()].map(({ path }) => path).sort();
  const scope = (letter: string) => `/system.slice/docker-${letter.repeat(64)}.scope`;
  /** A glance after each news, until it has found that. */
  const glanceUntil = async (expected: readonly string[]) => {
    while (JSON.stringify(found()) !== JSON.stringify(expected)) {
      if (!finder.hasNews) await new Promise<void>((resolve) => (heard = resolve));
      await finder.glance();
    }
  };
  try {
    await mkdir(at(scope('a')), { recursive: true });
    await mkdir(at('/system.slice/ssh.service'));
    await finder.walk();
    assert.deepEqual(found(), [scope('a')]);
    assert.equal(finder.hasNews, false);

    await mkdir(at(scope('b')));
    await glanceUntil([scope('a'), scope('b')]);
    await rm(at(scope('a')), { recursive: true });
    await glanceUntil([scope('b')]);

    // A place where there was none before, made with all that is below it.
    await mkdir(at('/staged'));
    const inside = `/docker/${'c'.repeat(64)}`;
    await mkdir(at(`/staged/${'c'.repeat(64)}`));
    await rename(at('/staged'), at('/docker'));
    await glanceUntil([inside, scope('b')]);
    await mkdir(at(`/docker/${'d'.repeat(64)}`));
    await glanceUntil([inside, `/docker/${'d'.repeat(64)}`, scope('b')]);
    await rm(at('/docker'), { recursive: true });
    await glanceUntil([scope('b')]);
  } finally {
    finder.close();
    await rm(directory, { recursive: true });
  }
});

it('a runtime’s own process in a cgroup is not taken for the container’s init', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'boxtop-cgroup-'));
  const helper = spawn('sleep', ['100'], { argv0: '/usr/bin/runc' });
  try {
    await once(helper, 'spawn');
    const tree = { primary: 'unified', directoryOf: () => directory } as unknown as Hierarchies;
    const initWith = async (...pids: number[]) => {
      await writeFile(join(directory, 'cgroup.procs'), `${pids.join('\n')}\n`);
      return new CgroupFinder(tree, () => {}).initOf('/system.slice/docker-x.scope');
    };
    assert.equal(await initWith(helper.pid!), undefined);
    assert.equal(await initWith(helper.pid!, process.pid), process.pid);
  } finally {
    helper.kill();
    await rm(directory, { recursive: true });
  }
});
