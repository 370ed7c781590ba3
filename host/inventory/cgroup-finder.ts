/**
 * Finds the cgroups of containers by their paths, whoever made them: a walk over the tree now and then, and a glance at once
 * where inotify tells that a cgroup was made or removed beside one of them.
 */
import { type FSWatcher, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { readKernelFile } from '../bounded-file.js';
import type { Hierarchies } from '../cgroup/hierarchies.js';
import { type CgroupIdentity, identifyCgroup } from '../cgroup/path.js';
import { innermostPid, isRuntime } from '../processes.js';
import { keyOf } from './identity.js';
import { MOST_CONTAINERS } from './runtime.js';

const MOST_CGROUPS = 50_000;
const DEEPEST = 24;
const MOST_WATCHES = 256;
/** Cgroups read before others get their turn. */
const STRETCH = 100;
/** Where containers may be made although there are none yet. */
const LIKELY_PARENTS = [
  '/',
  '/system.slice',
  '/machine.slice',
  '/docker',
  '/libpod_parent',
  '/kubepods',
  '/kubepods.slice',
];
/** Processes of a container that are looked at to find its init, and levels below its cgroup (`init.scope`, `payload`). */
const MOST_PROCESSES = 64;
const LEVELS_BELOW = 2;

export class CgroupFinder {
  /** By key (`keyOf`), as of the last walk or glance. */
  found: ReadonlyMap<string, CgroupIdentity> = new Map();
  private readonly watches = new Map<string, FSWatcher>();
  /** What each watched cgroup had in it. */
  private readonly children = new Map<string, ReadonlySet<string>>();
  /** Watched ones in which cgroups were made or removed since. */
  private readonly changedIn = new Set<string>();

  /** @param changed is called when a cgroup was made or removed beside a container's, perhaps often */
  constructor(
    private readonly hierarchies: Hierarchies,
    private readonly changed: () => void,
  ) {}

  /** Something was made or removed that was not looked at yet. */
  get hasNews(): boolean {
    return this.changedIn.size > 0;
  }

  /** Looks at the whole tree. */
  async walk(): Promise<void> {
    this.changedIn.clear();
    await this.explore(['/'], new Map(), new Set(LIKELY_PARENTS));
  }

  /**
   * Looks at what was made and removed in the watched cgroups since, not at what is in others: what is made below a new one
   * afterwards is found by the next walk.
   */
  async glance(): Promise<void> {
    const found = new Map(this.found);
    const made: string[] = [];
    for (const parent of this.changedIn) {
      const before = new Set(this.children.get(parent));
      const now = this.childrenOf(parent);
      made.push(...now.filter((path) => !before.has(path)));
      for (const path of now) before.delete(path);
      for (const path of before) {
        for (const [key, identity] of found) if (isWithin(identity.path, path)) found.delete(key);
      }
      this.children.set(parent, new Set(now));
    }
    this.changedIn.clear();
    await this.explore(made, found, new Set([...LIKELY_PARENTS, ...this.watches.keys()]));
  }

  /** Adds what is at and below the cgroups, breadth first. */
  private async explore(
    queue: string[],
    found: Map<string, CgroupIdentity>,
    parents: Set<string>,
  ): Promise<void> {
    const seen = new Map<string, ReadonlySet<string>>();
    for (let at = 0; at < queue.length && at < MOST_CGROUPS; at++) {
      if (at % STRETCH === STRETCH - 1) await nextTurn();
      const path = queue[at]!;
      const identity = identifyCgroup(path);
      if (identity !== undefined && found.size < MOST_CONTAINERS) {
        // Deeper ones come later: crun's `SCOPE/container` takes the place of its scope.
        if (identity.path === path) found.set(keyOf(identity), identity);
        parents.add(path.slice(0, path.lastIndexOf('/')) || '/');
      }
      if (path.split('/').length > DEEPEST) continue;
      const children = this.childrenOf(path);
      seen.set(path, new Set(children));
      queue.push(...children);
    }
    this.found = found;
    this.watchOnly(parents);
    for (const path of this.watches.keys()) {
      const children = seen.get(path);
      if (children !== undefined) this.children.set(path, children);
    }
  }

  close(): void {
    this.watchOnly(new Set());
  }

  /** The process that is 1 in its own pid namespace, else the oldest that is not the runtime's own. */
  initOf(path: string): number | undefined {
    const { primary } = this.hierarchies;
    const directory = primary && this.hierarchies.directoryOf(primary, path);
    return directory === undefined ? undefined : initBelow(directory, LEVELS_BELOW);
  }

  /** Paths of the cgroups in it. */
  private childrenOf(path: string): string[] {
    const { primary } = this.hierarchies;
    const directory = primary && this.hierarchies.directoryOf(primary, path);
    if (directory === undefined) return [];
    return directoriesIn(directory).map((child) => (path === '/' ? `/${child}` : `${path}/${child}`));
  }

  private watchOnly(parents: ReadonlySet<string>): void {
    for (const [path, watcher] of this.watches) {
      if (parents.has(path)) continue;
      watcher.close();
      this.watches.delete(path);
      this.children.delete(path);
    }
    for (const path of parents) {
      if (this.watches.size >= MOST_WATCHES) return;
      if (!this.watches.has(path)) this.watchOne(path);
    }
  }

  private watchOne(path: string): void {
    const { primary } = this.hierarchies;
    const directory = primary && this.hierarchies.directoryOf(primary, path);
    if (directory === undefined) return;
    try {
      const watcher = watch(directory, { persistent: false }, (type) => {
        if (type !== 'rename') return;
        this.changedIn.add(path);
        this.changed();
      });
      // A directory that goes away is found by the walk.
      watcher.on('error', () => watcher.close());
      this.watches.set(path, watcher);
    } catch {
      // It does not exist, or there are no watches left: the walk is the other way.
    }
  }
}

/** Names of the directories in it. */
function directoriesIn(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

function isWithin(path: string, ancestor: string): boolean {
  return path === ancestor || path.startsWith(`${ancestor}/`);
}

function initBelow(directory: string, levels: number): number | undefined {
  const pids = (readKernelFile(join(directory, 'cgroup.procs')) ?? '')
    .split('\n')
    .slice(0, MOST_PROCESSES)
    .map(Number)
    .filter((pid) => pid > 0);
  const init = pids.find((pid) => innermostPid(pid) === 1) ?? pids.find((pid) => !isRuntime(pid));
  if (init !== undefined || levels === 0) return init;
  for (const child of directoriesIn(directory)) {
    const below = initBelow(join(directory, child), levels - 1);
    if (below !== undefined) return below;
  }
  return undefined;
}
