import type { Container } from '../container.js';
import type { HostLooks, IpcLook, PathLook, SeenNetwork } from './looks.js';

/** Namespaces by which looks are told apart, and who has them. */
export interface Places {
  /** Inode of the container's own namespace; 0 where nothing told. */
  own(space: 'net' | 'ipc'): number;
  /** Inode of the host's; 0 where nothing told. */
  host(space: 'net' | 'ipc'): number;
  /** Names of those who have the namespace, foremost first. */
  who(space: 'net' | 'ipc', inode: number): string;
  /** Name of the container with the id. */
  named(id: string): string;
}

/** A thing that is there, but elsewhere. */
export interface Elsewhere {
  readonly who: string;
  /** How it is called there. */
  readonly name: string;
}

/** Of several sockets that it could be so many are named. */
const MOST_NAMED = 4;
const ANY_ADDRESS: readonly string[] = ['0.0.0.0', '::'];

/** What looks at the host tell of the things that one container asked for. */
export class HostFacts {
  constructor(
    private readonly looks: HostLooks,
    private readonly places: Places,
    private readonly container: Container,
  ) {}

  /** The look at the path in the host's root; undefined where nobody looked. */
  onHost(path: string): PathLook | undefined {
    return this.looks.pathIn(undefined, path);
  }

  /** The look at the path in the container's own root. */
  inOwnRoot(path: string): PathLook | undefined {
    const id = this.container.entry?.id;
    return id === undefined ? undefined : this.looks.pathIn(id, path);
  }

  /** Whoever else has the path, the host first; only the host, if asked so. */
  pathElsewhere(path: string, onlyHost: boolean): string | undefined {
    if (this.onHost(path)?.found != null) return 'the host';
    if (onlyHost) return undefined;
    const id = this.looks.rootsWith(path).find((root) => root !== this.container.entry?.id);
    return id === undefined ? undefined : this.places.named(id);
  }

  /** Somebody looked, and the host does not have it; another container may. */
  isNotOnHost(path: string): boolean {
    return this.onHost(path)?.found === null;
  }

  /** Who listens in another network namespace where a connection to the loopback address would reach. */
  listenerElsewhere(address: string, port: number): Elsewhere | undefined {
    const own = this.places.own('net');
    const bare = address.replace(/^::ffff:(?=\d+\.)/, '');
    for (const [netNs, { names }] of this.hostFirst()) {
      if (netNs === own) continue;
      for (const protocol of ['tcp', 'udp']) {
        const at = [bare, ...ANY_ADDRESS].find((each) => names.has(`${protocol} ${each} ${port}`));
        if (at !== undefined) return { who: this.places.who('net', netNs), name: endpoint(at, port) };
      }
    }
    return undefined;
  }

  /** Who has the address but listens on that port at its loopback only. */
  hiddenListener(address: string, port: number): Elsewhere | undefined {
    for (const [netNs, { names, last }] of this.looks.networkSpaces) {
      if (!last.addresses.includes(address)) continue;
      const name = [...names].find(
        (each) => /^(tcp|udp) (127\.|::1 )/.test(each) && each.endsWith(` ${port}`),
      );
      if (name !== undefined) {
        return { who: this.places.who('net', netNs), name: endpoint(name.split(' ')[1]!, port) };
      }
    }
    return undefined;
  }

  /** Sockets of others whose name is as long as what the container's `connect` named, which is not recorded itself. */
  unixElsewhere(length: number, isAbstract: boolean): Elsewhere | undefined {
    const own = this.places.own('net');
    // A path counts with the zero after it or without; an abstract name with the zero before it, which is written as @.
    const lengths = isAbstract ? [length] : [length, length - 1];
    for (const [netNs, { names }] of this.hostFirst()) {
      if (isAbstract && netNs === own) continue;
      const found = [...names]
        .filter((each) => each.startsWith(isAbstract ? 'unix @' : 'unix /'))
        .map((each) => each.slice('unix '.length))
        .filter((name) => lengths.includes(byteLength(name)));
      if (found.length > 0) {
        return { who: this.places.who('net', netNs), name: found.slice(0, MOST_NAMED).join(' or ') };
      }
    }
    return undefined;
  }

  /** Listeners of the host's network namespace are known, so that what is not among them is not there. */
  get knowsListeners(): boolean {
    return this.looks.network(this.places.host('net')) !== undefined;
  }

  /** Whether the host has a way to other networks; undefined where nobody looked. */
  hostRoutes(isIpv6: boolean): boolean | undefined {
    const last = this.looks.network(this.places.host('net'))?.last;
    return isIpv6 ? last?.routes6 : last?.routes4;
  }

  /** Who has the System V key in another IPC namespace. */
  keyElsewhere(kind: 'shm' | 'sem' | 'msg', key: number): string | undefined {
    return this.ipcElsewhere((look) => look[kind]?.includes(key) === true);
  }

  /** Who has the queue in another IPC namespace. */
  queueElsewhere(name: string): string | undefined {
    return this.ipcElsewhere(({ queues }) => queues?.includes(name) === true);
  }

  /** The host's keys or queues are known. */
  knowsIpc(kind: 'shm' | 'sem' | 'msg' | 'queues'): boolean {
    return this.looks.ipc(this.places.host('ipc'))?.[kind] !== undefined;
  }

  private ipcElsewhere(has: (look: IpcLook) => boolean): string | undefined {
    const own = this.places.own('ipc');
    for (const [ipcNs, look] of this.looks.ipcSpaces) {
      if (ipcNs !== own && has(look)) return this.places.who('ipc', ipcNs);
    }
    return undefined;
  }

  private *hostFirst(): Generator<[number, SeenNetwork]> {
    const host = this.places.host('net');
    const first = this.looks.network(host);
    if (first !== undefined) yield [host, first];
    for (const [netNs, network] of this.looks.networkSpaces) if (netNs !== host) yield [netNs, network];
  }
}

function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** As UTF-8. */
function byteLength(text: string): number {
  let length = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return length;
}
