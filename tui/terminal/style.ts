/**
 * The look of a cell as one integer, and the shortest escape sequence (SGR, ECMA-48 8.3.117) from one look to another.
 * Bits 0–8 foreground (0 default, else palette index + 1), 9–17 background likewise, 18–23 attributes.
 */
export type Style = number;

export const PLAIN: Style = 0;
const BACKGROUND_SHIFT = 9;
const COLOR_MASK = 0x1ff;

/** Attribute bits with the SGR parameters that set and unset them. */
const ATTRIBUTES = [
  { bit: 1 << 18, on: 1, off: 22 },
  { bit: 1 << 19, on: 2, off: 22 },
  { bit: 1 << 20, on: 3, off: 23 },
  { bit: 1 << 21, on: 4, off: 24 },
  { bit: 1 << 22, on: 7, off: 27 },
  { bit: 1 << 23, on: 9, off: 29 },
] as const;

/** A style taken apart; colours are palette indices. */
export interface CellLook {
  readonly fg: number | undefined;
  readonly bg: number | undefined;
  readonly bold: boolean;
  readonly underline: boolean;
  readonly inverse: boolean;
}

export function lookOfStyle(style: Style): CellLook {
  const color = (bits: number) => (bits === 0 ? undefined : bits - 1);
  const has = (on: number) =>
    ATTRIBUTES.some((attribute) => attribute.on === on && (style & attribute.bit) !== 0);
  return {
    fg: color(style & COLOR_MASK),
    bg: color((style >>> BACKGROUND_SHIFT) & COLOR_MASK),
    bold: has(1),
    underline: has(4),
    inverse: has(7),
  };
}

const MOST_TRANSITIONS = 4096;
const transitions = new Map<number, string>();

/** The style after SGR parameters are applied to it. 24-bit colours, which no theme uses, leave the colour as it is. */
export function applySgr(style: Style, parameters: readonly number[]): Style {
  let result = style;
  for (let i = 0; i < parameters.length; i++) {
    const code = parameters[i]!;
    if (code === 0) result = PLAIN;
    else if (code === 38 || code === 48) {
      if (parameters[i + 1] === 5) {
        result = withColor(result, code === 38 ? 0 : BACKGROUND_SHIFT, (parameters[i + 2] ?? 0) + 1);
        i += 2;
      } else {
        i += 4;
      }
    } else if (code === 39) result = withColor(result, 0, 0);
    else if (code === 49) result = withColor(result, BACKGROUND_SHIFT, 0);
    else if (code >= 30 && code <= 37) result = withColor(result, 0, code - 29);
    else if (code >= 40 && code <= 47) result = withColor(result, BACKGROUND_SHIFT, code - 39);
    else if (code >= 90 && code <= 97) result = withColor(result, 0, code - 81);
    else if (code >= 100 && code <= 107) result = withColor(result, BACKGROUND_SHIFT, code - 91);
    else {
      for (const { bit, on, off } of ATTRIBUTES) {
        if (code === on) result |= bit;
        else if (code === off) result &= ~bit;
      }
    }
  }
  return result;
}

/** The shortest sequence that makes a terminal that writes in style `from` write in style `to`. */
export function transition(from: Style, to: Style): string {
  if (from === to) return '';
  if (to === PLAIN) return '\u001b[m';
  const key = from * 0x1000000 + to;
  const remembered = transitions.get(key);
  if (remembered !== undefined) return remembered;
  if (transitions.size >= MOST_TRANSITIONS) transitions.clear();
  const afresh = [0, ...difference(PLAIN, to)].join(';');
  const onward = difference(from, to).join(';');
  const sequence = `\u001b[${onward.length <= afresh.length ? onward : afresh}m`;
  transitions.set(key, sequence);
  return sequence;
}

function difference(from: Style, to: Style): number[] {
  const parameters: number[] = [];
  let current = from;
  for (const { bit, off } of ATTRIBUTES) {
    if ((current & bit) === 0 || (to & bit) !== 0) continue;
    parameters.push(off);
    current = applySgr(current, [off]);
  }
  for (const { bit, on } of ATTRIBUTES) {
    if ((to & bit) !== 0 && (current & bit) === 0) parameters.push(on);
  }
  pushColor(parameters, from & COLOR_MASK, to & COLOR_MASK, 30);
  pushColor(parameters, (from >>> BACKGROUND_SHIFT) & COLOR_MASK, (to >>> BACKGROUND_SHIFT) & COLOR_MASK, 40);
  return parameters;
}

/** `base` is 30 for the foreground, 40 for the background. */
function pushColor(parameters: number[], from: number, to: number, base: number): void {
  if (from === to) return;
  if (to === 0) parameters.push(base + 9);
  else if (to <= 8) parameters.push(base + to - 1);
  else if (to <= 16) parameters.push(base + 60 + to - 9);
  else parameters.push(base + 8, 5, to - 1);
}

function withColor(style: Style, shift: number, color: number): Style {
  return (style & ~(COLOR_MASK << shift)) | ((color & COLOR_MASK) << shift);
}
