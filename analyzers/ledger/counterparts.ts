import type { Container } from '../container.js';
import type { Thread } from '../kernel/thread.js';
import type { Runner } from './run-log.js';

/** Whom a container waited for: another container, a process of the host by its name, nobody, or nobody knows whom. */
export type Counterpart = Container | string;

export const IDLE = 'idle';
export const NOBODY_KNOWS = 'unknown';
/** More different names than any host has: the others share one. */
const MOST_COUNTERPARTS = 4096;
const OTHERS = 'others';

/** Processes of the host have this before their name, which nothing but a name of a process can follow. */
const HOST_PREFIX = 'host/';

/** Sums of time by whom it was spent waiting for. */
export class Counterparts {
  readonly ns = new Map<Counterpart, number>();

  add(counterpart: Counterpart, ns: number): void {
    const former = this.ns.get(counterpart);
    if (former === undefined && this.ns.size >= MOST_COUNTERPARTS) {
      this.ns.set(OTHERS, (this.ns.get(OTHERS) ?? 0) + ns);
    } else this.ns.set(counterpart, (former ?? 0) + ns);
  }

  addAll(other: Counterparts): void {
    for (const [counterpart, ns] of other.ns) this.add(counterpart, ns);
  }

  get isEmpty(): boolean {
    return this.ns.size === 0;
  }

  clear(): void {
    this.ns.clear();
  }
}

/** Who the thread counts as. */
export function counterpartOf(thread: Runner): Counterpart {
  if (thread === undefined) return NOBODY_KNOWS;
  if (thread.tid === 0) return IDLE;
  const { container } = thread;
  if (container !== undefined && !container.isHost) return container;
  return hostNameOf(thread);
}

/** Name of a thread of the host: its process's; workers of the kernel count as one, whatever their number. */
function hostNameOf(thread: Thread): string {
  const comm = thread.process?.leader?.comm ?? thread.comm ?? NOBODY_KNOWS;
  if (thread.nameOf !== comm) {
    thread.nameOf = comm;
    thread.hostName = HOST_PREFIX + (thread.isKernelThread ? comm.replace(/[/:].*$/s, '') : comm);
  }
  return thread.hostName;
}

/** The name of a host's process that stands for it, without what tells it from containers. */
export function counterpartName(name: string): string {
  return name.startsWith(HOST_PREFIX) ? name.slice(HOST_PREFIX.length) : name;
}
