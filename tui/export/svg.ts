/** The screen as a picture: SVG with its colours, each run of cells in its place, so that wide characters stay aligned. */
import type { Grid } from '../terminal/grid.js';
import { type CellLook, lookOfStyle } from '../terminal/style.js';

const CELL_WIDTH = 8.4;
const CELL_HEIGHT = 18;
const BASELINE = 13.5;
const BACKGROUND = '#111417';
const FOREGROUND = '#d4d7da';

/** The first 16 colours are the terminal's own; these are xterm's, a little calmer. */
const BASE = [
  ...['#1c1f22', '#d05050', '#5faf5f', '#c8a050', '#5f87d7', '#af5faf', '#4fb0b0', '#c6c8ca'],
  ...['#707478', '#ff6b6b', '#87d787', '#ffd75f', '#87afff', '#d787d7', '#5fd7d7', '#ffffff'],
];
const CUBE = [0, 95, 135, 175, 215, 255];

export function svgOf(grid: Grid, title: string): string {
  const [width, height] = [grid.columns * CELL_WIDTH, grid.rows * CELL_HEIGHT];
  const rows = Array.from({ length: grid.rows }, (_, row) => rowOf(grid, row));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${number(width)}" height="${number(height)}" viewBox="0 0 ${number(width)} ${number(height)}" font-family="ui-monospace, DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14" xml:space="preserve">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="100%" height="100%" fill="${BACKGROUND}"/>`,
    ...rows.filter((row) => row !== ''),
    '</svg>\n',
  ].join('\n');
}

function rowOf(grid: Grid, row: number): string {
  const parts: string[] = [];
  const end = (row + 1) * grid.columns;
  for (let at = row * grid.columns; at < end; ) {
    let next = at + 1;
    while (next < end && grid.style[next] === grid.style[at]) next++;
    parts.push(runOf(grid, row, at, next));
    at = next;
  }
  return parts.filter((part) => part !== '').join('\n');
}

function runOf(grid: Grid, row: number, from: number, to: number): string {
  const look = lookOfStyle(grid.style[from]!);
  const [fg, bg] = colorsOf(look);
  const x = (from % grid.columns) * CELL_WIDTH;
  const y = row * CELL_HEIGHT;
  const length = (to - from) * CELL_WIDTH;
  const text = grid.text.slice(from, to).join('');
  const rect =
    bg === BACKGROUND
      ? ''
      : `<rect x="${number(x)}" y="${y}" width="${number(length)}" height="${CELL_HEIGHT}" fill="${bg}"/>`;
  if (text.trim() === '') return rect;
  const weight = look.bold ? ' font-weight="bold"' : '';
  const line = look.underline ? ' text-decoration="underline"' : '';
  const drawn = `<text x="${number(x)}" y="${number(y + BASELINE)}" textLength="${number(length)}" lengthAdjust="spacingAndGlyphs" fill="${fg}"${weight}${line}>${escapeXml(text)}</text>`;
  return rect === '' ? drawn : `${rect}\n${drawn}`;
}

function colorsOf({ fg, bg, inverse }: CellLook): [string, string] {
  const front = fg === undefined ? FOREGROUND : rgbOf(fg);
  const back = bg === undefined ? BACKGROUND : rgbOf(bg);
  return inverse ? [back, front] : [front, back];
}

/** Of xterm's palette of 256. */
function rgbOf(index: number): string {
  if (index < 16) return BASE[index]!;
  const levels =
    index >= 232
      ? [8 + (index - 232) * 10, 8 + (index - 232) * 10, 8 + (index - 232) * 10]
      : [36, 6, 1].map((size) => CUBE[Math.floor((index - 16) / size) % 6]!);
  return `#${levels.map((level) => level.toString(16).padStart(2, '0')).join('')}`;
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}
