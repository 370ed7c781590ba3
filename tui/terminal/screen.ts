/**
 * The writer between Ink and the terminal. Ink hands over whole frames as text; the screen writes the cells that differ
 * from what the terminal shows. While the terminal has not taken the last write, frames are dropped: the newest is
 * drawn when it has.
 */
import { type Pen, update } from './diff.js';
import { Grid } from './grid.js';
import { MOUSE_OFF, MOUSE_ON } from './mouse.js';
import { PLAIN } from './style.js';

/** Alternate screen, no cursor, no autowrap, pastes marked as such; then a blank screen. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[?2004h\u001b[m\u001b[2J\u001b[H';
const LEAVE = '\u001b[m\u001b[?2004l\u001b[?7h\u001b[?25h\u001b[?1049l';
/** Terminals that know it show what lies between at once; others step over it. Worth its bytes for a large update. */
const BEGIN_UPDATE = '\u001b[?2026h';
const END_UPDATE = '\u001b[?2026l';
const LARGE_UPDATE = 2048;

/** Where bytes go. */
export interface ScreenOutput {
  /** Calls `done` when the terminal has taken the bytes. */
  write(bytes: string, done: () => void): void;
  /** Writes before it returns, in place of what still waits: before the screen is cleared, or the process stops or ends. */
  writeNow(bytes: string): void;
}

export interface ScreenCounters {
  /** Frames that Ink handed over, those of them that changed something, and those that a slow terminal never saw. */
  frames: number;
  updates: number;
  dropped: number;
  bytes: number;
}

export class Screen {
  readonly counters: ScreenCounters = { frames: 0, updates: 0, dropped: 0, bytes: 0 };
  readonly #output: ScreenOutput;
  readonly #hasMouse: boolean;
  #shown: Grid;
  #wanted: Grid;
  #pen: Pen = { column: undefined, row: 0, style: PLAIN };
  #latest = '';
  #isDrawn = true;
  #isEntered = false;
  #isWriting = false;

  constructor(output: ScreenOutput, columns: number, rows: number, hasMouse = false) {
    this.#hasMouse = hasMouse;
    this.#output = output;
    this.#shown = new Grid(columns, rows);
    this.#wanted = new Grid(columns, rows);
  }

  /** Takes the terminal over; the newest frame is drawn. */
  enter(): void {
    if (this.#isEntered) return;
    this.#isEntered = true;
    this.#blank();
    this.#output.writeNow(this.#hasMouse ? ENTER + MOUSE_ON : ENTER);
    this.#flush();
  }

  /** Gives the terminal back as it was. */
  leave(): void {
    if (!this.#isEntered) return;
    this.#isEntered = false;
    this.#output.writeNow(this.#hasMouse ? MOUSE_OFF + LEAVE : LEAVE);
  }

  /** After a change of size nothing is known of what the terminal shows: the next frame is drawn from blank. */
  resize(columns: number, rows: number): void {
    this.#shown = new Grid(columns, rows);
    this.#wanted = new Grid(columns, rows);
    if (!this.#isEntered) return;
    this.#blank();
    this.#output.writeNow('\u001b[m\u001b[2J');
  }

  /** Draws the newest frame from blank, as where something else has written on the terminal. */
  repaint(): void {
    this.resize(this.#shown.columns, this.#shown.rows);
    this.#flush();
  }

  /** The newest frame as cells, whether the terminal has it already or not. */
  snapshot(): Grid {
    const grid = new Grid(this.#shown.columns, this.#shown.rows);
    grid.fill(this.#latest);
    return grid;
  }

  /** A frame: lines of text with SGR sequences. */
  draw(frame: string): void {
    this.counters.frames++;
    if (!this.#isDrawn) this.counters.dropped++;
    if (this.#isDrawn && frame === this.#latest) return;
    this.#latest = frame;
    this.#isDrawn = false;
    this.#flush();
  }

  #blank(): void {
    this.#shown.clear();
    this.#pen = { column: undefined, row: 0, style: PLAIN };
    this.#isDrawn = false;
  }

  #flush(): void {
    if (!this.#isEntered || this.#isWriting || this.#isDrawn) return;
    this.#isDrawn = true;
    this.#wanted.fill(this.#latest);
    const bytes = update(this.#shown, this.#wanted, this.#pen);
    if (bytes === '') return;
    this.counters.updates++;
    this.counters.bytes += Buffer.byteLength(bytes);
    this.#isWriting = true;
    this.#output.write(bytes.length > LARGE_UPDATE ? BEGIN_UPDATE + bytes + END_UPDATE : bytes, () => {
      this.#isWriting = false;
      this.#flush();
    });
  }
}
