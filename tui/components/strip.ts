/** One line that is shared out among several, each with its name as far as there is room. */
import { cut, textWidth } from '../text/width.js';
import type { Painter, Token } from '../theme.js';

/** One who has a share (0…1) of it. */
export interface StripPart {
  readonly name: string;
  readonly share: number;
  readonly token: Token;
}

/** A name of fewer cells tells nothing. */
const LEAST_NAMED = 3;

/** The line without and with colours; `width` cells, what is nobody's at its end. */
export function strip(
  parts: readonly StripPart[],
  width: number,
  painter: Painter,
): { readonly text: string; readonly painted: string } {
  const { glyphs } = painter;
  let text = '';
  let painted = '';
  let sum = 0;
  let used = 0;
  for (const { name, share, token } of parts) {
    sum += share;
    const cells = Math.min(width, Math.round(sum * width)) - used;
    if (cells <= 0) continue;
    used += cells;
    const label = cells < LEAST_NAMED ? '' : cut(painter.clean(name), cells, glyphs.ellipsis);
    const fill = token === 'host' ? glyphs.meter.host : glyphs.meter.containers;
    const part = label + fill.repeat(cells - textWidth(label));
    text += part;
    painted += painter.paint(token, part);
  }
  const rest = glyphs.meter.idle.repeat(width - used);
  return { text: text + rest, painted: painted + painter.paint('track', rest) };
}
