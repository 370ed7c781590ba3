import type { Container } from '../container.js';
import { keepAsDoubles } from '../doubles.js';
import type { Thread } from '../kernel/thread.js';

/** Whom a container waited for: another container, a process of the host by its name, nobody, or nobody knows whom. */
export type Counterpart = Container | Uncontained;

/** Sums that are found without looking them up, by `slot`. A power of two. */
const SLOTS = 16;

/** Of those who never were charged for the same one twice; is never written. */
const NONE: (Sum | undefined)[] = new Array(SLOTS).fill(undefined);

let counterparts = 0;

/** Where the next counterpart's sums are looked for first. */
export function nextSlot(): number {
  return counterparts++ & (SLOTS - 1);
}

/** A counterpart that is no container. There is one object for each key, so that comparing them is enough. */
export class Uncontained {
  readonly slot = nextSlot();

  constructor(
    /** Among those of containers. */
    readonly key: string,
    /** As people call it. */
    readonly name = key,
  ) {}
}

export const IDLE = new Uncontained('idle');
export const NOBODY_KNOWS = new Uncontained('unknown');
/** More different names than any host has: the others share one. */
const MOST_COUNTERPARTS = 4096;
const OTHERS = new Uncontained('others');

/** Processes of the host have this before their name, which nothing but a name of a process can follow. */
const HOST_PREFIX = 'host/';

class Sum {
  static {
    keepAsDoubles(new Sum(NOBODY_KNOWS), 'ns');
  }

  ns = 0;

  constructor(readonly of: Counterpart) {}
}

/** Sums of time by whom it was spent waiting for. */
export class Counterparts {
  /** The sums are objects, so that adding to one allocates nothing. */
  private readonly sums = new Map<Counterpart, Sum>();
  /** By slot: the last one that was looked up. Few run on a CPU while somebody waits for it, again and again. */
  private recent: (Sum | undefined)[] = NONE;

  add(counterpart: Counterpart, ns: number): void {
    this.sumOf(counterpart).ns += ns;
  }

  /** What is added to. Good until `clear`. */
  sumOf(counterpart: Counterpart): Sum {
    const sum = this.recent[counterpart.slot];
    return sum?.of === counterpart ? sum : this.sumOfOther(counterpart);
  }

  private sumOfOther(counterpart: Counterpart): Sum {
    const known = this.sums.get(counterpart);
    if (known !== undefined) {
      if (this.recent === NONE) this.recent = NONE.slice();
      this.recent[counterpart.slot] = known;
      return known;
    }
    if (this.sums.size >= MOST_COUNTERPARTS && counterpart !== OTHERS) return this.sumOf(OTHERS);
    const sum = new Sum(counterpart);
    this.sums.set(counterpart, sum);
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
    this.recent = NONE;
  }
}

/** Who threads count as. */
export class Parties {
  private readonly hostProcesses = new Map<string, Uncontained>();
  /** Counts how often they were made anew. */
  private generation = 0;

  of(thread: Thread | undefined): Counterpart {
    if (thread === undefined) return NOBODY_KNOWS;
    if (thread.tid === 0) return IDLE;
    const { container } = thread;
    return container !== undefined && !container.isHost ? container : this.hostProcessOf(thread);
  }

  /** Nothing is known of them any longer that was added up: names that are not in use any more make room. */
  beginInterval(): void {
    if (this.hostProcesses.size < MOST_COUNTERPARTS / 2) return;
    this.hostProcesses.clear();
    this.generation++;
  }

  /** A thread of the host counts as its process; workers of the kernel count as one, whatever their number. */
  private hostProcessOf(thread: Thread): Uncontained {
    const comm = thread.process?.leader?.comm ?? thread.comm ?? NOBODY_KNOWS.name;
    const known = thread.party;
    if (known !== undefined && thread.partyOf === comm && thread.partyGeneration === this.generation) {
      return known;
    }
    const party = this.hostProcess(thread.isKernelThread ? comm.replace(/[/:].*$/s, '') : comm);
    thread.party = party;
    thread.partyOf = comm;
    thread.partyGeneration = this.generation;
    return party;
  }

  private hostProcess(name: string): Uncontained {
    const known = this.hostProcesses.get(name);
    if (known !== undefined) return known;
    if (this.hostProcesses.size >= MOST_COUNTERPARTS) return OTHERS;
    const made = new Uncontained(HOST_PREFIX + name, name);
    this.hostProcesses.set(name, made);
    return made;
  }
}
