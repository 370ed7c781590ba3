/**
 * Plays a live source: reads as fast as events come, keeps the frames of the last minutes, and shows the newest or, while
 * the user looks back, one of those that are kept. Reading never waits for looking.
 */

import type { HostLooks } from '../analyzers/denials/looks.js';
import type { Changes, Frame } from '../analyzers/frame.js';
import type { Inventory } from '../analyzers/inventory.js';
import type { Source } from '../native/types.js';
import { FrameHistory, type FrameTest } from './frame-history.js';
import { FrameReader } from './frame-reader.js';

export interface LiveOptions {
  /** Just opened with `Engine.subscription()`, or about to be; the player closes it. */
  readonly source: Source | Promise<Source>;
  readonly title: string;
  /** Length of a frame, ns. */
  readonly interval: number;
  /** See `EngineOptions`. */
  readonly severalHosts?: boolean | undefined;
  /** How far one can look back, ns. */
  readonly history: number;
  readonly inventory?: Inventory | undefined;
  /** Whoever looks at the host for what explains refusals. */
  readonly looks?: HostLooks | undefined;
  /** Most bytes of frames to keep in memory, about. */
  readonly keptBytes?: number | undefined;
  /** Resolves with the reason when the session cannot go on, whatever its connection does. */
  readonly broken?: Promise<Error> | undefined;
  /** The traced machine's clock, ns since the epoch, where that is this one: by it the state tells how far the view is behind. */
  readonly now?: (() => bigint) | undefined;
  /** How late events come by the tracer's own buffers, ns. */
  readonly liveTimer?: number | undefined;
  /** What it means that the session ends by itself; without it, that is nothing bad. */
  readonly whyEnded?: (() => Error) | undefined;
}

/** Many containers shorten what is kept. */
const KEPT_BYTES = 64 * 2 ** 20;
/** How often to show something new, and to ask whether the connection stands. */
const TELL_EVERY_MS = 100;
/** Showing takes at most this share of the time. */
const TELL_SHARE = 1 / 4;
const ASK_EVERY_MS = 500;
/** What a frame may come later than the live timer explains before that is worth a word. */
const LATE_NS = 2e9;
const SECOND_NS = 1e9;

/** See `Player` of tui/player.ts, whose shape this has. */
export interface LiveState {
  readonly frame: Frame | undefined;
  readonly playing: boolean;
  readonly speed: number;
  readonly atEnd: boolean;
  readonly reading: undefined;
  readonly kept: { readonly begin: number; readonly end: number };
  readonly error: Error | undefined;
  readonly trouble: string | undefined;
  readonly behind: number | undefined;
}

export class LivePlayer {
  readonly mode = 'live';
  readonly end = undefined;
  readonly interval: number;
  readonly #options: LiveOptions;
  /** undefined while it is being opened. */
  #source: Source | undefined;
  #reader: FrameReader | undefined;
  #inventory: Inventory;
  readonly #history = new FrameHistory();
  readonly #listeners = new Set<() => void>();
  readonly #askTimer: NodeJS.Timeout;
  #frame: Frame | undefined;
  /** One of the frames, and who came and went after it. */
  #changed: Frame | undefined;
  /** Shows what is newest; otherwise stands still at `#frame`. */
  #follows = true;
  #trouble: string | undefined;
  #behind: number | undefined;
  #hasEnded = false;
  #error: Error | undefined;
  #tellTimer: NodeJS.Timeout | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;
  /** How long it took the last time. */
  #tellMs = 0;
  #state: LiveState;

  constructor(options: LiveOptions) {
    const { source, interval, inventory = [] } = options;
    this.#options = options;
    this.#inventory = inventory;
    this.interval = interval;
    this.#state = this.#describe();
    if (source instanceof Promise) {
      source.then(
        (opened) => this.#read(opened),
        (error: Error) => this.#break(error),
      );
    } else this.#read(source);
    this.#askTimer = setInterval(() => this.#ask(), ASK_EVERY_MS);
    void options.broken?.then((why) => this.#break(why));
  }

  get title(): string {
    return this.#hasEnded ? `${this.#options.title} (ended)` : this.#options.title;
  }

  /** 0 until the first event has come. */
  get origin(): bigint {
    return this.#source?.origin ?? 0n;
  }

  get begin(): number {
    return this.#history.first?.begin ?? 0;
  }

  state(): LiveState {
    return this.#state;
  }

  recent(count: number): readonly Frame[] {
    if (this.#frame === undefined) return [];
    const frames = this.#history.upTo(this.#frame, count);
    // Who stands still for long sees a frame that is no longer kept.
    if (frames.at(-1) !== this.#frame) return [this.#frame];
    const visible = this.#visible;
    return visible === this.#frame ? frames : [...frames.slice(0, -1), visible!];
  }

  keptFrames(): readonly Frame[] {
    return this.#history.frames;
  }

  /** Reading never waits. */
  readAhead(): void {}

  find(direction: 1 | -1, matches: FrameTest, onNone: () => void): void {
    const found = this.#frame && this.#history.find(this.#frame, direction, matches);
    if (found !== undefined) {
      this.#standAt(found);
      return;
    }
    onNone();
    this.pause();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Back to now. */
  play(): void {
    this.#follows = true;
    this.#frame = this.#history.last ?? this.#frame;
    this.#publish();
  }

  pause(): void {
    this.#follows = false;
    this.#publish();
  }

  step(count: number): void {
    const from = this.#frame;
    if (from === undefined) return;
    const time =
      count > 0 ? from.end + (count - 1) * this.interval : from.begin - 1 + (count + 1) * this.interval;
    this.#standAt(this.#history.at(time) ?? from);
  }

  /** Stands still at a time that is kept; from the newest frame on it is now. */
  seek(time: number): void {
    const { last } = this.#history;
    if (last === undefined || time >= last.begin) {
      this.play();
      return;
    }
    this.#standAt(this.#history.at(time));
  }

  /** Shows a frame as it was. */
  #standAt(frame: Frame | undefined): void {
    this.#follows = false;
    this.#frame = frame;
    this.#changed = undefined;
    this.#publish();
  }

  /** Time cannot be made to go faster. */
  setSpeed(): void {}

  /** The inventory has changed. */
  learn(inventory: Inventory): void {
    this.#inventory = inventory;
    this.#reader?.learn(inventory);
  }

  async close(): Promise<void> {
    clearInterval(this.#askTimer);
    clearTimeout(this.#tellTimer);
    this.#listeners.clear();
    this.#hasEnded = true;
    await this.#reader?.stop();
  }

  #read(source: Source): void {
    if (this.#hasEnded) {
      void source.close();
      return;
    }
    const { looks, severalHosts = false, whyEnded } = this.#options;
    this.#source = source;
    this.#reader = new FrameReader(
      source,
      {
        interval: this.interval,
        inventory: this.#inventory,
        severalHosts,
        ...(looks !== undefined && { looks }),
      },
      {
        onFrame: (frame) => this.#take(frame),
        onPreview: (frame) => this.#show(frame),
        onChanges: (changes) => this.#change(changes),
        onProgress: () => {},
        onEnd: (error) => this.#finish(error ?? whyEnded?.()),
        hasEnough: () => false,
      },
    );
  }

  #take(frame: Frame): void {
    this.#history.push(frame);
    this.#history.forget(frame.end - this.#options.history);
    if (this.#behind !== undefined) this.#behind = this.#lateness();
    this.#history.trim(this.#options.keptBytes ?? KEPT_BYTES, undefined);
    if (this.#follows) {
      this.#frame = frame;
      this.#changed = undefined;
    }
    this.#publishSoon();
  }

  /** What is not kept: the first frame will have it. */
  #show(frame: Frame): void {
    if (this.#follows) this.#frame = frame;
    this.#publishSoon();
  }

  /** Nobody waits for the interval's end: newcomers are shown below those of the newest frame, and who has ended is marked there. */
  #change({ arrived, ended }: Changes): void {
    const { last } = this.#history;
    if (!this.#follows || last === undefined) return;
    const known = last.containers.map((row) =>
      row.ended === undefined && ended.has(row.key) ? { ...row, ended: ended.get(row.key) } : row,
    );
    const { containers: before } = this.#visible ?? last;
    const containers = [...known, ...arrived];
    const isNews = containers.some((row, index) => {
      const was = before[index];
      return was === undefined || was.ended !== row.ended;
    });
    this.#changed = { ...last, containers };
    this.#publishSoon(isNews);
  }

  get #visible(): Frame | undefined {
    const changed = this.#changed;
    return changed !== undefined && changed.end === this.#frame?.end ? changed : this.#frame;
  }

  /** The session is over; what was seen can still be looked at. */
  #break(why: Error): void {
    if (this.#hasEnded) return;
    void this.#reader?.stop();
    this.#finish(why);
  }

  #finish(error: Error | undefined): void {
    this.#hasEnded = true;
    this.#trouble = undefined;
    this.#behind = undefined;
    this.#error = error;
    clearInterval(this.#askTimer);
    this.#publish();
  }

  #ask(): void {
    const trouble = this.#source?.counters().trouble;
    const behind = this.#lateness();
    const isNews = trouble !== this.#trouble || (behind !== this.#behind && this.#follows);
    this.#trouble = trouble;
    this.#behind = behind;
    if (isNews) this.#publish();
  }

  /** What is waited for is the frame after the newest. */
  #lateness(): number | undefined {
    const { now, liveTimer = 0 } = this.#options;
    if (now === undefined || this.origin === 0n) return undefined;
    const due = (this.#history.last?.end ?? 0) + this.interval + liveTimer;
    const late = Number(now() - this.origin) - due;
    return late < LATE_NS ? undefined : Math.floor(late / SECOND_NS) * SECOND_NS;
  }

  #describe(): LiveState {
    const { first, last } = this.#history;
    return {
      frame: this.#visible,
      playing: this.#follows && !this.#hasEnded,
      speed: 1,
      atEnd: this.#hasEnded && this.#frame === last,
      reading: undefined,
      kept: { begin: first?.begin ?? 0, end: last?.end ?? 0 },
      error: this.#error,
      trouble: this.#trouble,
      behind: this.#follows ? this.#behind : undefined,
    };
  }

  #publish(): void {
    clearTimeout(this.#tellTimer);
    this.#tellTimer = undefined;
    this.#toldAt = performance.now();
    this.#state = this.#describe();
    for (const listener of this.#listeners) listener();
    // Whoever draws may do so as soon as this turn is over.
    setImmediate(() => {
      this.#tellMs = performance.now() - this.#toldAt;
    });
  }

  /** At once after a pause, and not more often than is pleasant to look at; what is rare does not wait until drawing is cheap again. */
  #publishSoon(isRare = false): void {
    if (this.#tellTimer !== undefined && !isRare) return;
    clearTimeout(this.#tellTimer);
    const pause = Math.max(TELL_EVERY_MS, isRare ? this.#tellMs : this.#tellMs / TELL_SHARE);
    const wait = this.#toldAt + pause - performance.now();
    if (wait <= 0) this.#publish();
    else this.#tellTimer = setTimeout(() => this.#publish(), wait);
  }
}
