/** Looks at this very host: its files, listeners and mounts. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { HostLooks, type Look } from '../../analyzers/denials/looks.js';
import type { Inventory } from '../../analyzers/inventory.js';
import { DocumentReader, looksLine } from '../../host/inventory/document.js';
import { keysOf } from '../../host/looks/ipc.js';
import { Looker } from '../../host/looks/looker.js';
import { answeredElsewhere, parseMounts } from '../../host/looks/mounts.js';
import {
  addressText,
  inetListeners,
  localAddresses,
  lookAtNetwork,
  unixListeners,
} from '../../host/looks/network.js';
import { findPath, listDirectory } from '../../host/looks/path.js';

const NOWHERE: ReadonlySet<string> = new Set();

describe('a look at a path', () => {
  let root: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'boxtop-test-'));
    await mkdir(join(root, 'a/b'), { recursive: true });
    await writeFile(join(root, 'a/b/file'), '');
    await chmod(join(root, 'a/b/file'), 0o640);
    execFileSync('mkfifo', [join(root, 'fifo')]);
    await symlink('/a/b', join(root, 'absolute'));
    await symlink('a/b/file', join(root, 'relative'));
    await symlink('../../../../../../../../etc', join(root, 'out'));
    await symlink('loop', join(root, 'loop'));
  });
  after(() => rm(root, { recursive: true }));
  const kind = async (path: string, forbidden = NOWHERE) => (await findPath(root, path, forbidden))?.kind;

  it('tells what is there, with owner and mode', async () => {
    const found = await findPath(root, '/a/b/file', NOWHERE);
    assert.deepEqual([found?.kind, found?.mode, found?.uid], ['file', 0o640, process.getuid?.()]);
    assert.equal(await kind('/a/b'), 'directory');
    assert.equal(await kind('/a/b/'), 'directory');
    assert.equal(await kind('/'), 'directory');
    assert.equal(await kind('/fifo'), 'fifo', 'and does not wait for a writer');
    assert.equal(await kind('/a/../a/./b//file'), 'file');
  });

  it('tells that nothing is there', async () => {
    assert.equal(await kind('/a/none'), null);
    assert.equal(await kind('/none/at/all'), null);
    assert.equal(await kind('/a/b/file/below'), null);
    assert.equal(await kind('/loop'), null);
    assert.equal(await kind(`/${'x'.repeat(300)}`), null);
  });

  it('follows links within the root, never out of it', async () => {
    assert.equal(await kind('/absolute/file'), 'file');
    assert.equal(await kind('/relative'), 'file');
    assert.equal(await kind('/out/passwd'), null);
    assert.equal(await kind('/../../../etc/passwd'), null);
    await mkdir(join(root, 'etc'));
    await writeFile(join(root, 'etc/passwd'), '');
    assert.equal(await kind('/out/passwd'), 'file', 'of the root, not ours');
  });

  it('does not enter what is forbidden, also by a link', async () => {
    assert.equal(await kind('/a/b/file', new Set(['/a/b'])), undefined);
    assert.equal(await kind('/absolute/file', new Set(['/a/b'])), undefined);
    assert.equal(await kind('/a', new Set(['/'])), undefined);
    assert.equal(await kind('/a/none', new Set(['/a/b'])), null);
  });

  it('lists a directory', async () => {
    assert.deepEqual(await listDirectory(root, '/absolute', NOWHERE, 10), ['file']);
    assert.equal((await listDirectory(root, '/', NOWHERE, 2))?.length, 2);
    assert.equal(await listDirectory(root, '/fifo', NOWHERE, 10), undefined);
    assert.equal(await listDirectory(root, '/none', NOWHERE, 10), undefined);
  });
});

describe('a look at a network namespace', () => {
  it('finds those who listen in ours, and our address', async () => {
    const tcp = createServer().listen(0, '127.0.0.1');
    const name = `boxtop-test-${process.pid}`;
    const directory = await mkdtemp(join(tmpdir(), name));
    const path = createServer().listen(join(directory, 'sock'));
    try {
      for (const server of [tcp, path]) if (!server.listening) await once(server, 'listening');
      const { port } = tcp.address() as { port: number };
      const look = await lookAtNetwork('self', 1, 5n);
      assert.ok(look?.listeners.includes(`tcp 127.0.0.1 ${port}`));
      assert.ok(look?.listeners.includes(`unix ${join(directory, 'sock')}`));
      assert.ok(look?.addresses.includes('127.0.0.1'));
      assert.equal(look?.isHost, true);
    } finally {
      tcp.close();
      path.close();
      await rm(directory, { recursive: true });
    }
    assert.equal(await lookAtNetwork(2 ** 22 + 1, 1, 5n), undefined);
  });

  it('reads what the kernel writes', () => {
    assert.equal(addressText('0100007F'), '127.0.0.1');
    assert.equal(addressText('00000000000000000000000001000000'), '::1');
    assert.equal(addressText('0000000000000000FFFF00000100007F'), '127.0.0.1');
    assert.equal(addressText('B80D0120000000000000000001000000'), '2001:db8::1');
    assert.equal(addressText('xyz'), undefined);
    const table = `  sl  local_address rem_address   st
   0: 0100007F:270F 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 24
   1: 0100007F:1F90 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 25`;
    assert.deepEqual(inetListeners('tcp', table, '0A'), ['tcp 127.0.0.1 9999']);
    const unix = `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 16162 /run/with space.sock
0000000000000000: 00000002 00000000 00010000 0001 01 16163 @hostabs
0000000000000000: 00000002 00000000 00000000 0002 01 16164 /run/log
0000000000000000: 00000003 00000000 00000000 0001 03 16165 /run/connected
0000000000000000: 00000002 00000000 00010000 0001 01 16166 @0000f
0000000000000000: 00000002 00000000 00010000 0001 01 16167`;
    assert.deepEqual(unixListeners(unix), ['unix /run/with space.sock', 'unix @hostabs', 'unix /run/log']);
    const trie = `Local:
  +-- 0.0.0.0/0 3 0 5
     |-- 172.17.0.1
        /32 host LOCAL
     |-- 172.17.255.255
        /32 link BROADCAST`;
    assert.deepEqual(localAddresses(trie), ['172.17.0.1']);
    assert.deepEqual(
      keysOf('       key      shmid\n      4660  0  600\n         0  1\n-559038737 2\n'),
      [4660, -559038737],
    );
    assert.equal(keysOf(undefined), undefined);
  });

  it('knows mounts, and where one must not look', () => {
    const mounts = parseMounts(
      [
        '21 1 0:20 / / rw,relatime shared:1 - overlay overlay rw,lowerdir=/x',
        '22 21 0:21 / /proc\\040sys ro,nosuid,nodev,noexec - proc proc rw',
        '23 21 0:22 / /net rw - autofs systemd-1 rw',
        '24 21 0:23 / /mnt/f rw,nosuid - fuse.sshfs host: rw',
        '25 21 0:24 / /usr rw - ext4 /dev/vda ro',
        'garbage',
      ].join('\n'),
    );
    assert.deepEqual(mounts.slice(0, 2), [
      { path: '/', type: 'overlay', options: [] },
      { path: '/proc sys', type: 'proc', options: ['ro', 'noexec', 'nodev', 'nosuid'] },
    ]);
    assert.deepEqual(mounts.at(-1)?.options, ['ro'], 'the whole file system is read-only');
    assert.deepEqual([...answeredElsewhere(mounts)], ['/net', '/mnt/f']);
  });
});

describe('who looks', () => {
  const nobody = { snapshot: () => ({ containers: [] as Inventory }), subscribe: () => () => {} };

  it('samples when it begins, and tells only what has changed', async () => {
    const looker = new Looker(nobody);
    const told: Look[] = [];
    looker.subscribe((look) => told.push(look));
    await looker.sample();
    const kinds = told.map(({ kind }) => kind);
    assert.deepEqual(kinds.toSorted(), ['ipc', 'network']);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    await looker.sample();
    assert.equal(told.filter(({ kind }) => kind === 'network').length, 2);
    assert.equal(told.filter(({ kind }) => kind === 'ipc').length, 1);
    server.close();
    looker.stop();
  });

  it('answers questions later, each once, and asks nobody’s /proc', async () => {
    const looker = new Looker(nobody);
    const { looks } = looker;
    for (let i = 0; i < 3; i++) looks.ask({ kind: 'path', path: '/etc/passwd', root: undefined });
    looks.ask({ kind: 'path', path: '/no/such/path', root: undefined });
    looks.ask({ kind: 'path', path: '/proc/self/exe', root: undefined });
    looks.ask({ kind: 'path', path: 'relative', root: undefined });
    looks.ask({ kind: 'path', path: `/bad\ufffdbytes`, root: undefined });
    looks.ask({ kind: 'process', pid: process.pid });
    let told = 0;
    looker.subscribe(() => told++);
    assert.equal(looks.pathIn(undefined, '/etc/passwd'), undefined);
    await looker.answerAll(5000);
    assert.equal(looks.pathIn(undefined, '/etc/passwd')?.found, 'file');
    assert.equal(looks.pathIn(undefined, '/no/such/path')?.found, null);
    assert.equal(typeof looks.process(process.pid)?.privileges.capEffective, 'bigint');
    assert.equal(told, 3);
    looker.stop();
  });

  it('holds back: not more than so many a second', async () => {
    const looker = new Looker(nobody);
    for (let i = 0; i < 10_000; i++)
      looker.looks.ask({ kind: 'path', path: `/no/such/${i}`, root: undefined });
    let told = 0;
    looker.subscribe(() => told++);
    await sleep(400);
    assert.ok(told > 0 && told <= 20, `${told} in 0.4 s`);
    looker.stop();
    const before = told;
    await sleep(100);
    assert.equal(told, before, 'nothing after its end');
  });
});

it('looks stay what they are in a recording', () => {
  const looks: Look[] = [
    {
      kind: 'path',
      time: 5n,
      path: '/x\u001b[2J\n\u202e',
      root: 'abc',
      found: 'file',
      mode: 0o600,
      uid: 0,
      gid: 5,
    },
    {
      kind: 'path',
      time: 6n,
      path: '/y',
      root: undefined,
      found: null,
      mode: undefined,
      uid: undefined,
      gid: undefined,
    },
    {
      kind: 'network',
      time: 7n,
      netNs: 4026531840,
      isHost: true,
      listeners: ['tcp :: 80'],
      addresses: ['::1'],
      routes4: true,
      routes6: undefined,
    },
    { kind: 'ipc', time: 8n, ipcNs: 9, isHost: true, shm: [1], sem: [], msg: undefined, queues: ['/q'] },
  ];
  const line = looksLine(looks);
  assert.ok(!line.includes('\n') && !line.includes('\u001b'));
  const reader = new DocumentReader();
  assert.equal(reader.take(JSON.parse(line)), undefined);
  assert.deepEqual(reader.looks.pathIn('abc', '/x\u001b[2J\n\u202e'), looks[0]);
  assert.deepEqual(reader.looks.pathIn(undefined, '/y'), looks[1]);
  assert.deepEqual(reader.looks.network(4026531840)?.last, looks[2]);
  assert.deepEqual(reader.looks.ipc(9), looks[3]);
  reader.take({ ...JSON.parse(line), looks: [null, 5, { kind: 'path' }, { kind: 'new', time: '1' }] });
});

it('all that was seen can be told to somebody who comes later', () => {
  const looks = new HostLooks();
  const network = {
    kind: 'network',
    netNs: 4,
    isHost: true,
    addresses: [],
    routes4: true,
    routes6: true,
  } as const;
  looks.learn({ ...network, time: 1n, listeners: ['tcp :: 80'] });
  looks.learn({ ...network, time: 2n, listeners: ['tcp :: 81'] });
  const path = { kind: 'path', mode: undefined, uid: undefined, gid: undefined, root: 'abc' } as const;
  looks.learn({ ...path, time: 3n, path: '/a', found: 'file' });
  looks.learn({ ...path, time: 4n, path: '/a', found: null });
  const later = new HostLooks();
  for (const look of looks.all()) later.learn(look);
  assert.deepEqual([...later.network(4)!.names], ['tcp :: 80', 'tcp :: 81']);
  assert.equal(later.pathIn('abc', '/a')?.found, 'file');
  assert.equal(later.hostSpace('net'), 4);
});

it('what is remembered of looks is bounded', () => {
  const looks = new HostLooks();
  for (let i = 0; i < 40_000; i++) {
    const look = { time: 1n, root: undefined, found: null, mode: undefined, uid: undefined, gid: undefined };
    looks.learn({ kind: 'path', path: `/${i}`, ...look });
  }
  assert.equal(looks.pathIn(undefined, '/0'), undefined);
  assert.equal(looks.pathIn(undefined, '/39999')?.found, null);
});
