/** CPU time against the kernel's own accounting: the cgroups' cpu.stat, sampled while the recordings were made. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { analyze, Engine, type EngineOptions } from '../../analyzers/engine.js';
import type { ContainerRow, Frame } from '../../analyzers/frame.js';
import type { Inventory } from '../../analyzers/inventory.js';
import { readInventory } from '../../host/inspect.js';
import { open } from '../../native/index.js';
import { piece, recording } from '../native/recordings.js';

interface Sample {
  /** CLOCK_MONOTONIC and wall time just before the cgroups were read. */
  readonly mono: number;
  readonly wall: number;
  readonly cg: Readonly<Record<string, { readonly usage_usec: number }>>;
}

/** Largest deviation of a container's CPU time from its cgroup's, in percent. */
type Bars = Readonly<Record<string, number>>;

async function inventoryOf(directory: string): Promise<Inventory> {
  const files = readdirSync(directory)
    .filter((name) => name.startsWith('host-'))
    .flatMap((host) =>
      ['docker-inspect.json', 'podman-inspect.json'].map((name) => join(directory, host, name)),
    )
    .filter((file) => existsSync(file));
  return readInventory(files);
}

async function frameOf(trace: string, options: EngineOptions): Promise<Frame> {
  const source = await open(trace, Engine.subscription());
  try {
    for await (const frame of analyze(source, options)) return frame;
    throw new Error('no frame');
  } finally {
    await source.close();
  }
}

/** The id or LXC name in a cgroup's path. */
function identity(path: string): string | undefined {
  return (
    /(?:docker-|libpod-)([0-9a-f]{64})\.scope$/.exec(path)?.[1] ?? /lxc\.payload\.(\w+)$/.exec(path)?.[1]
  );
}

/** LXC's container began before the trace, and no inventory has it: it is the one without an id. */
function find(frame: Frame, id: string): ContainerRow | undefined {
  return (
    frame.containers.find((row) => row.id === id) ??
    (id.length === 64 ? undefined : frame.containers.find(({ idBasis }) => idBasis === 'namespace'))
  );
}

class Recording {
  private readonly samples: Sample[];
  private constructor(
    private readonly directory: string,
    private readonly inventory: Inventory,
    /** Time of the trace's origin on CLOCK_MONOTONIC. */
    private readonly origin: number,
    end: number,
  ) {
    const lines = readFileSync(join(directory, 'cpustat.jsonl'), 'utf8').trim().split('\n');
    this.samples = lines
      .map((line) => JSON.parse(line) as Sample)
      .filter(({ mono }) => mono >= origin && mono <= origin + end);
  }

  static async open(directory: string): Promise<Recording> {
    const source = await open(join(directory, 'trace'), Engine.subscription());
    const batch = await source[Symbol.asyncIterator]().next();
    assert.equal(batch.done, false);
    const { origin, end } = source;
    await source.close();
    const first = JSON.parse(
      readFileSync(join(directory, 'cpustat.jsonl'), 'utf8').split('\n')[0]!,
    ) as Sample;
    const monotonic = Number(origin - BigInt(first.wall) + BigInt(first.mono));
    return new Recording(directory, await inventoryOf(directory), monotonic, end!);
  }

  get last(): number {
    return this.samples.length - 1;
  }

  /** Deviations in percent, by container, between two samples; containers that have no cgroup in both are left out. */
  async deviations(from: number, to: number): Promise<Map<string, number>> {
    const [a, b] = [this.samples[from]!, this.samples[to]!];
    const { inventory, origin } = this;
    const range = { begin: a.mono - origin, end: b.mono - origin };
    const frame = await frameOf(join(this.directory, 'trace'), { interval: 'total', inventory, ...range });
    const result = new Map<string, number>();
    for (const [path, { usage_usec }] of Object.entries(b.cg)) {
      const id = identity(path);
      const before = a.cg[path];
      if (id === undefined || before === undefined) continue;
      const row = find(frame, id);
      assert.ok(row !== undefined, `no container for ${path}`);
      const truth = (usage_usec - before.usage_usec) * 1000;
      result.set(row.idBasis === 'namespace' ? id : row.name, 100 * (row.cpuNs! / truth - 1));
    }
    return result;
  }
}

function assertWithin(deviations: Map<string, number>, bars: Bars, where: string): void {
  assert.deepEqual([...deviations.keys()].sort(), Object.keys(bars).sort());
  for (const [name, deviation] of deviations) {
    assert.ok(Math.abs(deviation) <= bars[name]!, `${name}, ${where}: ${deviation.toFixed(2)} %`);
  }
}

const shop: Bars = { web: 3, 'web-client': 3, db: 3, 'db-client': 3, batch: 3, io: 3 };
const market: Bars = {
  batch: 1,
  miner: 1,
  web: 3,
  'web-client': 3,
  db: 3,
  'log-writer': 3,
  vault: 3,
  legacy: 3,
};

function truth(name: string, title: string, run: (recording: Recording) => Promise<void>): void {
  const directory = recording(name);
  const skip = directory === undefined && 'this machine has no ../shared/traces';
  test(`${name}: ${title}`, { skip }, async () => run(await Recording.open(directory!)));
}

truth('shop', 'CPU time is within 3 % of every cgroup’s over the whole', async (whole) => {
  assertWithin(await whole.deviations(0, whole.last), shop, 'the whole');
});

truth('shop', 'CPU time is within 5 % of every cgroup’s over each quarter', async (whole) => {
  const bars = Object.fromEntries(Object.keys(shop).map((name) => [name, 5]));
  for (let quarter = 0; quarter < 4; quarter++) {
    const [from, to] = [quarter, quarter + 1].map((part) => Math.round((part * whole.last) / 4));
    const deviations = await whole.deviations(from!, to!);
    const lasting = [...deviations].filter(([container]) => container in bars);
    assertWithin(new Map(lasting), bars, `quarter ${quarter + 1}`);
  }
});

truth('market', 'CPU time is within 1 % where mostly computed, else 3 % of every cgroup’s', async (whole) => {
  assertWithin(await whole.deviations(0, whole.last), market, 'the whole');
});

const deny = recording('deny');
const denySkip = deny === undefined && 'this machine has no ../shared/traces';
test('deny: containers that begin and end within the trace get their names and their own namespaces', {
  skip: denySkip,
}, async () => {
  const inventory = await inventoryOf(deny!);
  const { containers } = await frameOf(join(deny!, 'trace'), { interval: 'total', inventory });
  assert.deepEqual(
    containers.map(({ name, key }) => [name, key.replace(/\d+(#\d+)?$/, '')]),
    [
      ['host', 'host'],
      ['victim', 'pid_ns:'],
      ['nonroot', 'pid_ns:'],
      ['limited', 'pid_ns:'],
      ['priv', 'pid_ns:'],
      ['hostnet', 'cgroup_ns:'],
    ],
  );
  for (const { isHost, started, ended } of containers) {
    assert.ok(isHost || (started !== undefined && ended !== undefined && started < ended));
  }
});

test('the piece of shop: the statedump’s containers, and times that add up', async () => {
  const { containers, threads, processes, cpus, begin, end } = await frameOf(piece('shop'), {
    interval: 'total',
  });
  assert.deepEqual(
    containers.map(({ name, procs }) => [name.replace(/\d+$/, ''), procs > 0]),
    [['host', true], ...Array.from({ length: 6 }, () => ['pid_ns:', true])],
  );
  const sum = (rows: readonly { readonly cpuNs: number | undefined }[]): number =>
    Math.round(rows.reduce((total, row) => total + row.cpuNs!, 0));
  const busy = cpus.reduce((total, cpu) => total + cpu.containersNs + cpu.hostNs, 0);
  assert.deepEqual([sum(threads), Math.round(busy)], Array(2).fill(sum(containers)));
  assert.equal(sum(processes), sum(threads.filter(({ pid }) => pid !== undefined)));
  for (const cpu of cpus) {
    const parts = cpu.containersNs + cpu.hostNs + cpu.idleNs + cpu.unknownNs;
    assert.equal(Math.round(parts), end - begin);
    assert.ok(cpu.unknownNs < 0.1 * (end - begin));
  }
  for (const { cpuNs, userNs, kernelNs, irqNs } of threads) {
    if (userNs !== undefined) assert.ok(userNs + kernelNs! + irqNs! <= cpuNs! + 1);
  }
});
