/** CRI-O: what it answers over CRI and how it names cgroups, played by a server of our own. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Hierarchies } from '../../host/cgroup/hierarchies.js';
import { field } from '../../host/inventory/protobuf.js';
import { cri } from '../../host/inventory/runtimes/cri.js';
import { InventoryWatcher } from '../../host/inventory/watcher.js';
import { missing, removeCgroups, until } from './engines/engine.js';

const QUICK = { look: 50, firstRetry: 20, longestRetry: 100 };
const OURS = `/boxtop-crio-${process.pid}`;
const POD_UID = '0a1b2c3d-4e5f-6789-abcd-ef0123456789';
const UNIMPLEMENTED = 12;

const message = (...fields: readonly Uint8Array[]) => Buffer.concat(fields);
const entries = (number: number, map: Readonly<Record<string, string>>) =>
  Object.entries(map).map(([key, value]) => field(number, message(field(1, key), field(2, value))));

let directory: string;
let socket: string;
let server: Http2Server | undefined;
let sessions: ServerHttp2Session[];
let watcher: InventoryWatcher | undefined;
let pod: string;
let app: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'boxtop-crio-'));
  socket = join(directory, 'crio.sock');
  [pod, app] = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')];
});
afterEach(async () => {
  watcher?.stop();
  stop();
  await removeCgroups(OURS);
  await rm(directory, { recursive: true });
});

/** The answers of CRI-O's calls by api.proto; the kubelet's labels are on pods and containers. */
function answers(): Readonly<Record<string, Uint8Array>> {
  const labels = {
    'io.kubernetes.pod.name': 'web-0',
    'io.kubernetes.pod.namespace': 'shop',
    'io.kubernetes.pod.uid': POD_UID,
  };
  const metadata = message(field(1, 'web-0'), field(2, POD_UID), field(3, 'shop'));
  const info = (pid: number) =>
    entries(2, { info: JSON.stringify({ pid, runtimeSpec: {}, privileged: false }) });
  const container = message(
    ...[field(1, app), field(2, pod), field(3, message(field(1, 'app')))],
    ...[field(4, message(field(1, 'registry.local/web:1'))), field(6, 1)],
    ...entries(8, { ...labels, 'io.kubernetes.container.name': 'app' }),
  );
  return {
    Version: message(field(1, '0.1.0'), field(2, 'cri-o'), field(3, '1.28.4'), field(4, 'v1')),
    ListPodSandbox: field(1, message(field(1, pod), field(2, metadata), ...entries(5, labels))),
    ListContainers: field(1, container),
    PodSandboxStatus: message(...info(process.ppid)),
    ContainerStatus: message(...info(process.pid)),
  };
}

async function start(service: string): Promise<void> {
  sessions = [];
  server = createServer();
  server.on('session', (session) => sessions.push(session));
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.on('error', () => {});
    const [, asked, method = ''] = String(headers[':path']).split('/');
    const body = asked === service ? answers()[method] : undefined;
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () =>
      stream.sendTrailers({ 'grpc-status': body === undefined ? UNIMPLEMENTED : 0 }),
    );
    if (body === undefined) return stream.end();
    const head = Buffer.alloc(5);
    head.writeUInt32BE(body.length, 1);
    stream.end(message(head, body));
  });
  await new Promise<void>((resolve) => server!.listen(socket, resolve));
}

function stop(): void {
  for (const session of sessions) session.destroy();
  server?.close();
  server = undefined;
}

function watch(): void {
  watcher = new InventoryWatcher({
    runtimes: [{ ...cri, endpoints: () => [socket] }],
    times: QUICK,
    sampleMs: 50,
  });
  watcher.start();
}

const entry = (id: string) => watcher!.snapshot().containers.find((each) => each.id === id);
const state = () => watcher!.snapshot().runtimes[0]?.state;

/** As systemd makes it for CRI-O. */
async function scope(): Promise<string> {
  const slice = `kubepods-burstable-pod${POD_UID.replaceAll('-', '_')}.slice`;
  const path = `${OURS}/kubepods.slice/kubepods-burstable.slice/${slice}/crio-${app}.scope`;
  const hierarchies = Hierarchies.read();
  await mkdir(hierarchies.directoryOf(hierarchies.primary!, path)!, { recursive: true });
  return path;
}

describe('CRI-O', { skip: missing() }, () => {
  for (const service of ['runtime.v1.RuntimeService', 'runtime.v1alpha2.RuntimeService']) {
    it(`names containers of pods, asked by ${service}`, async () => {
      await start(service);
      watch();
      const found = await until('it is named', () => entry(app)?.namespaces && entry(app));
      assert.deepEqual(
        [found.name, found.runtime, found.image, found.initPid],
        ['web-0/app', 'cri-o', 'registry.local/web:1', process.pid],
      );
      assert.deepEqual([found.pod, found.service, found.project], ['shop/web-0', 'app', 'shop']);
      assert.equal(entry(pod)?.name, 'web-0/pause');
      assert.equal(watcher!.snapshot().runtimes[0]?.version, '1.28.4');
    });
  }

  it('is known by its cgroup before it answers and keeps its names while it is restarted', async () => {
    const path = await scope();
    watch();
    const unnamed = await until('its cgroup is found', () => entry(app));
    assert.deepEqual(
      [unnamed.name, unnamed.runtime, unnamed.pod, unnamed.cgroupPath],
      [app.slice(0, 12), 'cri-o', POD_UID, path],
    );
    await start('runtime.v1.RuntimeService');
    await until('it is named', () => entry(app)?.name === 'web-0/app');
    stop();
    await until('it is gone', () => state() === 'unreachable');
    assert.equal(entry(app)?.name, 'web-0/app');
    await start('runtime.v1.RuntimeService');
    await until('it is there again', () => state() === 'reached');
    assert.equal(entry(app)?.finishedAt, undefined);
  });
});
