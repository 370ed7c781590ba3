import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { InventoryError, mergeInventories, parseInspect, readInventory } from '../../host/inspect.js';

const container = (changes: object = {}) => ({
  Id: '2947e554602c4e68',
  Name: '/vault',
  Image: 'sha256:f8e8',
  State: { Pid: 1337, StartedAt: '2026-11-22T16:10:40.17469585Z', FinishedAt: '0001-01-01T00:00:00Z' },
  Config: { Image: 'tiny:1', Labels: { app: 'x', odd: 3 } },
  HostConfig: { NanoCpus: 0, CpuQuota: 0, CpuPeriod: 0 },
  ...changes,
});
const parse = (...containers: object[]) => parseInspect(JSON.stringify(containers), 'f.json');
const complaint = (pattern: RegExp) => (error: Error) =>
  error instanceof InventoryError && pattern.test(error.message);

describe('docker inspect and podman inspect', () => {
  it('gives id, name, image, init process, times and labels', () => {
    const [{ security: _, ...entry } = assert.fail('no entry')] = parse(container());
    assert.deepEqual(entry, {
      id: '2947e554602c4e68',
      name: 'vault',
      runtime: 'docker',
      image: 'tiny:1',
      initPid: 1337,
      limitCpus: undefined,
      startedAt: 1_795_363_840_174_695_850n,
      finishedAt: undefined,
      labels: { app: 'x' },
    });
  });

  it('knows podman by its own fields', () => {
    const [entry] = parse(container({ Name: 'miner', ImageName: 'localhost/tiny:1', OCIRuntime: 'crun' }));
    assert.equal(entry?.runtime, 'podman');
    assert.equal(entry?.name, 'miner');
    assert.equal(entry?.image, 'localhost/tiny:1');
  });

  it('takes limits as CPUs, as quota of a period, or as none', () => {
    const limit = (hostConfig: object) => parse(container({ HostConfig: hostConfig }))[0]?.limitCpus;
    assert.equal(limit({ NanoCpus: 300_000_000 }), 0.3);
    assert.equal(limit({ NanoCpus: 250_000_000, CpuQuota: 25_000, CpuPeriod: 100_000 }), 0.25);
    assert.equal(limit({ CpuQuota: 10_000, CpuPeriod: 50_000 }), 0.2);
    assert.equal(limit({ CpuQuota: 150_000 }), 1.5);
    assert.equal(limit({ CpuQuota: -1 }), undefined);
    assert.equal(limit({}), undefined);
  });

  it('takes a stopped container as having no init process', () => {
    const state = { Pid: 0, StartedAt: '2026-11-22T16:10:40+01:00', FinishedAt: '2026-11-22T16:10:41.5Z' };
    const [entry] = parse(container({ State: state }));
    assert.equal(entry?.initPid, undefined);
    assert.equal(entry?.startedAt, 1_795_360_240_000_000_000n);
    assert.equal(entry?.finishedAt, 1_795_363_841_500_000_000n);
  });

  it('takes one container, an array, and several of these in a row', () => {
    const one = JSON.stringify(container(), null, 2);
    const other = JSON.stringify([container({ Id: 'other' })], null, 2);
    assert.equal(parseInspect(one, 'f').length, 1);
    assert.equal(parseInspect(`\uFEFF${other}\n`, 'f').length, 1);
    assert.deepEqual(
      parseInspect(`${one}\n${other}\n[]`, 'f').map(({ id }) => id),
      ['2947e554602c4e68', 'other'],
    );
    assert.deepEqual(parseInspect('[]', 'f'), []);
  });

  it('counts what has another type than expected as not told', () => {
    const [entry] = parse({
      Id: 'x',
      State: { Pid: '12', StartedAt: 5 },
      Name: 7,
      Config: [],
      HostConfig: null,
    });
    assert.deepEqual(entry, {
      id: 'x',
      name: 'x',
      runtime: 'docker',
      image: undefined,
      initPid: undefined,
      limitCpus: undefined,
      startedAt: undefined,
      finishedAt: undefined,
      labels: {},
    });
  });

  it('fills in from several files, and a later one does not forget', () => {
    const running = parse(container());
    const stopped = parse(
      container({ Name: '/renamed', State: { Pid: 0, FinishedAt: '2026-11-22T17:00:00Z' } }),
    );
    const [merged, ...others] = mergeInventories([running, stopped, parse(container({ Id: 'new' }))]);
    assert.equal(merged?.name, 'renamed');
    assert.equal(merged?.initPid, 1337);
    assert.equal(merged?.startedAt, running[0]?.startedAt);
    assert.equal(merged?.finishedAt, 1_795_366_800_000_000_000n);
    assert.deepEqual(
      others.map(({ id }) => id),
      ['new'],
    );
  });

  it('says where a text stops being JSON', () => {
    assert.throws(
      () => parseInspect('[\n  {"Id": nope}\n]', 'f.json'),
      complaint(/^f\.json: it is no JSON at line 2, column 10: make it with `boxtop inventory/),
    );
    assert.throws(
      () => parseInspect('[{"Id": "x"', 'f.json'),
      complaint(/it ends in the middle at line 1, column 12/),
    );
    assert.throws(() => parseInspect('\n', 'f.json'), complaint(/f\.json is empty/));
    assert.throws(() => parseInspect('Error: No such object: web', 'f.json'), complaint(/line 1, column 1/));
  });

  it('says which entry is no container', () => {
    assert.throws(() => parse(container(), {}), complaint(/f\.json: entry 2 has no Id/));
    assert.throws(() => parse({ Id: 'sha256:1', RepoTags: [] }), complaint(/entry 1 has no State/));
    assert.throws(() => parseInspect('[3]', 'f'), complaint(/entry 1 is no container/));
  });
});

describe('inventory files', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'boxtop-test-'));
  });
  after(() => rm(directory, { recursive: true }));

  it('are read and merged in their order', async () => {
    await writeFile(join(directory, 'a'), JSON.stringify([container()]));
    await writeFile(join(directory, 'b'), JSON.stringify([container({ Name: '/later' })]));
    const inventory = await readInventory([join(directory, 'a'), join(directory, 'b')]);
    assert.deepEqual(
      inventory.map(({ name }) => name),
      ['later'],
    );
  });

  it('that cannot be read are named', async () => {
    await assert.rejects(readInventory([join(directory, 'none')]), complaint(/none: there is no such file/));
    await assert.rejects(readInventory([directory]), complaint(/it is a directory/));
  });
});
