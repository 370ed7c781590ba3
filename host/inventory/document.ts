/**
 * The inventory as JSON: what `boxtop inventory` prints, `--inventory` takes, and a recording's inventory.jsonl holds, a
 * document a line. docs/inventory.md describes it for users.
 */
import type { CgroupSample, Inventory, InventoryEntry } from '../../analyzers/inventory.js';
import { containerJson, entryFromJson, sampleFromJson, timeFromJson } from './document-fields.js';
import { keyOf } from './identity.js';
import { isObject, type Json, positive, text } from './values.js';
import type { InventorySnapshot } from './watcher.js';

export const FORMAT = 'boxtop-inventory';
export const VERSION = 1;
const MOST_CONTAINERS = 100_000;
/** Of one container, and of all. Where there are more, every second one is let go: what is kept spans all the time. */
const MOST_SAMPLES = 8192;
/** Documents between two looks at how many there are. */
const THIN_OUT_EVERY = 256;
const MOST_SAMPLES_OF_ALL = 2_000_000;

/** The document in which everything is told, as an object for JSON.stringify. */
export function documentOf(snapshot: InventorySnapshot): object {
  return {
    ...headOf(snapshot, true),
    host: { name: snapshot.host.name, kernel: snapshot.host.kernel, cgroup: snapshot.host.cgroup ?? null },
    runtimes: snapshot.runtimes.map(({ name, endpoint, state, version, error }) => ({
      name,
      endpoint,
      state,
      version: version ?? null,
      error: error ?? null,
    })),
    containers: latestRuns(snapshot.containers).map(containerJson),
  };
}

/** Writes snapshots as lines, each with what has changed since the one before. */
export class DocumentWriter {
  private readonly told = new Map<string, { entry: InventoryEntry; json: Record<string, unknown> }>();
  private lines = 0;

  /** @param completeEvery so many lines from one in which everything is told to the next */
  constructor(private readonly completeEvery = 600) {}

  /** The JSON of one line without the newline; undefined where nothing has changed. */
  line(snapshot: InventorySnapshot): string | undefined {
    const isComplete = this.lines % this.completeEvery === 0;
    const latest = new Set(latestRuns(snapshot.containers));
    const changed: object[] = [];
    for (const entry of snapshot.containers) {
      const key = keyOf(entry);
      const earlier = this.told.get(key);
      // Of one that was started again the former run is told once more: that it has ended.
      if (!latest.has(entry) && earlier?.entry.initPid !== entry.initPid) continue;
      const json = earlier?.entry === entry ? earlier.json : containerJson(entry);
      this.told.set(key, { entry, json });
      const change = isComplete ? json : differenceOf(earlier?.json, json);
      if (change !== undefined) changed.push(change);
    }
    this.forget(snapshot.containers);
    if (!isComplete && changed.length === 0) return undefined;
    this.lines++;
    if (isComplete) return JSON.stringify(documentOf(snapshot));
    return JSON.stringify({ ...headOf(snapshot, false), containers: changed });
  }

  private forget(containers: Inventory): void {
    const listed = new Set(containers.map(keyOf));
    for (const key of this.told.keys()) if (!listed.has(key)) this.told.delete(key);
  }
}

/** A container that was started again is listed once for each run, the latest last. */
function latestRuns(containers: Inventory): InventoryEntry[] {
  return [...new Map(containers.map((entry) => [keyOf(entry), entry])).values()];
}

function headOf({ time }: InventorySnapshot, complete: boolean) {
  return { format: FORMAT, version: VERSION, time: String(time), complete };
}

/** The fields that are others than before; undefined where none is. */
function differenceOf(before: Json | undefined, after: Json): object | undefined {
  if (before === after) return undefined;
  if (before === undefined) return after;
  const changed = Object.entries(after).filter(([key, value]) => !isSame(key, before[key], value));
  if (changed.length === 0) return undefined;
  return { id: after.id, runtime: after.runtime, ...Object.fromEntries(changed) };
}

/** A sample is the same where only time has passed. */
function isSame(key: string, before: unknown, after: unknown): boolean {
  if (before === after) return true;
  if (!isObject(before) || !isObject(after)) return false;
  const changes = key === 'sample' ? { time: undefined } : {};
  return JSON.stringify({ ...before, ...changes }) === JSON.stringify({ ...after, ...changes });
}

/** Whether a value is a document, of whatever version. */
export function isDocument(value: unknown): value is Json {
  return isObject(value) && value.format === FORMAT;
}

/** Puts the documents of a file together to one inventory with samples over time. */
export class DocumentReader {
  private readonly current = new Map<string, Reading>();
  /** Earlier runs of those that were started again. */
  private readonly former: Reading[] = [];
  private documents = 0;

  /** @returns what is wrong with the document, for the user; undefined where it was taken */
  take(document: Json): string | undefined {
    if (document.version !== VERSION)
      return `has version ${String(document.version)}; this boxtop reads ${VERSION}`;
    if (!Array.isArray(document.containers)) return 'has no containers';
    const time = timeFromJson(document.time);
    const named = new Set<string>();
    for (const container of document.containers.slice(0, MOST_CONTAINERS)) {
      if (!isObject(container)) continue;
      const id = text(container.id);
      if (id === undefined) continue;
      const key = keyOf({ id, runtime: text(container.runtime) ?? 'oci' });
      named.add(key);
      this.learn(key, container);
    }
    this.thinOut();
    if (document.complete !== true) return undefined;
    for (const [key, reading] of this.current) if (!named.has(key)) reading.end(time);
    return undefined;
  }

  inventory(): Inventory {
    return this.all().map((reading) => reading.entry());
  }

  private all(): Reading[] {
    return [...this.former, ...this.current.values()];
  }

  private thinOut(): void {
    if (++this.documents % THIN_OUT_EVERY !== 0) return;
    const total = this.all().reduce((sum, { count }) => sum + count, 0);
    if (total > MOST_SAMPLES_OF_ALL) for (const reading of this.all()) reading.thinOut();
  }

  private learn(key: string, container: Json): void {
    const known = this.current.get(key);
    if (known === undefined) {
      if (this.current.size < MOST_CONTAINERS) this.current.set(key, new Reading(container));
      return;
    }
    const pid = positive(container.init_pid);
    if (pid !== undefined && known.initPid !== pid && known.hasEnded) {
      if (this.former.length < MOST_CONTAINERS) this.former.push(known);
      this.current.set(key, new Reading({ ...known.json, finished_at: null, sample: null, ...container }));
    } else {
      known.update(container);
    }
  }
}

/** One run of a container as the documents tell it. */
class Reading {
  private samples: CgroupSample[] = [];
  private skipped = 0;
  private keepEvery = 1;

  constructor(public json: Json) {
    this.addSample(json.sample);
  }

  get initPid(): number | undefined {
    return positive(this.json.init_pid);
  }

  get hasEnded(): boolean {
    return timeFromJson(this.json.finished_at) !== undefined;
  }

  get count(): number {
    return this.samples.length;
  }

  update(change: Json): void {
    this.json = { ...this.json, ...change };
    if (change.sample !== undefined) this.addSample(change.sample);
  }

  end(time: bigint | undefined): void {
    if (!this.hasEnded && time !== undefined) {
      this.json = { ...this.json, finished_at: String(time) };
    }
  }

  entry(): InventoryEntry {
    return entryFromJson(this.json, this.samples);
  }

  private addSample(value: unknown): void {
    const sample = sampleFromJson(value);
    if (sample === undefined || ++this.skipped < this.keepEvery) return;
    this.skipped = 0;
    this.samples.push(sample);
    if (this.samples.length >= MOST_SAMPLES) this.thinOut();
  }

  thinOut(): void {
    this.samples = this.samples.filter((_, index) => index % 2 === 1);
    this.keepEvery *= 2;
  }
}
