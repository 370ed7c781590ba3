/** A container's past in columns of a chart. */
import type { Column } from '../../../analyzers/columns/column.js';
import type { ContainerRow, Frame } from '../../../analyzers/frame.js';
import { ledgerShares } from '../ledger.js';
import { type ChartSpan, columnsOf } from './span.js';

/** The container's row of a frame; `hint` is where it stood in another frame. */
function rowOf(frame: Frame, key: string, hint: number): [ContainerRow | undefined, number] {
  const { containers } = frame;
  if (containers[hint]?.key === key) return [containers[hint], hint];
  const index = containers.findIndex((row) => row.key === key);
  return index < 0 ? [undefined, hint] : [containers[index], index];
}

function* rowsOf(frames: readonly Frame[], key: string): Generator<[Frame, ContainerRow]> {
  let hint = 0;
  for (const frame of frames) {
    const [row, index] = rowOf(frame, key, hint);
    hint = index;
    if (row !== undefined) yield [frame, row];
  }
}

/** The largest value of each column's intervals, so that no burst is lost; undefined where nothing is known. */
export function seriesOf(
  frames: readonly Frame[],
  span: ChartSpan,
  key: string,
  column: Column<ContainerRow>,
): (number | undefined)[] {
  const values = new Array<number | undefined>(span.columns).fill(undefined);
  for (const [frame, row] of rowsOf(frames, key)) {
    const value = column.value(row, frame);
    if (typeof value !== 'number') continue;
    const [first, last] = columnsOf(span, frame.begin, frame.end);
    for (let at = first; at < last; at++) values[at] = Math.max(values[at] ?? 0, value);
  }
  return values;
}

/** Where its threads' time went in each column, as shares of the ledger's states. */
export function ledgerOf(
  frames: readonly Frame[],
  span: ChartSpan,
  key: string,
): (readonly number[] | undefined)[] {
  const rows = Array.from({ length: span.columns }, (): ContainerRow[] => []);
  for (const [frame, row] of rowsOf(frames, key)) {
    const [first, last] = columnsOf(span, frame.begin, frame.end);
    for (let at = first; at < last; at++) rows[at]!.push(row);
  }
  return rows.map(ledgerShares);
}

/** Frames that are looked at for who is to be drawn. */
const MOST_SAMPLES = 60;

/** Keys of the containers that the column has most of over the frames, in the order in which they appeared. */
export function foremostContainers(
  frames: readonly Frame[],
  column: Column<ContainerRow>,
  count: number,
  isOffered: (row: ContainerRow) => boolean,
): string[] {
  const sums = new Map<string, number>();
  const every = Math.ceil(frames.length / MOST_SAMPLES);
  for (let at = 0; at < frames.length; at += every) {
    const frame = frames[at]!;
    for (const row of frame.containers) {
      const value = column.value(row, frame);
      if (isOffered(row))
        sums.set(row.key, (sums.get(row.key) ?? 0) + (typeof value === 'number' ? value : 0));
    }
  }
  const chosen = new Set(
    [...sums]
      .sort((a, b) => b[1] - a[1])
      .slice(0, count)
      .map(([key]) => key),
  );
  return [...sums.keys()].filter((key) => chosen.has(key));
}
