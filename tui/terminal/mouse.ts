/** Reports of the mouse (xterm's mode 1006, SGR), as keys with a place. */
import type { Key, Place } from './keys.js';

/** Buttons are told, and so that columns beyond 223 can be. */
export const MOUSE_ON = '\u001b[?1000h\u001b[?1006h';
export const MOUSE_OFF = '\u001b[?1006l\u001b[?1000l';

/** Two clicks on one place within this are a double click. */
const DOUBLE_CLICK_MS = 400;
/** Of the button parameter: 0–2 are buttons, 64 and 65 the wheel; shift, meta and control add to it. */
const MODIFIERS = 4 | 8 | 16;
const NAMES: Readonly<Record<number, string>> = { 0: 'click', 64: 'wheel-up', 65: 'wheel-down' };

/** The key of a report `ESC [ < button ; column ; row M`; undefined for other buttons, and where a button is let go. */
export function mouseKey(parameters: string, final: string): Key | undefined {
  const [button = -1, column = 1, row = 1] = parameters.slice(1).split(';').map(Number);
  const name = NAMES[button & ~MODIFIERS];
  if (final !== 'M' || name === undefined || !(column > 0) || !(row > 0)) return undefined;
  return { name, text: undefined, place: { column: column - 1, row: row - 1 } };
}

/** Tells double clicks from clicks. */
export class Clicks {
  #last: { readonly place: Place; readonly at: number } | undefined;

  /** `now` in ms, of a clock that only goes forward. */
  named(key: Key, now: number): Key {
    if (key.name !== 'click' || key.place === undefined) return key;
    const { column, row } = key.place;
    const last = this.#last;
    const isDouble =
      last !== undefined &&
      now - last.at < DOUBLE_CLICK_MS &&
      last.place.row === row &&
      last.place.column === column;
    this.#last = isDouble ? undefined : { place: key.place, at: now };
    return isDouble ? { ...key, name: 'double-click' } : key;
  }
}
