/** Moments that the user wants to find again. */
import { formatClock } from '../../text/format.js';
import { openPrompt } from '../prompt.js';
import type { Session } from '../session.js';

export interface Bookmark {
  /** ns since the Unix epoch. */
  readonly time: bigint;
  readonly label: string;
}

/** Where bookmarks are kept; without it they are forgotten with the screen. */
export interface BookmarkKeeper {
  readonly kept: readonly Bookmark[];
  /** Whether one at this time outlasts the screen. */
  keeps(time: bigint): boolean;
  /** Keeps these instead. @throws Error with one sentence for the user */
  save(bookmarks: readonly Bookmark[]): Promise<void>;
}

export class Bookmarks {
  #list: readonly Bookmark[];
  readonly #keeper: BookmarkKeeper | undefined;

  constructor(keeper: BookmarkKeeper | undefined) {
    this.#keeper = keeper;
    this.#list = keeper?.kept ?? [];
  }

  /** In the order of time. */
  get list(): readonly Bookmark[] {
    return this.#list;
  }

  /** Whether one at this time outlasts the screen. */
  keeps(time: bigint): boolean {
    return this.#keeper?.keeps(time) ?? false;
  }

  /** Resolves when they are kept. @throws what the keeper throws */
  async add(bookmark: Bookmark): Promise<void> {
    await this.#set([...this.#list.filter(({ time }) => time !== bookmark.time), bookmark]);
  }

  async remove(time: bigint): Promise<void> {
    await this.#set(this.#list.filter((bookmark) => bookmark.time !== time));
  }

  async #set(list: readonly Bookmark[]): Promise<void> {
    this.#list = list.toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
    await this.#keeper?.save(this.#list);
  }
}

/** Marks the shown interval under a name that is asked for, or takes the mark away. */
export function toggleBookmark(session: Session): void {
  const time = shownTime(session);
  if (time === undefined) return;
  const there = session.bookmarks.list.find((bookmark) => bookmark.time === time);
  if (there !== undefined) {
    keep(session, session.bookmarks.remove(time), 'The bookmark is gone.');
    return;
  }
  openPrompt(session, {
    label: `Bookmark ${formatClock(time, 1)}`,
    hint: 'a few words, or none',
    text: '',
    submit: (text) => {
      addBookmark(session, text.trim());
      return undefined;
    },
  });
}

export function addBookmark(session: Session, label: string): void {
  const time = shownTime(session);
  if (time === undefined) return;
  const { bookmarks } = session;
  const isKept = bookmarks.keeps(time);
  keep(
    session,
    bookmarks.add({ time, label }),
    isKept
      ? 'Marked.'
      : 'Marked, until boxtop ends: a live view keeps bookmarks with a recording of it only.',
  );
}

export function openBookmarks(session: Session): void {
  const { list } = session.bookmarks;
  const { player } = session;
  if (list.length === 0) {
    session.message = 'There are no bookmarks: m marks the shown interval.';
    return;
  }
  const now = shownTime(session) ?? 0n;
  session.overlay = {
    kind: 'menu',
    title: 'Bookmarks',
    items: list.map(({ time, label }) => ({
      id: String(time),
      label: `${formatClock(time, 0)} ${label}`,
      doc: `${formatClock(time, 3)} ${label}`.trim(),
    })),
    selected: Math.max(
      0,
      list.findIndex(({ time }) => time >= now),
    ),
    choose: (id) => player.seek(Number(BigInt(id) - player.origin)),
  };
}

function shownTime({ frame, player }: Session): bigint | undefined {
  return frame === undefined ? undefined : player.origin + BigInt(Math.round(frame.begin));
}

/** Says how it went, unless something else is said meanwhile. */
function keep(session: Session, saving: Promise<void>, done: string): void {
  session.message = done;
  saving.catch((error: unknown) =>
    session.update(() => {
      session.message = error instanceof Error ? error.message : String(error);
    }),
  );
}
