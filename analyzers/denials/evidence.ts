import type { Container } from '../container.js';

/** Things seen that are remembered at once, and containers for each. */
const MAX_THINGS = 1 << 14;
const MAX_CONTAINERS = 4;

/** What was seen: a path that was opened, a port that answered, a key that exists. */
export type Sight = 'path' | 'listener' | 'unix' | 'key' | 'queue' | 'device';

/** Who asked for something in vain. */
interface Seekers {
  processes: number;
  readonly containers: Set<Container>;
}

/** Namespaces of a container by inode; 0 is unknown. */
export interface Spaces {
  net: number;
  ipc: number;
  user: number;
  uts: number;
}

/** What the trace has shown so far and what refusals are explained by. Bounded: the oldest is forgotten first. */
export class Evidence {
  private readonly seen = new Map<string, Set<Container>>();
  private readonly sought = new Map<string, Seekers>();
  private readonly spaces = new WeakMap<Container, Spaces>();

  /** The container has, or reached, the thing. */
  see(sight: Sight, name: string, container: Container): void {
    const key = `${sight} ${name}`;
    const by = this.seen.get(key);
    if (by === undefined) insert(this.seen, key, new Set([container]));
    else if (!by.has(container) && (by.size < MAX_CONTAINERS || dropEnded(by))) by.add(container);
  }

  /** Containers that were seen with it. */
  *seenBy(sight: Sight, name: string): Generator<Container> {
    yield* this.seen.get(`${sight} ${name}`) ?? [];
  }

  wasSeen(sight: Sight, name: string, container: Container): boolean {
    return this.seen.get(`${sight} ${name}`)?.has(container) ?? false;
  }

  /** A process of the container asked for it in vain. */
  seek(name: string, container: Container): void {
    const seekers = this.sought.get(name) ?? { processes: 0, containers: new Set() };
    if (seekers.processes === 0) insert(this.sought, name, seekers);
    seekers.processes++;
    if (seekers.containers.size < MAX_CONTAINERS) seekers.containers.add(container);
  }

  seekersOf(name: string): { readonly processes: number; readonly containers: number } {
    const seekers = this.sought.get(name);
    return { processes: seekers?.processes ?? 0, containers: seekers?.containers.size ?? 0 };
  }

  spacesOf(container: Container): Spaces {
    let spaces = this.spaces.get(container);
    if (spaces === undefined) {
      spaces = { net: 0, ipc: 0, user: 0, uts: 0 };
      this.spaces.set(container, spaces);
    }
    return spaces;
  }
}

/** Makes room by the first that has ended; false where all still live. */
function dropEnded(containers: Set<Container>): boolean {
  for (const container of containers) if (container.ended !== undefined) return containers.delete(container);
  return false;
}

function insert<Value>(map: Map<string, Value>, key: string, value: Value): void {
  if (map.size >= MAX_THINGS) {
    const oldest = map.keys().next();
    if (!oldest.done) map.delete(oldest.value);
  }
  map.set(key, value);
}
