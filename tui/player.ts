/**
 * What the screen needs of a session that it shows, replayed (`recordings/player.ts`) or live. Times are ns since
 * `origin`. The player decides how often it tells of news: at most about ten times a second.
 */
import type { Frame } from '../analyzers/frame.js';

export interface PlayerState {
  /** The frame to show; undefined until the first interval is read. */
  readonly frame: Frame | undefined;
  readonly playing: boolean;
  /** Event time per wall-clock time. */
  readonly speed: number;
  /** The shown frame is the last one that there will be. */
  readonly atEnd: boolean;
  /** Set while the shown frame has to wait for reading: how far it has come on the way to `goal`. */
  readonly reading: { readonly position: number; readonly goal: number } | undefined;
  /** Time that can be shown without reading again. */
  readonly kept: { readonly begin: number; readonly end: number };
  /** Why reading stopped early. What was read before can still be shown. */
  readonly error: Error | undefined;
  /** What is wrong while reading goes on: a live connection is being made again. */
  readonly trouble?: string | undefined;
  /**
   * Live: how much later than it should the newest frame comes, in whole seconds as ns; undefined where it does not, while the
   * user looks back, and where nobody can tell, because the clock is another host's.
   */
  readonly behind?: number | undefined;
}

export type FrameTest = (frame: Frame, before: Frame) => boolean;

export interface Player {
  readonly mode: 'replay' | 'live';
  /** Where the events come from, for people. */
  readonly title: string;
  /** Time 0, in ns since the Unix epoch. */
  readonly origin: bigint;
  /** The time that can be played; `end` is undefined while it grows. */
  readonly begin: number;
  readonly end: number | undefined;
  /** Length of a frame, ns. */
  readonly interval: number;

  /** The same object as long as nothing has changed. */
  state(): PlayerState;
  /** Up to `count` frames that lead to the shown one, which is the last of them. Shorter where older ones are not kept. */
  recent(count: number): readonly Frame[];
  /** All frames that can be shown without reading again, in the order of time. */
  keptFrames(): readonly Frame[];
  /** Whether to read on as far as memory allows, because what is kept is being looked at as a whole. */
  readAhead(isWanted: boolean): void;
  /**
   * Pauses and shows the nearest frame after the shown one (before it if `direction` is -1) that `matches`, which also gets
   * the frame before it. A replay reads on for it; `onNone` is called where there is none, then the shown frame stays.
   */
  find(direction: 1 | -1, matches: FrameTest, onNone: () => void): void;
  play(): void;
  pause(): void;
  /** Pauses and shows the frame `count` intervals later (earlier if negative). */
  step(count: number): void;
  /** Shows the frame that contains `time`, or the nearest. */
  seek(time: number): void;
  setSpeed(speed: number): void;
  /** Calls `listener` after each change of state; the result ends that. */
  subscribe(listener: () => void): () => void;
  /** Stops and frees everything. */
  close(): Promise<void>;
}

/** Speeds that a person steps through. */
export const SPEEDS: readonly number[] = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100];
