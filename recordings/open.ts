/** What PATH may be: a recording (trace/ and what names its containers beside it), or any CTF trace directory. */
import { access, constants, opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkDescription } from './description.js';
import { RecordingError } from './error.js';
import { INVENTORY_LOG_FILE } from './inventory-log.js';

/** What to read of a recording. */
export interface Recording {
  /** The path as the user wrote it. */
  readonly path: string;
  /** What `open` of native/ takes: the directory under which the CTF traces lie. */
  readonly trace: string;
  /** Inspect files found in it, in the order of knowledge: what the host knew before, during and after. */
  readonly inventoryFiles: readonly string[];
  /** What boxtop wrote of the containers while it recorded; undefined where it did not. */
  readonly inventoryLog: string | undefined;
}

/** Directories looked through for a `metadata` file before giving up. */
const MOST_DIRECTORIES = 10_000;
const HOST_STAGES = ['host-before', 'host-during', 'host-after'];
const INSPECT_FILES = ['docker-inspect.json', 'podman-inspect.json'];

/** Finds out what `path` is. @throws RecordingError where there is none, no trace in it, or it may not be read. */
export async function findRecording(path: string): Promise<Recording> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => fail(path, error));
  if (!found.isDirectory()) {
    throw new RecordingError(
      `${path} is a file: a recording is the directory that lttng wrote (it has a file named metadata below it)`,
    );
  }
  const inner = join(path, 'trace');
  const trace = (await isDirectory(inner)) ? inner : path;
  if (!(await holdsMetadata(trace))) {
    throw new RecordingError(`${path} has no trace in it: no file named metadata lies below ${trace}`);
  }
  if (trace !== inner) return { path, trace, inventoryFiles: [], inventoryLog: undefined };
  const log = join(path, INVENTORY_LOG_FILE);
  const isOurs = (await checkDescription(path)) && (await hasText(log));
  return { path, trace, inventoryFiles: await inspectFilesOf(path), inventoryLog: isOurs ? log : undefined };
}

/** The inspect files that lie in the recording's host-…/ directories. */
async function inspectFilesOf(path: string): Promise<string[]> {
  const candidates = HOST_STAGES.flatMap((stage) => INSPECT_FILES.map((file) => join(path, stage, file)));
  const present = await Promise.all(candidates.map((file) => hasText(file)));
  return candidates.filter((_, index) => present[index]);
}

/** Looks for `metadata` breadth first, because it lies one or two levels down and a trace can have thousands of files. */
async function holdsMetadata(root: string): Promise<boolean> {
  const queue = [root];
  for (let looked = 0; looked < queue.length && looked < MOST_DIRECTORIES; looked++) {
    const directory = queue[looked]!;
    const entries = await opendir(directory).catch((error: NodeJS.ErrnoException) => fail(directory, error));
    for await (const entry of entries) {
      if (entry.name === 'metadata' && !entry.isDirectory()) return readable(join(directory, entry.name));
      if (entry.isDirectory()) queue.push(join(directory, entry.name));
    }
  }
  return false;
}

async function readable(file: string): Promise<true> {
  await access(file, constants.R_OK).catch((error: NodeJS.ErrnoException) => fail(file, error));
  return true;
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

/** Where a runtime has no containers, its inspect leaves an empty file. */
async function hasText(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && found.size > 0;
}

function fail(path: string, error: NodeJS.ErrnoException): never {
  const reasons: Record<string, string> = {
    ENOENT: `there is no ${path}`,
    ENOTDIR: `there is no ${path}`,
    EACCES: `${path} may not be read (a kernel trace belongs to root; try it with sudo)`,
    EPERM: `${path} may not be read`,
  };
  throw new RecordingError(reasons[error.code ?? ''] ?? `${path}: ${error.message}`, { cause: error });
}
