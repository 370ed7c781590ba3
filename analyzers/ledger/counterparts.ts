import type { Container } from '../container.js';
import { keepAsDoubles } from '../doubles.js';
import type { Thread } from '../kernel/thread.js';

/** Whom a container waited for: another container, a process of the host by its name, nobody, or nobody knows whom. */
export type Counterpart = Container | string;

export const IDLE = 'idle';
export const NOBODY_KNOWS = 'unknown';
/** More different names than any host has: the others share one. */
const MOST_COUNTERPARTS = 4096;
const OTHERS = 'others';

/** Processes of the host have this before their name, which nothing but a name of a process can follow. */
const HOST_PREFIX = 'host/';

class Sum {
  static {
    keepAsDoubles(new Sum(), 'ns');
  }

  ns = 0;
}

/** Sums of time by whom it was spent waiting for. */
export class Counterparts {
  /** The sums are objects, so that adding to one allocates nothing. */
  private readonly sums = new Map<Counterpart, Sum>();
  /** Whom was waited for last is mostly waited for next. */
  private last: Counterpart | undefined = undefined;
  private lastSum = new Sum();

  add(counterpart: Counterpart, ns: number): void {
    this.sumOf(counterpart).ns += ns;
  }

  /** What is added to. Good until `clear`. */
  sumOf(counterpart: Counterpart): Sum {
    return counterpart === this.last ? this.lastSum : this.sumOfOther(counterpart);
  }

  private sumOfOther(counterpart: Counterpart): Sum {
    let sum = this.sums.get(counterpart);
    if (sum === undefined) {
      if (this.sums.size >= MOST_COUNTERPARTS && counterpart !== OTHERS) return this.sumOf(OTHERS);
      sum = new Sum();
      this.sums.set(counterpart, sum);
    }
    this.last = counterpart;
    this.lastSum = sum;
    return sum;
  }

  addAll(other: Counterparts): void {
    for (const [counterpart, { ns }] of other.sums) this.add(counterpart, ns);
  }

  has(counterpart: Counterpart): boolean {
    return this.sums.has(counterpart);
  }

  *[Symbol.iterator](): Generator<readonly [Counterpart, number]> {
    for (const [counterpart, { ns }] of this.sums) yield [counterpart, ns];
  }

  get isEmpty(): boolean {
    return this.sums.size === 0;
  }

  clear(): void {
    if (this.sums.size === 0) return;
    this.sums.clear();
    this.last = undefined;
  }
}

/** Who the thread counts as. */
export function counterpartOf(thread: Thread | undefined): Counterpart {
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
