/**
 * Who the containers of this host are, kept up to date: what the runtimes tell, and what their cgroups and processes show.
 * No runtime is waited for: a container that none has named yet goes by its id.
 */
import { hostname, release } from 'node:os';
import type { Inventory, InventoryEntry } from '../../analyzers/inventory.js';
import { type CgroupVersion, Hierarchies } from '../cgroup/hierarchies.js';
import { CgroupFinder } from './cgroup-finder.js';
import { Followers, type FollowTimes } from './followers.js';
import { mergeEntries } from './identity.js';
import type { RuntimeStatus } from './ledger.js';
import { Rosters } from './roster.js';
import type { Runtime } from './runtime.js';
import { runtimes as allRuntimes } from './runtimes/index.js';
import { Tracked } from './tracked.js';

/** All that is known at one moment. Entries that have not changed are the same objects as in the snapshot before. */
export interface InventorySnapshot {
  /** ns since the Unix epoch. */
  readonly time: bigint;
  readonly host: HostFacts;
  readonly runtimes: readonly RuntimeStatus[];
  /** What runs, and what ended in the last minutes (it has `finishedAt`). */
  readonly containers: Inventory;
}

export interface HostFacts {
  readonly name: string;
  readonly kernel: string;
  readonly cgroup: CgroupVersion | undefined;
}

export interface WatcherOptions {
  /** Time between samples of the cgroup files, if they do not take long; 200 containers cost about 3 % of a core at one a second. */
  readonly sampleMs?: number;
  /** What to ask; all that boxtop knows. */
  readonly runtimes?: readonly Runtime[];
  readonly times?: FollowTimes;
}

const SAMPLE_MS = 1000;
/** Containers that live for less than a second are sampled more often. */
const YOUNG_MS = 1000;
const YOUNG_SAMPLE_MS = 100;
/** Looking takes at most this share of the time, and this one while somebody is young or changes. */
const SHARE = 1 / 20;
const YOUNG_SHARE = 1 / 5;
/** However long it takes, this is the longest pause for it. */
const LONGEST_PAUSE_MS = 2000;
/** A burst of news is one update. */
const SETTLE_MS = 20;
const WALK_EVERY_MS = 5000;
/** So long after a glance the whole tree is walked: what was new has become what it will be. */
const WALK_AGAIN_MS = 1000;
/** For so long the runtimes are asked again who a new container is, and so often. */
const NAMING_MS = 3000;
const HINT_NOT_MORE_OFTEN_MS = 200;
const WALK_NOT_MORE_OFTEN_MS = 100;
const REMEMBER_ENDED_NS = 600n * 1_000_000_000n;
const MOST_ENDED = 1000;

export class InventoryWatcher {
  private readonly hierarchies = Hierarchies.read();
  private readonly finder = new CgroupFinder(this.hierarchies, () => this.walkSoon());
  private readonly followers: Followers;
  private readonly rosters = new Rosters(this.finder);
  private readonly tracked = new Map<string, Tracked>();
  /** The last run of those that ended, and what runtimes told of them that is in there already. */
  private readonly ended = new Map<string, InventoryEntry>();
  private readonly remembered = new WeakSet<InventoryEntry>();
  private readonly listeners = new Set<(snapshot: InventorySnapshot) => void>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly sampleMs: number;
  private walking = false;
  private walkedAt = Number.NEGATIVE_INFINITY;
  /** The next look at the cgroups is a walk, not a glance. */
  private isWalkDue = true;
  /** How long the last of each took; a glance counts as one, too. */
  private lookMs = 0;
  private walkMs = 0;
  private refreshMs = 0;
  private stopped = false;

  constructor(options: WatcherOptions = {}) {
    this.sampleMs = options.sampleMs ?? SAMPLE_MS;
    this.followers = new Followers(options.runtimes ?? allRuntimes, () => this.refreshSoon(), options.times);
  }

  /** Begins; the first snapshot with samples comes with the next turns of the event loop. */
  start(): void {
    this.followers.start();
    this.walkSoon();
    this.sampleLater();
  }

  stop(): void {
    this.stopped = true;
    this.followers.stop();
    this.finder.close();
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.listeners.clear();
  }

  /** Calls with every snapshot: whenever somebody comes, goes or is named, and after each sample. Returns what ends it. */
  subscribe(listener: (snapshot: InventorySnapshot) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Resolves when every runtime that is there has answered or failed and the cgroups have been walked; or after so many ms. */
  async settled(ms: number): Promise<void> {
    const deadline = performance.now() + ms;
    const isTrying = () => this.followers.all.some(({ status }) => status.state === 'trying');
    while ((this.walkedAt < 0 || isTrying()) && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    }
    this.refresh(true);
  }

  snapshot(): InventorySnapshot {
    return {
      time: now(),
      host: { name: hostname(), kernel: release(), cgroup: this.hierarchies.version },
      runtimes: this.followers.all.map(({ status }) => status),
      containers: [...this.ended.values(), ...[...this.tracked.values()].map(({ entry }) => entry)],
    };
  }

  /** Takes what is known and samples of it, of all or of those that are young, and tells the listeners. */
  private refresh(isForAll = false): void {
    if (this.stopped) return;
    const began = performance.now();
    const time = now();
    const { running, finished, unnamed } = this.rosters.take(this.followers.all);
    for (const [key, tracked] of this.tracked) {
      const base = running.get(key);
      if (base === undefined || tracked.isAnotherRun(base)) this.end(key, tracked, finished.get(key), time);
    }
    for (const [key, base] of running) {
      const tracked = this.tracked.get(key);
      if (tracked === undefined) this.tracked.set(key, new Tracked(base, this.hierarchies));
      else tracked.learn(base);
    }
    for (const [key, entry] of finished) this.remember(key, entry);
    let isAnyYoung = false;
    let isAnyToBeNamed = false;
    for (const [key, tracked] of this.tracked) {
      const isYoung = tracked.ageMs < YOUNG_MS;
      tracked.look(time, isForAll || isYoung);
      isAnyYoung ||= isYoung;
      isAnyToBeNamed ||= tracked.ageMs < NAMING_MS && unnamed.has(key);
    }
    this.forget(time);
    if (isAnyToBeNamed) this.after('hint', HINT_NOT_MORE_OFTEN_MS, () => this.followers.hint());
    const snapshot = this.snapshot();
    for (const listener of this.listeners) listener(snapshot);
    this.refreshMs = performance.now() - began;
    if (isAnyYoung) {
      this.after('young', pauseAfter(this.refreshMs, YOUNG_SHARE, YOUNG_SAMPLE_MS), () => this.refresh());
    }
  }

  private sampleLater(): void {
    this.after('sample', pauseAfter(this.refreshMs, SHARE, this.sampleMs - this.refreshMs), () => {
      this.refresh(true);
      this.sampleLater();
    });
  }

  private end(key: string, tracked: Tracked, told: InventoryEntry | undefined, time: bigint): void {
    this.tracked.delete(key);
    const isSameRun = told !== undefined && !tracked.isAnotherRun(told);
    if (isSameRun) tracked.learn(told);
    tracked.end(time);
    this.ended.set(key, tracked.entry);
    if (isSameRun) this.remembered.add(told);
  }

  /** What a runtime tells of one that ended: it may have lived too short for us, or be looked at after its end. */
  private remember(key: string, entry: InventoryEntry): void {
    if (this.remembered.has(entry)) return;
    this.remembered.add(entry);
    const known = this.ended.get(key);
    const pids = new Set([known?.initPid, entry.initPid].filter((pid) => pid !== undefined));
    this.ended.set(key, known === undefined || pids.size > 1 ? entry : mergeEntries(entry, known));
  }

  private forget(time: bigint): void {
    const before = time - REMEMBER_ENDED_NS;
    for (const [key, { finishedAt }] of this.ended) {
      if (this.ended.size <= MOST_ENDED && finishedAt !== undefined && finishedAt >= before) continue;
      this.ended.delete(key);
    }
    for (const ledger of this.followers.all) ledger.forgetEnded(before);
  }

  private refreshSoon(): void {
    this.after('refresh', SETTLE_MS, () => this.refresh());
  }

  private walkSoon(): void {
    if (this.walking) return;
    const pause = pauseAfter(this.lookMs, YOUNG_SHARE, WALK_NOT_MORE_OFTEN_MS);
    const wait = Math.max(0, this.walkedAt + pause - performance.now());
    this.after('walk soon', wait, () => void this.walk());
  }

  private async walk(): Promise<void> {
    const began = performance.now();
    const isWhole = this.isWalkDue;
    this.isWalkDue = false;
    this.walking = true;
    await (isWhole ? this.finder.walk() : this.finder.glance());
    this.walking = false;
    this.walkedAt = performance.now();
    this.lookMs = this.walkedAt - began;
    if (isWhole) this.walkMs = this.lookMs;
    this.walkAfter(isWhole ? 'walk' : 'walk again', isWhole ? WALK_EVERY_MS : WALK_AGAIN_MS);
    if (this.finder.hasNews) this.walkSoon();
    if (this.stopped) this.finder.close();
    else this.refresh();
  }

  private walkAfter(name: string, ms: number): void {
    this.after(name, pauseAfter(this.walkMs, SHARE, ms), () => {
      this.isWalkDue = true;
      this.walkSoon();
    });
  }

  /** Once, after so many ms; while it waits, asking for it again changes nothing. */
  private after(name: string, ms: number, run: () => void): void {
    if (this.stopped || this.timers.has(name)) return;
    const timer = setTimeout(() => {
      this.timers.delete(name);
      run();
    }, ms);
    this.timers.set(name, timer.unref());
  }
}

/** Until something is done again that took so many ms, and is to take at most this share of the time; no less than `least`. */
function pauseAfter(ms: number, share: number, least: number): number {
  return Math.max(least, Math.min(LONGEST_PAUSE_MS, ms / share));
}

/** The time of day, in steps of microseconds: the clock that runs on evenly, from where it stood when we began. */
function now(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
}
