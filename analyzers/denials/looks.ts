import type { Privileges } from '../inventory.js';

/** What lies at a path; links are followed as the root in which one looks would. */
export type PathKind = 'file' | 'directory' | 'socket' | 'device' | 'fifo';

/** Somebody looked whether a path is there. Times are ns since the Unix epoch. */
export interface PathLook {
  readonly kind: 'path';
  readonly time: bigint;
  readonly path: string;
  /** Id of the container in whose root it was looked for; undefined: in the host's. */
  readonly root: string | undefined;
  /** null: nothing is there. */
  readonly found: PathKind | null;
  readonly mode: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/** Who listens in a network namespace, and what it reaches. */
export interface NetworkLook {
  readonly kind: 'network';
  readonly time: bigint;
  readonly netNs: number;
  /** It is the host's own. */
  readonly isHost: boolean;
  /** `tcp 127.0.0.1 80`, `udp :: 53`, `unix /run/x.sock`, `unix @name` (abstract). */
  readonly listeners: readonly string[];
  /** Of its interfaces. */
  readonly addresses: readonly string[];
  /** Whether there is a way to other networks, with IPv4 and with IPv6. */
  readonly routes4: boolean | undefined;
  readonly routes6: boolean | undefined;
}

/** What an IPC namespace holds. undefined: nobody could look, as at System V keys of another namespace than one's own. */
export interface IpcLook {
  readonly kind: 'ipc';
  readonly time: bigint;
  readonly ipcNs: number;
  readonly isHost: boolean;
  readonly shm: readonly number[] | undefined;
  readonly sem: readonly number[] | undefined;
  readonly msg: readonly number[] | undefined;
  /** POSIX message queues with their slash. */
  readonly queues: readonly string[] | undefined;
}

/** What a process may do. */
export interface ProcessLook {
  readonly kind: 'process';
  readonly time: bigint;
  readonly pid: number;
  readonly privileges: Privileges;
}

export type Look = PathLook | NetworkLook | IpcLook | ProcessLook;

/** What an explanation wants to know of the host. */
export type Question =
  /** Whether the path is there: on the host and in other containers; `root` is the id of the container that asked. */
  | { readonly kind: 'path'; readonly path: string; readonly root: string | undefined }
  | { readonly kind: 'network' }
  | { readonly kind: 'ipc' }
  | { readonly kind: 'process'; readonly pid: number };

const MOST_PATHS = 1 << 14;
const MOST_SPACES = 4096;
const MOST_PROCESSES = 4096;
/** Roots of one path that are remembered. */
const MOST_ROOTS = 16;
/** Names that came and went in one namespace. */
const MOST_NAMES = 1 << 14;
const HOST = '';

/** All listeners that were seen in a network namespace, and the last look at it. */
export interface SeenNetwork {
  readonly names: ReadonlySet<string>;
  readonly last: NetworkLook;
}

/**
 * What is known of the host beyond the trace: answers of looks, old and new. Nobody waits for one: `ask` passes the question
 * on to whoever looks (nobody, in a replay), and a later question of the explainer finds the answer. Bounded.
 */
export class HostLooks {
  /** Set by whoever can look. */
  asked: ((question: Question) => void) | undefined;
  private readonly hostSpaces = { net: 0, ipc: 0 };
  private readonly paths = new Map<string, Map<string, PathLook>>();
  private readonly networks = new Map<number, { names: Set<string>; last: NetworkLook }>();
  private readonly ipcs = new Map<number, IpcLook>();
  private readonly processes = new Map<number, ProcessLook>();

  ask(question: Question): void {
    this.asked?.(question);
  }

  learn(look: Look): void {
    switch (look.kind) {
      case 'path':
        this.learnPath(look);
        break;
      case 'network':
        this.learnNetwork(look);
        break;
      case 'ipc':
        if (look.isHost) this.hostSpaces.ipc = look.ipcNs;
        put(this.ipcs, look.ipcNs, joined(this.ipcs.get(look.ipcNs), look), MOST_SPACES);
        break;
      case 'process':
        put(this.processes, look.pid, look, MOST_PROCESSES);
    }
  }

  /** All that is known, as looks that tell it: of what was seen several times the last, with what was seen before. */
  all(): Look[] {
    return [
      ...[...this.networks.values()].map(({ names, last }) => ({ ...last, listeners: [...names] })),
      ...this.ipcs.values(),
      ...this.processes.values(),
      ...[...this.paths.values()].flatMap((roots) => [...roots.values()]),
    ];
  }

  /** The look at a path in the host's root, or in the root of the container with that id. */
  pathIn(root: string | undefined, path: string): PathLook | undefined {
    return this.paths.get(path)?.get(root ?? HOST);
  }

  /** Ids of containers in which it was found. */
  rootsWith(path: string): string[] {
    return [...(this.paths.get(path)?.values() ?? [])].flatMap(({ root, found }) =>
      root === undefined || found === null ? [] : [root],
    );
  }

  /** Inode of the host's namespace; 0 where nobody looked. */
  hostSpace(space: 'net' | 'ipc'): number {
    return this.hostSpaces[space];
  }

  get networkSpaces(): Iterable<[number, SeenNetwork]> {
    return this.networks;
  }

  network(netNs: number): SeenNetwork | undefined {
    return this.networks.get(netNs);
  }

  get ipcSpaces(): Iterable<[number, IpcLook]> {
    return this.ipcs;
  }

  ipc(ipcNs: number): IpcLook | undefined {
    return this.ipcs.get(ipcNs);
  }

  process(pid: number): ProcessLook | undefined {
    return this.processes.get(pid);
  }

  private learnPath(look: PathLook): void {
    let roots = this.paths.get(look.path);
    if (roots === undefined) {
      roots = new Map();
      put(this.paths, look.path, roots, MOST_PATHS);
    }
    const root = look.root ?? HOST;
    const before = roots.get(root);
    // Once seen is evidence enough, also when it has gone since.
    if (before?.found != null && look.found === null) return;
    if (roots.size < MOST_ROOTS || roots.has(root)) roots.set(root, look);
  }

  private learnNetwork(look: NetworkLook): void {
    if (look.isHost) this.hostSpaces.net = look.netNs;
    const known = this.networks.get(look.netNs);
    const names = known === undefined || known.names.size > MOST_NAMES ? new Set<string>() : known.names;
    for (const name of look.listeners) names.add(name);
    put(this.networks, look.netNs, { names, last: look }, MOST_SPACES);
  }
}

/** Keys and queues that were seen once are evidence enough; there are few. */
function joined(before: IpcLook | undefined, look: IpcLook): IpcLook {
  if (before === undefined) return look;
  const both = <T>(a: readonly T[] | undefined, b: readonly T[] | undefined) =>
    a === undefined || b === undefined ? (a ?? b) : [...new Set([...b, ...a])].slice(0, MOST_NAMES);
  return {
    ...look,
    shm: both(before.shm, look.shm),
    sem: both(before.sem, look.sem),
    msg: both(before.msg, look.msg),
    queues: both(before.queues, look.queues),
  };
}

function put<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, most: number): void {
  if (map.size >= most && !map.has(key)) {
    const oldest = map.keys().next();
    if (!oldest.done) map.delete(oldest.value);
  }
  map.set(key, value);
}
