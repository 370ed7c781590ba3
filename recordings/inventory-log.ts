/**
 * `inventory.jsonl`: who the containers were, while they were recorded. One JSON object a line, written as it becomes
 * known and never changed; a line that was cut off ends what can be read. `README.md` here has the fields.
 */
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { CgroupSample, Inventory, InventoryEntry } from '../analyzers/inventory.js';
import { parseEntry, parseSample } from './inventory-entry.js';

export const INVENTORY_LOG_FILE = 'inventory.jsonl';

const LONGEST_LINE = 1024 * 1024;
const MOST_CONTAINERS = 100_000;
/** Kept of each container; where there are more, every second of them. */
const MOST_SAMPLES = 4096;

export class InventoryLog {
  /** By container id: its last line, and the time of its last sample. */
  readonly #written = new Map<string, { line: string; sampled: bigint }>();

  private constructor(private readonly file: FileHandle) {}

  /** Creates the file. */
  static async create(path: string): Promise<InventoryLog> {
    return new InventoryLog(await open(path, 'wx', 0o600));
  }

  /** Writes what the inventory tells that was not written yet. `time` is when it was looked at, ns since the epoch. */
  async append(inventory: Inventory, time: bigint): Promise<void> {
    const lines = inventory.flatMap((entry) => this.#news(entry, time));
    if (lines.length > 0) await this.file.appendFile(`${lines.join('\n')}\n`);
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  #news({ samples = [], ...entry }: InventoryEntry, time: bigint): string[] {
    const before = this.#written.get(entry.id);
    const line = jsonOf(entry);
    const fresh = samples.filter((sample) => before === undefined || sample.time > before.sampled);
    this.#written.set(entry.id, { line, sampled: fresh.at(-1)?.time ?? before?.sampled ?? -1n });
    return [
      ...(line === before?.line ? [] : [jsonOf({ time, container: entry })]),
      ...fresh.map((sample) => jsonOf({ id: entry.id, sample })),
    ];
  }
}

/** Reads it up to its end or to the first line that is none; what a later line says of a container wins. */
export async function readInventoryLog(path: string): Promise<Inventory> {
  const entries = new Map<string, InventoryEntry>();
  const samples = new Map<string, SampleSeries>();
  const input = createReadStream(path, 'utf8');
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  try {
    for await (const line of lines) {
      const parsed = line.length > LONGEST_LINE ? undefined : parseLine(line);
      if (parsed === undefined) break;
      const { container, id, sample } = parsed;
      const entry = container === undefined ? undefined : parseEntry(container);
      if (entry !== undefined && (entries.has(entry.id) || entries.size < MOST_CONTAINERS)) {
        entries.set(entry.id, { ...entry, startedAt: entry.startedAt ?? entries.get(entry.id)?.startedAt });
      }
      const values = sample === undefined ? undefined : parseSample(sample);
      if (values !== undefined && typeof id === 'string' && entries.has(id)) {
        const series = samples.get(id) ?? new SampleSeries();
        samples.set(id, series);
        series.push(values);
      }
    }
  } finally {
    lines.close();
    input.destroy();
  }
  return [...entries.values()].map((entry) => {
    const series = samples.get(entry.id);
    return series === undefined ? entry : { ...entry, samples: series.samples };
  });
}

/** Counters only grow, so that leaving out some of their samples loses detail and nothing else. */
class SampleSeries {
  samples: CgroupSample[] = [];
  #stride = 1;
  #skipped = 0;

  push(sample: CgroupSample): void {
    if (++this.#skipped < this.#stride) return;
    this.#skipped = 0;
    this.samples.push(sample);
    if (this.samples.length < MOST_SAMPLES) return;
    this.samples = this.samples.filter((_, index) => index % 2 === 0);
    this.#stride *= 2;
  }
}

function parseLine(line: string): Partial<Record<'container' | 'id' | 'sample', unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Times and masks are decimal strings: JSON's numbers are exact up to 2^53 only. */
function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_, field: unknown) => (typeof field === 'bigint' ? field.toString() : field));
}
