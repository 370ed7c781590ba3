import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Runtime } from '../../host/inventory/runtime.js';
import { docker } from '../../host/inventory/runtimes/docker.js';
import { entryOf } from '../../host/inventory/runtimes/incus.js';
import { entriesOf } from '../../host/inventory/runtimes/lxc.js';
import { machinesIn } from '../../host/inventory/runtimes/machines.js';
import { InventoryWatcher } from '../../host/inventory/watcher.js';
import { until } from './engines/engine.js';

const QUICK = { look: 50, firstRetry: 20, longestRetry: 100 };
const ID = 'c'.repeat(64);
const inspect = (changes: object = {}) => ({
  Id: ID,
  Name: '/web',
  State: { Pid: process.pid, StartedAt: '2026-11-22T16:10:40Z' },
  Config: { Image: 'tiny:1', Labels: {} },
  ...changes,
});

let directory: string;
let watcher: InventoryWatcher | undefined;
let server: Server | undefined;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'boxtop-watcher-'));
});
afterEach(async () => {
  watcher?.stop();
  server?.closeAllConnections();
  server?.close();
  delete process.env.DOCKER_HOST;
  await rm(directory, { recursive: true });
});

/** Watches what runs here and a Docker that answers like this; who is found by other means is left out. */
async function watching(answer: RequestListener, runtime: Runtime = docker): Promise<void> {
  const socket = join(directory, 'docker.sock');
  process.env.DOCKER_HOST = `unix://${socket}`;
  server = createServer(answer);
  await new Promise<void>((resolve) => server?.listen(socket, resolve));
  watcher = new InventoryWatcher({
    runtimes: [
      { ...runtime, endpoints: () => runtime.endpoints().filter((endpoint) => endpoint === socket) },
    ],
    times: QUICK,
    sampleMs: 50,
  });
  watcher.start();
}
/** Of the ids that tests make up: what really runs here meanwhile does not count. */
const MADE_UP = /^(?:([cd])\1+|e0{58}\d{5})$/;
const known = () => watcher!.snapshot().containers.filter(({ id }) => MADE_UP.test(id));
const status = () => watcher!.snapshot().runtimes[0];

describe('the inventory and a daemon that', () => {
  it('does not answer: nobody waits for it', async () => {
    await watching(() => {});
    const began = performance.now();
    await watcher!.settled(200);
    assert.ok(performance.now() - began < 1000);
    assert.equal(status()?.state, 'trying');
    assert.deepEqual(known(), []);
  });

  it('fails and recovers is asked again', async () => {
    let isBroken = true;
    await watching((request, response) => {
      if (isBroken) response.writeHead(503).end();
      else if (request.url === '/_ping') response.setHeader('server', 'Docker/1.2 (linux)').end('OK');
      else if (request.url === '/containers/json') response.end(`[{"Id":"${ID}"}]`);
      else if (request.url === `/containers/${ID}/json`) response.end(JSON.stringify(inspect()));
      else response.writeHead(200).flushHeaders();
    });
    await until('it is unreachable', () => status()?.state === 'unreachable');
    assert.match(status()?.error ?? '', /status 503/);
    isBroken = false;
    await until('it is reached', () => status()?.state === 'reached');
    assert.equal(status()?.version, '1.2');
    await until('its container is listed', () => known()[0]);
    assert.deepEqual(
      known().map(({ name, initPid }) => [name, initPid]),
      [['web', process.pid]],
    );
  });

  it('answers nonsense harms nobody', async () => {
    const asked: string[] = [];
    await watching((request, response) => {
      asked.push(request.url ?? '');
      if (request.url === '/_ping') response.setHeader('server', 'Dock\u00e9r/\u00ff').end('[]');
      else if (request.url === '/containers/json')
        response.end(`[1,null,{"Id":7},{"Id":"../../x"},{"Id":"${ID}"}]`);
      else if (request.url?.startsWith('/events')) {
        const events = [
          1,
          {},
          { Action: 'start' },
          { Action: 'start', Actor: { ID: '../up', Attributes: [] } },
        ];
        response.write(`{"Action":\n${events.map((event) => JSON.stringify(event)).join('\n')}\n`);
      } else
        response.end(
          JSON.stringify(
            inspect({ Name: 7, State: { Pid: '1' }, Config: { Labels: { a: 'x'.repeat(1e6) } } }),
          ),
        );
    });
    await until('it is reached', () => status()?.state === 'reached');
    const entry = await until('its container is listed', () => known()[0]);
    assert.deepEqual([entry.name, entry.initPid, entry.labels.a?.length], [ID.slice(0, 12), undefined, 4096]);
    assert.ok(asked.every((url) => !url.includes('..')));
  });

  it('tells of more containers than there can be is listened to up to a bound', async () => {
    await watching((request, response) => {
      if (request.url === '/_ping') response.end('OK');
      else if (request.url === '/containers/json') response.end('[]');
      else if (request.url?.startsWith('/events')) {
        for (let index = 0; index < 40_000; index++) {
          const id = `e${String(index).padStart(63, '0')}`;
          response.write(
            `${JSON.stringify({ Action: 'create', Actor: { ID: id, Attributes: { name: `n${index}` } } })}\n`,
          );
        }
      } else response.writeHead(404).end('{}');
    });
    await until('all have been told', () => known().length >= 16_384, 20_000);
    assert.equal(known().length, 16_384);
  });

  it('is a user’s is not listened to about processes that are not the user’s', async () => {
    const answer: RequestListener = (request, response) => {
      if (request.url === '/_ping') response.end('OK');
      else if (request.url === '/containers/json') response.end(`[{"Id":"${ID}"}]`);
      else if (request.url === `/containers/${ID}/json`) response.end(JSON.stringify(inspect()));
      else response.writeHead(200).flushHeaders();
    };
    await watching(answer, { ...docker, ownerOf: () => 1077 });
    await until('it is reached', () => status()?.state === 'reached');
    await watcher!.settled(100);
    assert.deepEqual(known(), []);
  });

  it('names a container by its event, before it can be inspected', async () => {
    await watching((request, response) => {
      if (request.url === '/_ping') response.end('OK');
      else if (request.url === '/containers/json') response.end('[]');
      else if (request.url?.startsWith('/events')) {
        const attributes = { name: 'early', image: 'tiny:1', 'com.docker.compose.service': 'front' };
        response.write(
          `${JSON.stringify({ Action: 'create', Actor: { ID: ID, Attributes: attributes } })}\n`,
        );
      }
    });
    const entry = await until('it is named', () => known()[0]);
    assert.deepEqual(
      [entry.name, entry.image, entry.service, entry.initPid],
      ['early', 'tiny:1', 'front', undefined],
    );
  });
});

describe('machines', () => {
  it('come from the files that systemd keeps, and from nothing else that lies there', async () => {
    const files = join(directory, 'machines');
    await mkdir(files);
    const machine = (name: string, rest: string) =>
      `# This is private data. Do not parse.\nNAME=${name}\n${rest}`;
    await writeFile(
      join(files, 'box'),
      machine(
        'box',
        'SCOPE=machine-box.scope\nSERVICE=systemd-nspawn\nROOT="/var/lib/machines/box"\nCLASS=container\nLEADER=4711\nREALTIME=1700000000000000\n',
      ),
    );
    await writeFile(
      join(files, 'lxc-1-old'),
      machine('lxc-1-old', 'SERVICE=libvirt-lxc\nCLASS=container\nLEADER=4712\n'),
    );
    await writeFile(
      join(files, 'qemu-1-vm'),
      machine('qemu-1-vm', 'SERVICE=libvirt-qemu\nCLASS=vm\nLEADER=4713\n'),
    );
    await writeFile(join(files, 'huge'), 'x'.repeat(100_000));
    await symlink('box', join(files, 'unit:machine-box.scope'));
    await symlink('/dev/zero', join(files, 'zero'));
    execFileSync('mkfifo', [join(files, 'fifo')]);
    watcher = new InventoryWatcher({ runtimes: [machinesIn(files)], times: QUICK });
    watcher.start();
    await watcher.settled(2000);
    const found = watcher.snapshot().runtimes[0];
    assert.equal(found?.state, 'reached');
    // Their processes do not run here, but the runtime says that they do.
    const told = watcher
      .snapshot()
      .containers.filter(({ initPid }) => [4711, 4712, 4713].includes(initPid ?? 0));
    assert.deepEqual(
      told.map(({ name, runtime, image, startedAt }) => [name, runtime, image, startedAt]),
      [
        ['box', 'systemd-nspawn', '/var/lib/machines/box', 1_700_000_000_000_000_000n],
        ['lxc-1-old', 'libvirt-lxc', undefined, told[1]?.startedAt],
      ],
    );
  });
});

describe('Incus and LXD', () => {
  const instance = (changes: object) =>
    entryOf({ name: 'web', type: 'container', state: { pid: 5 }, ...changes }, 'incus');

  it('gives containers that run, with image and project', () => {
    const config = { 'image.description': 'Debian 12', 'user.team': 'shop', 'limits.cpu': '1' };
    const entry = instance({ project: 'mine', config, last_used_at: '2026-11-22T16:10:40.5Z' });
    assert.deepEqual(
      [entry?.id, entry?.name, entry?.project, entry?.image, entry?.labels, entry?.startedAt],
      ['mine_web', 'web', 'mine', 'Debian 12', { team: 'shop' }, 1_795_363_840_500_000_000n],
    );
    assert.equal(instance({ project: 'default' })?.id, 'web');
  });

  it('leaves out what does not run, virtual machines and nonsense', () => {
    assert.equal(instance({ state: null }), undefined);
    assert.equal(instance({ type: 'virtual-machine' }), undefined);
    assert.equal(instance({ name: 5 }), undefined);
    assert.equal(entryOf([], 'incus'), undefined);
  });
});

describe('the list of lxc-ls', () => {
  it('gives those that run', () => {
    const listing =
      'NAME    PID   STATE   \nlegacy  4711  RUNNING \ncold    4712  FROZEN \ngone    -     STOPPED \nodd line\n';
    assert.deepEqual(
      entriesOf(listing).map(({ name, initPid }) => [name, initPid]),
      [
        ['legacy', 4711],
        ['cold', 4712],
      ],
    );
  });
});
