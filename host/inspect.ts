/**
 * Reads what `docker inspect` and `podman inspect` print into the inventory. Only the handful of fields that the inventory
 * needs are looked at; a field of another type than expected counts as not told.
 */
import { readFile, stat } from 'node:fs/promises';
import type { Inventory, InventoryEntry } from '../analyzers/inventory.js';
import { jsonFault } from './json-fault.js';

/** An inventory file that cannot be used; the message is one sentence for the user. */
export class InventoryError extends Error {
  override readonly name = 'InventoryError';
}

/** Thousands of containers take some megabytes. */
const LARGEST_FILE = 64 * 1024 * 1024;
const MOST_ENTRIES = 100_000;
const LONGEST_TEXT = 4096;
const MOST_LABELS = 1000;
/** What the kernel and the runtimes take where a quota comes without a period. */
const DEFAULT_CPU_PERIOD_US = 100_000;
const HOW_TO_MAKE = 'make it with `docker inspect $(docker ps -aq) > FILE` (or the same with podman)';

type Json = Readonly<Record<string, unknown>>;

/** Reads the files and merges their entries by id; a later file fills in and corrects an earlier. @throws InventoryError */
export async function readInventory(files: readonly string[]): Promise<Inventory> {
  const texts = await Promise.all(files.map(readBounded));
  return mergeInventories(files.map((file, index) => parseInspect(texts[index]!, file)));
}

/** One file's text: an array of containers, one container, or several of these one after another, as shells append them. */
export function parseInspect(text: string, file: string): Inventory {
  const values = jsonValues(text, file);
  if (values.length > MOST_ENTRIES) {
    throw new InventoryError(`${file} lists ${values.length} containers; at most ${MOST_ENTRIES} are read`);
  }
  return values.map((value, index) => entryOf(value, `${file}: entry ${index + 1}`));
}

/** Merges by container id: what a later one knows replaces, what it does not know is kept from the earlier. */
export function mergeInventories(inventories: readonly Inventory[]): Inventory {
  const merged = new Map<string, InventoryEntry>();
  for (const entry of inventories.flat()) {
    const earlier = merged.get(entry.id);
    merged.set(entry.id, earlier === undefined ? entry : mergeEntries(earlier, entry));
  }
  return [...merged.values()];
}

function mergeEntries(earlier: InventoryEntry, later: InventoryEntry): InventoryEntry {
  return {
    id: later.id,
    name: later.name,
    runtime: later.runtime,
    image: later.image ?? earlier.image,
    initPid: later.initPid ?? earlier.initPid,
    limitCpus: later.limitCpus ?? earlier.limitCpus,
    startedAt: later.startedAt ?? earlier.startedAt,
    finishedAt: later.finishedAt ?? earlier.finishedAt,
    labels: { ...earlier.labels, ...later.labels },
  };
}

function entryOf(value: unknown, where: string): InventoryEntry {
  if (!isObject(value)) throw new InventoryError(`${where} is no container: ${HOW_TO_MAKE}`);
  const id = text(value.Id);
  const state = object(value.State);
  if (id === undefined || value.State === undefined) {
    const missing = id === undefined ? 'Id' : 'State';
    throw new InventoryError(
      `${where} has no ${missing}, so it is no container of docker or podman inspect: ${HOW_TO_MAKE}`,
    );
  }
  const config = object(value.Config);
  const hostConfig = object(value.HostConfig);
  const isPodman = text(value.ImageName) !== undefined || 'OCIRuntime' in value;
  return {
    id,
    name: text(value.Name)?.replace(/^\//, '') || id.slice(0, 12),
    runtime: isPodman ? 'podman' : 'docker',
    image: text(value.ImageName) ?? text(config.Image) ?? text(value.Image),
    initPid: positive(state.Pid),
    limitCpus: limitOf(hostConfig),
    startedAt: timestamp(state.StartedAt),
    finishedAt: timestamp(state.FinishedAt),
    labels: labelsOf(object(config.Labels)),
  };
}

/** CPUs: `--cpus` is kept as NanoCpus, `--cpu-quota` and `--cpu-period` in µs; 0 and -1 are none. */
function limitOf(hostConfig: Json): number | undefined {
  const nanoCpus = positive(hostConfig.NanoCpus);
  if (nanoCpus !== undefined) return nanoCpus / 1e9;
  const quota = positive(hostConfig.CpuQuota);
  if (quota === undefined) return undefined;
  return quota / (positive(hostConfig.CpuPeriod) ?? DEFAULT_CPU_PERIOD_US);
}

/** RFC 3339 with up to nine decimals, to the nanosecond. The year 1 is how Go writes "never". */
function timestamp(value: unknown): bigint | undefined {
  const parts = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/.exec(
    text(value) ?? '',
  );
  if (parts === null || parts[1]!.startsWith('0001-')) return undefined;
  const ms = Date.parse(`${parts[1]}${parts[3]}`);
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1_000_000n + BigInt((parts[2] ?? '').padEnd(9, '0'));
}

function labelsOf(labels: Json): Record<string, string> {
  const texts = Object.entries(labels).slice(0, MOST_LABELS);
  return Object.fromEntries(
    texts.flatMap(([key, value]) => (typeof value === 'string' ? [[cut(key), cut(value)]] : [])),
  );
}

/** The containers of a text, whether they come in one array, alone, or as several such values in a row. */
function jsonValues(source: string, file: string): unknown[] {
  const trimmed = source.replace(/^\uFEFF/, '').trim();
  if (trimmed === '') throw new InventoryError(`${file} is empty: ${HOW_TO_MAKE}`);
  try {
    const value: unknown = JSON.parse(trimmed);
    return Array.isArray(value) ? value : [value];
  } catch {
    return concatenated(trimmed) ?? brokenJson(source.trimEnd(), file);
  }
}

/** `docker inspect a > f; podman inspect b >> f` leaves whole values in a row, each beginning a line. */
function concatenated(source: string): unknown[] | undefined {
  const pieces = source.split(/(?<=^[\]}])\r?\n(?=[[{])/m);
  if (pieces.length < 2) return undefined;
  try {
    return pieces.flatMap((piece) => JSON.parse(piece) as unknown);
  } catch {
    return undefined;
  }
}

function brokenJson(source: string, file: string): never {
  const position = jsonFault(source);
  const before = source.slice(0, position).split('\n');
  const where = `line ${before.length}, column ${before.at(-1)!.length + 1}`;
  const why = position >= source.length ? 'it ends in the middle' : 'it is no JSON';
  throw new InventoryError(`${file}: ${why} at ${where}: ${HOW_TO_MAKE}`);
}

async function readBounded(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > LARGEST_FILE) {
      throw new InventoryError(
        `${file} has ${size} bytes; an inventory of more than ${LARGEST_FILE} is not read`,
      );
    }
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof InventoryError) throw error;
    const reasons: Record<string, string> = {
      ENOENT: 'there is no such file',
      EISDIR: 'it is a directory; name the file that `docker inspect` wrote',
      EACCES: 'it may not be read',
    };
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new InventoryError(`inventory ${file}: ${reasons[code] ?? message}`);
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function object(value: unknown): Json {
  return isObject(value) ? value : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? cut(value) : undefined;
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;
}

function cut(value: string): string {
  return value.slice(0, LONGEST_TEXT);
}
