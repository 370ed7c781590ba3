/**
 * The inventory as JSON: what `boxtop inventory` prints, `--inventory` takes, and a recording's inventory.jsonl holds, a
 * document a line. docs/inventory.md describes it for users.
 */

import { HostLooks, type Look } from '../../analyzers/denials/looks.js';
import type { CgroupSample, Inventory, InventoryEntry } from '../../analyzers/inventory.js';
import { lookFromJson, lookJson } from '../looks/document.js';
import { containerJson, entryFromJson, sampleFromJson, sampleJson, timeFromJson } from './document-fields.js';
import { keyOf } from './identity.js';
import { array, isObject, type Json, positive, text } from './values.js';
import type { InventorySnapshot } from './watcher.js';

export const FORMAT = 'boxtop-inventory';
export const VERSION = 1;
const MOST_CONTAINERS = 100_000;
/** Of one container, and of all. Where there are more, every second one is let go: what is kept spans all the time. */
const MOST_SAMPLES = 8192;
/** A sample is told at least so often, also where nothing has changed. */
const TELL_EVERY_NS = 10_000_000_000n;
/** Documents between two looks at how many there are. */
const THIN_OUT_EVERY = 256;
const MOST_SAMPLES_OF_ALL = 2_000_000;

/** The document in which everything is told, as an object for JSON.stringify. */
export function documentOf(snapshot: InventorySnapshot): object {
  const containers = latestRuns(snapshot.containers).map((entry) => ({
    ...containerJson(entry),
    samples: (entry.samples ?? []).slice(-1).map(sampleJson),
  }));
  return { ...fullHeadOf(snapshot), containers };
}

/** The line that tells what a look at the host has shown, without the newline. */
export function looksLine(looks: readonly Look[]): string {
  const time = looks.at(-1)!.time;
  return JSON.stringify({ ...headOf({ time }, false), containers: [], looks: looks.map(lookJson) });
}

/** What of a container has been written. */
interface Told {
  readonly entry: InventoryEntry;
  readonly json: Json;
  readonly sample: CgroupSample | undefined;
}

/** Writes snapshots as lines, each with what has changed since the one before. */
export class DocumentWriter {
  private readonly told = new Map<string, Told>();
  private lines = 0;

  /** @param completeEvery so many lines from one in which everything is told to the next */
  constructor(private readonly completeEvery = 600) {}

  /** The JSON of one line without the newline; undefined where nothing has changed. */
  line(snapshot: InventorySnapshot): string | undefined {
    const isComplete = this.lines % this.completeEvery === 0;
    const latest = new Set(latestRuns(snapshot.containers));
    const containers: object[] = [];
    for (const entry of snapshot.containers) {
      const key = keyOf(entry);
      const before = this.told.get(key);
      // Of one that was started again the former run is told once more: that it has ended.
      if (!latest.has(entry) && before?.entry.initPid !== entry.initPid) continue;
      if (before?.entry === entry && !isComplete) continue;
      const json = containerJson(entry);
      const samples = newSamples(entry.samples ?? [], before?.sample);
      this.told.set(key, { entry, json, sample: samples.at(-1) ?? before?.sample });
      const told = { ...(isComplete ? json : differenceOf(before?.json, json)) };
      if (samples.length > 0) Object.assign(told, { samples: samples.map(sampleJson) });
      if (Object.keys(told).length > 0) containers.push({ id: entry.id, runtime: entry.runtime, ...told });
    }
    this.forget(snapshot.containers);
    if (!isComplete && containers.length === 0) return undefined;
    this.lines++;
    const head = isComplete ? fullHeadOf(snapshot) : headOf(snapshot, false);
    return JSON.stringify({ ...head, containers });
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

function headOf({ time }: Pick<InventorySnapshot, 'time'>, complete: boolean) {
  return { format: FORMAT, version: VERSION, time: String(time), complete };
}

function fullHeadOf(snapshot: InventorySnapshot) {
  const { host, runtimes } = snapshot;
  return {
    ...headOf(snapshot, true),
    host: { name: host.name, kernel: host.kernel, cgroup: host.cgroup ?? null },
    runtimes: runtimes.map(({ name, endpoint, state, version, error }) => ({
      name,
      endpoint,
      state,
      version: version ?? null,
      error: error ?? null,
    })),
  };
}

/**
 * Those after the last one that was told. Of a run of samples in which nothing changed but the time the last one is told
 * too, since counters are taken to grow evenly from one sample to the next; and one now and then.
 */
function newSamples(samples: readonly CgroupSample[], told: CgroupSample | undefined): CgroupSample[] {
  const news: CgroupSample[] = [];
  let before = told;
  let skipped: CgroupSample | undefined;
  for (const sample of samples) {
    if (before !== undefined && sample.time <= before.time) continue;
    if (before !== undefined && sample.time - before.time < TELL_EVERY_NS && isSameSample(before, sample)) {
      skipped = sample;
      continue;
    }
    if (skipped !== undefined) news.push(skipped);
    skipped = undefined;
    news.push(sample);
    before = sample;
  }
  return news;
}

function isSameSample(before: CgroupSample, after: CgroupSample): boolean {
  return Object.entries(after).every(
    ([key, value]) => key === 'time' || before[key as keyof CgroupSample] === value,
  );
}

/** The fields that are others than before. */
function differenceOf(before: Json | undefined, after: Json): Json {
  if (before === undefined) return after;
  return Object.fromEntries(Object.entries(after).filter(([key, value]) => !isSame(before[key], value)));
}

function isSame(before: unknown, after: unknown): boolean {
  return before === after || (isObject(before) && JSON.stringify(before) === JSON.stringify(after));
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
  /** What looks at the host have shown. */
  readonly looks = new HostLooks();

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
    for (const value of array(document.looks)) {
      const look = lookFromJson(value);
      if (look !== undefined) this.looks.learn(look);
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
      this.current.set(key, new Reading({ ...known.json, finished_at: null, samples: [], ...container }));
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
    this.addSamples(json.samples);
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
    this.addSamples(change.samples);
  }

  end(time: bigint | undefined): void {
    if (!this.hasEnded && time !== undefined) {
      this.json = { ...this.json, finished_at: String(time) };
    }
  }

  entry(): InventoryEntry {
    return entryFromJson(this.json, this.samples);
  }

  private addSamples(values: unknown): void {
    for (const value of array(values)) this.addSample(value);
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
