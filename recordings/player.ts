/**
 * Plays a recorded trace: reads ahead of the play position, keeps the frames around it, and reads again from the
 * beginning for what is no longer kept.
 */

import type { HostLooks } from '../analyzers/denials/looks.js';
import type { Frame } from '../analyzers/frame.js';
import type { Inventory } from '../analyzers/inventory.js';
import type { Source } from '../native/types.js';
import { FrameHistory, type FrameTest } from './frame-history.js';
import { FrameReader } from './frame-reader.js';

export interface ReplayOptions {
  /** The trace, just opened with `Engine.subscription()`; the player closes it. */
  readonly source: Source;
  /** Opens the same trace anew. */
  reopen(): Promise<Source>;
  readonly title: string;
  /** Length of a frame, ns. */
  readonly interval: number;
  readonly inventory?: Inventory | undefined;
  /** What was looked up on the host when it was recorded. */
  readonly looks?: HostLooks | undefined;
  /** What to play, ns since the source's origin; by default all of it. */
  readonly begin?: number | undefined;
  readonly end?: number | undefined;
  /** Where to start within that. */
  readonly at?: number | undefined;
  readonly speed?: number | undefined;
  readonly paused?: boolean | undefined;
  /** Most bytes of frames to keep in memory, about. */
  readonly keptBytes?: number | undefined;
}

const KEPT_BYTES = 24 * 2 ** 20;
/** Frames read ahead of the play position: at least so many, and as many as play in so much time. */
const AHEAD_FRAMES = 8;
const AHEAD_SECONDS = 2;
/** How often to show a new frame, and to tell how far reading has come. */
const SHOW_EVERY_MS = 100;
const TELL_EVERY_MS = 200;

/** See `Player` of tui/player.ts, whose shape this has. */
export interface ReplayState {
  readonly frame: Frame | undefined;
  readonly playing: boolean;
  readonly speed: number;
  readonly atEnd: boolean;
  readonly reading: { readonly position: number; readonly goal: number } | undefined;
  readonly kept: { readonly begin: number; readonly end: number };
  readonly error: Error | undefined;
}

export class Replay {
  readonly mode = 'replay';
  readonly title: string;
  readonly origin: bigint;
  readonly begin: number;
  readonly end: number | undefined;
  readonly interval: number;
  readonly #options: ReplayOptions;
  readonly #listeners = new Set<() => void>();
  #history = new FrameHistory();
  #reader: FrameReader;
  #isRead = false;
  #isClosed = false;
  #frame: Frame | undefined;
  /** Time that a seek waits for. */
  #goal: number | undefined;
  /** What `find` reads on for. */
  #search: { readonly matches: FrameTest; onNone(): void } | undefined;
  #readsAhead = false;
  #playing: boolean;
  #speed: number;
  /** Play position and the wall clock at one moment; from them follows where playing is now. */
  #anchor = { time: 0, at: 0 };
  #showTimer: NodeJS.Timeout | undefined;
  #tellTimer: NodeJS.Timeout | undefined;
  #error: Error | undefined;
  #state: ReplayState;

  constructor(options: ReplayOptions) {
    const { source } = options;
    this.#options = options;
    this.title = options.title;
    this.origin = source.origin;
    this.interval = options.interval;
    this.begin = options.begin ?? 0;
    this.end = options.end ?? source.end;
    this.#playing = options.paused !== true;
    this.#speed = options.speed ?? 1;
    this.#goal = options.at === undefined ? undefined : this.#clamp(options.at);
    this.#reader = this.#read(source);
    this.#state = this.#describe();
  }

  state(): ReplayState {
    return this.#state;
  }

  recent(count: number): readonly Frame[] {
    return this.#frame === undefined ? [] : this.#history.upTo(this.#frame, count);
  }

  keptFrames(): readonly Frame[] {
    return this.#history.frames;
  }

  readAhead(isWanted: boolean): void {
    if (this.#readsAhead === isWanted) return;
    this.#readsAhead = isWanted;
    this.#reader.wake();
  }

  find(direction: 1 | -1, matches: FrameTest, onNone: () => void): void {
    this.#stopSearch();
    this.#playing = false;
    const found = this.#frame && this.#history.find(this.#frame, direction, matches);
    this.#frame = found ?? this.#frame;
    if (found === undefined && direction === 1 && !this.#isRead) this.#search = { matches, onNone };
    else if (found === undefined) onNone();
    this.#settle();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  play(): void {
    this.#stopSearch();
    if (this.#playing) return;
    this.#playing = true;
    // Playing on at the end starts over.
    if (this.#state.atEnd) this.seek(this.begin);
    this.#settle();
  }

  pause(): void {
    this.#stopSearch();
    this.#playing = false;
    this.#settle();
  }

  setSpeed(speed: number): void {
    this.#speed = speed;
    this.#settle();
  }

  step(count: number): void {
    this.#playing = false;
    const from = this.#goal === undefined ? this.#frame : undefined;
    const [begin, end] =
      from === undefined
        ? [this.#goal ?? this.begin, (this.#goal ?? this.begin) + 1]
        : [from.begin, from.end];
    this.seek(count > 0 ? end + (count - 1) * this.interval : begin - 1 + (count + 1) * this.interval);
  }

  seek(time: number): void {
    this.#search = undefined;
    const goal = this.#clamp(time);
    const { first, last, isCut } = this.#history;
    this.#goal = undefined;
    if (first === undefined || last === undefined) this.#goal = this.#isRead ? undefined : goal;
    else if (goal < first.begin && isCut) this.#readAgain(goal);
    else if (goal < last.end || this.#isRead) this.#frame = this.#history.at(goal);
    else this.#goal = goal;
    this.#settle();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#showTimer);
    clearTimeout(this.#tellTimer);
    await this.#reader.stop();
  }

  get #keptBytes(): number {
    return this.#options.keptBytes ?? KEPT_BYTES;
  }

  #clamp(time: number): number {
    return Math.max(this.begin, Math.min(time, (this.end ?? Number.MAX_SAFE_INTEGER) - 1));
  }

  /** Nothing is looked for any more; what was passed on the way and is shown still is read again. */
  #stopSearch(): void {
    if (this.#search === undefined) return;
    this.#search = undefined;
    const { first, isCut } = this.#history;
    if (isCut && this.#frame!.begin < first!.begin) this.#readAgain(this.#frame!.begin);
  }

  /** After a change by the user: the clock starts from the shown frame, reading may have to go on, listeners know. */
  #settle(): void {
    this.#anchor = { time: this.#frame?.end ?? this.begin, at: performance.now() };
    this.#reader.wake();
    this.#scheduleShow();
    this.#publish();
  }

  // Playing

  #scheduleShow(): void {
    clearTimeout(this.#showTimer);
    if (!this.#playing || this.#frame === undefined || this.#goal !== undefined || this.#isClosed) return;
    const next = this.#history.after(this.#frame);
    const wait = next === undefined ? 0 : (next.end - this.#playPosition()) / this.#speed / 1e6;
    this.#showTimer = setTimeout(() => this.#showNext(), Math.max(SHOW_EVERY_MS, wait));
  }

  #playPosition(): number {
    return this.#anchor.time + (performance.now() - this.#anchor.at) * 1e6 * this.#speed;
  }

  /** Shows the frame that is over at the play position; waits with the clock where reading has not come so far. */
  #showNext(): void {
    const before = this.#frame;
    const { last } = this.#history;
    if (before === undefined || last === undefined) return;
    const position = this.#playPosition();
    this.#frame = this.#history.endedBy(position) ?? before;
    if (this.#frame === last) {
      this.#anchor = { time: last.end, at: performance.now() };
      if (this.#isRead) this.#playing = false;
    }
    if (this.#frame !== before || !this.#playing) this.#publish();
    this.#reader.wake();
    this.#scheduleShow();
  }

  // Reading

  #read(source: Source): FrameReader {
    const { interval, inventory, looks, begin, end } = this.#options;
    const options = {
      interval,
      ...(inventory === undefined ? {} : { inventory }),
      ...(looks === undefined ? {} : { looks }),
      ...(begin === undefined ? {} : { begin }),
      ...(end === undefined ? {} : { end }),
    };
    return new FrameReader(source, options, {
      onFrame: (frame) => this.#take(frame),
      onProgress: () => this.#publishSoon(),
      onEnd: (error) => this.#finish(error),
      hasEnough: () => this.#hasEnough(),
    });
  }

  #readAgain(goal: number): void {
    const old = this.#reader;
    this.#history = new FrameHistory();
    this.#isRead = false;
    this.#goal = goal;
    void old
      .stop()
      .then(() => this.#options.reopen())
      .then((source) => {
        if (this.#isClosed || old !== this.#reader) return source.close();
        this.#reader = this.#read(source);
        return undefined;
      })
      .catch((error: unknown) => this.#finish(error instanceof Error ? error : new Error(String(error))));
  }

  #take(frame: Frame): void {
    const { last } = this.#history;
    this.#history.push(frame);
    const before = this.#frame;
    if (this.#search !== undefined && last !== undefined && this.#search.matches(frame, last)) {
      this.#search = undefined;
      this.#frame = frame;
    } else if (this.#goal !== undefined && frame.end > this.#goal) {
      this.#frame = this.#history.at(this.#goal);
      this.#goal = undefined;
    } else if (before === undefined && this.#goal === undefined) {
      this.#frame = frame;
    }
    // On the way to a goal nothing that was passed has to stay.
    const isOnTheWay = this.#goal !== undefined || this.#search !== undefined;
    this.#history.trim(this.#keptBytes, isOnTheWay ? undefined : this.#frame);
    if (this.#frame !== before) this.#settle();
    else this.#publishSoon();
  }

  #hasEnough(): boolean {
    const { last, length } = this.#history;
    if (
      this.#isClosed ||
      this.#frame === undefined ||
      this.#goal !== undefined ||
      this.#search !== undefined ||
      last === undefined ||
      length === 0
    )
      return false;
    const ahead = Math.max(AHEAD_FRAMES * this.interval, AHEAD_SECONDS * 1e9 * this.#speed);
    if (!this.#readsAhead && last.end - this.#frame.end >= ahead) return true;
    return last !== this.#frame && this.#history.costAfter(this.#frame) > this.#keptBytes / 2;
  }

  /** What was read before can still be shown. */
  #finish(error: Error | undefined): void {
    this.#isRead = true;
    this.#error = error;
    this.#search?.onNone();
    this.#stopSearch();
    if (!this.#isRead) return;
    if (this.#goal !== undefined) {
      this.#frame = this.#history.at(this.#goal);
      this.#goal = undefined;
    }
    this.#settle();
  }

  // Telling

  #describe(): ReplayState {
    const { first, last } = this.#history;
    const searched = this.#search === undefined ? undefined : this.end;
    const goal =
      this.#goal ?? searched ?? (this.#frame === undefined ? this.begin + this.interval : undefined);
    const position = last?.end ?? this.#reader.position ?? this.begin;
    return {
      frame: this.#frame,
      playing: this.#playing,
      speed: this.#speed,
      atEnd: this.#isRead && this.#goal === undefined && this.#frame === last,
      reading:
        goal === undefined || this.#isRead ? undefined : { position: Math.max(this.begin, position), goal },
      kept: { begin: first?.begin ?? this.begin, end: last?.end ?? this.begin },
      error: this.#error,
    };
  }

  #publish(): void {
    clearTimeout(this.#tellTimer);
    this.#tellTimer = undefined;
    if (this.#isClosed) return;
    this.#state = this.#describe();
    for (const listener of this.#listeners) listener();
  }

  /** Progress of reading, which nobody needs at once. */
  #publishSoon(): void {
    this.#tellTimer ??= setTimeout(() => this.#publish(), TELL_EVERY_MS);
  }
}
