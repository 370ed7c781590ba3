/** Looks at everything that live view and recording stand on. What has to be started for that is ended again. */
import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { cpus, release } from 'node:os';
import { delimiter, join } from 'node:path';
import { type InventorySnapshot, InventoryWatcher } from '../../host/inventory/watcher.js';
import { findLttng, type LttngPresence } from '../../host/lttng.js';
import { SessionError } from '../../host/session/error.js';
import { lttngVersion } from '../../host/session/kernel.js';
import { runtimeDirectory } from '../../host/session/leftovers.js';
import type { TracerAbilities } from '../../host/session/plan.js';
import { TracingSession } from '../../host/session/session.js';
import { packageVersion } from '../version.js';

export interface Facts {
  readonly boxtop: string;
  readonly node: string;
  readonly kernel: string;
  readonly isRoot: boolean;
  readonly presence: LttngPresence;
  readonly relayd: boolean;
  /** Of the lttng command; undefined where there is none. */
  readonly version: readonly [number, number] | undefined;
  /** Whether one had to be started to answer; or why none answers. */
  readonly daemon: { readonly started: boolean } | { readonly error: string };
  /** What the kernel's tracer can record, or why it cannot; undefined where no session daemon answers. */
  readonly tracer: { readonly abilities: TracerAbilities } | { readonly error: string } | undefined;
  readonly inventory: InventorySnapshot;
  readonly processors: number;
  /** Where a live session lies, and what is free there. */
  readonly memory: { readonly path: string; readonly freeBytes: number };
}

const SBIN = '/usr/sbin:/usr/local/sbin';
/** Runtimes that do not answer by then are told as such. */
const RUNTIMES_MS = 3000;

export async function collectFacts(): Promise<Facts> {
  const path = runtimeDirectory();
  const inventory = watchInventory();
  const [presence, relayd, version, session, { bavail, bsize }] = await Promise.all([
    findLttng(),
    isProgram('lttng-relayd'),
    lttngVersion().catch(() => undefined),
    tryTracing(),
    statfs(path),
  ]);
  return {
    boxtop: packageVersion(),
    node: process.versions.node,
    kernel: release(),
    isRoot: process.getuid?.() === 0,
    presence,
    relayd,
    version,
    ...session,
    inventory: await inventory,
    processors: cpus().length,
    memory: { path, freeBytes: bavail * bsize },
  };
}

async function tryTracing(): Promise<Pick<Facts, 'daemon' | 'tracer'>> {
  let session: TracingSession;
  try {
    session = await TracingSession.open();
  } catch (error) {
    return { daemon: { error: messageOf(error) }, tracer: undefined };
  }
  const daemon = { started: session.startedDaemon };
  try {
    return { daemon, tracer: { abilities: await session.abilities() } };
  } catch (error) {
    return { daemon, tracer: { error: messageOf(error) } };
  } finally {
    await session.close();
  }
}

async function watchInventory(): Promise<InventorySnapshot> {
  const watcher = new InventoryWatcher();
  watcher.start();
  try {
    await watcher.settled(RUNTIMES_MS);
    return watcher.snapshot();
  } finally {
    watcher.stop();
  }
}

async function isProgram(name: string): Promise<boolean> {
  const directories = `${process.env.PATH ?? ''}:${SBIN}`.split(delimiter).filter((path) => path !== '');
  const found = await Promise.allSettled(directories.map((path) => access(join(path, name), constants.X_OK)));
  return found.some(({ status }) => status === 'fulfilled');
}

function messageOf(error: unknown): string {
  if (error instanceof SessionError) return error.message;
  throw error;
}
