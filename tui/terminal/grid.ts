/** A screenful of cells, and filling it from the text with escape sequences that Ink writes. */
import { charWidth } from '../text/width.js';
import { applySgr, PLAIN } from './style.js';

const ESCAPE = 0x1b;
const SPACE = ' ';
/** Strings of single ASCII characters, so that filling a grid makes none. */
const ASCII = Array.from({ length: 0x80 }, (_, code) => String.fromCharCode(code));

/**
 * `text[i]` is what stands in cell i = row × columns + column: a character with its combining marks, or '' for the right
 * half of a wide one. `style[i]` is its look.
 */
export class Grid {
  readonly columns: number;
  readonly rows: number;
  readonly text: string[];
  readonly style: Uint32Array;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.text = new Array<string>(columns * rows).fill(SPACE);
    this.style = new Uint32Array(columns * rows);
  }

  clear(): void {
    this.text.fill(SPACE);
    this.style.fill(PLAIN);
  }

  /** Lays out lines of text with SGR sequences; what lies outside is left out, other sequences are stepped over. */
  fill(frame: string): void {
    this.clear();
    let row = 0;
    let column = 0;
    let style = PLAIN;
    for (let at = 0; at < frame.length && row < this.rows; ) {
      const code = frame.charCodeAt(at);
      if (code === ESCAPE) {
        const sequence = readSequence(frame, at);
        if (sequence.sgr !== undefined) style = applySgr(style, sequence.sgr);
        at = sequence.end;
      } else if (code === 0x0a) {
        row++;
        column = 0;
        at++;
      } else if (code < 0x20 || code === 0x7f) {
        at++;
      } else if (code < 0x7f) {
        this.#put(row, column++, ASCII[code]!, 1, style);
        at++;
      } else {
        const codePoint = frame.codePointAt(at)!;
        const character = String.fromCodePoint(codePoint);
        const width = charWidth(codePoint);
        if (width === 0) this.#combine(row, column, character);
        else this.#put(row, column, character, width, style);
        column += width;
        at += character.length;
      }
    }
  }

  #put(row: number, column: number, character: string, width: number, style: number): void {
    if (column >= this.columns) return;
    const cell = row * this.columns + column;
    this.style[cell] = style;
    if (width === 2 && column + 1 >= this.columns) {
      this.text[cell] = SPACE;
      return;
    }
    this.text[cell] = character;
    if (width === 2) {
      this.text[cell + 1] = '';
      this.style[cell + 1] = style;
    }
  }

  #combine(row: number, column: number, mark: string): void {
    if (column === 0 || column > this.columns) return;
    const cell = row * this.columns + column - 1;
    const base = this.text[cell] === '' ? cell - 1 : cell;
    this.text[base] += mark;
  }
}

/** Reads the escape sequence at `start`: its end, and its parameters where it sets the look. */
function readSequence(text: string, start: number): { end: number; sgr?: number[] } {
  if (text[start + 1] !== '[') return { end: start + 2 };
  let at = start + 2;
  let value = 0;
  const parameters: number[] = [];
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x30 && code <= 0x39) value = Math.min(value * 10 + code - 0x30, 0xffff);
    else if (code === 0x3b) {
      parameters.push(value);
      value = 0;
    } else if (code >= 0x40 && code <= 0x7e) break;
  }
  parameters.push(value);
  return text[at] === 'm' ? { end: at + 1, sgr: parameters } : { end: at + 1 };
}
