/** Every runtime that is asked over a socket, and what may sit at the other end of it instead. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, rmdir, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Hierarchies } from '../../host/cgroup/hierarchies.js';
import type { Runtime } from '../../host/inventory/runtime.js';
import { containerd } from '../../host/inventory/runtimes/containerd.js';
import { cri } from '../../host/inventory/runtimes/cri.js';
import { docker, podman } from '../../host/inventory/runtimes/docker.js';
import { incus, lxd } from '../../host/inventory/runtimes/incus.js';
import { InventoryWatcher } from '../../host/inventory/watcher.js';
import { missing, until } from './engines/engine.js';

const QUICK = { look: 50, firstRetry: 20, longestRetry: 100 };
/** Retries wait, so that in the time of a test there are few: 20, 40, 80, 100, 100 … ms. */
const MOST_CONNECTIONS = 60;
/** More than any answer of a daemon may have, in bytes. */
const FLOOD = 256 << 20;

type Peer = (socket: Socket) => unknown;

const peers: Readonly<Record<string, Peer>> = {
  'never answers': () => {},
  'closes at once': (socket) => socket.destroy(),
  'answers nonsense': (socket) => socket.end(randomBytes(5000)),
  'answers another protocol': (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
  'answers a byte now and then': async (socket) => {
    for (const byte of 'HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{"a":'.repeat(9)) {
      if (socket.destroyed) return;
      socket.write(byte);
      await sleep(30);
    }
  },
  'begins an answer that has no end': (socket) => socket.write('HTTP/1.1 200 OK\r\n\r\n['),
};

let directory: string;
let socket: string;
let server: Server | undefined;
let watcher: InventoryWatcher | undefined;
let connections: Socket[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'boxtop-hostile-'));
  socket = join(directory, 'daemon.sock');
  connections = [];
});
afterEach(async () => {
  watcher?.stop();
  for (const connection of connections) connection.destroy();
  server?.close();
  server = undefined;
  await rm(directory, { recursive: true });
});

async function listen(peer: Peer): Promise<void> {
  server = createServer((connection) => {
    connections.push(connection);
    connection.on('error', () => {});
    void peer(connection);
  });
  await new Promise<void>((resolve) => server!.listen(socket, resolve));
}

function watch(runtime: Runtime): InventoryWatcher {
  watcher = new InventoryWatcher({
    runtimes: [{ ...runtime, endpoints: () => [socket] }],
    times: QUICK,
    sampleMs: 50,
  });
  watcher.start();
  return watcher;
}

/** A container's cgroup that no runtime has told of is there while `check` runs. */
async function withCgroup(check: (id: string) => Promise<void>): Promise<void> {
  const id = randomBytes(32).toString('hex');
  const hierarchies = Hierarchies.read();
  const path = hierarchies.directoryOf(hierarchies.primary!, `/docker/${id}`)!;
  await mkdir(path, { recursive: true });
  try {
    await check(id);
  } finally {
    await rmdir(path);
  }
}

for (const runtime of [docker, podman, cri, containerd, incus, lxd]) {
  describe(`${runtime.name} at a socket where somebody`, { skip: missing() }, () => {
    for (const [title, peer] of Object.entries(peers)) {
      it(`${title}: nobody waits, and containers go by their ids`, async () => {
        await listen(peer);
        const began = performance.now();
        await watch(runtime).settled(300);
        assert.ok(performance.now() - began < 2000, 'the first picture does not wait for it');
        await withCgroup(async (id) => {
          const entry = await until('its cgroup is found', () =>
            watcher!.snapshot().containers.find((each) => each.id === id),
          );
          assert.equal(entry.name, id.slice(0, 12));
        });
        const [status] = watcher!.snapshot().runtimes;
        assert.notEqual(status?.state, 'reached');
        assert.ok(connections.length <= MOST_CONNECTIONS, `${connections.length} connections`);
      });
    }

    it('left long ago: it is unreachable, and says why', async () => {
      await writeFile(socket, '');
      watch(runtime);
      const error = await until('it is unreachable', () => watcher!.snapshot().runtimes[0]?.error);
      assert.ok(!error.includes('\n') && error.length < 300, error);
    });
  });
}

for (const runtime of [docker, podman, incus, lxd]) {
  it(`${runtime.name} at a socket that floods takes a bounded part of it`, async () => {
    const chunk = Buffer.alloc(1 << 20, '[');
    let sent = 0;
    await listen((connection) => {
      connection.write('HTTP/1.1 200 OK\r\n\r\n');
      const more = (): void => {
        while (!connection.destroyed && sent < FLOOD) {
          sent += chunk.length;
          if (!connection.write(chunk)) return;
        }
      };
      connection.on('drain', more);
      more();
    });
    watch(runtime);
    await until('it hangs up', () => watcher!.snapshot().runtimes[0]?.state === 'unreachable', 20_000);
    assert.ok(connections[0]!.bytesWritten < FLOOD / 2, `${connections[0]!.bytesWritten}`);
  });
}
