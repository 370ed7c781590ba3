/** What Ink takes for standard output: it hands whole frames on (Ink's `debug` mode) and writes nothing itself. */
import { EventEmitter } from 'node:events';
import { LineBoard } from './line-board.js';

export class InkStdout extends EventEmitter {
  /** Not a terminal as far as Ink is concerned, so that it leaves cursor and synchronisation alone. */
  readonly isTTY = false;
  readonly writable = true;
  readonly destroyed = false;
  columns: number;
  rows: number;
  readonly board = new LineBoard();
  readonly #draw: (frame: string) => void;

  constructor(columns: number, rows: number, draw: (frame: string) => void) {
    super();
    this.columns = columns;
    this.rows = rows;
    this.#draw = draw;
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
  }

  write(frame: string): boolean {
    this.#draw(this.board.resolve(frame));
    return true;
  }
}
