/** A line of text being typed, with readline's keys. */
import type { Key } from '../terminal/keys.js';

export interface EditedLine {
  /** Characters (code points). */
  readonly text: readonly string[];
  /** 0 … text.length. */
  readonly cursor: number;
}

const LONGEST_LINE = 256;

export function lineOf(text: string): EditedLine {
  const characters = [...text];
  return { text: characters, cursor: characters.length };
}

export function textOf(line: EditedLine): string {
  return line.text.join('');
}

type Edit = (line: EditedLine) => EditedLine;

const EDITS: Readonly<Record<string, Edit>> = {
  left: (line) => ({ ...line, cursor: Math.max(0, line.cursor - 1) }),
  right: (line) => ({ ...line, cursor: Math.min(line.text.length, line.cursor + 1) }),
  home: (line) => ({ ...line, cursor: 0 }),
  end: (line) => ({ ...line, cursor: line.text.length }),
  backspace: (line) => splice(line, Math.max(0, line.cursor - 1), line.cursor, []),
  delete: (line) => splice(line, line.cursor, line.cursor + 1, []),
  'ctrl-u': (line) => splice(line, 0, line.cursor, []),
  'ctrl-k': (line) => splice(line, line.cursor, line.text.length, []),
  'ctrl-w': (line) => splice(line, wordStart(line), line.cursor, []),
};
const ALIASES: Readonly<Record<string, string>> = {
  'ctrl-b': 'left',
  'ctrl-f': 'right',
  'ctrl-a': 'home',
  'ctrl-e': 'end',
  'ctrl-d': 'delete',
};

/** The line after the key; the same line if the key means nothing to it. */
export function edit(line: EditedLine, key: Key): EditedLine {
  const known = EDITS[ALIASES[key.name] ?? key.name];
  if (known !== undefined) return known(line);
  if (key.text === undefined) return line;
  const typed = [...key.text.replace(/[\p{Cc}\p{Cf}]/gu, '')].slice(0, LONGEST_LINE - line.text.length);
  return splice(line, line.cursor, line.cursor, typed);
}

function splice(line: EditedLine, from: number, to: number, inserted: readonly string[]): EditedLine {
  return {
    text: [...line.text.slice(0, from), ...inserted, ...line.text.slice(to)],
    cursor: from + inserted.length,
  };
}

function wordStart({ text, cursor }: EditedLine): number {
  let at = cursor;
  while (at > 0 && text[at - 1] === ' ') at--;
  while (at > 0 && text[at - 1] !== ' ') at--;
  return at;
}
