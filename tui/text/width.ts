/** How many terminal columns text takes, and cutting and padding it to columns. Text here has no escape sequences. */
import { eastAsianWidth } from 'get-east-asian-width';

const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]$/u;
const PLAIN = /^[\x20-\x7e]*$/;
/** Widths of the basic plane, plus one; 0 is not looked up yet. */
const known = new Uint8Array(0x10000);

/** Columns of one code point: 0 for combining marks, 2 for wide and fullwidth ones (Unicode UAX 11), else 1. */
export function charWidth(codePoint: number): 0 | 1 | 2 {
  if (codePoint < 0x300) return 1;
  if (codePoint > 0xffff) return measure(codePoint);
  const remembered = known[codePoint]!;
  if (remembered !== 0) return (remembered - 1) as 0 | 1 | 2;
  const width = measure(codePoint);
  known[codePoint] = width + 1;
  return width;
}

function measure(codePoint: number): 0 | 1 | 2 {
  if (ZERO_WIDTH.test(String.fromCodePoint(codePoint))) return 0;
  return eastAsianWidth(codePoint);
}

export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += charWidth(character.codePointAt(0)!);
  return width;
}

/** The beginning of `text` that fits into `width` columns; `ellipsis` (one column) stands for what was cut. */
export function cut(text: string, width: number, ellipsis: string): string {
  if (textWidth(text) <= width) return text;
  if (width <= 0) return '';
  let taken = '';
  let columns = 0;
  for (const character of text) {
    const next = columns + charWidth(character.codePointAt(0)!);
    if (next > width - 1) break;
    taken += character;
    columns = next;
  }
  return taken + ellipsis;
}

/** The end of `text` that fits into `width` columns: of a path what matters most. */
export function cutStart(text: string, width: number, ellipsis: string): string {
  if (textWidth(text) <= width) return text;
  if (width <= 0) return '';
  let taken = '';
  let columns = 0;
  for (const character of [...text].reverse()) {
    columns += charWidth(character.codePointAt(0)!);
    if (columns > width - 1) break;
    taken = character + taken;
  }
  return ellipsis + taken;
}

/** `text` in exactly `width` columns. */
export function fit(text: string, width: number, align: 'left' | 'right', ellipsis: string): string {
  const short = cut(text, width, ellipsis);
  const padding = ' '.repeat(Math.max(0, width - textWidth(short)));
  return align === 'left' ? short + padding : padding + short;
}

/** Words of `text` in lines of at most `width` columns. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && textWidth(line) + 1 + textWidth(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines;
}
