/**
 * Bytes of a terminal in raw mode → keys. A key is named as in `KeyName`: what it writes (`a`, `A`, `!`, `é`), or its name
 * (`up`, `f6`, `enter`, `space`), with `ctrl-`, `alt-` and `shift-` before it where they make a difference (`ctrl-d`,
 * `shift-tab`, `alt-x`, `ctrl-left`).
 */

import { mouseKey } from './mouse.js';

/** A cell of the screen, from 0. */
export interface Place {
  readonly column: number;
  readonly row: number;
}

export interface Key {
  readonly name: string;
  /** What the key (or a paste) writes; undefined for keys that write nothing. */
  readonly text: string | undefined;
  /** Where the mouse was. */
  readonly place?: Place | undefined;
}

/** Final bytes of `ESC [ … X` and `ESC O X`. */
const LETTERS: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  F: 'end',
  H: 'home',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
  M: 'enter',
  Z: 'shift-tab',
};
/** Numbers of `ESC [ n ~` (VT220, xterm, rxvt). */
const NUMBERS: Readonly<Record<number, string>> = {
  1: 'home',
  2: 'insert',
  3: 'delete',
  4: 'end',
  5: 'pageup',
  6: 'pagedown',
  7: 'home',
  8: 'end',
  11: 'f1',
  12: 'f2',
  13: 'f3',
  14: 'f4',
  15: 'f5',
  17: 'f6',
  18: 'f7',
  19: 'f8',
  20: 'f9',
  21: 'f10',
  23: 'f11',
  24: 'f12',
};
/** `ESC [ [ A` … of the Linux console. */
const CONSOLE_LETTERS: Readonly<Record<string, string>> = { A: 'f1', B: 'f2', C: 'f3', D: 'f4', E: 'f5' };
/** Control characters that are keys of their own. */
const CONTROLS: Readonly<Record<number, string>> = {
  0: 'ctrl-space',
  8: 'backspace',
  9: 'tab',
  10: 'enter',
  13: 'enter',
  127: 'backspace',
};

const ESCAPE = 0x1b;
const PASTE_BEGIN = '\u001b[200~';
const PASTE_END = '\u001b[201~';
const LONGEST_SEQUENCE = 64;
const LONGEST_PASTE = 65_536;

export class KeyDecoder {
  /** Strings of UTF-16 after the bytes; a sequence may come in several reads. */
  #pending = '';
  #paste: string | undefined;
  readonly #utf8 = new TextDecoder('utf-8');

  /** Whether an ESC waits for what may follow it: without more bytes soon, call `flush`. */
  get isWaiting(): boolean {
    return this.#pending !== '';
  }

  /** Keys of the bytes that one read gave. */
  push(bytes: Uint8Array): Key[] {
    this.#pending += this.#utf8.decode(bytes, { stream: true });
    return this.#decode(false);
  }

  /** The keys that wait, now that nothing follows: ESC is the key Escape. */
  flush(): Key[] {
    return this.#decode(true);
  }

  #decode(isFinal: boolean): Key[] {
    const keys: Key[] = [];
    while (this.#pending !== '') {
      if (this.#paste !== undefined) {
        if (!this.#takePaste(keys)) break;
        continue;
      }
      const taken = readKey(this.#pending, isFinal);
      if (taken === undefined) break;
      this.#pending = this.#pending.slice(taken.length);
      if (taken.length === PASTE_BEGIN.length && taken.name === 'paste') this.#paste = '';
      else if (taken.name !== undefined)
        keys.push({ name: taken.name, text: taken.text, ...(taken.place && { place: taken.place }) });
    }
    return keys;
  }

  /** Moves pending text into the paste; false if its end has not come yet. */
  #takePaste(keys: Key[]): boolean {
    const end = this.#pending.indexOf(PASTE_END);
    const room = Math.max(0, LONGEST_PASTE - this.#paste!.length);
    if (end < 0) {
      // The end marker may be cut: keep what could be its beginning.
      const kept = Math.min(this.#pending.length, PASTE_END.length - 1);
      this.#paste += this.#pending.slice(0, this.#pending.length - kept).slice(0, room);
      this.#pending = this.#pending.slice(this.#pending.length - kept);
      return false;
    }
    keys.push({ name: 'paste', text: this.#paste + this.#pending.slice(0, end).slice(0, room) });
    this.#paste = undefined;
    this.#pending = this.#pending.slice(end + PASTE_END.length);
    return true;
  }
}

interface Taken {
  readonly length: number;
  /** undefined: a sequence that means no key. */
  readonly name: string | undefined;
  readonly text: string | undefined;
  readonly place?: Place | undefined;
}

/** Reads the first key; undefined if more has to come first. */
function readKey(text: string, isFinal: boolean): Taken | undefined {
  const code = text.charCodeAt(0);
  if (code !== ESCAPE) return plainKey(text);
  if (text.length === 1) return isFinal ? { length: 1, name: 'escape', text: undefined } : undefined;
  if (text[1] === '[') return readControlSequence(text, isFinal);
  if (text[1] === 'O') return readSingleShift(text, isFinal);
  if (text.charCodeAt(1) === ESCAPE) return { length: 1, name: 'escape', text: undefined };
  const key = plainKey(text.slice(1));
  return { length: key.length + 1, name: `alt-${key.name}`, text: undefined };
}

function plainKey(text: string): Taken & { readonly name: string } {
  const code = text.codePointAt(0)!;
  const length = code > 0xffff ? 2 : 1;
  const named = CONTROLS[code];
  if (named !== undefined) return { length, name: named, text: undefined };
  if (code < 0x20) return { length, name: `ctrl-${String.fromCharCode(code + 0x60)}`, text: undefined };
  const character = String.fromCodePoint(code);
  return { length, name: character === ' ' ? 'space' : character, text: character };
}

/** `ESC O X`. */
function readSingleShift(text: string, isFinal: boolean): Taken | undefined {
  if (text.length < 3) return isFinal ? { length: 2, name: 'alt-O', text: undefined } : undefined;
  return { length: 3, name: LETTERS[text[2]!], text: undefined };
}

/** `ESC [ parameters final`, also the Linux console's `ESC [ [ X`. */
function readControlSequence(text: string, isFinal: boolean): Taken | undefined {
  if (text[2] === '[') {
    if (text.length < 4) return isFinal ? { length: 3, name: undefined, text: undefined } : undefined;
    return { length: 4, name: CONSOLE_LETTERS[text[3]!], text: undefined };
  }
  let end = 2;
  while (end < text.length && !isFinalByte(text.charCodeAt(end))) {
    // Not a sequence after all, or an endless one: Alt-[ and whatever follows.
    if (text.charCodeAt(end) < 0x20 || text.charCodeAt(end) > 0x7e || end > LONGEST_SEQUENCE) {
      return { length: end, name: undefined, text: undefined };
    }
    end++;
  }
  if (end === text.length) {
    if (!isFinal) return undefined;
    return { length: end, name: end === 2 ? 'alt-[' : undefined, text: undefined };
  }
  const length = end + 1;
  if (text.startsWith(PASTE_BEGIN)) return { length, name: 'paste', text: undefined };
  if (text[2] === '<') {
    const key = mouseKey(text.slice(2, end), text[end]!);
    return { length, name: key?.name, text: undefined, place: key?.place };
  }
  const [number = 0, modifiers = 1] = text.slice(2, end).split(';').map(Number);
  const base = text[end] === '~' ? NUMBERS[number] : LETTERS[text[end]!];
  return { length, name: base === undefined ? undefined : modifierPrefix(modifiers) + base, text: undefined };
}

/** xterm's modifier parameter: 1 + shift 1 + alt 2 + ctrl 4. */
function modifierPrefix(parameter: number): string {
  const bits = Number.isInteger(parameter) ? parameter - 1 : 0;
  return `${bits & 4 ? 'ctrl-' : ''}${bits & 2 ? 'alt-' : ''}${bits & 1 ? 'shift-' : ''}`;
}

function isFinalByte(code: number): boolean {
  return code >= 0x40 && code <= 0x7e;
}
