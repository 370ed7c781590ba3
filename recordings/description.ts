/** `recording.json`: what a recording is, for people and for versions of boxtop to come. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RecordingError } from './error.js';

export const DESCRIPTION_FILE = 'recording.json';
const FORMAT = 'boxtop-recording';
/** Goes up when an older boxtop could not read it; what it does not know it leaves alone. */
const VERSION = 1;

export interface Description {
  /** Of boxtop, that of the host, and of its kernel. */
  readonly boxtop: string;
  readonly host: string;
  readonly kernel: string;
  /** ns since the Unix epoch; `ended` is undefined while it is recorded, and for ever where that was cut off. */
  readonly began: bigint;
  readonly ended?: bigint | undefined;
  /** What was run meanwhile, and its exit code (128 + N after signal N). */
  readonly command?: readonly string[] | undefined;
  readonly exitCode?: number | undefined;
  /** Channels that were recorded, and what the kernel did not have. */
  readonly channels: readonly string[];
  readonly missing: readonly { readonly channel: string; readonly kind: string; readonly name: string }[];
  /** What the tracer lost by its own account. */
  readonly discardedEvents?: number | undefined;
  readonly lostPackets?: number | undefined;
  /** Only the newest so many bytes of the trace were kept. */
  readonly maxBytes?: number | undefined;
}

/** Writes it whole or not at all: a reader, and a cut, never see a part. */
export async function writeDescription(directory: string, description: Description): Promise<void> {
  const { boxtop, host, kernel, began, ended, ...rest } = description;
  const content = {
    format: FORMAT,
    version: VERSION,
    boxtop,
    host,
    kernel,
    began_ns: began.toString(),
    ended_ns: ended?.toString() ?? null,
    command: rest.command ?? null,
    exit_code: rest.exitCode ?? null,
    channels: rest.channels,
    missing: rest.missing,
    discarded_events: rest.discardedEvents ?? null,
    lost_packets: rest.lostPackets ?? null,
    max_bytes: rest.maxBytes ?? null,
  };
  const fresh = join(directory, `.${DESCRIPTION_FILE}.new`);
  await writeFile(fresh, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600 });
  await rename(fresh, join(directory, DESCRIPTION_FILE));
}

/** Whether the directory is a recording that this version can read. @throws RecordingError where only a newer one can */
export async function checkDescription(directory: string): Promise<boolean> {
  const text = await readFile(join(directory, DESCRIPTION_FILE), 'utf8').catch(() => undefined);
  if (text === undefined) return false;
  let content: { format?: unknown; version?: unknown } | null;
  try {
    content = JSON.parse(text);
  } catch {
    throw new RecordingError(
      `${join(directory, DESCRIPTION_FILE)} is no JSON; without it the trace can be read`,
    );
  }
  if (content?.format !== FORMAT || typeof content.version !== 'number') return false;
  if (content.version > VERSION) {
    throw new RecordingError(
      `${directory} was recorded by a newer boxtop (format ${content.version}, this one reads up to ${VERSION})`,
    );
  }
  return true;
}
