import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Runtime } from '../../../host/inventory/runtime.js';
import { podman as api } from '../../../host/inventory/runtimes/docker.js';
import { podmanStorage } from '../../../host/inventory/runtimes/podman-storage.js';
import { InventoryWatcher } from '../../../host/inventory/watcher.js';
import { missing, run, startDaemon, tinyImage, until, type Workspace, workspace } from './engine.js';

const QUICK = { look: 100, firstRetry: 50, longestRetry: 400 };

describe('Podman', { skip: missing('podman', 'runc', 'conmon', 'busybox') }, () => {
  let space: Workspace;
  let variables: Record<string, string | undefined>;
  let socket: string;
  /** runc, because crun refuses hosts with both versions of cgroups. */
  const common = ['--runtime', 'runc', '--cgroup-manager', 'cgroupfs'];
  const podman = (...args: readonly string[]) => run('podman', [...common, ...args], variables);
  const start = (name: string, ...options: readonly string[]) =>
    podman(
      ...[
        'run',
        '-d',
        '--name',
        name,
        '--network',
        'none',
        '--ulimit',
        'nofile=1024:1024',
        '--ulimit',
        'nproc=1000:1000',
      ],
      ...options,
      ...['tiny:1', 'sleep', '1000'],
    );

  before(async () => {
    space = await workspace('podman');
    socket = join(space.directory, 'podman.sock');
    const configuration = join(space.directory, 'storage.conf');
    const paths = { graphroot: join(space.directory, 'root'), runroot: join(space.directory, 'run') };
    await writeFile(
      configuration,
      `[storage]\ndriver = "vfs"\ngraphroot = "${paths.graphroot}"\nrunroot = "${paths.runroot}"\n`,
    );
    Object.assign(process.env, {
      CONTAINERS_STORAGE_CONF: configuration,
      CONTAINER_HOST: `unix://${socket}`,
    });
    // With it Podman would take itself for a client.
    variables = { CONTAINERS_STORAGE_CONF: configuration, CONTAINER_HOST: undefined };
    await podman('import', await tinyImage(space.directory), 'tiny:1');
    await podman('pod', 'create', '--name', 'duo', '--infra=false');
    await start('miner', '--cpus', '0.25', '--label', 'io.podman.compose.project=mine');
    await start('twin', '--pod', 'duo');
  });
  after(async () => {
    delete process.env.CONTAINERS_STORAGE_CONF;
    delete process.env.CONTAINER_HOST;
    await podman('rm', '--all', '--force', '--time', '0').catch(() => {});
    await podman('pod', 'rm', '--all', '--force').catch(() => {});
    await space.remove();
  });

  async function watching(
    runtime: Runtime,
    check: (watcher: InventoryWatcher) => Promise<void>,
  ): Promise<void> {
    const watcher = new InventoryWatcher({ runtimes: [runtime], times: QUICK, sampleMs: 100 });
    watcher.start();
    try {
      await watcher.settled(10_000);
      await check(watcher);
    } finally {
      watcher.stop();
    }
  }
  const named = (watcher: InventoryWatcher, name: string) =>
    watcher.snapshot().containers.find((entry) => entry.name === name && entry.finishedAt === undefined);

  async function checkBoth(watcher: InventoryWatcher): Promise<void> {
    const miner = named(watcher, 'miner');
    assert.deepEqual([miner?.runtime, miner?.image, miner?.project], ['podman', 'localhost/tiny:1', 'mine']);
    assert.deepEqual([miner?.limitCpus, miner?.limits?.cpuQuotaUs], [0.25, 25_000]);
    assert.equal(String(miner?.initPid), await podman('inspect', '-f', '{{.State.Pid}}', 'miner'));
    assert.match(miner?.cgroupPath ?? '', /libpod/);
    assert.ok((miner?.samples?.at(-1)?.cpuUsageUs ?? 0) > 0);
    assert.equal(named(watcher, 'twin')?.pod, 'duo');
  }

  it('is known from its state on disk where no service runs, also who comes and goes', async () => {
    await watching(podmanStorage, async (watcher) => {
      await until('the labels have been asked for', () => named(watcher, 'miner')?.project);
      await checkBoth(watcher);
      await start('late');
      await until('the new one is named', () => named(watcher, 'late'), 5000);
      await podman('rm', '--force', '--time', '0', 'late');
      await until('its end is known', () => named(watcher, 'late') === undefined, 5000);
    });
  });

  it('is known from its service, with events', async () => {
    const args = [...common, 'system', 'service', '--time', '0', `unix://${socket}`];
    await startDaemon(
      space,
      'podman',
      args,
      () => run('podman', ['--url', `unix://${socket}`, 'version']),
      variables,
    );
    await watching(api, async (watcher) => {
      await checkBoth(watcher);
      await start('late');
      await until('the new one is named', () => named(watcher, 'late')?.initPid, 2000);
      await podman('rm', '--force', '--time', '0', 'late');
      await until('its end is known', () => named(watcher, 'late') === undefined, 2000);
    });
  });
});
