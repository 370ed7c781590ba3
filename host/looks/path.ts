/**
 * Looks whether a path is there, in the host's root or in a container's, without opening what is there and without leaving
 * the root: each directory is opened as a mere place (`O_PATH`), the next name is looked up in it, and links are followed
 * by hand, so that an absolute one begins at the root again. What a container changes meanwhile cannot lead out either.
 */
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, opendir, readlink } from 'node:fs/promises';
import type { PathKind } from '../../analyzers/denials/looks.js';

/** Not among Node's constants (`include/uapi/asm-generic/fcntl.h`). */
const O_PATH = 0o10000000;
const PLACE = O_PATH | constants.O_DIRECTORY;
/** As the kernel's `MAXSYMLINKS`. */
const MOST_LINKS = 40;
const MOST_STEPS = 256;

/** What is at a path. `kind` null: nothing. */
export interface Found {
  readonly kind: PathKind | null;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

const NOTHING: Found = { kind: null };

/**
 * @param root directory, `/` or `/proc/PID/root`
 * @param forbidden paths within it that must not be entered
 * @returns undefined where nobody can tell: it may not be looked at, or a part of it is forbidden
 */
export async function findPath(
  root: string,
  path: string,
  forbidden: ReadonlySet<string>,
): Promise<Found | undefined> {
  const walk = new Walk(forbidden);
  try {
    return await walk.find(root, path);
  } catch (error) {
    return isAbsence(error) ? NOTHING : undefined;
  } finally {
    await walk.close();
  }
}

/** Names in a directory, at most so many; undefined where it is not there or may not be looked at. */
export async function listDirectory(
  root: string,
  path: string,
  forbidden: ReadonlySet<string>,
  most: number,
): Promise<string[] | undefined> {
  const walk = new Walk(forbidden);
  try {
    const found = await walk.find(root, path === '/' ? '/' : `${path}/.`);
    if (found?.kind !== 'directory') return undefined;
    const names: string[] = [];
    for await (const { name } of await opendir(walk.here)) {
      names.push(name);
      if (names.length === most) break;
    }
    return names;
  } catch {
    return undefined;
  } finally {
    await walk.close();
  }
}

class Walk {
  /** The root and the directories down to where one is. */
  private readonly places: FileHandle[] = [];
  private readonly names: string[] = [];

  constructor(private readonly forbidden: ReadonlySet<string>) {}

  /** Another name for the directory where one is, whatever has become of its path. */
  get here(): string {
    return `/proc/self/fd/${this.places.at(-1)!.fd}`;
  }

  async find(root: string, path: string): Promise<Found | undefined> {
    if (this.forbidden.has('/')) return undefined;
    this.places.push(await open(root, PLACE));
    const todo = path.split('/').reverse();
    let links = 0;
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      const name = todo.pop();
      if (name === undefined) return { kind: 'directory' };
      if (name === '' || name === '.') continue;
      if (name === '..') {
        await this.up();
        continue;
      }
      if (this.forbidden.has(`/${[...this.names, name].join('/')}`)) return undefined;
      const stat = await lstat(`${this.here}/${name}`);
      if (stat.isSymbolicLink()) {
        if (++links > MOST_LINKS) return NOTHING;
        const target = await readlink(`${this.here}/${name}`);
        if (target.startsWith('/')) while (this.places.length > 1) await this.up();
        todo.push(...target.split('/').reverse());
        continue;
      }
      if (todo.length === 0) return foundOf(stat);
      if (!stat.isDirectory()) return NOTHING;
      this.places.push(await open(`${this.here}/${name}`, PLACE | constants.O_NOFOLLOW));
      this.names.push(name);
    }
    return undefined;
  }

  async close(): Promise<void> {
    for (const place of this.places) await place.close();
  }

  private async up(): Promise<void> {
    if (this.places.length === 1) return;
    this.names.pop();
    await this.places.pop()!.close();
  }
}

function foundOf(stat: Stats): Found {
  return { kind: kindOf(stat), mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid };
}

function kindOf(stat: Stats): PathKind {
  if (stat.isDirectory()) return 'directory';
  if (stat.isSocket()) return 'socket';
  if (stat.isFIFO()) return 'fifo';
  return stat.isFile() ? 'file' : 'device';
}

function isAbsence(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG';
}
