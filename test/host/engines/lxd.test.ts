import assert from 'node:assert/strict';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { lxd } from '../../../host/inventory/runtimes/incus.js';
import { InventoryWatcher } from '../../../host/inventory/watcher.js';
import { missing, run, startDaemon, tinyImage, until, type Workspace, workspace } from './engine.js';

const NAME = `boxtop-test-${process.pid}`;
const QUICK = { look: 100, firstRetry: 50, longestRetry: 400 };

describe('LXD', { skip: missing('lxd', 'lxc', 'busybox') }, () => {
  let space: Workspace;
  let watcher: InventoryWatcher;
  let variables: Record<string, string>;
  const lxc = (...args: readonly string[]) => run('lxc', args, variables);
  const named = (name: string) =>
    watcher.snapshot().containers.filter((entry) => entry.name === name && entry.finishedAt === undefined);

  before(async () => {
    space = await workspace('lxd');
    const directory = join(space.directory, 'lxd');
    await mkdir(directory);
    variables = { LXD_DIR: directory, HOME: space.directory };
    await startDaemon(space, 'lxd', ['--group', 'root'], () => lxc('info'), variables);
    await lxc('storage', 'create', 'default', 'dir');
    await lxc('profile', 'device', 'add', 'default', 'root', 'disk', 'path=/', 'pool=default');
    await lxc('image', 'import', await image(), '--alias', 'tiny');
    process.env.LXD_SOCKET = join(directory, 'unix.socket');
    watcher = new InventoryWatcher({ runtimes: [lxd], times: QUICK, sampleMs: 100 });
    watcher.start();
    await watcher.settled(5000);
  });
  after(async () => {
    watcher?.stop();
    delete process.env.LXD_SOCKET;
    await lxc('delete', '--force', NAME).catch(() => {});
    await space.remove();
  });

  async function image(): Promise<string> {
    await tinyImage(space.directory);
    const root = join(space.directory, 'image/rootfs');
    await mkdir(join(space.directory, 'image'));
    await rename(join(space.directory, 'tiny'), root);
    for (const name of ['sbin', 'etc', 'dev', 'proc', 'sys', 'tmp', 'run']) await mkdir(join(root, name));
    await symlink('../bin/busybox', join(root, 'sbin/init'));
    await writeFile(join(root, 'etc/inittab'), '::respawn:/bin/sleep 1000\n');
    const architecture = process.arch === 'x64' ? 'x86_64' : 'aarch64';
    await writeFile(
      join(space.directory, 'image/metadata.yaml'),
      `architecture: ${architecture}\ncreation_date: 1700000000\nproperties:\n  description: tiny box\n`,
    );
    const archive = join(space.directory, 'image.tar');
    await run('tar', ['-C', join(space.directory, 'image'), '-cf', archive, 'metadata.yaml', 'rootfs']);
    return archive;
  }

  it('is known by its cgroup at once, and by its API then', async () => {
    const options = [
      '-c',
      'security.privileged=true',
      '-c',
      'limits.cpu.allowance=20ms/100ms',
      '-c',
      'user.team=shop',
    ];
    await lxc('launch', 'tiny', NAME, ...options);
    const entry = await until(
      'its API has told',
      () => named(NAME).find(({ runtime }) => runtime === 'lxd'),
      2000,
    );
    assert.deepEqual([entry.id, entry.image, entry.labels.team], [NAME, 'tiny box', 'shop']);
    assert.match(await lxc('info', NAME), new RegExp(`PID: ${entry.initPid}\\b`));
    const known = await until('its files have been read', () => named(NAME).find(({ samples }) => samples));
    assert.deepEqual([known.cgroupPath, known.limitCpus], [`/lxc.payload.${NAME}`, 0.2]);
    assert.equal(named(NAME).length, 1);
    await lxc('delete', '--force', NAME);
    await until('its end is known', () => named(NAME).length === 0, 2000);
  });
});
