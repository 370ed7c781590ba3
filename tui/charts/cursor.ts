/** A column of drawn lines marked: where in time the screen is. */
import { Grid } from '../terminal/grid.js';
import { applySgr, PLAIN, transition } from '../terminal/style.js';

/** SGR parameter of inverse. */
const INVERSE = [7];

export function withCursor(lines: readonly string[], width: number, column: number): string[] {
  const grid = new Grid(width, lines.length);
  grid.fill(lines.join('\n'));
  return lines.map((_, row) => {
    let style = PLAIN;
    let line = '';
    for (let at = 0; at < width; at++) {
      const cell = row * width + at;
      const look = at === column ? applySgr(grid.style[cell]!, INVERSE) : grid.style[cell]!;
      line += transition(style, look) + grid.text[cell];
      style = look;
    }
    return line + transition(style, PLAIN);
  });
}
