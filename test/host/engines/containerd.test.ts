import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { UnixGrpc } from '../../../host/inventory/grpc.js';
import { field } from '../../../host/inventory/protobuf.js';
import { containerd } from '../../../host/inventory/runtimes/containerd.js';
import { cri } from '../../../host/inventory/runtimes/cri.js';
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

const IMAGE = 'docker.io/library/tiny:1';
const POD_UID = '0a1b2c3d-4e5f-6789-abcd-ef0123456789';
const OURS = `/boxtop-test-${process.pid}`;
/** runc keeps its state by name for the whole machine. */
const PLAIN = `plain-${process.pid}`;
const SERVICE = '/runtime.v1.RuntimeService';
/** Namespace option of a pod that shares the host's network. */
const OF_THE_NODE = 2;
const QUICK = { look: 100, firstRetry: 50, longestRetry: 400 };

const message = (...fields: readonly Uint8Array[]) => Buffer.concat(fields);
const entries = (number: number, map: Readonly<Record<string, string>>) =>
  Object.entries(map).map(([key, value]) => field(number, message(field(1, key), field(2, value))));

describe('containerd', { skip: missing('containerd', 'ctr', 'runc', 'busybox') }, () => {
  let space: Workspace;
  let grpc: UnixGrpc;
  let socket: string;
  let watcher: InventoryWatcher;
  const pods: string[] = [];
  const ctr = (namespace: string, ...args: readonly string[]) =>
    run('ctr', ['-a', socket, '-n', namespace, ...args]);
  const call = (method: string, request: Uint8Array) =>
    grpc.call(`${SERVICE}/${method}`, request, { signal: AbortSignal.timeout(20_000) });
  const named = (name: string) =>
    watcher.snapshot().containers.find((entry) => entry.name === name && entry.finishedAt === undefined);

  before(async () => {
    space = await workspace('containerd');
    socket = join(space.directory, 'containerd.sock');
    const configuration = join(space.directory, 'config.toml');
    await writeFile(
      configuration,
      `version = 2
root = "${join(space.directory, 'root')}"
state = "${join(space.directory, 'state')}"
[grpc]
  address = "${socket}"
[ttrpc]
  address = "${socket}.ttrpc"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${IMAGE}"
  disable_apparmor = true
  restrict_oom_score_adj = true
  disable_hugetlb_controller = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
`,
    );
    await startDaemon(space, 'containerd', ['--config', configuration], () => ctr('default', 'version'));
    await ctr('default', 'image', 'import', '--snapshotter', 'native', await imageArchive());
    await ctr('k8s.io', 'image', 'import', '--snapshotter', 'native', join(space.directory, 'image.tar'));
    grpc = new UnixGrpc(socket);
    process.env.CONTAINER_RUNTIME_ENDPOINT = `unix://${socket}`;
    process.env.CONTAINERD_ADDRESS = socket;
    watcher = new InventoryWatcher({ runtimes: [cri, containerd], times: QUICK, sampleMs: 100 });
    watcher.start();
    await watcher.settled(5000);
  });
  after(async () => {
    watcher?.stop();
    delete process.env.CONTAINER_RUNTIME_ENDPOINT;
    delete process.env.CONTAINERD_ADDRESS;
    for (const pod of pods) {
      await call('StopPodSandbox', message(field(1, pod)));
      await call('RemovePodSandbox', message(field(1, pod)));
    }
    await ctr('default', 'task', 'rm', '-f', PLAIN).catch(() => {});
    await ctr('default', 'container', 'rm', PLAIN).catch(() => {});
    grpc.close();
    await space.remove();
    await removeCgroups(OURS);
  });

  /** What `docker save` would write: a layer, a configuration, and the list of them. */
  async function imageArchive(): Promise<string> {
    const layer = await tinyImage(space.directory);
    const digest = (await run('sha256sum', [layer])).split(' ')[0];
    const configuration = {
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      config: { Cmd: ['sleep', '1000'], Env: ['PATH=/bin'] },
      rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
    };
    const manifest = [{ Config: 'config.json', RepoTags: [IMAGE], Layers: ['tiny.tar'] }];
    await writeFile(join(space.directory, 'config.json'), JSON.stringify(configuration));
    await writeFile(join(space.directory, 'manifest.json'), JSON.stringify(manifest));
    const archive = join(space.directory, 'image.tar');
    await run('tar', ['-C', space.directory, '-cf', archive, 'manifest.json', 'config.json', 'tiny.tar']);
    return archive;
  }

  function podConfiguration(name: string): Uint8Array {
    const metadata = message(field(1, name), field(2, POD_UID), field(3, 'shop'));
    const namespaces = message(field(1, OF_THE_NODE));
    const linux = message(
      field(1, `${OURS}/kubepods/burstable/pod${POD_UID}`),
      field(2, message(field(1, namespaces))),
    );
    return message(field(1, metadata), ...entries(6, { app: name }), field(8, linux));
  }

  async function startPod(name: string, container: string): Promise<string> {
    const configuration = podConfiguration(name);
    const pod = (await call('RunPodSandbox', message(field(1, configuration)))).text(1);
    pods.push(pod);
    const resources = message(field(1, 100_000), field(2, 20_000), field(4, 32 << 20));
    const security = field(2, message(field(3, message(field(1, OF_THE_NODE)))));
    const wanted = message(
      field(1, message(field(1, container))),
      field(2, message(field(1, IMAGE))),
      ...['sleep', '1000'].map((word) => field(3, word)),
      ...entries(9, { 'app.kubernetes.io/part-of': 'shop' }),
      field(15, message(field(1, resources), security)),
    );
    const request = message(field(1, pod), field(2, wanted), field(3, configuration));
    const id = (await call('CreateContainer', request)).text(1);
    await call('StartContainer', message(field(1, id)));
    return id;
  }

  it('names Kubernetes’ containers by CRI, with pod and namespace', async () => {
    const id = await startPod('web-0', 'app');
    const app = await until(
      'it is named',
      () => {
        const entry = named('web-0/app');
        return entry?.samples === undefined ? undefined : entry;
      },
      2500,
    );
    assert.deepEqual([app.id, app.runtime, app.image], [id, 'containerd', IMAGE]);
    assert.deepEqual([app.pod, app.service, app.project], ['shop/web-0', 'app', 'shop']);
    assert.equal(app.labels['app.kubernetes.io/part-of'], 'shop');
    assert.deepEqual([app.limitCpus, app.limits?.memoryBytes], [0.2, 32 << 20]);
    assert.equal(app.cgroupPath, `${OURS}/kubepods/burstable/pod${POD_UID}/${id}`);
    assert.notEqual(app.initPid, undefined);
    assert.notEqual(app.startedAt, undefined);
    const pause = named('web-0/pause');
    assert.equal(pause?.pod, 'shop/web-0');
    assert.notEqual(pause?.initPid, undefined);
    await call('StopContainer', message(field(1, id)));
    await until('its end is known', () => named('web-0/app') === undefined, 5000);
  });

  it('goes by id and the pod’s uid until CRI has told', async () => {
    const without = new InventoryWatcher({ runtimes: [], sampleMs: 100 });
    without.start();
    const id = await startPod('late-0', 'app');
    const entry = await until('its cgroup is found', () =>
      without.snapshot().containers.find((candidate) => candidate.id === id),
    );
    without.stop();
    assert.deepEqual([entry.name, entry.runtime, entry.pod], [id.slice(0, 12), 'kubernetes', POD_UID]);
  });

  it('names other clients’ containers by containerd’s own API, as its events come', async () => {
    await ctr(
      'default',
      'run',
      '-d',
      '--snapshotter',
      'native',
      '--label',
      'a=b',
      IMAGE,
      PLAIN,
      'sleep',
      '1000',
    );
    const plain = await until(
      'it is named',
      () => {
        const entry = named(PLAIN);
        return entry?.cgroupPath === undefined ? undefined : entry;
      },
      3000,
    );
    assert.deepEqual(
      [plain.id, plain.runtime, plain.image, plain.labels.a],
      [`default/${PLAIN}`, 'containerd', IMAGE, 'b'],
    );
    assert.match(plain.cgroupPath ?? '', /plain/);
    assert.ok((plain.samples?.length ?? 0) > 0);
    await ctr('default', 'task', 'kill', '-s', 'KILL', PLAIN);
    await until('its end is known', () => named(PLAIN) === undefined, 3000);
  });
});
