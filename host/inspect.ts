/**
 * Reads inventory files: boxtop's own format, and what `docker inspect` and `podman inspect` print. Of the latter only the
 * handful of fields that the inventory needs are looked at; a field of another type than expected counts as not told.
 */
import { readFile, stat } from 'node:fs/promises';
import type { Inventory, InventoryEntry } from '../analyzers/inventory.js';
import { readDocuments } from './inventory/document-file.js';
import { InventoryError } from './inventory/error.js';
import { keyOf, mergeEntries } from './inventory/identity.js';
import { placed } from './inventory/labels.js';
import { timestamp } from './inventory/timestamp.js';
import { isObject, type Json, labels, object, positive, text } from './inventory/values.js';
import { jsonFault } from './json-fault.js';
import { securityOf } from './security.js';

export { InventoryError };

/** Thousands of containers take some megabytes. */
const LARGEST_FILE = 64 * 1024 * 1024;
const MOST_ENTRIES = 100_000;
/** What the kernel and the runtimes take where a quota comes without a period. */
const DEFAULT_CPU_PERIOD_US = 100_000;
const HOW_TO_MAKE =
  'make it with `boxtop inventory > FILE`, or `docker inspect $(docker ps -aq) > FILE` (or the same with podman)';

/** Reads the files and merges their entries by id; a later file fills in and corrects an earlier. @throws InventoryError */
export async function readInventory(files: readonly string[]): Promise<Inventory> {
  return mergeInventories(await Promise.all(files.map(readOne)));
}

async function readOne(file: string): Promise<Inventory> {
  const documents = await readDocuments(file).catch((error: NodeJS.ErrnoException) =>
    cannotRead(file, error),
  );
  return documents?.inventory ?? parseInspect(await readBounded(file), file);
}

/** One file's text: an array of containers, one container, or several of these one after another, as shells append them. */
export function parseInspect(text: string, file: string): Inventory {
  const values = jsonValues(text, file);
  if (values.length > MOST_ENTRIES) {
    throw new InventoryError(`${file} lists ${values.length} containers; at most ${MOST_ENTRIES} are read`);
  }
  return values.map((value, index) => inspectEntry(value, `${file}: entry ${index + 1}`));
}

/**
 * Merges by container: what a later one knows replaces, what it does not know is kept from the earlier. A container that was
 * started again is two, since its processes have nothing in common.
 */
export function mergeInventories(inventories: readonly Inventory[]): Inventory {
  const merged = new Map<string, InventoryEntry>();
  const former: InventoryEntry[] = [];
  for (const entry of inventories.flat()) {
    const key = keyOf(entry);
    const earlier = merged.get(key);
    const isAgain =
      earlier?.initPid !== undefined && entry.initPid !== undefined && earlier.initPid !== entry.initPid;
    if (isAgain) former.push(earlier);
    merged.set(key, earlier === undefined || isAgain ? entry : mergeEntries(entry, earlier));
  }
  return [...former, ...merged.values()];
}

/**
 * One container of the output, which is also what the daemons' APIs answer. `where` begins the message.
 * @throws InventoryError where it is none
 */
export function inspectEntry(value: unknown, where: string): InventoryEntry {
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
  return placed({
    id,
    name: text(value.Name)?.replace(/^\//, '') || id.slice(0, 12),
    runtime: isPodman ? 'podman' : 'docker',
    image: text(value.ImageName) ?? text(config.Image) ?? text(value.Image),
    initPid: positive(state.Pid),
    limitCpus: limitOf(hostConfig),
    startedAt: timestamp(state.StartedAt),
    finishedAt: timestamp(state.FinishedAt),
    labels: labels(config.Labels),
    ...securityOf(value),
  });
}

/** CPUs: `--cpus` is kept as NanoCpus, `--cpu-quota` and `--cpu-period` in µs; 0 and -1 are none. */
function limitOf(hostConfig: Json): number | undefined {
  const nanoCpus = positive(hostConfig.NanoCpus);
  if (nanoCpus !== undefined) return nanoCpus / 1e9;
  const quota = positive(hostConfig.CpuQuota);
  if (quota === undefined) return undefined;
  return quota / (positive(hostConfig.CpuPeriod) ?? DEFAULT_CPU_PERIOD_US);
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
    return cannotRead(file, error as NodeJS.ErrnoException);
  }
}

function cannotRead(file: string, error: NodeJS.ErrnoException): never {
  if (error instanceof InventoryError) throw error;
  const reasons: Record<string, string> = {
    ENOENT: 'there is no such file',
    EISDIR: 'it is a directory; name the file that `docker inspect` wrote',
    EACCES: 'it may not be read',
  };
  const { code = '', message } = error;
  throw new InventoryError(`inventory ${file}: ${reasons[code] ?? message}`);
}
