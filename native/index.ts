/**
 * The way into the native decoder: `open` a trace (or several) with a subscription, iterate over batches.
 *
 *     const source = await open('/path/to/trace', {
 *       columns: { prev_tid: 'i32', next_tid: 'i32' },
 *       selections: [{ events: ['sched_switch'], fields: ['prev_tid', 'next_tid'] }],
 *     });
 *     for await (const batch of source) {
 *       const next = batch.columns.next_tid as Int32Array;
 *       for (let i = 0; i < batch.length; i++) console.log(batch.time[i], next[i]);
 *     }
 *
 * Decoding runs ahead on a thread of its own, by at most SLOTS batches. Leaving the loop closes the source.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { ARRAYS, layOut, type Offsets } from './slot-layout.js';
import type {
  Batch,
  ColumnArrays,
  ColumnType,
  Counters,
  LiveSession,
  Loss,
  OpenOptions,
  Source,
  StreamInfo,
  Subscription,
  TraceInfo,
} from './types.js';

export * from './types.js';

/** What the user can act on: one sentence that names file and place. */
export class SourceError extends Error {
  override name = 'SourceError';
}

const NO_LOSSES: readonly Loss[] = [];
const SLOTS = 16;
const CAPACITY = 2048;
/** Batches come faster than the event loop turns; it gets a turn at least this often. */
const TURN_S = 0.01;

const TYPES = ['i32', 'f64', 'u64', 'string', 'list'] as const satisfies readonly ColumnType[];
const INT64_MAX = 2n ** 63n - 1n;

/** What the addon tells of a batch with it, by index in one array of numbers. */
const Taken = {
  length: 0,
  watermark: 1,
  losses: 2,
  /** Change where ids of strings and of lists begin anew. */
  strings: 3,
  lists: 4,
  /** How many event names there are. */
  events: 5,
  /** Of `info`: greater when it has more to tell. */
  version: 6,
} as const;

/** Instead of a slot. */
const WAIT = -1;
const END = -2;

/** What there is now; of a live source it grows. */
interface Info {
  version: number;
  origin: bigint;
  end: number | undefined;
  bytesTotal: number | undefined;
  traces: TraceInfo[];
  streams: StreamInfo[];
}

/** As the addon tells it: `env` as entries. */
interface NativeInfo extends Omit<Info, 'traces'> {
  traces: (Omit<TraceInfo, 'env'> & { env: [string, string | number][] })[];
}

interface NativeSource {
  info(): NativeInfo;
  start(
    capacity: number,
    offsets: Offsets,
    buffers: ArrayBuffer[],
    taken: Float64Array,
    notify: () => void,
  ): void;
  /** Fills `taken`; a slot, WAIT or END. */
  take(): number;
  losses(slot: number): Loss[];
  release(slot: number): void;
  string(slot: number, id: number): string | undefined;
  list(slot: number, id: number): number[] | undefined;
  eventName(index: number): string;
  eventCounts(): number[];
  counters(): Omit<Counters, 'events' | 'bytesTotal'>;
  close(): void;
}

interface Addon {
  open(
    paths: string[],
    names: string[],
    types: number[],
    selections: { events: readonly string[]; columns: number[] }[],
    begin: bigint | undefined,
    end: bigint | undefined,
    fromNow: boolean,
    retryMs: number | undefined,
  ): Promise<NativeSource>;
  sessions(url: string): Promise<LiveSession[]>;
}

let addon: Addon | undefined;

/** Loads the addon when first needed, so that `--help` works without it. */
function load(): Addon {
  if (addon) return addon;
  // From the sources and from dist/native alike.
  const file = ['build/Release/boxtop.node', '../../native/build/Release/boxtop.node']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path));
  if (file === undefined)
    throw new SourceError(
      'The native decoder is not built: run "npm ci" (it needs a C++20 compiler and make).',
    );
  try {
    addon = createRequire(import.meta.url)(file) as Addon;
  } catch (error) {
    throw new SourceError(
      `${file} cannot be loaded (${(error as Error).message}): it was built for another Node or machine, run "npm rebuild".`,
    );
  }
  return addon;
}

/** What the addon is told of a subscription, and how the batches of a source lie in memory that was opened with it. */
interface ReadPlan {
  readonly names: string[];
  readonly types: number[];
  readonly selections: { readonly events: readonly string[]; readonly columns: number[] }[];
  readonly layout: ReturnType<typeof layOut>;
}

const plans = new WeakMap<Subscription, ReadPlan>();

function planOf(subscription: Subscription): ReadPlan {
  const known = plans.get(subscription);
  if (known !== undefined) return known;
  const names = Object.keys(subscription.columns);
  const plan = {
    names,
    types: names.map((name) => TYPES.indexOf(subscription.columns[name]!)),
    selections: subscription.selections.map((s) => ({
      events: s.events,
      columns: (s.fields ?? []).map((field) => names.indexOf(field)),
    })),
    layout: layOut(subscription, CAPACITY),
  };
  plans.set(subscription, plan);
  return plan;
}

/**
 * Opens all CTF traces at or below the paths as one source, merged in the order of time; or attaches to the live sessions
 * that the URLs `net://HOST[:PORT]/host/TARGET/SESSION` name.
 *
 * @param options `begin`, `end`: part of a recording; packets outside of it are not read, and `Source.origin` stays the
 * first event of all. `from`: where a live session is read from. `retryMs`: how long a lost connection is made again.
 * @throws SourceError where a path is missing or holds no trace, or metadata are broken. Broken packets are losses.
 * @throws TypeError or RangeError where an argument is not what its type says.
 */
export async function open(
  paths: string | readonly string[],
  subscription: Subscription,
  options: OpenOptions = {},
): Promise<Source> {
  const list = typeof paths === 'string' ? [paths] : [...paths];
  check(list, subscription, options);
  const { names, types, selections } = planOf(subscription);
  let native: NativeSource;
  try {
    native = await load().open(
      list,
      names,
      types,
      selections,
      options.begin,
      options.end,
      options.from === 'now',
      options.retryMs,
    );
  } catch (error) {
    throw error instanceof SourceError ? error : new SourceError((error as Error).message);
  }
  return new NativeBackedSource(native, subscription);
}

/** Whether a path means a live session: `net://HOST[:PORT]/host/TARGET/SESSION`. */
export function isLive(path: string): boolean {
  return /^net[46]?:\/\//.test(path);
}

/**
 * The live sessions of a relay daemon, `net://HOST[:PORT]`.
 *
 * @throws SourceError where nobody answers, or something that is not a relay daemon.
 */
export async function listSessions(url: string): Promise<LiveSession[]> {
  if (typeof url !== 'string' || url === '') throw new TypeError('listSessions: a URL is needed');
  try {
    return await load().sessions(url);
  } catch (error) {
    throw error instanceof SourceError ? error : new SourceError((error as Error).message);
  }
}

function check(paths: string[], subscription: Subscription, options: OpenOptions): void {
  if (paths.length === 0) throw new RangeError('open: at least one path is needed');
  for (const path of paths) {
    if (typeof path !== 'string' || path === '')
      throw new TypeError('open: a path must be a text that is not empty');
    if (path.includes('\0')) throw new TypeError('open: a path cannot contain a NUL character');
  }
  if (typeof subscription?.columns !== 'object' || !Array.isArray(subscription.selections))
    throw new TypeError('open: a subscription has columns and selections');
  const columns = new Set(Object.keys(subscription.columns));
  if (columns.size > 4096) throw new RangeError('open: at most 4096 columns');
  for (const [name, type] of Object.entries(subscription.columns))
    if (!TYPES.includes(type))
      throw new TypeError(
        `open: column ${name} has the type ${String(type)}; it must be one of ${TYPES.join(', ')}`,
      );
  for (const { events, fields } of subscription.selections) {
    if (!Array.isArray(events) || events.some((e) => typeof e !== 'string' || e === ''))
      throw new TypeError('open: a selection names its events');
    for (const field of fields ?? [])
      if (!columns.has(field))
        throw new RangeError(`open: the field ${field} has no column in the subscription`);
  }
  if (typeof options !== 'object' || options === null) throw new TypeError('open: the options are an object');
  const { begin, end, from, retryMs } = options;
  for (const [name, time] of Object.entries({ begin, end }))
    if (time !== undefined && (typeof time !== 'bigint' || time > INT64_MAX || time < -INT64_MAX))
      throw new TypeError(`open: ${name} must be a bigint of 64 bits: ns since the epoch`);
  if (begin !== undefined && end !== undefined && begin > end)
    throw new RangeError('open: the range ends before it begins');
  if (from !== undefined && from !== 'beginning' && from !== 'now')
    throw new TypeError("open: from must be 'beginning' or 'now'");
  if (retryMs !== undefined && !(Number.isSafeInteger(retryMs) && retryMs >= 0))
    throw new RangeError('open: retryMs must be a whole number of milliseconds');
  const live = paths.filter(isLive).length;
  if (live > 0 && live < paths.length)
    throw new RangeError('open: live sessions and recordings cannot be read as one source');
  if (live > 0 && (begin ?? end) !== undefined)
    throw new RangeError('open: a live session has no range; filter what it shows');
}

/** The arrays of one slot; becomes a batch again and again. */
class SlotBatch implements Batch {
  length = 0;
  losses: readonly Loss[] = [];
  watermark = 0;
  readonly time: Float64Array;
  readonly event: Uint16Array;
  readonly stream: Uint16Array;
  readonly cpu: Int16Array;
  readonly columns: Record<string, ColumnArrays[ColumnType]> = Object.create(null);
  private strings: (string | undefined)[] = [];
  private lists: (readonly number[] | undefined)[] = [];
  private stringsGeneration = 0;
  private listsGeneration = 0;
  private valid = false;

  constructor(
    private readonly native: NativeSource,
    readonly slot: number,
    readonly buffer: ArrayBuffer,
    offsets: Offsets,
    subscription: Subscription,
  ) {
    this.time = new Float64Array(buffer, offsets.time, CAPACITY);
    this.event = new Uint16Array(buffer, offsets.event, CAPACITY);
    this.stream = new Uint16Array(buffer, offsets.stream, CAPACITY);
    this.cpu = new Int16Array(buffer, offsets.cpu, CAPACITY);
    Object.entries(subscription.columns).forEach(([name, type], i) => {
      this.columns[name] = new ARRAYS[type](buffer, offsets.cells[i]!, CAPACITY);
    });
  }

  fill(taken: Float64Array): this {
    this.length = taken[Taken.length]!;
    this.losses = taken[Taken.losses] === 0 ? NO_LOSSES : this.native.losses(this.slot);
    this.watermark = taken[Taken.watermark]!;
    const strings = taken[Taken.strings]!;
    if (strings !== this.stringsGeneration) this.strings = [];
    this.stringsGeneration = strings;
    const lists = taken[Taken.lists]!;
    if (lists !== this.listsGeneration) this.lists = [];
    this.listsGeneration = lists;
    this.valid = true;
    return this;
  }

  /** Gives the memory back: from now on it may be filled anew. */
  release(): void {
    this.valid = false;
    this.native.release(this.slot);
  }

  string(id: number): string | undefined {
    const known = this.strings[id];
    if (known !== undefined || !this.valid || !(id > 0)) return known;
    const text = this.native.string(this.slot, id);
    if (text !== undefined) this.strings[id] = text;
    return text;
  }

  list(id: number): readonly number[] | undefined {
    const known = this.lists[id];
    if (known !== undefined || !this.valid || !(id > 0)) return known;
    const list = this.native.list(this.slot, id);
    if (list !== undefined) this.lists[id] = list;
    return list;
  }
}

function describe(native: NativeSource): Info {
  const info = native.info();
  return { ...info, traces: info.traces.map(traceInfo) };
}

/** By what the addon told: the same where it tells the same. */
const told = new WeakMap<NativeInfo['traces'][number], TraceInfo>();

function traceInfo(trace: NativeInfo['traces'][number]): TraceInfo {
  let info = told.get(trace);
  if (info === undefined) {
    info = { ...trace, env: Object.fromEntries(trace.env) };
    told.set(trace, info);
  }
  return info;
}

/** Sources of which a batch is awaited: nothing else holds on to them then. */
const awaited = new Set<NativeBackedSource>();

class NativeBackedSource implements Source {
  readonly events: string[] = [];
  private info: Info;
  private readonly taken = new Float64Array(Object.keys(Taken).length);
  private started = false;
  private closed = false;
  private wake: (() => void) | undefined;

  constructor(
    private readonly native: NativeSource,
    private readonly subscription: Subscription,
  ) {
    this.info = describe(native);
  }

  get origin(): bigint {
    return this.info.origin;
  }

  get end(): number | undefined {
    return this.info.end;
  }

  get traces(): readonly TraceInfo[] {
    return this.info.traces;
  }

  get streams(): readonly StreamInfo[] {
    return this.info.streams;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch> {
    if (this.started || this.closed) throw new SourceError('A source can be read once; open it again.');
    const slots = this.start();
    try {
      // `performance` loads five milliseconds of modules when it is first asked.
      let turned = process.uptime();
      for (;;) {
        const slot = this.take();
        if (slot === END) return;
        if (slot === WAIT) {
          awaited.add(this);
          await new Promise<void>((resolve) => {
            this.wake = resolve;
          });
          turned = process.uptime();
          continue;
        }
        const { taken } = this;
        if (this.info.version !== taken[Taken.version]) this.info = describe(this.native);
        while (this.events.length < taken[Taken.events]!)
          this.events.push(this.native.eventName(this.events.length));
        const batch = slots[slot]!.fill(taken);
        yield batch;
        if (this.closed) return;
        batch.release();
        if (process.uptime() - turned > TURN_S) {
          await new Promise((resolve) => setImmediate(resolve));
          turned = process.uptime();
        }
      }
    } finally {
      await this.close();
    }
  }

  private start(): SlotBatch[] {
    this.started = true;
    const { offsets, bytes } = planOf(this.subscription).layout;
    const slots = Array.from(
      { length: SLOTS },
      (_, i) => new SlotBatch(this.native, i, new ArrayBuffer(bytes), offsets, this.subscription),
    );
    this.native.start(
      CAPACITY,
      offsets,
      slots.map((s) => s.buffer),
      this.taken,
      notifier(new WeakRef(this)),
    );
    return slots;
  }

  private take(): number {
    if (this.closed) return END;
    try {
      return this.native.take();
    } catch (error) {
      throw new SourceError((error as Error).message);
    }
  }

  notified(): void {
    awaited.delete(this);
    const wake = this.wake;
    this.wake = undefined;
    wake?.();
  }

  counters(): Counters {
    const events = this.native.eventCounts().reduce((sum, n) => sum + n, 0);
    return { ...this.native.counters(), events, bytesTotal: this.info.bytesTotal };
  }

  eventCounts(): Record<string, number> {
    // No prototype: an event may be called __proto__.
    const counts: Record<string, number> = Object.create(null);
    this.native.eventCounts().forEach((count, i) => {
      if (count > 0) counts[this.native.eventName(i)] = count;
    });
    return counts;
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.native.close();
    this.notified();
  }
}

/** The addon holds on to the callback, and the callback (with the whole scope it is made in) not to the source. */
function notifier(source: WeakRef<NativeBackedSource>): () => void {
  return () => source.deref()?.notified();
}
