import type { Thread } from '../kernel/thread.js';

/** More than any device has waiting or in flight at once; of more the oldest are forgotten. */
const MOST_OUTSTANDING = 4096;

/** No time: a number, so that the field never has to hold anything else. */
export const NEVER = -1;

/** A stretch of a disk that one thread reads or writes: a bio, or as much of one as a request carries. In sectors of 512 bytes. */
export class Stretch {
  sector = 0;
  sectors = 0;
  submitter: Thread | undefined = undefined;
  /** When it came to the block layer, and when it was put into the scheduler's queue. */
  queuedAt = NEVER;
  insertedAt = NEVER;
  /** A device mapper or RAID has sent it here: its submitter is who wrote to that. */
  isRemapped = false;
  /** The next one of the same request. */
  next: Stretch | undefined = undefined;
  twin: Stretch | undefined = undefined;
}

/** What the driver was given as one. */
export class Request {
  sector = 0;
  /** Not completed yet. */
  sectors = 0;
  issuedAt = 0;
  first: Stretch | undefined = undefined;
  twin: Request | undefined = undefined;
}

interface Outstanding<Item> {
  sector: number;
  twin: Item | undefined;
}

/** What is under way on one device, by first sector; bounded, because what was lost never ends. */
export class BySector<Item extends Outstanding<Item>> {
  private readonly items = new Map<number, Item>();
  size = 0;

  /** `forget` takes what had to go. */
  constructor(private readonly forget: (item: Item) => void) {}

  add(item: Item): void {
    if (this.size >= MOST_OUTSTANDING) this.forgetOldest();
    item.twin = this.items.get(item.sector);
    this.items.set(item.sector, item);
    this.size++;
  }

  get(sector: number): Item | undefined {
    return this.items.get(sector);
  }

  /** The youngest one that begins at the sector. */
  take(sector: number): Item | undefined {
    const item = this.items.get(sector);
    if (item === undefined) return undefined;
    if (item.twin === undefined) this.items.delete(sector);
    else this.items.set(sector, item.twin);
    item.twin = undefined;
    this.size--;
    return item;
  }

  clear(): void {
    while (this.size > 0) this.forgetOldest();
  }

  /** A map keeps the order in which its keys came. */
  private forgetOldest(): void {
    for (const sector of this.items.keys()) {
      for (let item = this.take(sector); item !== undefined; item = this.take(sector)) this.forget(item);
      return;
    }
  }
}

/** Used objects, so that an event makes no new ones. */
export class Pool<Item> {
  private readonly free: Item[] = [];

  constructor(private readonly make: () => Item) {}

  take(): Item {
    return this.free.pop() ?? this.make();
  }

  give(item: Item): void {
    this.free.push(item);
  }
}
