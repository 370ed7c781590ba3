/** Bookmarks of a recording: a small file in its directory, or in the user's state directory where that cannot be written. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { RecordingError } from './error.js';

/** A moment (ns since the Unix epoch) and what somebody called it. */
export interface Bookmark {
  readonly time: bigint;
  readonly label: string;
}

/** See `BookmarkKeeper` of tui/app/time/bookmarks.ts, whose shape this has. */
export interface KeptBookmarks {
  readonly kept: readonly Bookmark[];
  keeps(): boolean;
  /** @throws RecordingError where they can be written nowhere */
  save(bookmarks: readonly Bookmark[]): Promise<void>;
}

export const BOOKMARKS_FILE = 'bookmarks.json';
const FORMAT = 'boxtop-bookmarks';
const VERSION = 1;
/** More than anybody sets by hand. */
const MOST_BOOKMARKS = 10_000;
const MOST_LABEL = 256;

/**
 * Bookmarks of what lies at `path`. `directory` is a recording's own, into which a file may be put; undefined for a bare trace,
 * whose directory belongs to the tracer. What was kept in the state directory, because the recording could not be written, goes
 * before what lies in the recording, until that can be written again.
 */
export async function openBookmarks(
  path: string,
  directory: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): Promise<KeptBookmarks> {
  const own = directory === undefined ? undefined : join(directory, BOOKMARKS_FILE);
  const state = stateFile(await realpath(path).catch(() => path), env);
  const kept =
    (await readBookmarks(state)) ?? (own === undefined ? undefined : await readBookmarks(own)) ?? [];
  let writing: Promise<void> = Promise.resolve();
  return {
    keeps: yes,
    kept: kept.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0)),
    save: (bookmarks) => {
      writing = writing.catch(() => {}).then(() => save(own, state, bookmarks));
      return writing;
    },
  };
}

/** `$XDG_STATE_HOME/boxtop/bookmarks/HASH.json`, where the hash is that of the recording's path. */
function stateFile(path: string, env: NodeJS.ProcessEnv): string {
  const named = env.XDG_STATE_HOME;
  const home = named !== undefined && isAbsolute(named) ? named : join(env.HOME ?? homedir(), '.local/state');
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 16);
  return join(home, 'boxtop/bookmarks', `${hash}.json`);
}

/** undefined where there is no such file, or it is none of ours. */
async function readBookmarks(file: string): Promise<Bookmark[] | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const { format, version, bookmarks } = JSON.parse(text);
    if (format !== FORMAT || version !== VERSION || !Array.isArray(bookmarks)) return undefined;
    return bookmarks.slice(0, MOST_BOOKMARKS).map(({ time_ns, label }) => {
      if (typeof time_ns !== 'string' || !/^\d{1,19}$/.test(time_ns)) throw new Error('no time');
      return { time: BigInt(time_ns), label: String(label ?? '').slice(0, MOST_LABEL) };
    });
  } catch {
    return undefined;
  }
}

async function save(own: string | undefined, state: string, bookmarks: readonly Bookmark[]): Promise<void> {
  const isInRecording = own !== undefined && (await write(own, bookmarks).then(yes, no));
  if (isInRecording) {
    await rm(state, { force: true });
    return;
  }
  await write(state, bookmarks).catch((error: Error) => {
    throw new RecordingError(`the bookmarks could not be kept: ${error.message}`, { cause: error });
  });
}

const yes = () => true;
const no = () => false;

/** A file that is there but cannot be read as bookmarks is somebody's, and stays. */
async function write(file: string, bookmarks: readonly Bookmark[]): Promise<void> {
  const isThere = await readFile(file).then(yes, no);
  if (isThere && (await readBookmarks(file)) === undefined) throw new Error(`${file} holds something else`);
  const content = {
    format: FORMAT,
    version: VERSION,
    bookmarks: bookmarks
      .slice(0, MOST_BOOKMARKS)
      .map(({ time, label }) => ({ time_ns: String(time), label: label.slice(0, MOST_LABEL) })),
  };
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
