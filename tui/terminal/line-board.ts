/**
 * Keeps formatted lines out of Ink. Ink cuts every line into graphemes with a list of styles each, which costs it ten
 * times what all else costs; so it gets one private-use character for each line to lay out, and the line comes back in
 * its place in the finished frame. Lines lie below each other, so the order in which Ink asks for them tells which is
 * which, and Ink has to measure a single character.
 */

/** From Supplementary Private Use Area-A, one column wide; what is on the board is put in only once. */
const MARK = '\u{f0000}';

export class LineBoard {
  #lines: string[] = [];

  /** The character that stands for the line until `resolve`. */
  place(line: string): string {
    this.#lines.push(line);
    return MARK;
  }

  /** The frame with its lines; the board is empty again. */
  resolve(frame: string): string {
    const lines = this.#lines;
    this.#lines = [];
    let next = 0;
    return frame.replaceAll(MARK, () => lines[next++] ?? '');
  }
}
