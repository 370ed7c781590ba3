/** Keys as people write them. */
import type { Action, Context } from './actions/action.js';

const NAMES: Readonly<Record<string, string>> = {
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  escape: 'Esc',
  backspace: 'Backspace',
  enter: '⏎',
};
const NAMES_ASCII: Readonly<Record<string, string>> = {
  ...NAMES,
  up: 'Up',
  down: 'Down',
  left: 'Left',
  right: 'Right',
  enter: 'Enter',
};

/** `ctrl-home` → `Ctrl-Home`, `f6` → `F6`, `a` → `a`. */
export function keyName(key: string, isUnicode = true): string {
  const parts = /^((?:ctrl-|alt-|shift-)*)(.+)$/s.exec(key)!;
  const prefix = parts[1]!.replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
  const base = parts[2]!;
  const named = (isUnicode ? NAMES : NAMES_ASCII)[base];
  if (named !== undefined) return prefix + named;
  return prefix + (base.length > 1 ? base[0]!.toUpperCase() + base.slice(1) : base);
}

/** The keys of an action in one cell of text. */
export function keyNames(keys: readonly string[], isUnicode = true): string {
  if (keys.join('').startsWith('!@#')) return `! @ # ${isUnicode ? '…' : '..'} (`;
  return keys.map((key) => keyName(key, isUnicode)).join(' ');
}

const PLACES: Readonly<Partial<Record<Context, string>>> = { menu: 'Menu', line: 'Line', help: 'Help' };

/** The action's title, with the place before it where it applies only there. */
export function fullTitle({ where, title }: Action): string {
  const place = PLACES[where];
  return place === undefined ? title : `${place}: ${title}`;
}
