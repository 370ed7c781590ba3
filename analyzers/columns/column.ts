import type { Frame } from '../frame.js';
import type { Analysis, List } from '../scope.js';

/** What a value is, so that each face can write it its own way (`1.2s` on screen, nanoseconds in JSON). */
export type Unit = 'text' | 'count' | 'duration' | 'percent' | 'time' | 'cpus' | 'bytes' | 'tid';

/** ns since the Unix epoch for `time`; ns for `duration`. undefined is unknown. */
export type Value = string | number | bigint | undefined;

/**
 * One column of a table: the only place where its id, title, meaning and value are written. `dump`, the terminal,
 * `docs/columns.md` and the help come from it.
 */
export interface Column<Row> {
  /** Stable; scripts use it. Durations end in `_ns`, shares in `_pct`. */
  readonly id: string;
  readonly title: string;
  /** A short name that filters may use for the id, where its beginning is none. */
  readonly alias?: string;
  readonly unit: Unit;
  /** One sentence for help and docs. */
  readonly doc: string;
  /** Why a value can be unknown, for the details line; undefined where it never is. */
  readonly unknown?: string;
  value(row: Row, frame: Frame): Value;
  /** The analysis that tells it, if that is none of those which always run. */
  readonly needs?: Analysis;
  /** Widest cell on screen. */
  readonly width: number;
  /** Of a text, the narrowest cell that still says something. */
  readonly least?: number;
  /** A path that does not fit is cut at its beginning, because its end tells it from others. */
  readonly isPath?: true;
  /** 1 is shown on the narrowest screen; undefined only in dumps. */
  readonly priority?: number;
}

/** A table: what a panel shows and `dump NAME` writes. */
export interface Table<Row> {
  readonly id: string;
  readonly title: string;
  readonly doc: string;
  readonly columns: readonly Column<Row>[];
  /** As `Column.needs`, of the whole table. */
  readonly needs?: Analysis;
  /** Its rows are made only where they are asked for. */
  readonly list?: List;
  /** Column id and direction of the order that one gets without asking. */
  readonly defaultSort: { readonly column: string; readonly descending: boolean };
  rows(frame: Frame): readonly Row[];
  /** What tells a row from another over time. */
  key(row: Row): string;
  /** Columns by whose text rows can be chosen, with the option of `dump` that does. */
  readonly filters?: readonly { readonly option: string; readonly column: string; readonly doc: string }[];
  /** Ids of the columns that a word alone in a filter is looked for in; undefined: of all texts that a screen may show. */
  readonly searched?: readonly string[];
  /** Name of the container that a row belongs to: what `--name` matches. undefined: not of a container. */
  container(row: Row): string | undefined;
}
