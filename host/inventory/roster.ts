/** Puts together who runs now: what the runtimes tell, and cgroups of which none has told. */
import type { InventoryEntry } from '../../analyzers/inventory.js';
import type { CgroupIdentity } from '../cgroup/path.js';
import { innermostPid, isAlive } from '../processes.js';
import type { CgroupFinder } from './cgroup-finder.js';
import { keyOf, mergeEntries } from './identity.js';
import type { Ledger } from './ledger.js';

export interface Roster {
  /** By key (`keyOf`). An entry about which nothing new was told is the same object as before. */
  readonly running: ReadonlyMap<string, InventoryEntry>;
  /** What runtimes tell of the last run of those that have ended. */
  readonly finished: ReadonlyMap<string, InventoryEntry>;
  /** Keys of those that no runtime has told of. */
  readonly unnamed: ReadonlySet<string>;
}

export class Rosters {
  private readonly merged = new WeakMap<InventoryEntry, WeakMap<InventoryEntry, InventoryEntry>>();
  private readonly seen = new Map<string, InventoryEntry>();

  constructor(private readonly finder: CgroupFinder) {}

  take(ledgers: readonly Ledger[]): Roster {
    const running = new Map<string, InventoryEntry>();
    const finished = new Map<string, InventoryEntry>();
    for (const { entries, status } of ledgers) {
      for (const entry of entries.values()) {
        const key = keyOf(entry);
        if (entry.finishedAt !== undefined) {
          if (!finished.has(key)) finished.set(key, entry);
        } else if (status.state === 'reached' || mayBeAlive(entry)) {
          const better = running.get(key);
          running.set(key, better === undefined ? entry : this.merge(better, entry));
        }
      }
    }
    for (const [key, { initPid }] of finished) {
      // Another runtime, or the same by another way, may not have noticed yet.
      if (running.get(key)?.initPid === initPid) running.delete(key);
    }
    const unnamed = this.addSeen(running, finished);
    return { running, finished, unnamed };
  }

  private addSeen(
    running: Map<string, InventoryEntry>,
    finished: ReadonlyMap<string, InventoryEntry>,
  ): Set<string> {
    const unnamed = new Set<string>();
    for (const key of this.seen.keys()) if (!this.finder.found.has(key)) this.seen.delete(key);
    for (const [key, identity] of this.finder.found) {
      const told = running.get(key);
      if (told?.initPid !== undefined) continue;
      const seen = this.see(key, identity);
      const last = finished.get(key);
      // Its cgroup has been left for a moment, or the walk was before its end.
      const isLast = last !== undefined && (seen.initPid === undefined || seen.initPid === last.initPid);
      if (told === undefined && isLast) continue;
      const known = told ?? last;
      running.set(key, known === undefined ? seen : this.merge(known, seen));
      if (told === undefined) unnamed.add(key);
    }
    return unnamed;
  }

  private see(key: string, { id, name, runtime, pod, path }: CgroupIdentity): InventoryEntry {
    const known = this.seen.get(key);
    const isSamePlace = known !== undefined && known.cgroupPath === path;
    // Anyone else may be what starts it: a shell, then systemd-nspawn by the same pid, beside the container all its life.
    if (isSamePlace && known.initPid !== undefined && innermostPid(known.initPid) === 1) return known;
    const initPid = this.finder.initOf(path);
    if (isSamePlace && known.initPid === initPid) return known;
    const entry = {
      id,
      name: name ?? id.slice(0, 12),
      runtime,
      image: undefined,
      initPid,
      limitCpus: undefined,
      startedAt: undefined,
      finishedAt: undefined,
      labels: {},
      cgroupPath: path,
      ...(pod !== undefined && { pod }),
    };
    this.seen.set(key, entry);
    return entry;
  }

  /** The same object for the same two, so that "has it changed" stays a comparison of objects. */
  private merge(first: InventoryEntry, second: InventoryEntry): InventoryEntry {
    const known = this.merged.get(first)?.get(second);
    if (known !== undefined) return known;
    // Started again: who it is, and nothing of how it ran.
    const lasting =
      first.finishedAt === undefined
        ? first
        : { ...first, initPid: undefined, startedAt: undefined, finishedAt: undefined };
    const merged = mergeEntries(lasting, second);
    const bySecond = this.merged.get(first) ?? new WeakMap<InventoryEntry, InventoryEntry>();
    this.merged.set(first, bySecond.set(second, merged));
    return merged;
  }
}

/** Of a container whose init is not known nothing speaks against it. */
function mayBeAlive({ initPid }: InventoryEntry): boolean {
  return initPid === undefined || isAlive(initPid);
}
