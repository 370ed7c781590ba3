/** The explanations against what is known of the recordings. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { HostLooks, type PathKind } from '../../analyzers/denials/looks.js';
import { analyze, Engine } from '../../analyzers/engine.js';
import type { DenialRow, Frame } from '../../analyzers/frame.js';
import { readInventory } from '../../host/inspect.js';
import { open } from '../../native/index.js';
import { recording, root } from '../native/recordings.js';

interface Try {
  readonly container: string;
  readonly comm: string;
  readonly result: string;
  readonly call: string;
  readonly object: string;
  readonly cause: string;
}

const TRUTH = join(root, '../shared/traces/deny.truth.tsv');
/** Of the host in `deny`. */
const HOST_NET = 4026531840;
const HOST_IPC = 4026531839;
const GOLDEN = join(root, 'test/analyzers/golden/denials.tsv');
const EXPECTED = join(root, 'test/analyzers/golden/denials-expected.tsv');

/** glibc has no call of that name any more. */
const CALLS: Readonly<Record<string, string>> = { setrlimit: 'prlimit64' };

/**
 * Objects that no recording can have: LTTng records neither the address of bind nor the name of a unix socket, and of a call
 * that a seccomp filter refuses it records no arguments.
 */
const UNRECORDED = [
  'bind',
  'connect @hostabs',
  'connect /run/hostonly.sock',
  'mount',
  'umount',
  'unshare',
  'setns',
  'clock_settime',
];

async function total(path: string, looks = new HostLooks()): Promise<Frame> {
  const files = readdirSync(path)
    .filter((name) => name.startsWith('host-'))
    .flatMap((host) => ['docker-inspect.json', 'podman-inspect.json'].map((name) => join(path, host, name)))
    .filter((file) => existsSync(file));
  const inventory = await readInventory(files);
  const source = await open(join(path, 'trace'), Engine.subscription());
  try {
    for await (const frame of analyze(source, { interval: 'total', inventory, looks })) return frame;
    throw new Error('no frame');
  } finally {
    await source.close();
  }
}

function refusals({ denials = [] }: Frame): DenialRow[] {
  return denials.filter(({ expected, containerName }) => expected === undefined && containerName !== 'host');
}

const paths = { deny: recording('deny'), market: recording('market'), shop: recording('shop') };
const skip = Object.values(paths).includes(undefined) ? 'the recordings are not on this machine' : false;

function triesOf(): Try[] {
  return readFileSync(TRUTH, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line): Try => {
      const [container = '', comm = '', result = '', call = '', object = '', cause = ''] = line.split('\t');
      return { container, comm, result, call, object, cause };
    });
}

/** What looks would have shown on the host of `deny`, as its scenario made it. */
function looksAtDeny(): HostLooks {
  const looks = new HostLooks();
  const onHost: Readonly<Record<string, PathKind>> = {
    '/opt/hostonly/secret.conf': 'file',
    '/opt/hostonly/tool': 'file',
    '/dev/kmsg': 'device',
    '/sys/kernel/mm/ksm/run': 'file',
  };
  looks.asked = (question) => {
    if (question.kind !== 'path') return;
    const { path } = question;
    const unknown = { mode: undefined, uid: undefined, gid: undefined };
    looks.learn({ kind: 'path', time: 1n, path, root: undefined, found: onHost[path] ?? null, ...unknown });
  };
  looks.learn({
    kind: 'network',
    time: 1n,
    netNs: HOST_NET,
    isHost: true,
    listeners: ['tcp 127.0.0.1 9999', 'unix /run/hostonly.sock', 'unix @hostabs', 'unix /run/docker.sock'],
    addresses: ['127.0.0.1', '192.0.2.1'],
    routes4: false,
    routes6: false,
  });
  const keys = { shm: [0x1234], sem: [0x1234], msg: [0x1234] };
  looks.learn({ kind: 'ipc', time: 1n, ipcNs: HOST_IPC, isHost: true, ...keys, queues: ['/hostq'] });
  return looks;
}

test('deny: with looks at the host nothing is merely possible', { skip }, async () => {
  const rows = refusals(await total(paths.deny!, looksAtDeny()));
  for (const { container, comm, result, cause } of triesOf()) {
    if (result === 'OK') continue;
    const row = rows.find((each) => each.containerName === container && each.comm === comm);
    const about = `${container} ${comm}: ${row?.cause}, ${row?.confidence}: ${row?.evidence}`;
    assert.ok(row?.cause !== undefined && cause.includes(row.cause), about);
    assert.ok(row.confidence === 'certain' || row.confidence === 'likely', about);
  }
});

test('deny: every try that failed is told with its cause, no other', { skip }, async () => {
  const tries = triesOf();
  const rows = refusals(await total(paths.deny!));
  const found = (t: Try) => rows.filter((row) => row.containerName === t.container && row.comm === t.comm);
  for (const each of tries) {
    const about = `${each.container} ${each.comm}`;
    if (each.result === 'OK') {
      assert.deepEqual(found(each), [], about);
      continue;
    }
    const [row, ...others] = found(each);
    assert.deepEqual(others, [], about);
    assert.equal(row?.syscall, CALLS[each.call] ?? each.call, about);
    assert.equal(row?.errno, each.result, about);
    assert.ok(row?.cause !== undefined && each.cause.includes(row.cause), `${about}: ${row?.cause}`);
    if (!UNRECORDED.some((what) => `${each.call} ${each.object}`.startsWith(what)) && each.object !== '') {
      const host = /\d+/.exec(rows.find(({ comm }) => comm === 'kill_host')?.object ?? '')?.[0] ?? '?';
      assert.equal(row?.object, each.object.replace('{host}', host), about);
    }
  }
});

test('market: vault’s tries come out right each time', { skip }, async () => {
  const rows = refusals(await total(paths.market!)).filter(({ containerName }) => containerName === 'vault');
  const told = rows.map(({ comm, syscall, errno, cause, count }) =>
    [comm, syscall, errno, cause, count].join(' '),
  );
  assert.deepEqual(told.toSorted(), [
    'kill_host kill ESRCH pid namespace 27',
    'open_hostfile openat ENOENT mount namespace 27',
    'sethostname sethostname EPERM capability 27',
    'shm_host shmget ENOENT ipc namespace 27',
    'sysctl_ro openat EROFS read-only mount 27',
    // Whether somebody on the host listens is not in this recording: the one cause and the other are both told.
    'tcp_hostsvc connect ECONNREFUSED no such object 27',
    'tcp_nobody connect ECONNREFUSED no such object 27',
  ]);
  const service = rows.find(({ comm }) => comm === 'tcp_hostsvc');
  assert.equal(service?.confidence, 'possible');
  assert.equal(service?.otherwise, 'network namespace');
});

test('shop, market: what containers were refused is the list that was read one by one', {
  skip,
}, async () => {
  const lines: string[] = [];
  for (const name of ['shop', 'market'] as const) {
    for (const row of refusals(await total(paths[name]!))) {
      const { containerName, comm, syscall, object = '', errno, cause, confidence, count } = row;
      lines.push([name, containerName, comm, syscall, object, errno, cause, confidence, count].join('\t'));
    }
  }
  assert.deepEqual(lines.toSorted(), readFileSync(GOLDEN, 'utf8').trimEnd().split('\n').slice(1));
});

test('shop, market: what counts as part of normal work in containers is the list that was read', {
  skip,
}, async () => {
  const counts = new Map<string, number>();
  for (const name of ['shop', 'market'] as const) {
    for (const row of (await total(paths[name]!)).denials ?? []) {
      if (row.expected === undefined || row.containerName === 'host') continue;
      const kind = [name, row.syscall, row.errno, row.expected].join('\t');
      counts.set(kind, (counts.get(kind) ?? 0) + row.count);
    }
  }
  const lines = [...counts].map(([kind, count]) => `${kind}\t${count}`);
  assert.deepEqual(lines.toSorted(), readFileSync(EXPECTED, 'utf8').trimEnd().split('\n').slice(1));
});
