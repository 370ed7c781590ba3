/** Columns, order and colours: what the configuration says, then what was kept, then what is chosen on the screen. */
import {
  type ColumnSort,
  type Kept,
  NOTHING_KEPT,
  type Preferences,
  type ThemeName,
  type ViewPreferences,
} from '../preferences.js';
import type { View } from './views.js';

export class Chosen {
  /** Lines taken in the palette and as filters, oldest first. */
  readonly commands: string[];
  readonly filters: string[];
  readonly #preferences: Preferences;
  readonly #views = new Map<string, ViewPreferences>();
  /** Of the command line: not kept. */
  readonly #given = new Map<string, ColumnSort>();
  #theme: ThemeName | undefined;

  constructor(preferences: Preferences = {}, kept: Kept = NOTHING_KEPT) {
    this.#preferences = preferences;
    this.#theme = kept.theme;
    this.commands = [...kept.commands];
    this.filters = [...kept.filters];
    for (const [id, view] of Object.entries(kept.views)) this.#views.set(id, view);
  }

  get theme(): ThemeName {
    return this.#theme ?? this.#preferences.theme ?? 'auto';
  }

  set theme(name: ThemeName) {
    this.#theme = name;
  }

  sortOf({ id, table }: View): ColumnSort {
    const sorts = [this.#given.get(id), this.#views.get(id)?.sort, this.#preferences.views?.[id]?.sort];
    const known = (sort: ColumnSort | undefined) =>
      sort !== undefined && table.columns.some((column) => column.id === sort.column);
    return sorts.find(known) ?? table.defaultSort;
  }

  setSort({ id }: View, sort: ColumnSort): void {
    this.#given.delete(id);
    this.#views.set(id, { ...this.#views.get(id), sort });
  }

  /** As the command line wants it, this time. */
  giveSort(id: string, sort: ColumnSort): void {
    this.#given.set(id, sort);
  }

  /** Ids of the chosen columns in their order; undefined where none were chosen. */
  columnsOf({ id, table }: View): readonly string[] | undefined {
    const chosen = this.#views.get(id)?.columns ?? this.#preferences.views?.[id]?.columns;
    const known = chosen?.filter((name) => table.columns.some((column) => column.id === name));
    return known === undefined || known.length === 0 ? undefined : known;
  }

  /** undefined: as the configuration has them, or by themselves. */
  setColumns({ id }: View, columns: readonly string[] | undefined): void {
    this.#views.set(id, { ...this.#views.get(id), columns });
  }

  filterOf({ id }: View): string {
    return this.#preferences.views?.[id]?.filter ?? '';
  }

  /** For the next time. */
  kept(): Kept {
    const views = Object.fromEntries(
      [...this.#views].filter(([, { columns, sort }]) => columns !== undefined || sort !== undefined),
    );
    return { theme: this.#theme, views, commands: this.commands, filters: this.filters };
  }
}
