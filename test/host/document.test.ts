import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { CgroupSample, Inventory, InventoryEntry } from '../../analyzers/inventory.js';
import { InventoryError, readInventory } from '../../host/inspect.js';
import { DocumentReader, DocumentWriter, documentOf } from '../../host/inventory/document.js';
import type { InventorySnapshot } from '../../host/inventory/watcher.js';

const ID = 'a'.repeat(64);
const T0 = 1_795_363_864_000_000_000n;

const sample = (seconds: number, changes: Partial<CgroupSample> = {}): CgroupSample => ({
  time: T0 + BigInt(seconds) * 1_000_000_000n,
  cpuUsageUs: seconds * 1000,
  cpuPeriods: undefined,
  cpuThrottledPeriods: 2,
  cpuThrottledUs: 3,
  memoryBytes: 4096,
  oomKills: 0,
  pids: 1,
  ...changes,
});
const entry: InventoryEntry = {
  id: ID,
  name: 'web',
  runtime: 'docker',
  image: 'tiny:1',
  initPid: 1337,
  limitCpus: 0.3,
  startedAt: T0,
  finishedAt: undefined,
  labels: { 'com.docker.compose.service': 'web', odd: '\u001b[2J\u202e' },
  pod: 'default/web-0',
  service: 'web',
  project: 'shop',
  cgroupPath: `/docker/${ID}`,
  namespaces: { pid: 4026532180, net: 4026532181 },
  privileges: {
    capEffective: 0xa80425fbn,
    capPermitted: 0xa80425fbn,
    capBounding: 0x1ff_ffff_ffffn,
    capAmbient: 0n,
    seccomp: 'filter',
    noNewPrivs: false,
    uids: [1000, 1000, 1000, 1000],
  },
  limits: {
    cpuQuotaUs: 30_000,
    cpuPeriodUs: 100_000,
    cpuBurstUs: undefined,
    cpus: 0.3,
    cpusSetBy: '/docker',
    cpuWeight: 100,
    cpuShares: undefined,
    cpuset: '0-1',
    memoryBytes: 1 << 20,
    memorySetBy: '/',
    pids: 50,
  },
  samples: [sample(1)],
  security: {
    privileged: false,
    capabilities: ['CHOWN', 'NET_RAW'],
    user: '1000',
    seccomp: 'custom',
    readonlyRootfs: true,
    pidsLimit: 50,
    memoryBytes: undefined,
    devices: ['/dev/fuse'],
    networkMode: 'none',
    ipcMode: undefined,
    utsMode: undefined,
    usernsMode: undefined,
  },
};
const snapshot = (containers: Inventory, seconds = 1): InventorySnapshot => ({
  time: T0 + BigInt(seconds) * 1_000_000_000n,
  host: { name: 'h', kernel: '6.1', cgroup: 'v2' },
  runtimes: [],
  containers,
});
const read = (...documents: unknown[]): Inventory => {
  const reader = new DocumentReader();
  for (const document of documents) {
    assert.equal(
      reader.take(JSON.parse(typeof document === 'string' ? document : JSON.stringify(document))),
      undefined,
    );
  }
  return reader.inventory();
};

describe('the inventory as JSON', () => {
  it('comes back as it was', () => {
    assert.deepEqual(read(documentOf(snapshot([entry]))), [entry]);
  });

  it('comes back where hardly anything is known', () => {
    const bare = {
      ...entry,
      image: undefined,
      initPid: undefined,
      limitCpus: undefined,
      startedAt: undefined,
      labels: {},
    };
    for (const key of [
      'pod',
      'service',
      'project',
      'cgroupPath',
      'namespaces',
      'privileges',
      'limits',
      'samples',
      'security',
    ] as const) {
      delete (bare as Partial<InventoryEntry>)[key];
    }
    assert.deepEqual(read(documentOf(snapshot([bare]))), [bare]);
  });

  it('tells in a line what has changed since the one before, and nothing where nothing has', () => {
    const writer = new DocumentWriter();
    const first = writer.line(snapshot([entry]));
    assert.equal(writer.line(snapshot([entry], 2)), undefined);
    const onlyTime = { ...entry, samples: [sample(1), { ...sample(1), time: T0 }] };
    assert.equal(writer.line(snapshot([onlyTime], 3)), undefined);
    const third = writer.line(snapshot([{ ...entry, name: 'later', samples: [sample(1), sample(4)] }], 4))!;
    assert.deepEqual(Object.keys(JSON.parse(third).containers[0]), ['id', 'runtime', 'name', 'samples']);
    const [back] = read(first, third);
    assert.equal(back?.name, 'later');
    assert.deepEqual(back?.samples, [sample(1), sample(4)]);
    assert.deepEqual(back?.limits, entry.limits);
  });

  it('leaves out samples in which nothing has changed, but for the last before a change', () => {
    const writer = new DocumentWriter();
    const idle = (seconds: number) => ({ ...sample(seconds), cpuUsageUs: 7 });
    const all: CgroupSample[] = [];
    const lines = [idle(1), idle(2), idle(3), sample(4), idle(5), idle(14), idle(15)].map((next, index) => {
      all.push(next);
      return writer.line(snapshot([{ ...entry, samples: [...all] }], index));
    });
    const told = read(...lines.filter((line) => line !== undefined))[0]!.samples!;
    assert.deepEqual(told, [idle(1), idle(3), sample(4), idle(5), idle(14), idle(15)]);
  });

  it('tells all again from time to time, so that the beginning can be thrown away', () => {
    const writer = new DocumentWriter(2);
    const lines = [1, 2, 3].map((seconds) =>
      writer.line(snapshot([{ ...entry, samples: [sample(seconds)] }], seconds)),
    );
    assert.deepEqual(
      lines.map((line) => JSON.parse(line!).complete),
      [true, false, true],
    );
    assert.deepEqual(read(lines[2]), [{ ...entry, samples: [sample(3)] }]);
  });

  it('keeps both runs of a container that was started again', () => {
    const writer = new DocumentWriter();
    const ended = { ...entry, finishedAt: T0 + 5n };
    const again = { ...entry, initPid: 2000, startedAt: T0 + 6n, samples: [sample(7)] };
    const lines = [
      writer.line(snapshot([entry])),
      writer.line(snapshot([ended, again], 7)),
      writer.line(snapshot([ended, { ...again, samples: [sample(8)] }], 8)),
    ];
    assert.deepEqual(read(...lines), [ended, { ...again, samples: [sample(7), sample(8)] }]);
  });

  it('takes a better init pid for the same run', () => {
    const writer = new DocumentWriter();
    const lines = [writer.line(snapshot([entry])), writer.line(snapshot([{ ...entry, initPid: 1338 }], 2))];
    assert.deepEqual(
      read(...lines).map(({ initPid }) => initPid),
      [1338],
    );
  });

  it('takes for ended who is missing where all are told', () => {
    const [gone] = read(documentOf(snapshot([entry])), documentOf(snapshot([], 9)));
    assert.equal(gone?.finishedAt, T0 + 9_000_000_000n);
  });

  it('keeps names of one runtime apart from those of another', () => {
    const lxc = { ...entry, id: 'web', runtime: 'lxc' };
    assert.equal(read(documentOf(snapshot([lxc, { ...lxc, runtime: 'systemd-nspawn' }]))).length, 2);
  });

  it('keeps a bounded number of samples that span all the time', () => {
    const reader = new DocumentReader();
    const containers = (seconds: number) => [
      { id: ID, runtime: 'docker', samples: [{ time: String(sample(seconds).time), pids: 1 }] },
    ];
    for (let seconds = 0; seconds < 20_000; seconds++) {
      reader.take({ format: 'boxtop-inventory', version: 1, time: '1', containers: containers(seconds) });
    }
    const samples = reader.inventory()[0]!.samples!;
    assert.ok(samples.length > 2000 && samples.length <= 8192, String(samples.length));
    assert.ok(samples[0]!.time < sample(10).time && samples.at(-1)!.time > sample(19_990).time);
  });

  it('counts what has another type than expected as not told', () => {
    const container = {
      id: ID,
      runtime: 7,
      name: [],
      init_pid: '1',
      started_at: 5,
      labels: { a: 1, b: 'x' },
      namespaces: { pid: 'x', __proto__: 1 },
      privileges: { cap_effective: 'zz', seccomp: 9, uids: [1] },
      limits: { cpus: '1' },
      samples: [{ time: 'now' }, 3],
    };
    const [odd] = read({
      format: 'boxtop-inventory',
      version: 1,
      time: '1',
      complete: true,
      containers: [container, 5, null, {}],
    });
    assert.equal(odd?.name, 'aaaaaaaaaaaa');
    assert.deepEqual(
      [odd?.runtime, odd?.initPid, odd?.startedAt, odd?.labels],
      ['oci', undefined, undefined, { b: 'x' }],
    );
    assert.deepEqual(
      [odd?.privileges?.capEffective, odd?.limits?.cpus, odd?.samples, odd?.namespaces],
      [undefined, undefined, undefined, {}],
    );
  });
});

describe('inventory files of our own format', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'boxtop-inventory-'));
  });
  after(() => rm(directory, { recursive: true }));
  const file = async (name: string, text: string) => {
    const path = join(directory, name);
    await writeFile(path, text);
    return path;
  };
  const line = (containers: Inventory, seconds = 1) =>
    new DocumentWriter().line(snapshot(containers, seconds))!;

  it('are known by their shape, on one line, on many, and one after another', async () => {
    const laidOut = JSON.stringify(documentOf(snapshot([entry])), undefined, 2);
    for (const text of [
      line([entry]),
      laidOut,
      `${laidOut}\n`,
      `\n${laidOut}\n\n${laidOut}`,
      `${line([entry])}\n\n${line([entry])}\n`,
    ]) {
      const [found] = await readInventory([await file('one', text)]);
      assert.deepEqual(found?.namespaces, entry.namespaces);
    }
  });

  it('are merged with the output of docker inspect', async () => {
    const inspect = await file(
      'inspect',
      JSON.stringify([{ Id: ID, Name: '/by-hand', State: { Pid: 1337 } }]),
    );
    const [found, ...others] = await readInventory([await file('own', line([entry])), inspect]);
    assert.equal(others.length, 0);
    assert.deepEqual([found?.name, found?.pod, found?.samples?.length], ['by-hand', 'default/web-0', 1]);
  });

  it('are read up to where they were cut off', async () => {
    const whole = `${line([entry])}\n${line([{ ...entry, name: 'later' }])}\n`;
    for (const length of [whole.length - 2, whole.length - 200, line([entry]).length + 2]) {
      const [found] = await readInventory([await file('cut', whole.slice(0, length))]);
      assert.equal(found?.id, ID);
    }
  });

  it('are refused with the number of the document that is wrong', async () => {
    const refused = (text: string, pattern: RegExp) =>
      assert.rejects(
        async () => readInventory([await file('bad', text)]),
        (error) => error instanceof InventoryError && pattern.test(error.message),
      );
    await refused(
      '{"format":"boxtop-inventory","version":2,"containers":[]}',
      /bad: document 1 has version 2; this boxtop reads 1$/,
    );
    await refused('{"format":"boxtop-inventory","version":1}', /document 1 has no containers/);
    await refused('{"format":"boxtop-inventory","vers', /document 1 is no JSON, or is cut off/);
    await refused(`{"format":"boxtop-inventory" oops\n${line([entry])}\n`, /document 1 is no JSON/);
    await refused(`${line([entry])}\n[]\n`, /document 2 is not of the format boxtop-inventory/);
  });
});
