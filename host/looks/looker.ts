/**
 * Looks at the host for what explains refusals: who listens, which keys there are, whether a path is there. It samples by
 * itself, and answers questions when their turn comes: one after another, not too many a second, and never in a container's
 * stead (no namespace is entered, no file opened). What it finds goes to whoever listens, as data with a time.
 */
import { HostLooks, type Look, type Question } from '../../analyzers/denials/looks.js';
import type { Inventory, InventoryEntry } from '../../analyzers/inventory.js';
import { namespacesOf, privilegesOf } from '../processes.js';
import { lookAtIpc } from './ipc.js';
import { answeredElsewhere, mountsOf } from './mounts.js';
import { lookAtNetwork } from './network.js';
import { type Found, findPath } from './path.js';

/** Whoever knows the containers: `InventoryWatcher`. */
export interface ContainerWatcher {
  snapshot(): { readonly containers: Inventory };
  subscribe(listener: (snapshot: { readonly containers: Inventory }) => void): () => void;
}

/** Most questions that are answered in a second. */
const PER_SECOND = 20;
/** Questions that wait; further ones are let go, and may be asked again. */
const MOST_WAITING = 2048;
/** What was answered is not looked at again for so long. */
const ANSWER_HOLDS_MS = 30_000;
const MOST_ANSWERED = 1 << 14;
/** Other containers in which a path is looked for. */
const MOST_ROOTS = 8;
const SAMPLE_EVERY_MS = 5000;
/** Sampling takes at most this share of the time. */
const SAMPLE_SHARE = 1 / 50;
/** On demand, not more often than this. */
const DEMAND_MS = 200;
/** A new container is looked at after so long: its program needs a moment until it listens. */
const YOUNG_MS = 500;
/** A look that takes longer hangs in somebody's file system; the thread that it holds is lost. */
const HANGS_MS = 1000;
const MOST_HANGING = 2;
const MOUNTS_HOLD_MS = 5000;
/** Below /proc what one sees depends on who looks. */
const NOT_TO_LOOK_AT = /^\/proc\/(?!sys\/)/;
/** Longer paths have been cut when they were recorded. */
const LONGEST_PATH = 511;
/** Stands for bytes that are no text: the path cannot be asked for. */
const REPLACEMENT = '\ufffd';

export class Looker {
  /** All that was found; who asks it asks us. */
  readonly looks = new HostLooks();
  private readonly listeners = new Set<(look: Look) => void>();
  private unsubscribe = () => {};
  private readonly waiting = new Map<string, Question>();
  /** By question, when it was answered; performance.now(). */
  private readonly answered = new Map<string, number>();
  private readonly forbidden = new Map<string, { at: number; paths: Promise<ReadonlySet<string>> }>();
  /** Spaces that were sampled, so that those of new containers are seen. */
  private readonly sampled = new Set<number>();
  /** The JSON of the last look at a namespace, by kind and inode: only what has changed is told. */
  private readonly told = new Map<string, string>();
  private timer: NodeJS.Timeout | undefined;
  private sampleTimer: NodeJS.Timeout | undefined;
  private nextSampleAt = Number.POSITIVE_INFINITY;
  private sampledAt = Number.NEGATIVE_INFINITY;
  private sampling: Promise<void> | undefined;
  private hanging = 0;
  private stopped = false;

  constructor(private readonly watcher: ContainerWatcher) {
    this.looks.asked = (question) => this.ask(question);
  }

  /** Begins to sample. */
  start(): void {
    this.unsubscribe = this.watcher.subscribe(({ containers }) => this.learn(containers));
    this.sampleIn(0);
  }

  stop(): void {
    this.stopped = true;
    this.unsubscribe();
    this.listeners.clear();
    clearTimeout(this.timer);
    clearTimeout(this.sampleTimer);
    this.waiting.clear();
  }

  /** Calls with every look. Returns what ends it. */
  subscribe(listener: (look: Look) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The inventory has changed: containers that were not looked at yet are looked at soon. */
  private learn(containers: Inventory): void {
    const isNew = ({ namespaces, finishedAt }: InventoryEntry) =>
      finishedAt === undefined && namespaces?.net !== undefined && !this.sampled.has(namespaces.net);
    if (containers.some(isNew)) this.sampleIn(YOUNG_MS);
  }

  /** Takes the question; the answer comes later, or never. */
  private ask(question: Question): void {
    if (this.stopped) return;
    if (question.kind === 'network' || question.kind === 'ipc') {
      this.sampleIn(Math.max(0, this.sampledAt + DEMAND_MS - performance.now()));
      return;
    }
    const key = keyOf(question);
    if (this.waiting.has(key) || this.waiting.size >= MOST_WAITING || this.holds(key)) return;
    this.waiting.set(key, question);
    this.timer ??= setTimeout(() => void this.answerNext(), 0);
  }

  /** Samples now; resolves when that is done. */
  async sample(): Promise<void> {
    this.sampling ??= this.sampleAll().finally(() => {
      this.sampling = undefined;
    });
    await this.sampling;
  }

  /** Answers questions without delay until all are answered or so many ms are over. */
  async answerAll(ms: number): Promise<void> {
    clearTimeout(this.timer);
    const deadline = performance.now() + ms;
    while (this.waiting.size > 0 && performance.now() < deadline) await this.answerOne();
    this.timer = undefined;
  }

  private holds(key: string): boolean {
    const at = this.answered.get(key);
    return at !== undefined && performance.now() - at < ANSWER_HOLDS_MS;
  }

  private async answerNext(): Promise<void> {
    const began = performance.now();
    await this.answerOne();
    this.timer = undefined;
    if (this.stopped || this.waiting.size === 0) return;
    const pause = 1000 / PER_SECOND - (performance.now() - began);
    this.timer = setTimeout(() => void this.answerNext(), Math.max(1, pause));
  }

  private async answerOne(): Promise<void> {
    const next = this.waiting.entries().next();
    if (next.done) return;
    const [key, question] = next.value;
    this.waiting.delete(key);
    if (this.answered.size >= MOST_ANSWERED) this.answered.clear();
    this.answered.set(key, performance.now());
    if (question.kind === 'path') await this.lookForPath(question.path, question.root);
    else if (question.kind === 'process') this.lookAtProcess(question.pid);
  }

  private lookAtProcess(pid: number): void {
    const privileges = privilegesOf(pid);
    if (privileges !== undefined) this.tell({ kind: 'process', time: now(), pid, privileges });
  }

  private async lookForPath(path: string, asker: string | undefined): Promise<void> {
    if (!path.startsWith('/') || path.length > LONGEST_PATH || path.includes(REPLACEMENT)) return;
    if (NOT_TO_LOOK_AT.test(path)) return;
    const onHost = await this.find(undefined, 'self', path);
    const running = this.watcher.snapshot().containers.filter(({ finishedAt }) => finishedAt === undefined);
    const own = running.find(({ id }) => id === asker);
    const isThere = own !== undefined && (await this.find(own.id, own.initPid, path));
    if (onHost?.kind !== null || isThere) return;
    for (const { id, initPid } of running.filter((entry) => entry !== own).slice(0, MOST_ROOTS)) {
      await this.find(id, initPid, path, true);
    }
  }

  /** Tells what is there; `onlyPresent`: and nothing where nothing is. */
  private async find(
    root: string | undefined,
    pid: number | 'self' | undefined,
    path: string,
    onlyPresent = false,
  ): Promise<Found | undefined> {
    if (pid === undefined || this.hanging >= MOST_HANGING || this.stopped) return undefined;
    const forbidden = await this.forbiddenFor(pid);
    const found = await this.unlessItHangs(
      findPath(pid === 'self' ? '/' : `/proc/${pid}/root`, path, forbidden),
    );
    if (found === undefined || (onlyPresent && found.kind === null)) return found;
    const { kind, mode, uid, gid } = found;
    this.tell({ kind: 'path', time: now(), path, root, found: kind, mode, uid, gid });
    return found;
  }

  private async unlessItHangs<T>(look: Promise<T>): Promise<T | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const hangs = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => {
        this.hanging++;
        void look.finally(() => this.hanging--);
        resolve(undefined);
      }, HANGS_MS);
    });
    try {
      return await Promise.race([look, hangs]);
    } finally {
      clearTimeout(timer);
    }
  }

  private forbiddenFor(pid: number | 'self'): Promise<ReadonlySet<string>> {
    const key = String(pid);
    const known = this.forbidden.get(key);
    if (known !== undefined && performance.now() - known.at < MOUNTS_HOLD_MS) return known.paths;
    // Of whom nothing is known, nothing may be entered.
    const paths = mountsOf(pid).then((mounts) =>
      mounts === undefined ? new Set(['/']) : answeredElsewhere(mounts),
    );
    if (this.forbidden.size > MOST_WAITING) this.forbidden.clear();
    this.forbidden.set(key, { at: performance.now(), paths });
    return paths;
  }

  /** After so many ms, or earlier if that is planned already. */
  private sampleIn(ms: number): void {
    const at = performance.now() + ms;
    if (this.stopped || (this.sampleTimer !== undefined && this.nextSampleAt <= at)) return;
    clearTimeout(this.sampleTimer);
    this.nextSampleAt = at;
    this.sampleTimer = setTimeout(() => {
      this.sampleTimer = undefined;
      const began = performance.now();
      void this.sample().then(() => {
        this.sampleIn(Math.max(SAMPLE_EVERY_MS, (performance.now() - began) / SAMPLE_SHARE));
      });
    }, ms);
    this.sampleTimer.unref();
  }

  private async sampleAll(): Promise<void> {
    this.sampledAt = performance.now();
    const own = namespacesOf('self') ?? {};
    const networks = new Map<number, number | 'self'>();
    const ipcs = new Map<number, number | 'self'>();
    if (own.net !== undefined) networks.set(own.net, 'self');
    if (own.ipc !== undefined) ipcs.set(own.ipc, 'self');
    for (const { finishedAt, initPid, namespaces } of this.watcher.snapshot().containers) {
      if (finishedAt !== undefined || initPid === undefined || namespaces === undefined) continue;
      const { net, ipc } = namespaces;
      if (net !== undefined && !networks.has(net)) networks.set(net, initPid);
      if (ipc !== undefined && !ipcs.has(ipc)) ipcs.set(ipc, initPid);
    }
    for (const [inode, pid] of networks) {
      if (this.stopped) return;
      const look = await lookAtNetwork(pid, inode, now());
      if (look !== undefined) this.tellIfNew(inode, look);
      this.sampled.add(inode);
    }
    for (const [inode, pid] of ipcs) {
      if (this.stopped) return;
      this.tellIfNew(inode, await lookAtIpc(pid, inode, now()));
    }
    for (const inode of this.sampled) if (!networks.has(inode)) this.sampled.delete(inode);
  }

  private tellIfNew(inode: number, look: Look): void {
    const key = `${look.kind} ${inode}`;
    const { time: _, ...facts } = look;
    const text = JSON.stringify(facts);
    if (this.told.get(key) === text) return;
    if (this.told.size >= MOST_ANSWERED) this.told.clear();
    this.told.set(key, text);
    this.tell(look);
  }

  private tell(look: Look): void {
    if (this.stopped) return;
    this.looks.learn(look);
    for (const listener of this.listeners) listener(look);
  }
}

function keyOf(question: Question): string {
  return question.kind === 'path' ? `${question.root} ${question.path}` : JSON.stringify(question);
}

function now(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
