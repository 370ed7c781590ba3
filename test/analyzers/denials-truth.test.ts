/** The explanations against what is known of the recordings. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
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
const GOLDEN = join(root, 'test/analyzers/golden/denials.tsv');

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

async function total(path: string): Promise<Frame> {
  const files = readdirSync(path)
    .filter((name) => name.startsWith('host-'))
    .flatMap((host) => ['docker-inspect.json', 'podman-inspect.json'].map((name) => join(path, host, name)))
    .filter((file) => existsSync(file));
  const inventory = await readInventory(files);
  const source = await open(join(path, 'trace'), Engine.subscription());
  try {
    for await (const frame of analyze(source, { interval: 'total', inventory })) return frame;
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

test('deny: every try that failed is told with its cause, no other', { skip }, async () => {
  const tries = readFileSync(TRUTH, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line): Try => {
      const [container = '', comm = '', result = '', call = '', object = '', cause = ''] = line.split('\t');
      return { container, comm, result, call, object, cause };
    });
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
