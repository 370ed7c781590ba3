import type { Call } from './call.js';

/** Equal calls that are under way, and when the first of them began. */
interface OpenCall {
  threads: number;
  began: number;
  /** The first one is over, and nobody has looked for the next. */
  isStale: boolean;
}

/** The calls that threads of a container sleep in (`Tasks.putToSleep`), by id: a frame looks at these and not at the threads. */
export class OpenCalls {
  private readonly calls = new Map<number, OpenCall>();
  /** Of some of them it is not known any longer since when: `update` is to be given all, after `beginUpdate`. */
  isStale = false;

  add({ id, began }: Call): void {
    const known = this.calls.get(id);
    if (known === undefined) this.calls.set(id, { threads: 1, began, isStale: false });
    else {
      known.threads++;
      known.began = Math.min(known.began, began);
    }
  }

  remove({ id, began }: Call): void {
    const known = this.calls.get(id);
    if (known === undefined) return;
    if (--known.threads === 0) this.calls.delete(id);
    else if (began === known.began) {
      known.isStale = true;
      this.isStale = true;
    }
  }

  beginUpdate(): void {
    this.isStale = false;
    for (const call of this.calls.values()) {
      if (call.isStale) call.began = Number.POSITIVE_INFINITY;
      call.isStale = false;
    }
  }

  update({ id, began }: Call): void {
    const known = this.calls.get(id);
    if (known !== undefined) known.began = Math.min(known.began, began);
  }

  /** By id of the call. */
  [Symbol.iterator](): Iterator<[number, Readonly<OpenCall>]> {
    return this.calls.entries();
  }
}
