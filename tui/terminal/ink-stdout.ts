/** What Ink takes for standard output: it hands whole frames on (Ink's `debug` mode) and writes nothing itself. */
import { EventEmitter } from 'node:events';
import { LineBoard } from './line-board.js';

export class InkStdout extends EventEmitter {
  /** Not a terminal as far as Ink is concerned, so that it leaves cursor and synchronisation alone. */
  readonly isTTY = false;
  readonly writable = true;
  readonly destroyed = false;
  /** All that Ink lays out is one character a line: for each cell of a wider screen it would make an object with every frame. */
  readonly columns = 1;
  rows: number;
  readonly board = new LineBoard();
  readonly #draw: (frame: string) => void;

  constructor(rows: number, draw: (frame: string) => void) {
    super();
    this.rows = rows;
    this.#draw = draw;
  }

  resize(rows: number): void {
    this.rows = rows;
  }

  write(frame: string): boolean {
    this.#draw(this.board.resolve(frame));
    return true;
  }
}
