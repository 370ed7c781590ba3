/** `:record`: a recording that begins and ends while a live view goes on, by a tracing session beside the view's own. */
import type { InventoryWatcher } from '../../host/inventory/watcher.js';
import type { EventGroup } from '../../host/session/plan.js';
import { type Bookmark, type KeptBookmarks, openBookmarks } from '../../recordings/bookmarks.js';
import { CommandError } from '../errors.js';
import { withHome } from '../home.js';
import { type RecordedView, Recorder } from './recorder.js';
import { statusText } from './run.js';

interface Current {
  readonly recorder: Recorder;
  readonly stop: AbortController;
  /** What ended it, if nobody did. */
  readonly ran: Promise<string | undefined>;
}

/** What is kept beside a trace of what somebody marks meanwhile. */
interface Place {
  /** ns since the Unix epoch. */
  readonly began: bigint;
  readonly bookmarks: KeptBookmarks;
}

/** See `SessionRecorder` of tui/app/deeds/record.ts and `BookmarkKeeper` of tui/app/time/bookmarks.ts, whose shapes this has. */
export class LiveRecorder {
  /** Bookmarks of before. */
  readonly kept: readonly Bookmark[] = [];
  #directory: string | undefined;
  #place: Place | undefined;
  #current: Current | undefined;
  /** Beginning and ending follow one another. */
  #last: Promise<unknown> = Promise.resolve();
  readonly #listeners = new Set<(news: string) => void>();

  private constructor(
    private readonly view: RecordedView,
    private readonly groups: readonly EventGroup[],
    private readonly inventory: InventoryWatcher,
    /** `--record`: everything is recorded from the start, to the end. */
    readonly always: string | undefined,
  ) {
    this.#directory = always;
  }

  static async open(
    view: RecordedView,
    groups: readonly EventGroup[],
    inventory: InventoryWatcher,
    always: string | undefined,
  ): Promise<LiveRecorder> {
    const recorder = new LiveRecorder(view, groups, inventory, always);
    if (always !== undefined) recorder.#place = await placeIn(always, 0n);
    return recorder;
  }

  get directory(): string | undefined {
    return this.#directory;
  }

  begin(name: string): Promise<string> {
    return this.#next(async () => {
      const directory = withHome(name);
      if (this.#directory !== undefined) throw new CommandError(`${this.#directory} is being recorded`);
      const { view, groups, inventory } = this;
      const began = BigInt(Date.now()) * 1_000_000n;
      const recorder = await Recorder.start({ directory, groups, inventory, view });
      const stop = new AbortController();
      const current = { recorder, stop, ran: recorder.run(stop.signal) };
      this.#current = current;
      this.#directory = directory;
      this.#place = await placeIn(recorder.path, began);
      void current.ran.then((why) => this.#endedByItself(current, why));
      return `Recording what happens from now on to ${directory}; :record ends it.`;
    });
  }

  end(): Promise<string> {
    return this.#next(async () => {
      const { always } = this;
      if (always !== undefined) throw new CommandError(`${always} is recorded until boxtop ends (--record)`);
      if (this.#current === undefined) throw new CommandError('nothing is being recorded');
      return this.#finish(this.#current);
    });
  }

  /** Calls when a recording has ended by itself, with why and how it went. */
  subscribe(listener: (news: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whether a bookmark at this time is kept with a recording. */
  keeps(time: bigint): boolean {
    return this.#place !== undefined && time >= this.#place.began;
  }

  async save(bookmarks: readonly Bookmark[]): Promise<void> {
    await this.#place?.bookmarks.save(bookmarks.filter(({ time }) => this.keeps(time)));
  }

  /** Ends what is still being recorded; tells how it went. @throws SessionError */
  async close(): Promise<string | undefined> {
    await this.#last;
    return this.#current && (await this.#finish(this.#current));
  }

  async #finish({ recorder, stop, ran }: Current): Promise<string> {
    const directory = this.#directory;
    stop.abort();
    await ran;
    try {
      const status = await recorder.finish(undefined);
      return `Recorded ${statusText(status)}: boxtop replay ${directory}`;
    } finally {
      this.#current = undefined;
      this.#directory = undefined;
      this.#place = undefined;
    }
  }

  #endedByItself(current: Current, why: string | undefined): void {
    if (why === undefined) return;
    const done = this.#next(async () => (this.#current === current ? this.#finish(current) : undefined));
    void done.then(
      (how) => this.#tell(how && `The recording ended: ${why}. ${how}`),
      (error: Error) => this.#tell(`The recording ended: ${why}; ${error.message}`),
    );
  }

  #tell(news: string | undefined): void {
    if (news !== undefined) for (const listener of this.#listeners) listener(news);
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }
}

async function placeIn(directory: string, began: bigint): Promise<Place> {
  return { began, bookmarks: await openBookmarks(directory, directory) };
}
