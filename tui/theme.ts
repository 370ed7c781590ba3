/** Colours and signs by meaning. Components name a token; a theme says how it looks. */
import { type ChartToken, chartLooks } from './charts/looks.js';
import type { ColorDepth } from './environment.js';
import type { ThemeName } from './preferences.js';
import { clean, cleanAscii } from './text/clean.js';

export type Token =
  | 'text'
  | 'muted'
  | 'strong'
  | 'brand'
  | 'bar'
  | 'barStrong'
  | 'recording'
  | 'late'
  | 'accent'
  | 'crumb'
  | 'header'
  | 'headerSorted'
  | 'selected'
  | 'good'
  | 'warning'
  | 'critical'
  | 'containers'
  | 'host'
  | 'irq'
  | 'unknown'
  | 'track'
  | 'trend'
  | 'played'
  | 'kept'
  | 'key'
  | 'label'
  | 'choice'
  | 'choiceText'
  | 'cursor'
  | ChartToken;

export interface Look {
  /** Palette indices: 0–15 as the user's terminal has them, 16–255 fixed. */
  readonly fg?: number;
  readonly bg?: number;
  readonly bold?: true;
  readonly dim?: true;
  readonly underline?: true;
  readonly inverse?: true;
}

export type Theme = Readonly<Record<Token, Look>>;

const dark: Theme = {
  ...chartLooks.onDark,
  text: {},
  muted: { fg: 245 },
  strong: { fg: 15, bold: true },
  brand: { fg: 16, bg: 80, bold: true },
  bar: { fg: 252, bg: 236 },
  barStrong: { fg: 15, bg: 236, bold: true },
  recording: { fg: 15, bg: 160, bold: true },
  late: { fg: 16, bg: 214, bold: true },
  accent: { fg: 80 },
  crumb: { fg: 15, bold: true },
  header: { fg: 252, bg: 24 },
  headerSorted: { fg: 228, bg: 24, bold: true },
  selected: { fg: 15, bg: 60, bold: true },
  good: { fg: 2 },
  warning: { fg: 3 },
  critical: { fg: 9, bold: true },
  containers: { fg: 78 },
  host: { fg: 75 },
  irq: { fg: 203 },
  unknown: { fg: 240 },
  track: { fg: 238 },
  trend: { fg: 73 },
  played: { fg: 80 },
  kept: { fg: 245 },
  key: { fg: 80, bold: true },
  label: { fg: 250 },
  choice: { fg: 80, bg: 236 },
  choiceText: { fg: 252, bg: 236 },
  cursor: { inverse: true },
};

const sixteen: Theme = {
  ...dark,
  ...chartLooks.sixteen,
  muted: {},
  strong: { bold: true },
  brand: { fg: 0, bg: 6 },
  bar: { inverse: true },
  barStrong: { inverse: true, bold: true },
  recording: { fg: 15, bg: 1, bold: true },
  late: { fg: 0, bg: 3, bold: true },
  accent: { fg: 6 },
  crumb: { bold: true },
  header: { fg: 0, bg: 2 },
  headerSorted: { fg: 0, bg: 6 },
  selected: { fg: 0, bg: 6 },
  containers: { fg: 2 },
  host: { fg: 4 },
  irq: { fg: 1 },
  unknown: {},
  track: {},
  trend: { fg: 6 },
  played: { fg: 6 },
  kept: {},
  key: { fg: 6, bold: true },
  label: {},
  choice: { bold: true },
  choiceText: {},
};

const light: Theme = {
  ...dark,
  ...chartLooks.onLight,
  muted: { fg: 243 },
  strong: { fg: 16, bold: true },
  brand: { fg: 231, bg: 24, bold: true },
  bar: { fg: 236, bg: 253 },
  barStrong: { fg: 16, bg: 253, bold: true },
  accent: { fg: 24 },
  crumb: { fg: 16, bold: true },
  header: { fg: 16, bg: 152 },
  headerSorted: { fg: 88, bg: 152, bold: true },
  selected: { fg: 231, bg: 25, bold: true },
  good: { fg: 28 },
  warning: { fg: 130 },
  critical: { fg: 160, bold: true },
  containers: { fg: 28 },
  host: { fg: 25 },
  irq: { fg: 160 },
  unknown: { fg: 247 },
  track: { fg: 250 },
  trend: { fg: 30 },
  played: { fg: 24 },
  kept: { fg: 247 },
  key: { fg: 24, bold: true },
  label: { fg: 238 },
  choice: { fg: 24, bg: 254 },
  choiceText: { fg: 236, bg: 254 },
};

/** Of the sixteen colours only the strongest, nothing grey: for tired eyes, projectors and sunlight. */
const highContrast: Theme = {
  ...sixteen,
  strong: { fg: 15, bold: true },
  text: { fg: 15 },
  muted: { fg: 15 },
  brand: { fg: 0, bg: 15, bold: true },
  bar: { fg: 15, bg: 0, inverse: true },
  barStrong: { fg: 15, bg: 0, inverse: true, bold: true },
  accent: { fg: 14, bold: true },
  header: { fg: 15, bg: 4, bold: true },
  headerSorted: { fg: 0, bg: 11, bold: true },
  selected: { fg: 0, bg: 15, bold: true },
  good: { fg: 10, bold: true },
  warning: { fg: 11, bold: true },
  critical: { fg: 15, bg: 1, bold: true },
  containers: { fg: 10 },
  host: { fg: 14 },
  irq: { fg: 9 },
  unknown: { fg: 15 },
  track: { fg: 15 },
  trend: { fg: 14 },
  played: { fg: 14, bold: true },
  kept: { fg: 15 },
  key: { fg: 11, bold: true },
  label: { fg: 15 },
  choice: { fg: 0, bg: 14, bold: true },
  choiceText: { fg: 15, bg: 0 },
};

/** NO_COLOR: what remains is bold, underlined and inverse. */
const mono: Theme = {
  ...chartLooks.plain,
  text: {},
  muted: {},
  strong: { bold: true },
  brand: { inverse: true, bold: true },
  bar: { inverse: true },
  barStrong: { inverse: true, bold: true },
  recording: { bold: true },
  late: { bold: true },
  accent: {},
  crumb: { bold: true },
  header: { inverse: true },
  headerSorted: { inverse: true, bold: true, underline: true },
  selected: { inverse: true, bold: true },
  good: {},
  warning: { bold: true },
  critical: { bold: true, underline: true },
  containers: {},
  host: {},
  irq: {},
  unknown: {},
  track: {},
  trend: {},
  played: { bold: true },
  kept: {},
  key: { bold: true },
  label: {},
  choice: { bold: true },
  choiceText: {},
  cursor: { inverse: true },
};

export const themes: Readonly<Record<ColorDepth, Theme>> = { none: mono, '16': sixteen, '256': dark };

/** The theme of that name, as far as the terminal has the colours for it. */
export function themeFor(name: ThemeName, depth: ColorDepth, isLight: boolean): Theme {
  if (depth === 'none') return mono;
  if (name === 'high-contrast') return highContrast;
  if (name === '16' || depth === '16') return sixteen;
  return name === 'light' || (name === 'auto' && isLight) ? light : dark;
}

/** Signs that the locale may not have. All of them are one column wide. */
export interface Glyphs {
  readonly ellipsis: string;
  readonly unknown: string;
  readonly separator: string;
  readonly crumb: string;
  readonly descending: string;
  readonly ascending: string;
  readonly playing: string;
  readonly paused: string;
  readonly ended: string;
  readonly times: string;
  readonly line: string;
  readonly lineKept: string;
  readonly lineAhead: string;
  readonly knob: string;
  /** On the time bar: something began; a bookmark. */
  readonly anomaly: string;
  readonly bookmark: string;
  /** Rising fill of one cell, from nothing. */
  readonly levels: string;
  /** Meter cells: containers, host, interrupts, unknown, idle. With colours the first four may be the same. */
  readonly meter: Readonly<Record<'containers' | 'host' | 'irq' | 'unknown' | 'idle', string>>;
  readonly vertical: string;
  readonly dash: string;
  readonly recording: string;
}

const unicode: Glyphs = {
  ellipsis: '…',
  unknown: '–',
  separator: '·',
  crumb: '›',
  descending: '▼',
  ascending: '▲',
  playing: '▶',
  paused: '‖',
  ended: '■',
  times: '×',
  line: '━',
  lineKept: '━',
  lineAhead: '─',
  knob: '●',
  anomaly: '╂',
  bookmark: '◆',
  levels: ' ▁▂▃▄▅▆▇█',
  meter: { containers: '■', host: '■', irq: '■', unknown: '?', idle: '·' },
  vertical: '│',
  dash: '–',
  recording: '●',
};

const unicodeMono: Glyphs = {
  ...unicode,
  line: '█',
  lineKept: '▒',
  meter: { containers: '█', host: '▓', irq: '▒', unknown: '?', idle: '·' },
};

const ascii: Glyphs = {
  ellipsis: '~',
  unknown: '-',
  separator: '-',
  crumb: '>',
  descending: 'v',
  ascending: '^',
  playing: '>',
  paused: '"',
  ended: '#',
  times: 'x',
  line: '=',
  lineKept: '-',
  lineAhead: '.',
  knob: 'O',
  anomaly: '!',
  bookmark: '$',
  levels: ' .:-=+*#%',
  meter: { containers: '#', host: '=', irq: '!', unknown: '?', idle: '.' },
  vertical: '|',
  dash: '-',
  recording: '*',
};

export function glyphsFor(isUnicode: boolean, depth: ColorDepth): Glyphs {
  if (!isUnicode) return ascii;
  return depth === 'none' ? unicodeMono : unicode;
}

/** Text with the escape sequences of a theme. */
export class Painter {
  readonly glyphs: Glyphs;
  readonly isUnicode: boolean;
  readonly theme: Theme;
  readonly #openers: Readonly<Record<Token, string>>;

  constructor(theme: Theme, glyphs: Glyphs) {
    this.theme = theme;
    this.glyphs = glyphs;
    this.isUnicode = glyphs !== ascii;
    const openers = Object.entries(theme).map(([token, look]) => [token, openerOf(look)]);
    this.#openers = Object.fromEntries(openers) as Record<Token, string>;
  }

  /** Text from the trace, fit for this terminal. */
  clean(text: string): string {
    return this.isUnicode ? clean(text) : cleanAscii(text);
  }

  paint(token: Token, text: string): string {
    const opener = this.#openers[token];
    return opener === '' || text === '' ? text : `${opener}${text}\u001b[0m`;
  }
}

function openerOf(look: Look): string {
  const parameters: string[] = [];
  if (look.bold) parameters.push('1');
  if (look.dim) parameters.push('2');
  if (look.underline) parameters.push('4');
  if (look.inverse) parameters.push('7');
  if (look.fg !== undefined) parameters.push(look.fg < 8 ? String(30 + look.fg) : `38;5;${look.fg}`);
  if (look.bg !== undefined) parameters.push(look.bg < 8 ? String(40 + look.bg) : `48;5;${look.bg}`);
  return parameters.map((parameter) => `\u001b[${parameter}m`).join('');
}
