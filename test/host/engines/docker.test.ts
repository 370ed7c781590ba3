import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { InventoryEntry } from '../../../analyzers/inventory.js';
import { Hierarchies } from '../../../host/cgroup/hierarchies.js';
import { DocumentReader, DocumentWriter } from '../../../host/inventory/document.js';
import { docker as runtime } from '../../../host/inventory/runtimes/docker.js';
import { InventoryWatcher } from '../../../host/inventory/watcher.js';
import {
  missing,
  removeCgroups,
  run,
  startDaemon,
  tinyImage,
  until,
  type Workspace,
  workspace,
} from './engine.js';

const POD_UID = '0a1b2c3d-4e5f-6789-abcd-ef0123456789';
const TASK = '0123456789abcdef0123456789abcdef';
/** Above the cgroups that others may have too. */
const OURS = `/boxtop-test-${process.pid}`;
const QUICK = { look: 100, firstRetry: 50, longestRetry: 400 };

describe('Docker', { skip: missing('dockerd', 'docker', 'runc', 'busybox') }, () => {
  let space: Workspace;
  let socket: string;
  let daemon: ChildProcess;
  let watcher: InventoryWatcher;
  const writer = new DocumentWriter(50);
  const lines: string[] = [];
  const docker = (...args: readonly string[]) => run('docker', ['-H', `unix://${socket}`, ...args]);
  const start = (name: string, ...options: readonly string[]) =>
    docker('run', '-d', '--name', name, '--network', 'none', ...options, 'tiny:1', 'sleep', '1000');
  const named = (name: string): InventoryEntry | undefined =>
    watcher.snapshot().containers.find((entry) => entry.name === name && entry.finishedAt === undefined);
  const status = () => watcher.snapshot().runtimes.find(({ endpoint }) => endpoint === socket)?.state;

  async function startDockerd(): Promise<void> {
    daemon = await startDaemon(
      space,
      'dockerd',
      [
        '--iptables=false',
        '--ip6tables=false',
        '--bridge=none',
        '--data-root',
        join(space.directory, 'data'),
        '--exec-root',
        join(space.directory, 'exec'),
        '--pidfile',
        join(space.directory, 'docker.pid'),
        '--live-restore',
        // Where systemd runs, cgroups of ours would have to be its units.
        '--exec-opt',
        'native.cgroupdriver=cgroupfs',
        '-H',
        `unix://${socket}`,
      ],
      () => docker('version'),
    );
  }

  before(async () => {
    space = await workspace('docker');
    socket = join(space.directory, 'docker.sock');
    await startDockerd();
    await docker('import', await tinyImage(space.directory), 'tiny:1');
    process.env.DOCKER_HOST = `unix://${socket}`;
    watcher = new InventoryWatcher({ runtimes: [runtime], times: QUICK, sampleMs: 100 });
    watcher.subscribe((snapshot) => {
      const line = writer.line(snapshot);
      if (line !== undefined) lines.push(line);
    });
    watcher.start();
    await watcher.settled(5000);
  });
  after(async () => {
    watcher?.stop();
    delete process.env.DOCKER_HOST;
    const ids = (await docker('ps', '-aq')).split('\n').filter((id) => id !== '');
    if (ids.length > 0) await docker('rm', '-f', ...ids);
    await space.remove();
    await removeCgroups(OURS);
  });

  it('names a new container as it starts, with limits, namespaces and privileges', async () => {
    await start(
      'web',
      '--cpus',
      '0.3',
      '-m',
      '64m',
      '--pids-limit',
      '50',
      '--cap-drop',
      'ALL',
      '--user',
      '1000',
    );
    const web = await until('web is known', () => named('web')?.samples && named('web'), 3000);
    assert.deepEqual([web.runtime, web.image, web.limitCpus], ['docker', 'tiny:1', 0.3]);
    assert.deepEqual([web.limits?.cpuQuotaUs, web.limits?.cpuPeriodUs], [30_000, 100_000]);
    assert.deepEqual([web.limits?.memoryBytes, web.limits?.pids], [64 << 20, 50]);
    const settled = await until(
      'its program runs',
      () => named('web')?.privileges?.uids?.[0] === 1000 && named('web'),
    );
    assert.equal(settled.privileges?.capEffective, 0n);
    assert.equal(settled.privileges?.seccomp, 'filter');
    assert.equal(await docker('inspect', '-f', '{{.State.Pid}}', 'web'), String(settled.initPid));
    assert.notEqual(settled.namespaces?.pid, undefined);
    assert.match(settled.cgroupPath ?? '', new RegExp(settled.id));
    assert.ok((settled.samples?.at(-1)?.memoryBytes ?? 0) > 0);
    await until('runc’s helpers have left', () => named('web')?.samples?.at(-1)?.pids === 1);
  });

  it('places what Compose, Swarm, Kubernetes and ECS made by labels and cgroups', async () => {
    await Promise.all([
      start(
        'shop_web_1',
        '--label',
        'com.docker.compose.project=shop',
        '--label',
        'com.docker.compose.service=web',
      ),
      start(
        'api.1.x',
        '--label',
        'com.docker.swarm.service.name=api',
        '--label',
        'com.docker.swarm.task.name=api.1.x',
        '--label',
        'com.docker.stack.namespace=prod',
      ),
      start(
        `k8s_app_web-0_prod_${POD_UID}_0`,
        '--cgroup-parent',
        `${OURS}/kubepods/burstable/pod${POD_UID}`,
        '--label',
        'io.kubernetes.pod.name=web-0',
        '--label',
        'io.kubernetes.pod.namespace=prod',
        '--label',
        'io.kubernetes.container.name=app',
      ),
      start(
        'ecs-front-1-nginx-abc',
        '--cgroup-parent',
        `${OURS}/ecs/${TASK}`,
        '--label',
        `com.amazonaws.ecs.task-arn=arn:aws:ecs:eu-west-1:1:task/main/${TASK}`,
        '--label',
        'com.amazonaws.ecs.container-name=nginx',
        '--label',
        'com.amazonaws.ecs.task-definition-family=front',
      ),
    ]);
    const place = (name: string) => {
      const { pod, service, project } = named(name) ?? {};
      return [pod, service, project];
    };
    await until(
      'all have been inspected',
      () => named('web-0/app')?.cgroupPath && named('ecs-front-1-nginx-abc')?.cgroupPath,
    );
    assert.deepEqual(place('shop_web_1'), [undefined, 'web', 'shop']);
    assert.deepEqual(place('api.1.x'), ['api.1.x', 'api', 'prod']);
    assert.deepEqual(place('web-0/app'), ['prod/web-0', 'app', 'prod']);
    assert.deepEqual(place('ecs-front-1-nginx-abc'), [TASK, 'nginx', 'front']);
  });

  it('finds the tightest limit above a container', async () => {
    await start('inner', '--cgroup-parent', `${OURS}/kubepods/burstable/pod${POD_UID}`);
    const { cgroupPath = '' } = await until(
      'its limits are known',
      () => named('inner')?.limits && named('inner'),
    );
    const above = cgroupPath.slice(0, cgroupPath.lastIndexOf('/'));
    const hierarchies = Hierarchies.read();
    const directory = hierarchies.directoryOf(hierarchies.hierarchyOf('cpu')!, above)!;
    if (hierarchies.isV1('cpu')) await writeFile(join(directory, 'cpu.cfs_quota_us'), '40000');
    else await writeFile(join(directory, 'cpu.max'), '40000 100000');
    await docker('restart', '-t', '0', 'inner');
    const inner = await until('the limit of the pod counts', () => {
      const entry = named('inner');
      return entry?.limitCpus === 0.4 && entry;
    });
    assert.deepEqual([inner.limits?.cpusSetBy, inner.limits?.cpuQuotaUs], [above, undefined]);
  });

  it('has seen those that live for a moment only', async () => {
    await docker('run', '--rm', '--name', 'blink', '--network', 'none', 'tiny:1', 'sleep', '0.2');
    const blink = await until('blink has ended', () =>
      watcher
        .snapshot()
        .containers.find(({ name, finishedAt }) => name === 'blink' && finishedAt !== undefined),
    );
    assert.ok(blink.initPid !== undefined && blink.namespaces?.pid !== undefined, 'its process was seen');
    assert.ok((blink.samples?.length ?? 0) >= 1, 'its counters were seen');
  });

  it('follows renames, restarts and ends', async () => {
    await start('once');
    const first = await until('once runs', () =>
      named('once')?.initPid === undefined ? undefined : named('once'),
    );
    await docker('rename', 'once', 'twice');
    await until('the new name is known', () => named('twice'), 2000);
    await docker('restart', '-t', '0', 'twice');
    const second = await until(
      'another process',
      () => named('twice')?.initPid !== first.initPid && named('twice'),
    );
    assert.equal(second.id, first.id);
    await docker('rm', '-f', 'twice');
    await until('its end is known', () => named('twice') === undefined, 2000);
  });

  it('goes by ids while the daemon hangs, and by names again when it goes on', async () => {
    daemon.kill('SIGSTOP');
    const hierarchies = Hierarchies.read();
    const id = 'b'.repeat(64);
    const directory = hierarchies.directoryOf(hierarchies.primary!, `/docker/${id}`)!;
    await mkdir(directory, { recursive: true });
    try {
      const unnamed = await until('the cgroup is found', () => named(id.slice(0, 12)), 3000);
      assert.deepEqual([unnamed.id, unnamed.runtime], [id, 'docker']);
      assert.notEqual(named('web'), undefined, 'those that were named keep their names');
    } finally {
      await rmdir(directory);
      daemon.kill('SIGCONT');
    }
    await until('its end is seen', () => named(id.slice(0, 12)) === undefined);
    await start('after');
    await until('events come again', () => named('after'));
  });

  it('keeps the names while the daemon is restarted, and follows the new one', async () => {
    const gone = new Promise((resolve) => daemon.once('exit', resolve));
    daemon.kill('SIGTERM');
    await gone;
    await until('it is unreachable', () => status() === 'unreachable');
    assert.notEqual(named('web'), undefined);
    assert.ok((named('web')?.samples?.length ?? 0) > 0);
    await startDockerd();
    await until('it is reached again', () => status() === 'reached');
    await start('reborn');
    await until('new ones are named', () => named('reborn')?.initPid);
    assert.notEqual(named('web'), undefined);
  });

  it('has been written down as it was, with everyone who came and went', async () => {
    const reader = new DocumentReader();
    const { containers } = watcher.snapshot();
    watcher.stop();
    for (const line of lines) assert.equal(reader.take(JSON.parse(line)), undefined);
    const written = new Map(reader.inventory().map((entry) => [entry.id, entry]));
    for (const { samples, ...entry } of new Map(containers.map((entry) => [entry.id, entry])).values()) {
      const { samples: kept, ...back } = written.get(entry.id) ?? {};
      assert.deepEqual(JSON.stringify(back, texts), JSON.stringify(entry, texts));
      assert.equal(kept?.at(-1)?.cpuUsageUs, samples?.at(-1)?.cpuUsageUs);
    }
    const runs = reader.inventory().filter(({ name }) => name === 'twice' || name === 'once');
    assert.equal(runs.length, 2, 'both runs of the one that was restarted');
    assert.ok(runs.every(({ finishedAt, initPid }) => finishedAt !== undefined && initPid !== undefined));
  });
});

/** For JSON.stringify: with the keys of objects in one order. */
function texts(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a.localeCompare(b)));
}
