/** The time that charts show, cut into the columns of the screen. */
import type { Player, PlayerState } from '../../player.js';

export interface ChartSpan {
  /** Time of the first column's beginning, ns since the player's origin. */
  readonly begin: number;
  /** Time of a column, ns. */
  readonly columnNs: number;
  readonly columns: number;
}

/** A recording is shown whole as long as a column has no more than so many intervals; then only what is kept of it. */
const MOST_INTERVALS = 4;
/** What is kept while it grows is shown in spans of so many intervals, doubled as often as needed: so charts keep still. */
const LEAST_SPAN = 32;

export function chartSpan(player: Player, { kept }: PlayerState, columns: number): ChartSpan {
  const { begin, end, interval } = player;
  const isWhole = end !== undefined && (end - begin) / interval <= MOST_INTERVALS * columns;
  const from = isWhole ? begin : kept.begin;
  const intervals = isWhole ? Math.ceil((end - begin) / interval) : roomy((kept.end - from) / interval);
  // Whole columns an interval, or whole intervals a column.
  const stretch = Math.floor(columns / Math.max(1, intervals));
  const columnNs = stretch >= 1 ? interval / stretch : interval * Math.ceil(intervals / columns);
  const first = stretch >= 1 ? from : Math.floor(from / columnNs) * columnNs;
  return { begin: first, columnNs, columns };
}

function roomy(intervals: number): number {
  let span = LEAST_SPAN;
  while (span < intervals) span *= 2;
  return span;
}

/** Columns of a time range, the last one excluded; at least one, within the span. */
export function columnsOf(
  { begin, columnNs, columns }: ChartSpan,
  from: number,
  to: number,
): [number, number] {
  const first = Math.floor((from - begin) / columnNs + 1e-6);
  const last = Math.max(first + 1, Math.ceil((to - begin) / columnNs - 1e-6));
  return [Math.max(0, first), Math.min(columns, last)];
}
