import assert from 'node:assert/strict';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { lxcIn } from '../../../host/inventory/runtimes/lxc.js';
import { InventoryWatcher } from '../../../host/inventory/watcher.js';
import { missing, removeCgroups, run, until, type Workspace, workspace } from './engine.js';

const NAME = `boxtop-test-${process.pid}`;
const ELSEWHERE = `${NAME}-elsewhere`;

describe('LXC', { skip: missing('lxc-start', 'lxc-create', 'lxc-ls', 'busybox') }, () => {
  let space: Workspace;
  let watcher: InventoryWatcher;
  const lxc = (program: string, ...args: readonly string[]) =>
    run(`lxc-${program}`, ['-P', join(space.directory, 'lxc'), ...args]);
  const named = (name: string) =>
    watcher.snapshot().containers.find((entry) => entry.name === name && entry.finishedAt === undefined);

  before(async () => {
    space = await workspace('lxc');
    const directory = join(space.directory, 'lxc');
    await mkdir(directory);
    const configuration = join(space.directory, 'base.conf');
    await writeFile(configuration, 'lxc.net.0.type = empty\n');
    for (const name of [NAME, ELSEWHERE])
      await lxc('create', '-n', name, '-f', configuration, '-t', 'busybox');
    await appendFile(
      join(directory, ELSEWHERE, 'config'),
      `lxc.cgroup.dir.container = ${ELSEWHERE}/inside\nlxc.cgroup.dir.monitor = ${ELSEWHERE}/monitor\n`,
    );
    watcher = new InventoryWatcher({ runtimes: [lxcIn(directory)], sampleMs: 100 });
    watcher.start();
    await watcher.settled(3000);
  });
  after(async () => {
    watcher.stop();
    for (const name of [NAME, ELSEWHERE]) await lxc('stop', '-k', '-n', name).catch(() => {});
    await space.remove();
    await removeCgroups(`/${ELSEWHERE}`);
  });

  it('is known by its cgroup as soon as it starts, and until it stops', async () => {
    await lxc('start', '-n', NAME);
    const entry = await until(
      'its init is known',
      () => (named(NAME)?.initPid === undefined ? undefined : named(NAME)),
      3000,
    );
    assert.deepEqual([entry.runtime, entry.id, entry.cgroupPath], ['lxc', NAME, `/lxc.payload.${NAME}`]);
    const pid = Number(await lxc('info', '-n', NAME, '-pH'));
    await until('its init is the right process', () => named(NAME)?.initPid === pid);
    await until('its counters are read', () => named(NAME)?.samples?.at(-1)?.memoryBytes);
    assert.notEqual(named(NAME)?.namespaces?.pid, undefined);
    await lxc('stop', '-k', '-n', NAME);
    await until('its end is known', () => named(NAME) === undefined, 3000);
  });

  it('is known to lxc-ls where its cgroup has another name', async () => {
    await lxc('start', '-n', ELSEWHERE);
    // Nothing tells of it: its cgroup is no runtime's. The list is made again from time to time.
    const again = new InventoryWatcher({ runtimes: [lxcIn(join(space.directory, 'lxc'))], sampleMs: 100 });
    again.start();
    await again.settled(3000);
    const entry = again.snapshot().containers.find(({ name }) => name === ELSEWHERE);
    again.stop();
    assert.equal(String(entry?.initPid), await lxc('info', '-n', ELSEWHERE, '-pH'));
    assert.match(entry?.cgroupPath ?? '', new RegExp(ELSEWHERE));
    assert.equal(entry?.runtime, 'lxc');
  });
});
