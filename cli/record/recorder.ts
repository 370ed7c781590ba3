/** Makes a recording: a session that writes to disk, and beside it who the containers are while it runs. */
import { mkdir, readdir, rm, statfs } from 'node:fs/promises';
import { hostname, release } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Inventory } from '../../analyzers/inventory.js';
import type { InventoryWatcher } from '../../host/inventory/watcher.js';
import { type EventGroup, makePlan, type Plan } from '../../host/session/plan.js';
import { type SessionLosses, TracingSession } from '../../host/session/session.js';
import { type Description, writeDescription } from '../../recordings/description.js';
import { INVENTORY_LOG_FILE, InventoryLog } from '../../recordings/inventory-log.js';
import { CommandError } from '../errors.js';
import { keepNewest } from './newest.js';
import { sizeOf } from './size.js';

export interface RecorderOptions {
  readonly directory: string;
  readonly version: string;
  readonly groups: readonly EventGroup[];
  readonly maxBytes?: number | undefined;
  readonly command?: readonly string[] | undefined;
  /** Started; whoever started it stops it. */
  readonly inventory: InventoryWatcher;
}

export interface RecordingStatus {
  /** Since it was started. */
  readonly elapsedMs: number;
  readonly bytes: number;
  readonly losses: SessionLosses;
  readonly containers: number;
}

/** How often it looks at the size and the losses. */
const LOOK_EVERY_MS = 1000;
/** Where less is left on the disk, the recording ends while it still can be ended. */
const LEAST_FREE_BYTES = 32 * 2 ** 20;
const NOTHING_LOST: SessionLosses = { discardedEvents: 0, lostPackets: 0 };

export class Recorder {
  readonly #options: RecorderOptions;
  readonly #directory: string;
  readonly #session: TracingSession;
  readonly #log: InventoryLog;
  readonly #description: Description;
  readonly #trace: string;
  readonly #startedAt = performance.now();
  #endedAt: number | undefined;
  readonly #unsubscribe: () => void;
  #losses = NOTHING_LOST;
  #bytes = 0;
  /** Writes to the log follow one another. */
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    options: RecorderOptions,
    directory: string,
    session: TracingSession,
    log: InventoryLog,
    description: Description,
  ) {
    this.#options = options;
    this.#directory = directory;
    this.#session = session;
    this.#log = log;
    this.#description = description;
    this.#trace = traceOf(directory);
    this.#unsubscribe = options.inventory.subscribe(() => this.#logContainers());
  }

  /** Makes the directory and starts to record. @throws CommandError, SessionError; then nothing remains */
  static async start(options: RecorderOptions): Promise<Recorder> {
    const directory = resolve(options.directory);
    const isNew = await claim(directory, options.directory);
    let session: TracingSession | undefined;
    try {
      session = await TracingSession.open();
      const plan = makePlan(options.groups, await session.abilities());
      await session.createLocal(plan, traceOf(directory));
      const description = describe(options, plan);
      await writeDescription(directory, description);
      const log = await InventoryLog.create(join(directory, INVENTORY_LOG_FILE));
      await session.start();
      return new Recorder(options, directory, session, log, description);
    } catch (error) {
      await session?.close();
      for (const name of await readdir(directory)) await rm(join(directory, name), { recursive: true });
      if (isNew) await rm(directory, { recursive: true });
      throw error;
    }
  }

  get warnings(): readonly string[] {
    return this.#session.warnings;
  }

  status(): RecordingStatus {
    return {
      elapsedMs: (this.#endedAt ?? performance.now()) - this.#startedAt,
      bytes: this.#bytes,
      losses: this.#losses,
      containers: this.#containers().filter(({ finishedAt }) => finishedAt === undefined).length,
    };
  }

  /** Goes on until the signal comes, or something forbids it: then it tells what in one sentence. */
  async run(signal: AbortSignal): Promise<string | undefined> {
    while (!signal.aborted) {
      try {
        await this.#look();
        const { bavail, bsize } = await statfs(this.#directory);
        if (bavail * bsize < LEAST_FREE_BYTES) return `the disk of ${this.#options.directory} is full`;
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
    const ended = now();
    this.#endedAt = performance.now();
    this.#unsubscribe();
    try {
      await this.#session.stop();
      this.#losses = await this.#session.losses();
      this.#logContainers();
      await this.#writing;
    } finally {
      await this.#log.close();
      await this.#session.close();
    }
    await writeDescription(this.#directory, { ...this.#description, ...this.#losses, ended, exitCode });
    this.#bytes = await sizeOf(this.#trace);
    return this.status();
  }

  #containers(): Inventory {
    return this.#options.inventory.snapshot().containers;
  }

  /** A failure comes out where the writing is awaited. */
  #logContainers(): void {
    this.#writing = this.#writing.then(() => this.#log.append(this.#options.inventory.snapshot()));
    this.#writing.catch(() => {});
  }

  async #look(): Promise<void> {
    await this.#writing;
    this.#losses = await this.#session.losses();
    const { maxBytes } = this.#options;
    if (maxBytes !== undefined) await keepNewest(this.#trace, maxBytes, () => this.#session.rotate());
    this.#bytes = await sizeOf(this.#trace);
  }
}

function traceOf(directory: string): string {
  return join(directory, 'trace');
}

/** Makes the directory; tells whether it was not there before. @throws CommandError where there is something in it */
async function claim(directory: string, name: string): Promise<boolean> {
  const made = await mkdir(directory, { recursive: true, mode: 0o700 });
  const entries = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(error.code === 'ENOTDIR' ? `${name} is a file` : error.message);
  });
  if (entries.length > 0) {
    throw new CommandError(`${name} is not empty; a recording needs a directory of its own`);
  }
  return made !== undefined;
}

function describe({ version, command, maxBytes }: RecorderOptions, plan: Plan): Description {
  return {
    boxtop: version,
    host: hostname(),
    kernel: release(),
    began: now(),
    command,
    channels: plan.channels.map(({ name }) => name),
    missing: plan.missing,
    maxBytes,
  };
}

function now(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
