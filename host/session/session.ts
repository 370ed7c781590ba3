/** A tracing session of our own: made, started, stopped, and gone without a trace. */
import { statfsSync } from 'node:fs';
import { mkdir, statfs } from 'node:fs/promises';
import { cpus, hostname, release } from 'node:os';
import { join } from 'node:path';
import { lttng } from './command.js';
import { type Destination, type LttngCommand, sessionCommands } from './commands.js';
import { ensureSessionDaemon, startRelayDaemon } from './daemons.js';
import { SessionError } from './error.js';
import { Guard } from './guard.js';
import { ownName } from './identity.js';
import { tracerAbilities } from './kernel.js';
import { removeLeftovers, runtimeDirectory } from './leftovers.js';
import { descend, numberOf } from './machine-interface.js';
import type { Plan, TracerAbilities } from './plan.js';

/** What the tracer lost so far, by its own account. */
export interface SessionLosses {
  readonly discardedEvents: number;
  readonly lostPackets: number;
}

/** What the relay daemon may keep in memory, and of that what is free at most. */
const RELAY_BYTES = 512 * 1024 * 1024;
const RELAY_SHARE = 1 / 4;
/** What has less left is full. */
const LEAST_FREE_BYTES = 2 ** 20;

export class TracingSession {
  /** What could not be enabled although the kernel seemed to have it. */
  readonly warnings: string[] = [];
  /** Resolves with the reason when a live session cannot go on. */
  readonly broken: Promise<SessionError>;
  #break: (why: SessionError) => void = () => {};
  #isClosing = false;
  /** Where the relay daemon writes. */
  #output: string | undefined;

  private constructor(
    private readonly guard: Guard,
    readonly name: string,
    /** Pid of our session daemon, where none was there; it ends with the last of our sessions. */
    private readonly daemon: number | undefined,
  ) {
    this.broken = new Promise((resolve) => {
      this.#break = resolve;
    });
  }

  /** Finds or starts the session daemon, and removes what dead ones of us left. @throws SessionError */
  static async open(): Promise<TracingSession> {
    const guard = new Guard();
    try {
      const daemon = await ensureSessionDaemon(guard);
      await removeLeftovers();
      return new TracingSession(guard, ownName(), daemon);
    } catch (error) {
      await guard.release().catch(() => {});
      throw error;
    }
  }

  /** A session beside this one, with a guard of its own; there is one at a time. */
  beside(): TracingSession {
    const guard = new Guard();
    if (this.daemon !== undefined) guard.watchDaemon('sessiond', this.daemon);
    return new TracingSession(guard, ownName('-beside'), this.daemon);
  }

  /** No session daemon was there. */
  get startedDaemon(): boolean {
    return this.daemon !== undefined;
  }

  /** What this kernel's tracer can record. @throws SessionError where it cannot be traced at all */
  abilities(): Promise<TracerAbilities> {
    return tracerAbilities(release());
  }

  /**
   * Makes a live session with a relay daemon of its own, which listens on loopback; gives the URL where it can be read once
   * it has started. The daemon writes all to `output`; without it, it keeps only the newest of what it received.
   * @throws SessionError
   */
  async createLive(plan: Plan, timerUs: number, output?: string): Promise<string> {
    const directory = join(runtimeDirectory(), this.name);
    this.#output = output ?? directory;
    this.guard.watch('directory', directory);
    await mkdir(directory, { mode: 0o700 });
    const relay = await startRelayDaemon(directory, output ?? directory, this.guard);
    void relay.ended.then(() => {
      if (!this.#isClosing) this.#break(this.whyEnded('its relay daemon has ended'));
    });
    const streamBytes = output === undefined ? await bytesOfStream(plan, directory) : undefined;
    await this.create(plan, { kind: 'live', timerUs, streamBytes, ...relay });
    return `net://127.0.0.1:${relay.livePort}/host/${hostname()}/${this.name}`;
  }

  /** What it means that a live session has ended although nobody here ended it. */
  whyEnded(what = 'it was stopped or destroyed from outside'): SessionError {
    const free = this.#output === undefined ? undefined : freeBytes(this.#output);
    const why =
      free !== undefined && free < LEAST_FREE_BYTES ? `there is no room left in ${this.#output}` : what;
    return new SessionError(
      `the tracing session is over (${why}): nothing more comes, what was seen stays; start boxtop again`,
    );
  }

  /** Makes a session that writes its trace to `path`. @throws SessionError */
  async createLocal(plan: Plan, path: string): Promise<void> {
    await this.create(plan, { kind: 'directory', path });
  }

  private async create(plan: Plan, destination: Destination): Promise<void> {
    this.guard.watch('session', this.name);
    const { create, channels } = sessionCommands(plan, this.name, destination);
    await this.run([create]);
    // Starting an lttng process takes longer than what it asks for.
    await Promise.all(channels.map((commands) => this.run(commands)));
  }

  /** Runs commands on the session; an optional one that fails becomes a warning. @throws SessionError */
  async run(commands: readonly LttngCommand[]): Promise<void> {
    for (const { args, optional } of commands) {
      await lttng(...args).catch((error: Error) => {
        if (!optional) throw error;
        this.warnings.push(error.message);
      });
    }
  }

  async start(): Promise<void> {
    await lttng('start', this.name);
  }

  /** Stops and waits until everything is written. */
  async stop(): Promise<void> {
    await lttng('stop', this.name);
  }

  /**
   * Closes the part of the trace that was written up to now, which then lies in `archives/`, and begins the next with all
   * that it needs to be read alone.
   */
  async rotate(): Promise<void> {
    await lttng('rotate', this.name);
    await lttng('regenerate', 'statedump', '--session', this.name);
  }

  async losses(): Promise<SessionLosses> {
    const path = ['sessions', 'session', 'domains', 'domain', 'channels', 'channel', 'attributes'];
    const channels = descend(await lttng('list', this.name), ...path);
    const sum = (field: string) =>
      channels.reduce((total, channel) => total + (numberOf(channel, field) ?? 0), 0);
    return { discardedEvents: sum('discarded_events'), lostPackets: sum('lost_packets') };
  }

  /** Takes everything away; may be called at any time, and must be. @throws SessionError with what remains */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.guard.release();
  }
}

/** Undefined where it cannot be told. */
function freeBytes(directory: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/** What the relay daemon may keep of each stream. */
async function bytesOfStream(plan: Plan, directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  const bytes = Math.min(RELAY_BYTES, bavail * bsize * RELAY_SHARE);
  return bytes / (plan.channels.length * cpus().length);
}
