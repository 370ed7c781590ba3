/** One container as the watcher keeps it: who it is, and what its init process and cgroup tell of it over time. */
import type { CgroupSample, InventoryEntry, Mount } from '../../analyzers/inventory.js';
import { readKernelFile } from '../bounded-file.js';
import { CgroupFiles } from '../cgroup/files.js';
import type { Controller, Hierarchies } from '../cgroup/hierarchies.js';
import { identifyCgroup } from '../cgroup/path.js';
import { parseMounts } from '../looks/mounts.js';
import { isAlive, membershipOf, namespacesOf, privilegesOf, startOf } from '../processes.js';

/** A runtime's init changes its namespaces and privileges on its way to the container's program. */
const SETTLING_MS = 2000;
const LOOK_AGAIN_MS = 10_000;
/** Samples kept; who wants more (a recording) takes them as they come. */
const MOST_SAMPLES = 64;
const MOST_MOUNTS = 512;

export class Tracked {
  entry: InventoryEntry;
  private files: CgroupFiles | undefined;
  private readonly since = performance.now();
  private lookedAt = Number.NEGATIVE_INFINITY;
  private samples: readonly CgroupSample[] = [];

  constructor(
    private base: InventoryEntry,
    private readonly hierarchies: Hierarchies,
  ) {
    this.entry = base;
  }

  get ageMs(): number {
    return performance.now() - this.since;
  }

  /** Path in the hierarchy where containers are looked for. */
  get cgroupPath(): string | undefined {
    return this.entry.cgroupPath;
  }

  /**
   * Whether this is another run of it, with another init process. Who was only seen by the processes in its cgroup may have
   * been the runtime's helper at first, which soon ends or stays beside it.
   */
  isAnotherRun({ initPid }: InventoryEntry): boolean {
    const before = this.base.initPid;
    if (before === undefined || initPid === undefined || before === initPid) return false;
    const isGuess = this.base.cgroupPath !== undefined;
    return !isGuess || (this.ageMs >= SETTLING_MS && !isAlive(before));
  }

  /** The runtime told something new of it. */
  learn(base: InventoryEntry): void {
    if (base === this.base) return;
    if (base.initPid !== this.base.initPid) this.files = undefined;
    this.base = base;
    this.lookedAt = Number.NEGATIVE_INFINITY;
    this.build({});
  }

  /** Looks at process and files where it is time to, and takes a sample, or not. */
  look(time: bigint, isSampled: boolean): void {
    const now = performance.now();
    const due = this.ageMs < SETTLING_MS || now - this.lookedAt >= LOOK_AGAIN_MS;
    const facts = due ? this.facts() : {};
    if (due) this.lookedAt = now;
    const sample = isSampled || this.samples.length === 0 ? this.files?.sample(time) : undefined;
    if (sample !== undefined) this.samples = [...this.samples.slice(1 - MOST_SAMPLES), sample];
    if (due || sample !== undefined) this.build(facts);
  }

  end(time: bigint): void {
    if (this.base.finishedAt === undefined) this.base = { ...this.base, finishedAt: time };
    this.build({});
  }

  private build(facts: Partial<InventoryEntry>): void {
    const { cgroupPath, namespaces, privileges, limits, mounts } = this.entry;
    const kept = { ...defined({ cgroupPath, namespaces, privileges, limits, mounts }), ...facts };
    const known = kept.limits;
    this.entry = {
      ...this.base,
      ...kept,
      limitCpus: known === undefined ? this.base.limitCpus : known.cpus,
      startedAt: this.base.startedAt ?? facts.startedAt ?? this.entry.startedAt,
      ...(this.samples.length > 0 && { samples: this.samples }),
    };
  }

  private facts(): Partial<InventoryEntry> {
    const { initPid } = this.base;
    if (initPid === undefined) return {};
    this.files ??= this.findFiles(initPid);
    const limits = this.files?.limits();
    return defined({
      cgroupPath: this.path,
      namespaces: namespacesOf(initPid),
      privileges: privilegesOf(initPid),
      limits,
      mounts: this.mountsOf(initPid),
      startedAt: this.entry.startedAt ?? startOf(initPid),
    });
  }

  private path: string | undefined;
  private mountinfo: string | undefined;
  private mounts: readonly Mount[] | undefined;

  /** The same object as long as nothing has changed. */
  private mountsOf(initPid: number): readonly Mount[] | undefined {
    const text = readKernelFile(`/proc/${initPid}/mountinfo`);
    if (text === undefined || text === '') return undefined;
    if (text !== this.mountinfo) this.mounts = parseMounts(text).slice(0, MOST_MOUNTS);
    this.mountinfo = text;
    return this.mounts;
  }

  private findFiles(initPid: number): CgroupFiles | undefined {
    const paths = containerPaths(this.hierarchies.parseMembership(membershipOf(initPid) ?? ''));
    if (paths.size === 0) return undefined;
    const { primary } = this.hierarchies;
    this.path = primary && paths.get(primary);
    return new CgroupFiles(this.hierarchies, paths);
  }
}

/** The container's own cgroup in each hierarchy, without what it made below; a hierarchy that it has no part in is left out. */
function containerPaths(membership: ReadonlyMap<Controller, string>): Map<Controller, string> {
  const identified = new Map<Controller, string>();
  const plain = new Map<Controller, string>();
  for (const [hierarchy, path] of membership) {
    const identity = identifyCgroup(path);
    if (identity !== undefined) identified.set(hierarchy, identity.path);
    else if (path !== '/') plain.set(hierarchy, path);
  }
  return identified.size > 0 ? identified : plain;
}

function defined<T extends object>(facts: T): Partial<T> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as Partial<T>;
}
