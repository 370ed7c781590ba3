import type { Source } from '../native/types.js';
import { type Announcement, Container } from './container.js';
import type { Inventory, InventoryEntry } from './inventory.js';
import { settle, type Tasks } from './kernel/tasks.js';
import type { Thread } from './kernel/thread.js';
import { Throttle } from './throttling/throttle.js';

/** Inodes of the initial namespaces, fixed since Linux 3.8 (`include/linux/proc_ns.h`). */
const INITIAL_PID_NS = 0xeffffffc;
const INITIAL_CGROUP_NS = 0xeffffffb;

/** More containers at once than any host has; a trace that has more is made up. */
const MAX_CONTAINERS = 1 << 14;

/** How far the clocks of trace and runtime may be apart, and how long a start may take between fork and `StartedAt`. */
const CLOCK_SLACK_NS = 2e9;
const START_SLACK_NS = 120e9;

/** The runtime's processes between its own and the container's first one whose announcement counts. */
export const MAX_LAUNCHERS = 3;

/** What the trace can tell about namespaces at all. */
export interface NamespaceSources {
  readonly pid: boolean;
  readonly cgroup: boolean;
}

/**
 * The containers of one host, from the namespaces of its threads: the deepest pid namespace that is not the host's; else a
 * cgroup namespace that is not the host's; else the process tree below the init process that the inventory names; else the
 * host. A second cgroup namespace within a pid namespace (`--pid container:x`) is a container of its own.
 *
 * The host's namespaces are those of statedump level 0 and of kthreadd; before these are seen, the kernel's initial ones.
 */
export class Containers {
  readonly host: Container;
  /** Threads of which nothing has told the namespaces. */
  readonly unknown: Container;
  /** In the order they appeared. */
  readonly all = new Set<Container>();
  private readonly byPidNs = new Map<number, Container>();
  private readonly byCgroupNs = new Map<number, Container>();
  private readonly generations = new Map<string, number>();
  private readonly entriesById = new Map<string, InventoryEntry>();
  private readonly entriesByPid = new Map<number, InventoryEntry[]>();
  private readonly entriesByPidNs = new Map<number, InventoryEntry>();
  private readonly entriesByCgroupNs = new Map<number, InventoryEntry>();
  /** By path of the cgroup that has it. */
  private readonly sharedQuotas = new Map<string, Throttle>();
  /** Every thread that lived when tracing began has been told of. */
  statedumpComplete = false;
  private hostPidNs = INITIAL_PID_NS;
  private hostCgroupNs = INITIAL_CGROUP_NS;

  constructor(
    private readonly prefix: string,
    private readonly source: Pick<Source, 'origin'>,
    private readonly tasks: Tasks,
    private readonly sources: () => NamespaceSources,
    inventory: Inventory,
  ) {
    this.host = new Container(`${prefix}host`, true);
    this.unknown = new Container(`${prefix}unknown`);
    this.index(inventory);
  }

  /** The inventory has changed: containers that it knows by now get their names, and known ones what is new of them. */
  learnInventory(inventory: Inventory): void {
    this.index(inventory);
    for (const container of this.all) {
      if (container.isHost) continue;
      const { entry, announced } = container;
      const id = entry?.id ?? announced?.id;
      const known = id === undefined ? undefined : this.entriesById.get(id);
      this.adopt(container, known ?? entry ?? this.entryByNamespaces(container));
      // What is shown of it may be other than before.
      if (container.entry !== entry) container.row = undefined;
    }
  }

  private index(inventory: Inventory): void {
    this.entriesById.clear();
    this.entriesByPid.clear();
    this.entriesByPidNs.clear();
    this.entriesByCgroupNs.clear();
    for (const entry of inventory) {
      this.entriesById.set(entry.id, entry);
      if (entry.finishedAt === undefined && entry.namespaces !== undefined) {
        const { pid, cgroup } = entry.namespaces;
        if (pid !== undefined && pid !== this.hostPidNs) this.entriesByPidNs.set(pid, entry);
        if (cgroup !== undefined && cgroup !== this.hostCgroupNs) this.entriesByCgroupNs.set(cgroup, entry);
      }
      if (entry.initPid === undefined) continue;
      const entries = this.entriesByPid.get(entry.initPid);
      if (entries === undefined) this.entriesByPid.set(entry.initPid, [entry]);
      else entries.push(entry);
    }
  }

  /** By the inodes of its own namespaces; a container that ended had them before, so it must still live. */
  private entryByNamespaces(container: Container): InventoryEntry | undefined {
    if (container.ended !== undefined) return undefined;
    const byCgroupNs = this.entriesByCgroupNs.get(container.cgroupNs);
    if (byCgroupNs !== undefined) return byCgroupNs;
    const byPidNs = this.entriesByPidNs.get(container.pidNs);
    return byPidNs !== undefined && fits(byPidNs, container) ? byPidNs : undefined;
  }

  /** The statedump's root level, or kthreadd, told the host's own namespaces. */
  setHostNamespaces(pidNs: number, cgroupNs: number): void {
    if (pidNs !== 0) this.hostPidNs = pidNs;
    if (cgroupNs !== 0) this.hostCgroupNs = cgroupNs;
  }

  /** A context or a statedump told the thread's namespaces; 0 is "not told", as of a thread that is exiting. */
  learn(thread: Thread, pidNs: number, cgroupNs: number): void {
    if ((pidNs === 0 || pidNs === thread.pidNs) && (cgroupNs === 0 || cgroupNs === thread.cgroupNs)) return;
    if (pidNs !== 0) thread.pidNs = pidNs;
    if (cgroupNs !== 0) thread.cgroupNs = cgroupNs;
    this.place(thread);
  }

  /** A thread was forked into a pid namespace as its first one: whatever had that inode before is over. */
  begin(thread: Thread, time: number): void {
    const former = this.byPidNs.get(thread.pidNs);
    if (former !== undefined) {
      former.ended ??= time;
      this.unindex(former);
    }
    const container = this.create(`pid_ns:${thread.pidNs}`);
    if (container === undefined) return;
    container.started = time;
    container.pidNs = thread.pidNs;
    this.introduce(container, thread);
    this.byPidNs.set(thread.pidNs, container);
  }

  /** Puts the thread into the container that what is known of it tells. */
  place(thread: Thread): void {
    const container = this.resolve(thread);
    if (container !== thread.container) this.move(thread, container);
    if (container !== undefined && !container.isHost) {
      if (container.entry === undefined && thread.process?.leader === thread) {
        const entry = this.entryOf(thread);
        if (entry !== undefined && fits(entry, container)) this.adopt(container, entry);
      }
      this.claimLaunchers(thread, container);
    }
  }

  /**
   * The thread runs its own program now. If the inventory knows it as a container's init process although all its
   * namespaces are the host's, its process tree is the container.
   */
  settleTree(thread: Thread): void {
    const { container: former, process } = thread;
    if (former === undefined ? thread.pidNs !== this.hostPidNs : !former.isHost) return;
    if (thread.isKernelThread || process?.leader !== thread) return;
    const entry = this.entryOf(thread);
    // Before the container has namespaces of its own, its runtime's process may be taken for its init.
    const pidNs = entry?.namespaces?.pid ?? this.hostPidNs;
    if (entry === undefined || pidNs !== this.hostPidNs) return;
    const container = this.create(`init_pid:${thread.tid}`);
    if (container === undefined) return;
    this.adopt(container, entry);
    container.started = thread.started;
    for (const other of this.tasks.all()) {
      if (!this.descends(other, thread)) continue;
      other.tree = container;
      this.place(other);
    }
  }

  private descends(thread: Thread, ancestor: Thread): boolean {
    let process = thread.process;
    for (let depth = 0; process !== undefined && depth < 64; depth++) {
      if (process === ancestor.process) return true;
      process = process.ppid === undefined ? undefined : this.tasks.processes.get(process.ppid);
    }
    return false;
  }

  private resolve(thread: Thread): Container | undefined {
    if (thread.isKernelThread) return this.host;
    const { cgroupNs } = thread;
    const pidNs = thread.pidNs !== 0 || this.sources().pid ? thread.pidNs : this.hostPidNs;
    if (pidNs === 0) return undefined;
    const ownCgroupNs = cgroupNs !== 0 && cgroupNs !== this.hostCgroupNs;
    if (pidNs !== this.hostPidNs) {
      const container =
        this.known(thread, this.byPidNs, pidNs) ?? this.appear(thread, this.byPidNs, pidNs, 'pid_ns');
      if (container === undefined || !ownCgroupNs || container.cgroupNs === cgroupNs) return container;
      if (container.cgroupNs === 0) {
        container.cgroupNs = cgroupNs;
        this.byCgroupNs.set(cgroupNs, container);
        return container;
      }
    }
    if (ownCgroupNs)
      return (
        this.known(thread, this.byCgroupNs, cgroupNs) ??
        this.appear(thread, this.byCgroupNs, cgroupNs, 'cgroup_ns')
      );
    if (thread.tree !== undefined) return thread.tree;
    if (thread.launching || (cgroupNs === 0 && this.sources().cgroup)) return undefined;
    return this.host;
  }

  /** Whose namespace it is; a living thread is in none of a container that has ended, which had the inode before. */
  private known(thread: Thread, index: Map<number, Container>, inode: number): Container | undefined {
    const container = index.get(inode);
    if (container === undefined || thread.ended !== undefined || !this.hasEnded(container)) return container;
    this.unindex(container);
    return undefined;
  }

  /** A namespace that nothing told of before; only a runtime's own process tells that it is new. */
  private appear(
    thread: Thread,
    index: Map<number, Container>,
    inode: number,
    kind: 'pid_ns' | 'cgroup_ns',
  ): Container | undefined {
    const container = this.create(`${kind}:${inode}`);
    if (container === undefined) return undefined;
    index.set(inode, container);
    if (kind === 'cgroup_ns') container.cgroupNs = inode;
    else container.pidNs = inode;
    if (thread.launching) {
      container.started = thread.started;
      this.introduce(container, thread);
    }
    return container;
  }

  private introduce(container: Container, init: Thread): void {
    const announced = this.announcementOf(init);
    container.announced = announced;
    if (announced !== undefined) this.adopt(container, this.entriesById.get(announced.id));
  }

  /** What the inventory tells of it; below a slice or pod with a quota it shares that. */
  private adopt(container: Container, entry: InventoryEntry | undefined): void {
    container.entry = entry;
    const { cpusSetBy } = entry?.limits ?? {};
    if (cpusSetBy === undefined || cpusSetBy === entry?.cgroupPath) {
      if (container.throttle.isShared) container.throttle = new Throttle();
      return;
    }
    let throttle = this.sharedQuotas.get(cpusSetBy);
    if (throttle === undefined) {
      throttle = new Throttle(true);
      this.sharedQuotas.set(cpusSetBy, throttle);
    }
    container.throttle = throttle;
  }

  private create(identity: string): Container | undefined {
    if (this.all.size >= MAX_CONTAINERS) return undefined;
    if (this.generations.size >= MAX_CONTAINERS) this.generations.clear();
    const generation = (this.generations.get(identity) ?? 0) + 1;
    this.generations.set(identity, generation);
    const container = new Container(
      generation === 1 ? this.prefix + identity : `${this.prefix}${identity}#${generation}`,
    );
    this.all.add(container);
    return container;
  }

  private move(thread: Thread, to: Container | undefined): void {
    this.tasks.awaken(thread.process);
    const from = thread.container;
    if (from !== undefined) {
      settle(thread);
      if (thread.ended === undefined) from.alive--;
    }
    thread.container = to;
    if (to === undefined) return;
    if (thread.process !== undefined) thread.process.container = to;
    if (thread.ended === undefined) {
      to.alive++;
      to.ended = undefined;
    }
  }

  /** runc's own processes are in the cgroup before the container's namespaces exist: what they used belongs to it. */
  private claimLaunchers(thread: Thread, container: Container): void {
    let launcher = thread.launcher;
    thread.launcher = undefined;
    for (let depth = 0; launcher !== undefined && depth < MAX_LAUNCHERS; depth++) {
      launcher.tree = container;
      this.place(launcher);
      launcher = launcher.launcher;
    }
  }

  /** What the runtime's process, or one that started it, announced; it is used once. */
  private announcementOf(thread: Thread): Announcement | undefined {
    let process = thread.process;
    for (let depth = 0; depth <= MAX_LAUNCHERS; depth++) {
      process = process?.ppid === undefined ? undefined : this.tasks.processes.get(process.ppid);
      if (process === undefined || process.pid === 1) return undefined;
      const { announced } = process;
      process.announced = undefined;
      if (announced !== undefined) return announced;
    }
    return undefined;
  }

  /** What the inventory tells of the container whose init process this is; a pid may have been another's before. */
  private entryOf(init: Thread): InventoryEntry | undefined {
    let best: InventoryEntry | undefined;
    let bestDelay = Number.POSITIVE_INFINITY;
    for (const entry of this.entriesByPid.get(init.tid) ?? []) {
      const delay = startDelay(entry, init, this.source.origin);
      if (delay === undefined || delay >= bestDelay) continue;
      best = entry;
      bestDelay = delay;
    }
    return best;
  }

  /** Whether the last thread has ended; before the statedump is over an older container may have others. */
  hasEnded(container: Container): boolean {
    const known = this.statedumpComplete || container.started !== undefined;
    return !container.isHost && container.alive === 0 && container.ended !== undefined && known;
  }

  /** Forgets containers that have ended and been reported. */
  sweep(): void {
    for (const container of this.all) {
      if (!this.hasEnded(container)) continue;
      this.unindex(container);
      this.all.delete(container);
      container.release();
      this.dropQuota(container);
    }
  }

  /** Nobody shares the quota any more. */
  private dropQuota({ throttle, entry }: Container): void {
    const path = entry?.limits?.cpusSetBy;
    if (!throttle.isShared || path === undefined || this.sharedQuotas.get(path) !== throttle) return;
    for (const other of this.all) if (other.throttle === throttle) return;
    this.sharedQuotas.delete(path);
  }

  private unindex(container: Container): void {
    if (this.byPidNs.get(container.pidNs) === container) this.byPidNs.delete(container.pidNs);
    if (this.byCgroupNs.get(container.cgroupNs) === container) this.byCgroupNs.delete(container.cgroupNs);
  }
}

/** Several may share a pid namespace (`--pid container:x`), not a cgroup namespace. */
function fits({ namespaces }: InventoryEntry, { cgroupNs }: Container): boolean {
  const told = namespaces?.cgroup;
  return told === undefined || cgroupNs === 0 || told === cgroupNs;
}

/** From the fork to `StartedAt`, where both fit to each other; undefined where the pid was somebody else's then. */
function startDelay(entry: InventoryEntry, init: Thread, origin: bigint): number | undefined {
  const finished = relative(entry.finishedAt, origin);
  if (finished !== undefined && finished < (init.started ?? 0) - CLOCK_SLACK_NS) return undefined;
  const started = relative(entry.startedAt, origin);
  if (started === undefined) return START_SLACK_NS;
  if (init.started === undefined) return started <= CLOCK_SLACK_NS ? Math.abs(started) : undefined;
  const delay = started - init.started;
  return delay >= -CLOCK_SLACK_NS && delay <= START_SLACK_NS ? Math.abs(delay) : undefined;
}

function relative(time: bigint | undefined, origin: bigint): number | undefined {
  return time === undefined ? undefined : Number(time - origin);
}
