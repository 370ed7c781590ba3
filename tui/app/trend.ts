/** The past of a column for one row, as a sparkline. */
import type { Column } from '../../analyzers/columns/column.js';
import type { Frame } from '../../analyzers/frame.js';
import type { View } from './views.js';

/**
 * One cell is the larger of two intervals, and cells begin at even intervals: so the line moves only every other interval,
 * which halves what has to be sent.
 */
const FRAMES_PER_CELL = 2;
/** Full height, in the column's unit (% of a CPU): the first of these that is not exceeded. Steps, so that lines keep still. */
const SCALES = [10, 25, 50, 100, 200, 400, 800, 1600, 3200, 6400];

/** How many frames a line of so many cells needs. */
export function framesForTrend(cells: number): number {
  return cells * FRAMES_PER_CELL;
}

export class Trends {
  readonly #frames: readonly Frame[];
  readonly #view: View;
  readonly #column: Column<unknown>;
  readonly #interval: number;

  constructor(frames: readonly Frame[], view: View, column: Column<unknown>, interval: number) {
    this.#frames = frames;
    this.#view = view;
    this.#column = column;
    this.#interval = interval;
  }

  /** The line of the row with this key; blank where it was not there or is unknown. `levels` rise from nothing. */
  line(key: string, cells: number, levels: string): string {
    const last = this.#frames.at(-1);
    if (last === undefined) return ' '.repeat(cells);
    const lastCell = this.#cellOf(last);
    const values = new Array<number>(cells).fill(0);
    for (const frame of this.#frames) {
      const cell = cells - 1 - (lastCell - this.#cellOf(frame));
      if (cell < 0) continue;
      const row = indexOf(this.#view, frame).get(key);
      const value = row === undefined ? undefined : this.#column.value(row, frame);
      if (typeof value === 'number') values[cell] = Math.max(values[cell]!, value);
    }
    const most = Math.max(...values);
    const scale = SCALES.find((candidate) => candidate >= most) ?? most;
    return values.map((value) => levelOf(value / scale, levels)).join('');
  }

  #cellOf(frame: Frame): number {
    return Math.floor(Math.round(frame.begin / this.#interval) / FRAMES_PER_CELL);
  }
}

/** Anything above nothing shows. */
export function levelOf(share: number, levels: string): string {
  const top = levels.length - 1;
  if (!(share > 0.001)) return levels[0]!;
  return levels[Math.max(1, Math.min(top, Math.round(share * top)))]!;
}

const indices = new WeakMap<Frame, Map<string, Map<string, unknown>>>();

/** The frame's rows of a table by key, made once. */
function indexOf(view: View, frame: Frame): Map<string, unknown> {
  let ofFrame = indices.get(frame);
  if (ofFrame === undefined) {
    ofFrame = new Map();
    indices.set(frame, ofFrame);
  }
  let index = ofFrame.get(view.table.id);
  if (index === undefined) {
    index = new Map(view.table.rows(frame).map((row) => [view.table.key(row), row]));
    ofFrame.set(view.table.id, index);
  }
  return index;
}
