/** What looks at the host add to explanations: the same refusals, with and without. */
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import type { Look, PathKind, Question } from '../../analyzers/denials/looks.js';
import type { InventoryEntry, Security } from '../../analyzers/inventory.js';
import type { Fields } from './batch.js';
import { BOX, BOX_NET, DAEMON, Denied, HOST_NET } from './denied.js';

const EPERM = -1;
const ENOENT = -2;
const EACCES = -13;
const EROFS = -30;
const ENETUNREACH = -101;
const ECONNREFUSED = -111;

const open = (filename: string): Fields => ({ dfd: -100, filename, flags: 0 });
const inet = (dport: number, address = [127, 0, 0, 1]): Fields => ({
  family: 2,
  dport,
  v4addr: address,
  addrlen: 16,
});
const inet6 = (dport: number, address: readonly number[]): Fields => ({
  family: 10,
  dport,
  v6addr: address,
  addrlen: 28,
});
const unix = (length: number): Fields => ({ family: 1, dport: 0, addrlen: length + 2 });
/** Eight words. */
const LOOPBACK6 = [0, 0, 0, 0, 0, 0, 0, 1];

const path = (
  at: string,
  found: PathKind | null,
  root?: string,
  owner: { readonly mode?: number; readonly uid?: number; readonly gid?: number } = {},
): Look => ({
  kind: 'path',
  time: 1n,
  path: at,
  root,
  found,
  mode: owner.mode,
  uid: owner.uid,
  gid: owner.gid,
});

const network = (netNs: number, listeners: readonly string[], addresses: readonly string[] = []): Look => ({
  kind: 'network',
  time: 1n,
  netNs,
  isHost: netNs === HOST_NET,
  listeners,
  addresses,
  routes4: true,
  routes6: false,
});
const HOST_IPC = HOST_NET + 1;
const ipc = (shm: readonly number[], queues: readonly string[]): Look => ({
  kind: 'ipc',
  time: 1n,
  ipcNs: HOST_IPC,
  isHost: true,
  shm,
  sem: [],
  msg: [],
  queues,
});

interface Case {
  readonly name: string;
  readonly looks: readonly Look[];
  readonly security?: Partial<Security>;
  readonly entry?: Partial<InventoryEntry>;
  readonly play: (trace: Denied) => unknown;
  readonly told: string;
  readonly evidence?: RegExp;
}

const cases: readonly Case[] = [
  {
    name: 'a file that the host has',
    looks: [path('/data/x', 'file')],
    play: (t) => t.call(BOX, 'openat', open('/data/x'), ENOENT),
    told: 'path-elsewhere: mount namespace, likely',
    evidence: /^the host has it/,
  },
  {
    name: 'a file that another container has',
    looks: [path('/data/x', null), path('/data/x', 'file', 'other')],
    play: (t) => t.call(BOX, 'openat', open('/data/x'), ENOENT),
    told: 'path-elsewhere: mount namespace, likely',
    evidence: /^other has it/,
  },
  {
    name: 'a file that nobody has, where hosts keep theirs',
    looks: [path('/opt/x', null)],
    play: (t) => t.call(BOX, 'openat', open('/opt/x'), ENOENT),
    told: 'path-nowhere: no such object, likely',
  },
  {
    name: 'a file that the container has later, and the host too',
    looks: [path('/run/app.pid', 'file'), path('/run/app.pid', 'file', 'box')],
    play: (t) => t.call(BOX, 'openat', open('/run/app.pid'), ENOENT),
    told: 'path-later: no such object, likely',
  },
  {
    name: 'a directory that is to hold something new',
    looks: [path('/srv/data', 'directory')],
    play: (t) => t.call(BOX, 'mkdir', { pathname: '/srv/data/new' }, ENOENT),
    told: 'path-elsewhere: mount namespace, likely',
  },
  {
    name: 'a device that not even the host has',
    looks: [path('/dev/kvm', null)],
    play: (t) => t.call(BOX, 'openat', open('/dev/kvm'), ENOENT),
    told: 'path-nowhere: no such object, likely',
  },
  {
    name: 'a device of the host of an unusual name',
    looks: [path('/dev/special0', 'device')],
    play: (t) => t.call(BOX, 'openat', open('/dev/special0'), ENOENT),
    told: 'device-elsewhere: mount namespace, likely',
  },
  {
    name: 'a cgroup of the host',
    looks: [path('/sys/fs/cgroup/a.slice/cgroup.procs', 'file')],
    play: (t) => t.call(BOX, 'openat', open('/sys/fs/cgroup/a.slice/cgroup.procs'), ENOENT),
    told: 'cgroup-elsewhere: cgroup namespace, likely',
  },
  {
    name: 'a cgroup of nobody',
    looks: [path('/sys/fs/cgroup/system.slice/none', null)],
    play: (t) => t.call(BOX, 'openat', open('/sys/fs/cgroup/system.slice/none'), ENOENT),
    told: 'path-nowhere: no such object, likely',
  },
  {
    name: 'an interface of the host',
    looks: [path('/sys/class/net/eth9/mtu', 'file')],
    play: (t) => t.call(BOX, 'openat', open('/sys/class/net/eth9/mtu'), ENOENT),
    told: 'network-device-elsewhere: network namespace, likely',
  },
  {
    name: 'a listener of the host that nobody spoke to',
    looks: [network(HOST_NET, ['tcp 127.0.0.1 9999'])],
    play: (t) => t.call(BOX, 'connect', inet(9999), ECONNREFUSED),
    told: 'listener-elsewhere: network namespace, likely',
    evidence: /^the host listens on 127\.0\.0\.1:9999/,
  },
  {
    name: 'a listener of the host on all addresses',
    looks: [network(HOST_NET, ['tcp 0.0.0.0 22'])],
    play: (t) => t.call(BOX, 'connect', inet(22), ECONNREFUSED),
    told: 'listener-elsewhere: network namespace, likely',
  },
  {
    name: 'a listener of the host with IPv6',
    looks: [network(HOST_NET, ['tcp :: 22'])],
    play: (t) => t.call(BOX, 'connect', inet6(22, LOOPBACK6), ECONNREFUSED),
    told: 'listener-elsewhere: network namespace, likely',
    evidence: /\[::\]:22/,
  },
  {
    name: 'a port that nobody has',
    looks: [network(HOST_NET, ['tcp 127.0.0.1 9999'])],
    play: (t) => t.call(BOX, 'connect', inet(9998), ECONNREFUSED),
    told: 'listener-nowhere: no such object, likely',
  },
  {
    name: 'a port that only the container itself has, now',
    looks: [network(HOST_NET, []), network(BOX_NET, ['tcp 127.0.0.1 80'])],
    play: (t) => t.call(BOX, 'connect', inet(80), ECONNREFUSED),
    told: 'listener-nowhere: no such object, likely',
  },
  {
    name: 'a port of the host’s address that listens on its loopback only',
    looks: [network(HOST_NET, ['tcp 127.0.0.1 5432'], ['127.0.0.1', '172.17.0.1'])],
    play: (t) => t.call(BOX, 'connect', inet(5432, [172, 17, 0, 1]), ECONNREFUSED),
    told: 'listener-elsewhere: network namespace, likely',
    evidence: /only on 127\.0\.0\.1:5432/,
  },
  {
    name: 'a port of another’s address that nobody has',
    looks: [network(HOST_NET, ['tcp 127.0.0.1 5432'], ['127.0.0.1', '172.17.0.1'])],
    play: (t) => t.call(BOX, 'connect', inet(5432, [172, 17, 0, 2]), ECONNREFUSED),
    told: 'listener-nowhere: no such object, likely',
  },
  {
    name: 'an abstract socket of the host',
    looks: [network(HOST_NET, ['unix @hostabs'])],
    play: (t) => t.call(BOX, 'connect', unix(8), ECONNREFUSED),
    told: 'unix-elsewhere: network namespace, likely',
    evidence: /@hostabs/,
  },
  {
    name: 'an abstract socket of nobody',
    looks: [network(HOST_NET, ['unix @hostabs', 'unix /run/abc'])],
    play: (t) => t.call(BOX, 'connect', unix(9), ECONNREFUSED),
    told: 'unix-nowhere: no such object, likely',
  },
  {
    name: 'a unix socket of the host, its name with the zero',
    looks: [network(HOST_NET, ['unix /run/über.sock'])],
    play: (t) => t.call(BOX, 'connect', unix(16), ENOENT),
    told: 'unix-path: mount namespace, likely',
    evidence: /\/run\/über\.sock/,
  },
  {
    name: 'a unix socket of nobody',
    looks: [network(HOST_NET, ['unix /run/x'])],
    play: (t) => t.call(BOX, 'connect', unix(30), ENOENT),
    told: 'unix-path-nowhere: no such object, likely',
  },
  {
    name: 'no way out with IPv6, as on the host',
    looks: [network(HOST_NET, [])],
    security: { networkMode: 'bridge' },
    play: (t) => t.call(BOX, 'connect', inet6(80, [0x2001, 0, 0, 0, 0, 0, 0, 1]), ENETUNREACH),
    told: 'no-route-anywhere: no such object, likely',
  },
  {
    name: 'a key of the host',
    looks: [ipc([0x1234], [])],
    play: (t) => t.call(BOX, 'shmget', { key: 0x1234, shmflg: 0 }, ENOENT),
    told: 'key-elsewhere: ipc namespace, likely',
  },
  {
    name: 'a key of nobody, though many ask for it',
    looks: [ipc([0x1234], [])],
    play: (t) =>
      t
        .call(DAEMON, 'shmget', { key: 0x4321, shmflg: 0 }, ENOENT)
        .call(BOX, 'shmget', { key: 0x4321, shmflg: 0 }, ENOENT),
    told: 'ipc-nowhere: no such object, likely',
  },
  {
    name: 'a semaphore, where the host has shared memory of that key',
    looks: [ipc([0x1234], [])],
    play: (t) => t.call(BOX, 'semget', { key: 0x1234, semflg: 0 }, ENOENT),
    told: 'ipc-nowhere: no such object, likely',
  },
  {
    name: 'a queue of the host',
    looks: [ipc([], ['/hostq'])],
    play: (t) => t.call(BOX, 'mq_open', { u_name: 'hostq' }, ENOENT),
    told: 'queue-elsewhere: ipc namespace, likely',
  },
  {
    name: 'a queue of nobody',
    looks: [ipc([], ['/hostq'])],
    play: (t) => t.call(BOX, 'mq_open', { u_name: 'none' }, ENOENT),
    told: 'ipc-nowhere: no such object, likely',
  },
  {
    name: 'a file of another owner, with its mode',
    looks: [path('/etc/secret', 'file', 'box', { mode: 0o600, uid: 0, gid: 0 })],
    security: { user: '1000', capabilities: [] },
    play: (t) => t.call(BOX, 'openat', open('/etc/secret'), EACCES),
    told: 'file-permissions: file permissions, likely',
    evidence: /mode 0600 and belongs to 0:0; the caller is user 1000/,
  },
  {
    name: 'a read-only mount, which one',
    looks: [],
    entry: {
      mounts: [
        { path: '/', type: 'overlay', options: [] },
        { path: '/data', type: 'ext4', options: ['ro', 'nosuid'] },
      ],
    },
    play: (t) => t.call(BOX, 'mkdir', { pathname: '/data/x' }, EROFS),
    told: 'read-only-mount: read-only mount, certain',
    evidence: /^\/data \(ext4\) is mounted ro/,
  },
  {
    name: 'a program on a mount that is not to have any',
    looks: [],
    entry: { mounts: [{ path: '/tmp', type: 'tmpfs', options: ['noexec'] }] },
    play: (t) => t.call(BOX, 'execve', { filename: '/tmp/x' }, EACCES),
    told: 'file-permissions: file permissions, likely',
    evidence: /^\/tmp \(tmpfs\) is mounted noexec/,
  },
  {
    name: 'what the very process lacks',
    looks: [
      {
        kind: 'process',
        time: 1n,
        pid: BOX,
        privileges: {
          capEffective: 0n,
          capPermitted: 0n,
          capBounding: 0n,
          capAmbient: 0n,
          seccomp: 'filter',
          noNewPrivs: true,
          uids: [33, 33, 33, 33],
        },
      },
    ],
    security: { capabilities: ['SETUID'] },
    play: (t) => t.call(BOX, 'setuid', { uid: 0 }, EPERM),
    told: 'capability: capability, certain',
    evidence: /user 33/,
  },
];

describe('what a look at the host adds', () => {
  for (const { name, looks, security, entry, play, told, evidence } of cases) {
    test(name, () => {
      const trace = new Denied(security, { looks, ...(entry && { entry }) });
      play(trace);
      const { last, told: found } = trace.lastOfBox();
      assert.equal(found, told, last?.evidence);
      if (evidence !== undefined) assert.match(last?.evidence ?? '', evidence);
    });
  }
});

test('what only the host knows is asked for when it happens, and not for what is normal', () => {
  const questions: Question[] = [];
  new Denied({}, { asked: (question) => questions.push(question) })
    .call(BOX, 'openat', open('/opt/x'), ENOENT)
    .call(BOX, 'openat', open('/lib/x86_64-linux-gnu/libx.so.1'), ENOENT)
    .call(DAEMON, 'openat', open('/opt/y'), ENOENT)
    .call(BOX, 'connect', inet(9999), ECONNREFUSED)
    .call(BOX, 'shmget', { key: 1, shmflg: 0 }, ENOENT)
    .call(BOX, 'openat', open('/etc/shadow'), EACCES)
    .rows();
  assert.deepEqual(questions, [
    { kind: 'path', path: '/opt/x', root: 'box' },
    { kind: 'network' },
    { kind: 'ipc' },
    { kind: 'path', path: '/etc/shadow', root: 'box' },
    { kind: 'process', pid: BOX },
  ]);
});
