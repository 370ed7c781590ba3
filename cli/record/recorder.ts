/** Makes a recording: a session that writes to disk, and beside it who the containers are while it runs. */
import { statfs } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { InventoryWatcher } from '../../host/inventory/watcher.js';
import { Looker } from '../../host/looks/looker.js';
import { type EventGroup, makePlan, type Plan } from '../../host/session/plan.js';
import { type SessionLosses, TracingSession } from '../../host/session/session.js';
import { RecordingFolder } from './folder.js';
import { keepNewest, removeOldest } from './newest.js';
import { lookForRefusals } from './refusals.js';
import { sizeOf } from './size.js';

export interface RecorderOptions {
  readonly directory: string;
  readonly groups: readonly EventGroup[];
  readonly maxBytes?: number | undefined;
  readonly command?: readonly string[] | undefined;
  /** Started; whoever started it stops it. */
  readonly inventory: InventoryWatcher;
  /** A live view, beside which it records: what is refused is asked of its looker as it happens. */
  readonly view?: RecordedView | undefined;
}

export interface RecordedView {
  readonly session: TracingSession;
  readonly plan: Plan;
  readonly looker: Looker;
}

export interface RecordingStatus {
  /** How long it records, or recorded. */
  readonly elapsedMs: number;
  readonly bytes: number;
  readonly losses: SessionLosses;
  readonly containers: number;
}

/** How often it looks at the size and the losses. */
const LOOK_EVERY_MS = 1000;
/** Where less is left on the disk, the recording ends while it still can be ended. */
const LEAST_FREE_BYTES = 32 * 2 ** 20;

export class Recorder {
  readonly #startedAt = performance.now();
  #endedAt: number | undefined;
  #losses: SessionLosses = { discardedEvents: 0, lostPackets: 0 };
  #bytes = 0;

  private constructor(
    private readonly options: RecorderOptions,
    private readonly folder: RecordingFolder,
    private readonly session: TracingSession,
    private readonly looker: Looker,
  ) {}

  /** Makes the directory and starts to record. @throws CommandError, SessionError; then nothing remains */
  static async start(options: RecorderOptions): Promise<Recorder> {
    const { directory, groups, inventory, command, maxBytes, view } = options;
    const folder = await RecordingFolder.claim(directory, inventory);
    const looker = view?.looker ?? new Looker(inventory);
    let session: TracingSession | undefined;
    try {
      session = view?.session.beside() ?? (await TracingSession.open());
      const plan = view?.plan ?? makePlan(groups, await session.abilities());
      await session.createLocal(plan, folder.trace);
      await folder.begin(plan, looker, { command, maxBytes });
      if (view === undefined) looker.start();
      await session.start();
      return new Recorder(options, folder, session, looker);
    } catch (error) {
      if (view === undefined) looker.stop();
      await session?.close();
      await folder.discard();
      throw error;
    }
  }

  /** Its directory, as a whole path. */
  get path(): string {
    return this.folder.path;
  }

  get warnings(): readonly string[] {
    return this.session.warnings;
  }

  status(): RecordingStatus {
    const { containers } = this.options.inventory.snapshot();
    return {
      elapsedMs: (this.#endedAt ?? performance.now()) - this.#startedAt,
      bytes: this.#bytes,
      losses: this.#losses,
      containers: containers.filter(({ finishedAt }) => finishedAt === undefined).length,
    };
  }

  /** Goes on until the signal comes, or something forbids it: then it tells what in one sentence. */
  async run(signal: AbortSignal): Promise<string | undefined> {
    while (!signal.aborted) {
      try {
        await this.#look();
        const { bavail, bsize } = await statfs(this.folder.path);
        if (bavail * bsize < LEAST_FREE_BYTES) return `the disk of ${this.options.directory} is full`;
      } catch (error) {
        return (error as Error).message;
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
    }
    return undefined;
  }

  /**
   * Ends it: everything that was recorded is on the disk, and nothing of the session remains.
   * @throws SessionError
   */
  async finish(exitCode: number | undefined): Promise<RecordingStatus> {
    this.#endedAt = performance.now();
    const { maxBytes, inventory, view } = this.options;
    try {
      try {
        await this.session.stop();
        this.#losses = await this.session.losses();
      } finally {
        await this.folder.end({ losses: this.#losses, exitCode }).finally(() => this.session.close());
      }
      if (maxBytes !== undefined) await removeOldest(this.folder.trace, maxBytes);
      this.#bytes = await sizeOf(this.folder.trace);
      const { containers } = inventory.snapshot();
      if (view === undefined) await lookForRefusals(this.folder.trace, containers, this.looker);
    } finally {
      if (view === undefined) this.looker.stop();
      await this.folder.close();
    }
    return this.status();
  }

  /** As if it had never been. */
  async discard(): Promise<void> {
    this.looker.stop();
    await this.session.close();
    await this.folder.discard();
  }

  async #look(): Promise<void> {
    await this.folder.written();
    this.#losses = await this.session.losses();
    const { maxBytes } = this.options;
    if (maxBytes !== undefined) await keepNewest(this.folder.trace, maxBytes, () => this.session.rotate());
    this.#bytes = await sizeOf(this.folder.trace);
  }
}
