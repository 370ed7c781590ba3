/** What charts are asked for, whoever draws them. They draw text lines with SGR sequences, of exactly the asked size. */
import type { ChartToken } from './looks.js';

interface Chart {
  /** Columns and lines of all of it. The last two lines are the axis of time and its labels. */
  readonly width: number;
  readonly height: number;
  /** Columns before that of the first value: numbers and the axis. */
  readonly axisWidth: number;
  /** When each column is, for the axis of time. */
  readonly labels: readonly string[];
}

export interface Series {
  /** One for each column, from 0 to the chart's `max`; undefined where nothing is known. */
  readonly values: readonly (number | undefined)[];
  readonly token: ChartToken;
  /** What it is drawn with where there are no colours. */
  readonly letter: string;
}

export interface LineChart extends Chart {
  /** Later ones lie over earlier ones. */
  readonly series: readonly Series[];
  /** Upper end of the scale, and the distance of its numbers. */
  readonly max: number;
  readonly step: number;
}

export interface BarChart extends Chart {
  /** For each column the share (0…1) of each part, from the bottom; undefined where nothing is known. */
  readonly bars: readonly (readonly number[] | undefined)[];
  readonly parts: readonly { readonly token: ChartToken; readonly letter: string }[];
}

/** Draws charts. */
export interface ChartKit {
  lines(chart: LineChart): readonly string[];
  bars(chart: BarChart): readonly string[];
}

/** Lines below the values. */
export const AXIS_LINES = 2;
/** From the axis to the end of its longest number. */
export const LEAST_AXIS_WIDTH = 6;
