/** Reads frames from a source as long as somebody wants more of them, and lets keys and drawing have their turn. */
import { Engine, type EngineOptions } from '../analyzers/engine.js';
import type { Changes, Frame } from '../analyzers/frame.js';
import type { Inventory } from '../analyzers/inventory.js';
import type { Source } from '../native/types.js';

/** Others get their turn after so much reading. */
const READ_SLICE_MS = 8;
/** The first preview is when it is told who is there, at the latest after so much time of events; then so much lies between two. */
const FIRST_PREVIEW_NS = 1e9;
const PREVIEW_EVERY_NS = 250e6;
/** Previews come no closer than this, and take at most this share of the time. */
const PREVIEW_PAUSE_MS = 100;
const PREVIEW_SHARE = 1 / 10;

export interface FrameListener {
  onFrame(frame: Frame): void;
  /** What there is of the first frame before it is complete, a few times. */
  onPreview?(frame: Frame): void;
  /** Likewise, who has come and gone since the last frame, as far as is known; not called while nobody has. */
  onChanges?(changes: Changes): void;
  /** Some more events were read. */
  onProgress(): void;
  /** Nothing follows: the end, or what went wrong. */
  onEnd(error: Error | undefined): void;
  /** While true, nothing is read; `wake` asks again. */
  hasEnough(): boolean;
}

export class FrameReader {
  readonly #source: Source;
  readonly #listener: FrameListener;
  #isStopped = false;
  #wake: (() => void) | undefined;
  #engine: Engine | undefined;
  /** The next preview is at this time of events, undefined before the first, and not before that time of ours. */
  #nextPreview: number | undefined;
  #previewAfter = 0;

  /** Starts at once; the listener hears nothing before the current turn is over. The reader closes the source. */
  constructor(source: Source, options: EngineOptions, listener: FrameListener) {
    this.#source = source;
    this.#listener = listener;
    void Promise.resolve().then(() => this.#run(options));
  }

  /** Time of the last event that was read, ns since the source's origin. */
  get position(): number | undefined {
    return this.#source.counters().position;
  }

  /** The listener may have less than enough again. */
  wake(): void {
    this.#wake?.();
  }

  /** The inventory has changed since `options.inventory`. */
  learn(inventory: Inventory): void {
    this.#engine?.learn(inventory);
  }

  /** Stops and closes the source; the listener hears nothing any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.wake();
    await this.#source.close();
  }

  async #run(options: EngineOptions): Promise<void> {
    try {
      this.#engine = new Engine(this.#source, options);
      await this.#read(this.#engine);
      if (!this.#isStopped) this.#listener.onEnd(undefined);
    } catch (error) {
      if (!this.#isStopped) this.#listener.onEnd(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #read(engine: Engine): Promise<void> {
    let sliceStart = performance.now();
    for await (const batch of this.#source) {
      for (const frame of engine.push(batch)) {
        if (this.#isStopped) return;
        this.#listener.onFrame(frame);
        while (!this.#isStopped && this.#listener.hasEnough()) await this.#whenWoken();
      }
      if (this.#isStopped || engine.done) break;
      this.#listener.onProgress();
      this.#preview(engine);
      if (performance.now() - sliceStart > READ_SLICE_MS) {
        await new Promise((resolve) => setImmediate(resolve));
        sliceStart = performance.now();
      }
    }
    for (const frame of engine.finish()) if (!this.#isStopped) this.#listener.onFrame(frame);
  }

  #preview(engine: Engine): void {
    const listener = this.#listener;
    if (listener.onPreview === undefined && listener.onChanges === undefined) return;
    const began = performance.now();
    if (began < this.#previewAfter) return;
    const from = this.#nextPreview ?? (engine.isComplete ? 0 : FIRST_PREVIEW_NS);
    const frame = listener.onPreview && engine.preview(from);
    if (frame !== undefined) {
      this.#nextPreview = frame.end + PREVIEW_EVERY_NS;
      listener.onPreview?.(frame);
    }
    const changes = listener.onChanges && engine.changes();
    if (changes !== undefined && changes.arrived.length + changes.ended.size > 0)
      listener.onChanges?.(changes);
    const now = performance.now();
    this.#previewAfter = now + Math.max(PREVIEW_PAUSE_MS, (now - began) / PREVIEW_SHARE);
  }

  #whenWoken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
