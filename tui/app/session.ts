/**
 * What the screen shows and where the user is in it: views and what was drilled into, selection, order, filter, overlays.
 * Actions call its methods; components read it. It knows no terminal and no React.
 */
import type { Column } from '../../analyzers/columns/column.js';
import type { PatternCompiler, TextMatcher } from '../../analyzers/filter/compare.js';
import type { RowMatcher } from '../../analyzers/filter/filter.js';
import type { Frame } from '../../analyzers/frame.js';
import { ChartLoader } from '../charts/loader.js';
import { type Player, SPEEDS } from '../player.js';
import type { Kept, Preferences } from '../preferences.js';
import type { Grid } from '../terminal/grid.js';
import { Chosen } from './chosen.js';
import { type PlacedColumn, placeColumns } from './columns.js';
import type { ContainerActions, Finished } from './deeds/actions.js';
import type { SessionRecorder } from './deeds/record.js';
import type { Exporter } from './deeds/write.js';
import { compileFilter } from './filter.js';
import { Charted } from './history/charted.js';
import type { Keymap } from './keymap.js';
import { type Layout, layoutOf, type Size, SWATCH_WIDTH } from './layout.js';
import type { Complaint, Overlay } from './overlay.js';
import { RowSelector, type Rows, type Sort } from './rows.js';
import { type BookmarkKeeper, Bookmarks } from './time/bookmarks.js';
import type { RangeReader } from './time/compare.js';
import {
  beyondScope,
  type Drill,
  type Scope,
  screenColumns,
  type View,
  type ViewId,
  viewOf,
} from './views.js';

export interface SessionOptions {
  readonly player: Player;
  readonly size: Size;
  /** `--name`: containers that are shown at all, and how the user wrote it. */
  readonly names?: { readonly label: string; readonly matches: TextMatcher } | undefined;
  /** `--sort` of the containers. */
  readonly sort?: Sort | undefined;
  readonly bookmarks?: BookmarkKeeper | undefined;
  readonly readRanges: RangeReader;
  /** `--filter`: the filter line of the containers. */
  readonly filter?: string | undefined;
  readonly preferences?: Preferences | undefined;
  readonly kept?: Kept | undefined;
  readonly keymap: Keymap;
  /** As `--name` compiles them. */
  readonly compilePattern: PatternCompiler;
  /**
   * TIME as typed → ns since the player's origin; `-10m` and `+2s` count from `from`. @throws Error with one sentence for the
   * user.
   */
  readonly parseTime: (text: string, from: number) => number;
  /** What can be done with containers; a sentence where nothing can. */
  readonly actions: ContainerActions | string;
  /** What records beside a live view; a sentence where nothing can. */
  readonly recorder: SessionRecorder | string;
  /** Lends the terminal to a program, and takes it back; `stays`: what it printed is to be read first. */
  lendTerminal(work: (signal: AbortSignal) => Promise<Finished>, stays: boolean): Promise<Finished>;
  readonly exporter: Exporter;
  /** What is on the screen once all that has changed is drawn. */
  screenshot(): Promise<Grid>;
  onQuit(): void;
  onSuspend(): void;
  /** Draws everything anew, where something else has written on the terminal. */
  onRepaint(): void;
}

/** One step of the way that the crumbs show. */
interface Level {
  view: View;
  readonly scope: Scope;
  filterText: string;
  filter: RowMatcher<unknown> | undefined;
  /** Key of the selected row; undefined until the user has moved: then the first row is selected, whichever it is. */
  selected: string | undefined;
  /** Where the selected row was last seen, for when it is gone. */
  index: number;
  /** First row shown. */
  top: number;
}

const NO_ROWS: Rows = { rows: [], total: 0 };

export class Session {
  readonly player: Player;
  readonly options: SessionOptions;
  size: Size;
  overlay: Overlay | undefined;
  /** Said once, until the next key. */
  message: string | undefined;
  /** What was searched for last. */
  search: { readonly text: string; readonly matcher: RowMatcher<unknown> } | undefined;
  readonly chosen: Chosen;
  /** What the history draws, and what draws it. */
  readonly charted = new Charted();
  isTree = false;
  readonly charts = new ChartLoader(() => this.update(() => {}));
  readonly bookmarks: Bookmarks;
  readonly #levels: Level[] = [];
  readonly #selector = new RowSelector();
  /** In which rows the selected one was looked for last, so that it is done once: there may be many thousand. */
  #found: { readonly level: Level; readonly rows: readonly unknown[]; readonly row: unknown } | undefined;
  readonly #listeners = new Set<() => void>();
  #version = 0;
  #isUpdating = false;

  constructor(options: SessionOptions) {
    this.options = options;
    this.player = options.player;
    this.size = options.size;
    this.bookmarks = new Bookmarks(options.bookmarks);
    this.chosen = new Chosen(options.preferences, options.kept);
    if (options.sort !== undefined) this.chosen.giveSort('containers', options.sort);
    this.#levels.push(newLevel('containers', {}));
    this.setFilter(this.chosen.filterOf(this.view));
    if (options.filter !== undefined) this.setFilter(options.filter);
    this.player.subscribe(() => this.update(() => {}));
    if (typeof options.recorder === 'object') options.recorder.subscribe((news) => this.say(news));
  }

  /** For React's useSyncExternalStore: what changes when anything has. */
  readonly version = (): number => this.#version;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Says what has become known meanwhile. */
  say(news: string): void {
    this.update(() => {
      this.message = news;
    });
  }

  /** Whether what is shown is being recorded. */
  get isRecording(): boolean {
    const { recorder } = this.options;
    return typeof recorder === 'object' && recorder.directory !== undefined;
  }

  /** Does several things and tells of them once. */
  update(work: () => void): void {
    if (this.#isUpdating) {
      work();
      return;
    }
    this.#isUpdating = true;
    try {
      work();
    } finally {
      this.#isUpdating = false;
    }
    this.player.readAhead(this.view.panel?.id === 'history');
    this.#version++;
    for (const listener of this.#listeners) listener();
  }

  get frame(): Frame | undefined {
    return this.player.state().frame;
  }

  get view(): View {
    return this.#level.view;
  }

  get scope(): Scope {
    return this.#level.scope;
  }

  get filterText(): string {
    return this.#level.filterText;
  }

  get layout(): Layout {
    return layoutOf(this.size, this.frame?.cpus.length ?? 1, this.view.panel?.tableRows);
  }

  get sort(): Sort {
    return this.chosen.sortOf(this.view);
  }

  get columns(): readonly PlacedColumn[] {
    return this.columnsFor(this.size.columns);
  }

  /** The columns of a table that is narrower, because a menu stands beside it. */
  columnsFor(width: number): readonly PlacedColumn[] {
    return placeColumns(this.view, this.screenColumns, width, this.chosen.columnsOf(this.view) !== undefined);
  }

  /** Where on the screen the first column begins. */
  get columnsFrom(): number {
    return this.view.panel?.id === 'history' ? SWATCH_WIDTH : 0;
  }

  /** Columns that the screen shows as far as there is room, in their order. */
  get screenColumns(): readonly Column<unknown>[] {
    const chosen = this.chosen.columnsOf(this.view);
    if (chosen === undefined) return screenColumns(this.view, this.scope);
    return chosen.map((id) => this.view.table.columns.find((column) => column.id === id)!);
  }

  /** The way here: the view that one started from, what was entered, the view of it. */
  get crumbs(): readonly string[] {
    const entered = this.#levels.slice(1);
    const way = entered.map(
      ({ scope }) => scope.denial?.name ?? scope.process?.name ?? scope.container?.name ?? '',
    );
    if (entered.length === 0) return [this.view.title];
    const beyond = beyondScope(this.view, this.scope);
    return [
      this.#levels[0]!.view.title,
      ...way,
      this.view.title + (beyond === undefined ? '' : ` (${beyond})`),
    ];
  }

  get isNarrowed(): boolean {
    return this.#levels.length > 1;
  }

  rows(): Rows {
    if (this.frame === undefined) return NO_ROWS;
    return this.#selector.select({
      view: this.view,
      frame: this.frame,
      scope: this.scope,
      sort: this.sort,
      filter: this.#level.filter,
      names: this.options.names?.matches,
      asTree: this.isTree,
    });
  }

  /** Processes as a tree or flat; from elsewhere to the tree of them. */
  toggleTree(): void {
    if (this.view.family !== undefined) this.isTree = !this.isTree;
    else {
      this.isTree = true;
      this.showView('processes');
    }
  }

  /** Index of the selected row; -1 where there is none. */
  selectedIndex(): number {
    const { rows } = this.rows();
    const level = this.#level;
    if (level.selected !== undefined && (this.#found?.level !== level || this.#found.rows !== rows)) {
      const index = this.#find(level.selected, rows);
      if (index >= 0) level.index = index;
      this.#found = { level, rows, row: rows[index] };
    }
    return Math.min(level.index, rows.length - 1);
  }

  /** Where the row with this key is; in another order of the same frame it is the same object. */
  #find(key: string, rows: readonly unknown[]): number {
    const same = this.#found?.row === undefined ? -1 : rows.indexOf(this.#found.row);
    const { table } = this.view;
    return same >= 0 && table.key(rows[same]) === key
      ? same
      : rows.findIndex((row) => table.key(row) === key);
  }

  /** Key of the selected row. */
  selectedKey(): string | undefined {
    const row = this.rows().rows[this.selectedIndex()];
    return row === undefined ? undefined : this.view.table.key(row);
  }

  /** First row to show, so that the selected one can be seen. */
  firstVisible(): number {
    const { tableRows } = this.layout;
    const level = this.#level;
    const index = Math.max(0, this.selectedIndex());
    const last = Math.max(0, this.rows().rows.length - tableRows);
    level.top = Math.min(Math.max(Math.min(level.top, index), index - tableRows + 1), last);
    return level.top;
  }

  moveBy(rows: number): void {
    this.moveTo(this.selectedIndex() + rows);
  }

  moveTo(index: number): void {
    const { rows } = this.rows();
    const level = this.#level;
    level.index = Math.max(0, Math.min(index, rows.length - 1));
    const row = rows[level.index];
    level.selected = row === undefined ? undefined : this.view.table.key(row);
    this.#found = { level, rows, row };
  }

  /** Sorts by the column; without a direction the other way round if it is the sorted one already. */
  sortBy(id: string, direction?: boolean): void {
    const column = this.view.table.columns.find((candidate) => candidate.id === id);
    if (column === undefined) return;
    const isText = column.unit === 'text' || column.unit === 'tid';
    const descending = direction ?? (this.sort.column === id ? !this.sort.descending : !isText);
    this.chosen.setSort(this.view, { column: id, descending });
  }

  /** By the nth column on the screen, from 1. */
  sortByNth(n: number): void {
    const shown = this.columns.filter(({ isTrend }) => !isTrend);
    const placed = shown[n - 1];
    if (placed === undefined) this.message = `There are only ${shown.length} columns.`;
    else this.sortBy(placed.column.id);
  }

  /** By the next column on the screen, or the one before. */
  shiftSort(by: number): void {
    const shown = this.columns.filter(({ isTrend }) => !isTrend);
    const current = shown.findIndex(({ column }) => column.id === this.sort.column);
    const next = shown[Math.max(0, Math.min(shown.length - 1, current + by))];
    if (next !== undefined && next.column.id !== this.sort.column) this.sortBy(next.column.id);
  }

  invertSort(): void {
    this.chosen.setSort(this.view, { ...this.sort, descending: !this.sort.descending });
  }

  /** Another view of the same container or process, which stay entered where it shows more; all containers are the way out. */
  showView(id: ViewId): void {
    const view = viewOf(id);
    if (id !== 'containers' && this.isNarrowed)
      this.#levels[this.#levels.length - 1] = newLevel(id, this.scope);
    else this.#levels.splice(0, this.#levels.length, newLevel(id, {}));
    this.setFilter(this.chosen.filterOf(view));
  }

  /** Into the selected row. */
  drill(): void {
    const row = this.rows().rows[this.selectedIndex()];
    const drill = row === undefined ? undefined : this.view.drill?.(row, this.scope);
    if (drill !== undefined) this.#enter(drill);
  }

  /** Processes ↔ threads of the same scope; from elsewhere to the threads of what is selected. */
  toggleThreads(): void {
    if (this.view.id === 'processes') this.showView('threads');
    else if (this.view.id === 'threads') this.showView('processes');
    else {
      const row = this.rows().rows[this.selectedIndex()];
      const drill = row === undefined ? undefined : this.view.drill?.(row, this.scope);
      if (drill !== undefined) this.#enter({ ...drill, view: 'threads' });
    }
  }

  #enter({ view, scope }: Drill): void {
    // What is entered stays selected for the way back.
    this.moveTo(this.selectedIndex());
    this.#levels.push(newLevel(view, scope));
    this.setFilter(this.chosen.filterOf(this.view));
  }

  /** One level up; on the first one takes the filter away. */
  back(): void {
    if (this.filterText !== '') this.setFilter('');
    else if (this.isNarrowed) this.#levels.pop();
    else if (this.view.id !== 'containers') this.showView('containers');
  }

  /** @returns why the text is no filter; the one before stays then. */
  setFilter(text: string): Complaint | undefined {
    const level = this.#level;
    // Enter says what has been typed already: the rows stay as they are.
    if (text === level.filterText) return undefined;
    const result = compileFilter(text, level.view.table, this.options.compilePattern, (problem) => {
      this.message = problem;
    });
    if ('complaint' in result) return result.complaint;
    level.filterText = text;
    level.filter = result.matcher;
    level.top = 0;
    return undefined;
  }

  togglePause(): void {
    if (this.player.state().playing) this.player.pause();
    else this.player.play();
  }

  /** To the next of the speeds (`by` 1) or the one before (-1). */
  changeSpeed(by: number): void {
    const { speed } = this.player.state();
    const faster = SPEEDS.findIndex((candidate) => candidate > speed);
    const slower = SPEEDS.findLastIndex((candidate) => candidate < speed);
    const next = SPEEDS[by > 0 ? faster : slower];
    if (next !== undefined) this.player.setSpeed(next);
  }

  get #level(): Level {
    return this.#levels[this.#levels.length - 1]!;
  }
}

function newLevel(view: ViewId, scope: Scope): Level {
  return {
    view: viewOf(view),
    scope,
    filterText: '',
    filter: undefined,
    selected: undefined,
    index: 0,
    top: 0,
  };
}
