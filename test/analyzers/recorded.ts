/** Whole recordings through the engine, and the kernel's own figures that lie beside them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyze, Engine, type EngineOptions } from '../../analyzers/engine.js';
import type { Frame } from '../../analyzers/frame.js';
import type { Inventory } from '../../analyzers/inventory.js';
import { readInventory } from '../../host/inspect.js';
import { open } from '../../native/index.js';
import type { Source, Subscription, TraceInfo } from '../../native/types.js';

export async function inventoryOf(directory: string): Promise<Inventory> {
  const files = readdirSync(directory)
    .filter((name) => name.startsWith('host-'))
    .flatMap((host) =>
      ['docker-inspect.json', 'podman-inspect.json'].map((name) => join(directory, host, name)),
    )
    .filter((file) => existsSync(file) && readFileSync(file).length > 0);
  return readInventory(files);
}

/** How the recording is to be seen: as it is, or as if events with such names had not been recorded. */
export interface Reading extends Partial<EngineOptions> {
  readonly withhold?: RegExp;
}

/** The frames of a recording; `take` is called with each. */
export async function eachFrame(
  directory: string,
  { withhold = /^$/, ...options }: Reading,
  take: (frame: Frame) => void,
): Promise<void> {
  const inventory = options.inventory ?? (await inventoryOf(directory));
  const source = await open(join(directory, 'trace'), without(Engine.subscription(), withhold));
  const traces = source.traces.map((trace) => ({
    ...trace,
    declared: trace.declared.filter(({ name }) => !withhold.test(name)),
  }));
  const seen = { ...info(source, traces), [Symbol.asyncIterator]: () => source[Symbol.asyncIterator]() };
  try {
    for await (const frame of analyze(seen as Source, { interval: 'total', ...options, inventory })) {
      take(frame);
    }
  } finally {
    await source.close();
  }
}

function info(source: Source, traces: readonly TraceInfo[]) {
  return {
    origin: source.origin,
    end: source.end,
    traces,
    get streams() {
      return source.streams;
    },
    get events() {
      return source.events;
    },
  };
}

function without(subscription: Subscription, withhold: RegExp): Subscription {
  return {
    ...subscription,
    selections: subscription.selections.map((selection) => ({
      ...selection,
      events: selection.events.filter((event) => !withhold.test(event)),
    })),
  };
}

/** Counters of the containers' cgroups at one moment. */
export interface Sample {
  /** ns since the trace's origin. */
  readonly time: number;
  /** By id of the container, or its LXC name. */
  readonly cpu: ReadonlyMap<string, { readonly periods: number; readonly ns: number }>;
}

/** What `cpu.stat` told while the recording was made, within the trace's time. */
export async function cpuStat(directory: string): Promise<Sample[]> {
  const metadata = readFileSync(join(directory, 'trace/kernel/metadata'), 'latin1');
  const offset = BigInt(/offset = (\d+);/.exec(metadata)![1]!);
  const source = await open(join(directory, 'trace'), { columns: {}, selections: [] });
  const { origin, end = 0 } = source;
  await source.close();
  return readFileSync(join(directory, 'cpustat.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { mono: number; cg: Record<string, Record<string, number>> })
    .map(({ mono, cg }) => ({ time: Number(BigInt(mono) + offset - origin), cpu: countersOf(cg) }))
    .filter(({ time }) => time >= 0 && time <= end);
}

function countersOf(cgroups: Record<string, Record<string, number>>): Sample['cpu'] {
  const counters = new Map<string, { periods: number; ns: number }>();
  // A container's own cgroup comes after its parent's: Podman has its limit in `…scope/container`.
  for (const [path, stat] of Object.entries(cgroups).sort(([a], [b]) => a.length - b.length)) {
    const id =
      /(?:docker-|libpod-)([0-9a-f]{64})\.scope/.exec(path)?.[1] ?? /lxc\.payload\.(\w+)/.exec(path)?.[1];
    if (id === undefined || (counters.has(id) && !path.endsWith('/container'))) continue;
    counters.set(id, { periods: stat.nr_throttled ?? 0, ns: 1e3 * (stat.throttled_usec ?? 0) });
  }
  return counters;
}
