/** Which columns a table of some width shows, and how wide. */
import type { Column } from '../../analyzers/columns/column.js';
import { textWidth } from '../text/width.js';
import type { View } from './views.js';

export interface PlacedColumn {
  readonly column: Column<unknown>;
  readonly width: number;
  /** A sparkline of the column's past rather than its value. */
  readonly isTrend: boolean;
}

/** Text columns may shrink to this; those of the first priority, which say what a row is, to that. */
const LEAST_TEXT = 12;
const LEAST_NAME = 18;
/** A trend is shown from this width on, after columns up to this priority, and grows up to that width. */
const LEAST_TREND = 8;
const TREND_PRIORITY = 2;
const MOST_TREND = 30;
/** Into a narrower line of shares no names fit; it takes all that is left. */
const LEAST_STRIP = 26;
const MOST_STRIP = 1000;
/** One blank before each column but the first. */
const GAP = 1;

/** Columns from this priority on come only after sentences have all their room. */
const AFTER_SENTENCES = 5;

/**
 * The columns in their order: by priority as many as fit, of chosen ones from left to right; then text and trend grow into
 * what is left. Sentences (text columns that say themselves how narrow they may be) grow before columns that matter least
 * are added: a reason that is cut off explains nothing.
 */
export function placeColumns(
  view: View,
  columns: readonly Column<unknown>[],
  width: number,
  areChosen: boolean,
): PlacedColumn[] {
  const candidates = candidatesOf(view, columns, areChosen);
  const byPriority = [...candidates].sort((a, b) => a.priority - b.priority);
  const widths = new Map<Candidate, number>();
  let left = width;
  const grow = (candidate: Candidate): void => {
    const now = widths.get(candidate)!;
    const more = Math.min(left, candidate.most - now);
    widths.set(candidate, now + more);
    left -= more;
  };
  for (const candidate of byPriority) {
    if (!areChosen && candidate.priority >= AFTER_SENTENCES) {
      for (const chosen of widths.keys()) if (chosen.isSentence) grow(chosen);
    }
    const needed = candidate.least + (widths.size === 0 ? 0 : GAP);
    if (needed > left) continue;
    widths.set(candidate, candidate.least);
    left -= needed;
  }
  for (const candidate of widths.keys()) grow(candidate);
  return candidates.flatMap((candidate) => {
    const { column, isTrend } = candidate;
    const placed = widths.get(candidate);
    return placed === undefined ? [] : [{ column, width: placed, isTrend }];
  });
}

interface Candidate {
  readonly column: Column<unknown>;
  readonly priority: number;
  readonly least: number;
  readonly most: number;
  readonly isTrend: boolean;
  readonly isSentence: boolean;
}

function candidatesOf(view: View, columns: readonly Column<unknown>[], areChosen: boolean): Candidate[] {
  return columns.flatMap((column, index) => {
    const priority = areChosen ? index + 1 : column.priority!;
    // A title has room for the mark of the sorted column.
    const isStrip = view.strip?.column === column.id;
    const most = isStrip ? MOST_STRIP : Math.max(column.width, textWidth(column.title) + 1);
    const shrunk = isStrip ? LEAST_STRIP : Math.min(most, priority === 1 ? LEAST_NAME : LEAST_TEXT);
    const least =
      column.unit === 'text' ? Math.max(shrunk, column.least ?? 0, textWidth(column.title) + 1) : most;
    const isSentence = column.least !== undefined;
    const value: Candidate = { column, priority, least, most, isTrend: false, isSentence };
    if (view.trend !== column.id) return [value];
    const trend: Candidate = {
      column,
      priority: (areChosen ? priority : TREND_PRIORITY) + 0.5,
      least: LEAST_TREND,
      most: MOST_TREND,
      isTrend: true,
      isSentence: false,
    };
    return [value, trend];
  });
}
