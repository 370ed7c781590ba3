/** Opens what a command reads: the recording, its trace and the inventory that names its containers. */
import { HostLooks } from '../analyzers/denials/looks.js';
import type { Engine } from '../analyzers/engine.js';
import type { Inventory } from '../analyzers/inventory.js';
import { mergeInventories, readInventory } from '../host/inspect.js';
import { open } from '../native/index.js';
import type { Source, Subscription } from '../native/types.js';
import { readInventoryLog } from '../recordings/inventory-log.js';
import { findRecording } from '../recordings/open.js';
import { CommandError } from './errors.js';
import { formatTime, parseDuration, parseTime, resolveTime, type Span, type Time } from './time.js';

/** PATH that means this machine, now. A directory of that name is `./live`. */
export const LIVE_PATH = 'live';

/** A part of a trace, in ns since its origin; `end` exclusive. Absent: from the beginning, to the end. */
export interface Part {
  readonly begin?: number;
  readonly end?: number;
}

export interface Reading {
  readonly source: Source;
  /** It goes on while it is read. */
  readonly isLive: boolean;
  readonly inventory: Inventory;
  /** The recording's directory, where boxtop may put files of its own; undefined for a bare trace. */
  readonly directory: string | undefined;
  /** What was looked up on the host when it was recorded. */
  readonly looks: HostLooks;
  /** Opens the same trace anew. */
  reopen(): Promise<Source>;
  /** From now on tells the engine who the containers are; of a recording that is known from its beginning. */
  follow(engine: Engine): void;
  /** Closes the source, and ends a session of our own. */
  close(): Promise<void>;
}

/** Opens a recording; the inventory given by hand knows better than what lies in the recording. */
export async function startReading(
  path: string,
  inventoryFiles: readonly string[],
  subscription: Subscription,
): Promise<Reading> {
  const recording = await findRecording(path);
  const { inventoryLog } = recording;
  const logged = inventoryLog === undefined ? undefined : await readInventoryLog(inventoryLog);
  const inspected = await readInventory([...recording.inventoryFiles, ...inventoryFiles]);
  const inventory = mergeInventories([logged?.inventory ?? [], inspected]);
  const reopen = () => open(recording.trace, subscription);
  const directory = recording.trace === recording.path ? undefined : recording.path;
  const looks = logged?.looks ?? new HostLooks();
  const source = await reopen();
  const close = () => source.close();
  return { source, isLive: false, inventory, looks, directory, reopen, follow() {}, close };
}

/** First and last event of a recorded trace. */
export function spanOf(source: Pick<Source, 'origin' | 'end'>): Span {
  return { begin: source.origin, end: source.origin + BigInt(Math.round(source.end ?? 0)) };
}

/** What `--from` and `--to` choose of the trace. @throws CommandError where that is nothing. */
export function partOf(
  source: Pick<Source, 'origin' | 'end'>,
  from: Time | undefined,
  to: Time | undefined,
): Part {
  const span = spanOf(source);
  const begin = from && resolveTime(from, span);
  const end = to && resolveTime(to, span);
  const reach = reachOf(span);
  if (begin !== undefined && begin > span.end) {
    throw new CommandError(`--from ${formatTime(begin)} is after the end: ${reach}`);
  }
  if (end !== undefined && end <= span.begin) {
    throw new CommandError(`--to ${formatTime(end)} is before the beginning: ${reach}`);
  }
  if (begin !== undefined && end !== undefined && begin >= end) {
    throw new CommandError(`--from ${formatTime(begin)} is not before --to ${formatTime(end)}`);
  }
  return {
    ...(begin !== undefined && { begin: sinceOrigin(begin, span) }),
    ...(end !== undefined && { end: sinceOrigin(end, span) }),
  };
}

/** Where `--at` is, in ns since the trace's origin. @throws CommandError outside of the trace. */
export function momentOf(source: Pick<Source, 'origin' | 'end'>, at: Time): number {
  const span = spanOf(source);
  const moment = resolveTime(at, span);
  if (moment < span.begin || moment > span.end) {
    throw new CommandError(`--at ${formatTime(moment)} is not in the trace: ${reachOf(span)}`);
  }
  return sinceOrigin(moment, span);
}

/**
 * Where a jump leads, in ns since the trace's origin: TIME, but a duration with a sign counts from the moment `from` that is
 * shown. @throws UsageError for what is no time.
 */
export function jumpTo(text: string, from: number, span: Span): number {
  if (!/^[+-]/.test(text)) return sinceOrigin(resolveTime(parseTime(text), span), span);
  return Math.max(0, from + parseDuration(text.slice(1)) * (text[0] === '-' ? -1 : 1));
}

/** ns since the trace's beginning; a time before it is the beginning. */
export function sinceOrigin(ns: bigint, span: Span): number {
  return ns <= span.begin ? 0 : Number(ns - span.begin);
}

function reachOf(span: Span): string {
  return `the trace goes from ${formatTime(span.begin)} to ${formatTime(span.end)}`;
}

/** How much of a recorded trace has been read, 0…1. */
export function shareRead(source: Pick<Source, 'counters'>): number | undefined {
  const { bytesRead, bytesTotal } = source.counters();
  return bytesTotal === undefined || bytesTotal === 0 ? undefined : bytesRead / bytesTotal;
}
