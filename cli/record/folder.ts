/** The directory of a recording while it is made: everything in it but the trace, which LTTng writes. */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { hostname, release } from 'node:os';
import { join, resolve } from 'node:path';
import type { Look } from '../../analyzers/denials/looks.js';
import type { InventoryWatcher } from '../../host/inventory/watcher.js';
import type { Looker } from '../../host/looks/looker.js';
import type { Plan } from '../../host/session/plan.js';
import type { SessionLosses } from '../../host/session/session.js';
import { type Description, writeDescription } from '../../recordings/description.js';
import { INVENTORY_LOG_FILE, InventoryLog } from '../../recordings/inventory-log.js';
import { CommandError } from '../errors.js';
import { packageVersion } from '../version.js';

/** How a recording came to its end. */
export interface Ending {
  readonly losses: SessionLosses;
  /** Of the command that was run meanwhile. */
  readonly exitCode?: number | undefined;
}

export class RecordingFolder {
  /** Where LTTng is to write. */
  readonly trace: string;
  #description: Description | undefined;
  #log: InventoryLog | undefined;
  #unsubscribe = () => {};
  #unsubscribeLooks = () => {};
  /** Learned, and not written yet. */
  readonly #looks: Look[] = [];
  /** Writes to the log follow one another. */
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    readonly path: string,
    private readonly isNew: boolean,
    private readonly inventory: InventoryWatcher,
  ) {
    this.trace = join(path, 'trace');
  }

  /**
   * Makes the directory. `inventory` was started, and is stopped by whoever did that.
   * @throws CommandError where there is something in it
   */
  static async claim(name: string, inventory: InventoryWatcher): Promise<RecordingFolder> {
    const path = resolve(name);
    const made = await mkdir(path, { recursive: true, mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      throw new CommandError(error.code === 'EEXIST' ? `${name} is a file` : error.message, { cause: error });
    });
    if ((await readdir(path)).length > 0) {
      throw new CommandError(`${name} is not empty; a recording needs a directory of its own`);
    }
    return new RecordingFolder(path, made !== undefined, inventory);
  }

  /**
   * Describes what is about to be recorded, and writes down from now on who the containers are, and what looks at the host
   * show and have shown.
   */
  async begin(
    plan: Plan,
    looker: Looker,
    more: Pick<Description, 'command' | 'maxBytes'> = {},
  ): Promise<void> {
    this.#description = {
      boxtop: packageVersion(),
      host: hostname(),
      kernel: release(),
      began: now(),
      channels: plan.channels.map(({ name }) => name),
      missing: plan.missing,
      ...more,
    };
    await writeDescription(this.path, this.#description);
    this.#log = await InventoryLog.create(join(this.path, INVENTORY_LOG_FILE));
    this.#logContainers();
    this.#unsubscribe = this.inventory.subscribe(() => this.#logContainers());
    for (const look of looker.looks.all()) this.#logLook(look);
    this.#unsubscribeLooks = looker.subscribe((look) => this.#logLook(look));
  }

  /** Resolves when what is known is written. @throws the system's error where it could not be */
  async written(): Promise<void> {
    await this.#writing;
  }

  /** The session has been stopped: the recording is whole. Looks at the host may follow. */
  async end({ losses, exitCode }: Ending): Promise<void> {
    this.#unsubscribe();
    this.#logContainers();
    await this.#writing;
    if (this.#description === undefined) return;
    await writeDescription(this.path, { ...this.#description, ...losses, ended: now(), exitCode });
  }

  /** Nothing follows. */
  async close(): Promise<void> {
    this.#unsubscribe();
    this.#unsubscribeLooks();
    try {
      await this.#writing;
    } finally {
      await this.#log?.close();
    }
  }

  /** As if it had never been. */
  async discard(): Promise<void> {
    this.#unsubscribe();
    this.#unsubscribeLooks();
    await this.#writing.catch(() => {});
    await this.#log?.close();
    for (const name of await readdir(this.path)) await rm(join(this.path, name), { recursive: true });
    if (this.isNew) await rm(this.path, { recursive: true });
  }

  /** A failure comes out where the writing is awaited. */
  #logContainers(): void {
    this.#write(async (log) => log.append(this.inventory.snapshot()));
  }

  /** What is found until its turn comes is one line. */
  #logLook(look: Look): void {
    this.#looks.push(look);
    if (this.#looks.length === 1) this.#write(async (log) => log.appendLooks(this.#looks.splice(0)));
  }

  #write(write: (log: InventoryLog) => Promise<void>): void {
    this.#writing = this.#writing.then(async () => {
      if (this.#log !== undefined) await write(this.#log);
    });
    this.#writing.catch(() => {});
  }
}

function now(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
