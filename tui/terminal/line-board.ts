/**
 * Keeps formatted lines out of Ink. Ink cuts every line into graphemes with a list of styles each, which costs it ten
 * times what all else costs; so it gets one private-use character for each line to lay out, and the line comes back in
 * its place in the finished frame.
 */

/** Supplementary Private Use Area-A, one column wide; what is on the board is put in only once. */
const FIRST = 0xf0000;
const MARKS = /[\u{f0000}-\u{ffffd}]/gu;

export class LineBoard {
  #lines: string[] = [];

  /** The character that stands for the line until `resolve`. */
  place(line: string): string {
    return String.fromCodePoint(FIRST + this.#lines.push(line) - 1);
  }

  /** The frame with its lines; the board is empty again. */
  resolve(frame: string): string {
    const lines = this.#lines;
    this.#lines = [];
    return frame.replace(MARKS, (mark) => lines[mark.codePointAt(0)! - FIRST] ?? '');
  }
}
