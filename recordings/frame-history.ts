/** The frames that are kept around the play position: in the order of time, without gaps, and bounded by what they take. */
import type { Frame } from '../analyzers/frame.js';

/** Whether a frame is looked for; `before` is the one before it. */
export type FrameTest = (frame: Frame, before: Frame) => boolean;

type Tables = Omit<Frame, 'origin' | 'begin' | 'end' | 'quality'>;

/** Bytes that a row of each table takes with all that is its own, about: as measured on recordings of a few containers. */
const ROW_BYTES: Readonly<Record<keyof Tables, number>> = {
  containers: 1200,
  processes: 670,
  threads: 670,
  cpus: 750,
  waits: 120,
  blockers: 120,
  denials: 720,
  devices: 500,
  block: 250,
  syscalls: 150,
  files: 600,
  connections: 250,
};
/** What a row takes that the frame before has too: a reference to it. */
const SHARED_BYTES = 8;
/** The frame without its tables, and an issue of its quality. */
const FRAME_BYTES = 1000;
const ISSUE_BYTES = 300;
const TABLES = Object.keys(ROW_BYTES) as (keyof Tables)[];

export class FrameHistory {
  #frames: Frame[] = [];
  /** What each frame takes, in bytes. */
  #costs: number[] = [];
  #total = 0;
  /** Whether frames have been dropped at the beginning. */
  #isCut = false;

  get length(): number {
    return this.#frames.length;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  get frames(): readonly Frame[] {
    return this.#frames;
  }

  get first(): Frame | undefined {
    return this.#frames[0];
  }

  get last(): Frame | undefined {
    return this.#frames.at(-1);
  }

  push(frame: Frame): void {
    const cost = costOf(frame, this.last);
    this.#frames.push(frame);
    this.#costs.push(cost);
    this.#total += cost;
  }

  /** Drops the oldest frames until at most `budget` bytes are left, but none from `keep` on. */
  trim(budget: number, keep: Frame | undefined): void {
    let drop = 0;
    let total = this.#total;
    while (total > budget && drop < this.#frames.length - 1 && this.#frames[drop] !== keep) {
      total -= this.#costs[drop]!;
      drop++;
    }
    this.#drop(drop);
  }

  /** Drops the frames that ended before a time, but for the last one. */
  forget(before: number): void {
    this.#drop(
      Math.min(
        this.#countBy((frame) => frame.end < before),
        this.#frames.length - 1,
      ),
    );
  }

  #drop(count: number): void {
    if (count <= 0) return;
    this.#frames.splice(0, count);
    for (const cost of this.#costs.splice(0, count)) this.#total -= cost;
    this.#isCut = true;
  }

  /** Bytes of the frames after `frame`. */
  costAfter(frame: Frame): number {
    let cost = 0;
    for (let index = this.#frames.length - 1; index >= 0 && this.#frames[index] !== frame; index--) {
      cost += this.#costs[index]!;
    }
    return cost;
  }

  /** The frame that contains `time`, or else the nearest. */
  at(time: number): Frame | undefined {
    return this.#frames[Math.max(0, this.#countBy((frame) => frame.begin <= time) - 1)];
  }

  /** The last frame that is over at `time`. */
  endedBy(time: number): Frame | undefined {
    return this.#frames[this.#countBy((frame) => frame.end <= time) - 1];
  }

  /** The nearest frame after `from` (before it if `direction` is -1) that matches; it also gets the frame before. */
  find(from: Frame, direction: 1 | -1, matches: FrameTest): Frame | undefined {
    const frames = this.#frames;
    const next = this.#indexOf(from) + direction;
    for (let index = direction === 1 ? Math.max(1, next) : next; index > 0; index += direction) {
      const frame = frames[index];
      if (frame === undefined || matches(frame, frames[index - 1]!)) return frame;
    }
    return undefined;
  }

  after(frame: Frame): Frame | undefined {
    return this.#frames[this.#indexOf(frame) + 1];
  }

  /** Up to `count` frames of which `frame` is the last. */
  upTo(frame: Frame, count: number): readonly Frame[] {
    const end = this.#indexOf(frame) + 1;
    return this.#frames.slice(Math.max(0, end - count), end);
  }

  #indexOf(frame: Frame): number {
    const index = this.#countBy((candidate) => candidate.begin <= frame.begin) - 1;
    return this.#frames[index] === frame ? index : -1;
  }

  /** How many frames from the beginning meet a condition that holds up to some frame and no further. */
  #countBy(holds: (frame: Frame) => boolean): number {
    let low = 0;
    let high = this.#frames.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds(this.#frames[middle]!)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Bytes that the frame takes: rows that it shares with the one before it are that one's. */
function costOf(frame: Frame, before: Frame | undefined): number {
  let cost = FRAME_BYTES + ISSUE_BYTES * frame.quality.issues.length;
  for (const table of TABLES) {
    const rows = frame[table] ?? [];
    const shared = sharedRows(rows, before?.[table]);
    cost += ROW_BYTES[table] * (rows.length - shared) + SHARED_BYTES * shared;
  }
  return cost;
}

/** Rows are shared where they stand at the same place in both frames; a shifted one counts in full. */
function sharedRows(rows: readonly unknown[], before: readonly unknown[] | undefined): number {
  let shared = 0;
  if (before !== undefined) {
    for (let index = 0; index < rows.length; index++) if (rows[index] === before[index]) shared++;
  }
  return shared;
}
