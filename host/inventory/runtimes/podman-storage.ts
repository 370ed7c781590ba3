/**
 * Podman where no service runs: the names are in containers/storage's list on disk, and conmon keeps a pid file. Labels are
 * only in Podman's database, so the program is asked for them (the host's own Podman only: another user's is not run as root).
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { InventoryEntry } from '../../../analyzers/inventory.js';
import { readUserFile } from '../../bounded-file.js';
import { identifyCgroup } from '../../cgroup/path.js';
import { membershipOf } from '../../processes.js';
import { placed } from '../labels.js';
import { MOST_CONTAINERS, type Runtime, type RuntimeLedger } from '../runtime.js';
import { array, isObject, type Json, labels, object, text } from '../values.js';
import { userIds } from './sockets.js';

const USERS = '/etc/passwd';
const CONFIGURATION = '/etc/containers/storage.conf';
const LARGEST_CONFIGURATION = 64 * 1024;
/** By storage driver. */
const LISTS = ['overlay-containers', 'vfs-containers', 'btrfs-containers', 'zfs-containers'];
const LARGEST_LIST = 32 * 1024 * 1024;
const LOOK_EVERY_MS = 500;
/** A process is started for it, and only where somebody new is in the list. */
const ASK_EVERY_MS = 10_000;
const LIMITS = { timeout: 10_000, maxBuffer: LARGEST_LIST, killSignal: 'SIGKILL' } as const;

/** Where the host's own Podman keeps images and containers, and their state while they run (storage.conf(5)). */
function systemStorage(): { storage: string; state: string } {
  const file = process.env.CONTAINERS_STORAGE_CONF ?? CONFIGURATION;
  const configuration = readUserFile(file, LARGEST_CONFIGURATION) ?? '';
  const setting = (name: string) =>
    new RegExp(`^\\s*${name}\\s*=\\s*"(/[^"]+)"`, 'm').exec(configuration)?.[1];
  return {
    storage: setting('graphroot') ?? '/var/lib/containers/storage',
    state: setting('runroot') ?? '/run/containers/storage',
  };
}

export const podmanStorage: Runtime = {
  name: 'podman-storage',
  /** Directories with a list of containers. */
  endpoints: () => {
    for (const uid of userIds()) {
      const home = homeOf(uid);
      if (home !== undefined) owners.set(join(home, '.local/share/containers/storage'), uid);
    }
    return [systemStorage().storage, ...owners.keys()].flatMap((storage) =>
      LISTS.map((list) => join(storage, list)).filter((path) => existsSync(join(path, 'containers.json'))),
    );
  },
  ownerOf,
  follow: (endpoint, ledger, signal) => new Storage(endpoint, ledger, signal).follow(),
};

const homes = new Map<number, string>();
/** By storage: whose it is. */
const owners = new Map<string, number>();

function ownerOf(directory: string): number | undefined {
  return owners.get(dirname(directory));
}

/** From /etc/passwd, which is read again where a user is not in it yet. */
function homeOf(uid: number): string | undefined {
  if (!homes.has(uid)) {
    for (const line of (readUserFile(USERS, LARGEST_LIST) ?? '').split('\n')) {
      const [, , id, , , home] = line.split(':');
      if (id !== undefined && home?.startsWith('/')) homes.set(Number(id), home);
    }
  }
  return homes.get(uid);
}

class Storage {
  private readonly list: string;
  private readonly state: string;
  private readonly isSystem: boolean;
  private askedAt = Number.NEGATIVE_INFINITY;
  /** Ids that the answer would have had. */
  private asked: ReadonlySet<string> = new Set();
  private answered: ReadonlyMap<string, Json> = new Map();

  constructor(
    directory: string,
    private readonly ledger: RuntimeLedger,
    private readonly signal: AbortSignal,
  ) {
    this.list = join(directory, 'containers.json');
    const { storage, state } = systemStorage();
    this.isSystem = dirname(directory) === storage;
    const driver = basename(directory);
    this.state = join(this.isSystem ? state : `/run/user/${ownerOf(directory)}/containers`, driver);
  }

  async follow(): Promise<void> {
    while (!this.signal.aborted) {
      const entries = this.read();
      this.ledger.replace(entries);
      if (this.isSystem && entries.some(({ id }) => !this.asked.has(id))) await this.ask(entries);
      this.ledger.reached(undefined);
      await this.ledger.idle(LOOK_EVERY_MS);
    }
  }

  /** What runs: a pid file whose process is in the container's own cgroup. */
  private read(): InventoryEntry[] {
    const listed = array(parsed(readUserFile(this.list, LARGEST_LIST))).slice(0, MOST_CONTAINERS);
    return listed.flatMap((item) => {
      const id = text(object(item).id);
      if (id === undefined || !/^[0-9a-f]{64}$/.test(id)) return [];
      const pid = Number(readUserFile(join(this.state, id, 'userdata/pidfile'), 32)?.trim());
      if (!(pid > 0) || !isIn(pid, id)) return [];
      return [this.entryOf(id, object(item), pid)];
    });
  }

  private entryOf(id: string, item: Json, pid: number): InventoryEntry {
    const metadata = object(parsed(text(item.metadata)));
    const answer = this.answered.get(id);
    const pod = text(answer?.PodName);
    return placed({
      id,
      name: text(array(item.names)[0]) ?? text(metadata.name) ?? id.slice(0, 12),
      runtime: 'podman',
      image: text(metadata['image-name']),
      initPid: pid,
      limitCpus: undefined,
      startedAt: undefined,
      finishedAt: undefined,
      labels: labels(answer?.Labels),
      ...(pod !== undefined && { pod }),
    });
  }

  private async ask(entries: readonly InventoryEntry[]): Promise<void> {
    if (performance.now() - this.askedAt < ASK_EVERY_MS) return;
    this.askedAt = performance.now();
    this.asked = new Set(entries.map(({ id }) => id));
    const args = ['ps', '--no-trunc', '--pod', '--format', 'json'];
    const { stdout } = await promisify(execFile)('podman', args, {
      ...LIMITS,
      signal: this.signal,
      // With this address Podman would take itself for a client.
      env: { ...process.env, CONTAINER_HOST: undefined },
      encoding: 'utf8',
    });
    const told = array(parsed(stdout)).filter(isObject);
    this.answered = new Map(told.map((container) => [text(container.Id) ?? '', container]));
    this.ledger.replace(this.read());
  }
}

/** Where there is no cgroup of its own (version 1, rootless) nothing speaks against it. */
function isIn(pid: number, id: string): boolean {
  const paths = (membershipOf(pid) ?? '').split('\n').map((line) => line.replace(/^\d+:[^:]*:/, ''));
  const ids = new Set(paths.map((path) => identifyCgroup(path)?.id).filter((found) => found !== undefined));
  return ids.size === 0 || ids.has(id);
}

function parsed(source: string | undefined): unknown {
  try {
    return JSON.parse(source ?? '');
  } catch {
    return undefined;
  }
}
