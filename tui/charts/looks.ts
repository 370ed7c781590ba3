/** How charts and bars look in each theme: lines of containers, and the states of the ledger as filled cells. */

/** Lines that one chart tells apart. */
export const SERIES_TOKENS = ['series1', 'series2', 'series3', 'series4', 'series5', 'series6'] as const;

export type ChartToken =
  | (typeof SERIES_TOKENS)[number]
  | 'running'
  | 'throttled'
  | 'contended'
  | 'disk'
  | 'network'
  | 'others'
  | 'timer'
  | 'untold'
  | 'stopped'
  | 'axis'
  | 'axisText';

/** Palette indices, as `Look` of the theme. */
interface ChartLook {
  readonly fg?: number;
  readonly bg?: number;
  readonly bold?: true;
}

type ChartLooks = Readonly<Record<ChartToken, ChartLook>>;

const onDark: ChartLooks = {
  series1: { fg: 80 },
  series2: { fg: 215 },
  series3: { fg: 113 },
  series4: { fg: 176 },
  series5: { fg: 75 },
  series6: { fg: 203 },
  running: { fg: 16, bg: 78 },
  throttled: { fg: 16, bg: 203 },
  contended: { fg: 16, bg: 215 },
  disk: { fg: 16, bg: 141 },
  network: { fg: 16, bg: 75 },
  others: { fg: 16, bg: 109 },
  timer: { fg: 250, bg: 239 },
  untold: { fg: 250, bg: 236 },
  stopped: { fg: 16, bg: 228 },
  axis: { fg: 240 },
  axisText: { fg: 245 },
};

const onLight: ChartLooks = {
  series1: { fg: 30 },
  series2: { fg: 130 },
  series3: { fg: 28 },
  series4: { fg: 90 },
  series5: { fg: 25 },
  series6: { fg: 124 },
  running: { fg: 231, bg: 28 },
  throttled: { fg: 231, bg: 124 },
  contended: { fg: 16, bg: 215 },
  disk: { fg: 231, bg: 91 },
  network: { fg: 231, bg: 25 },
  others: { fg: 16, bg: 109 },
  timer: { fg: 236, bg: 252 },
  untold: { fg: 240, bg: 255 },
  stopped: { fg: 16, bg: 228 },
  axis: { fg: 248 },
  axisText: { fg: 243 },
};

const sixteen: ChartLooks = {
  series1: { fg: 6 },
  series2: { fg: 3 },
  series3: { fg: 2 },
  series4: { fg: 5 },
  series5: { fg: 4 },
  series6: { fg: 1 },
  running: { fg: 0, bg: 2 },
  throttled: { fg: 0, bg: 1 },
  contended: { fg: 0, bg: 3 },
  disk: { fg: 0, bg: 5 },
  network: { fg: 0, bg: 4 },
  others: { fg: 0, bg: 6 },
  timer: {},
  untold: {},
  stopped: { fg: 0, bg: 7 },
  axis: {},
  axisText: {},
};

const plain = Object.fromEntries(Object.keys(onDark).map((token) => [token, {}])) as ChartLooks;

export const chartLooks = { onDark, onLight, sixteen, plain } as const;
