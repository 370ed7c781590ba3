/** Numbers at the axes, as both kits write them where they write them themselves. */
import type { Painter } from '../theme.js';

/** `75 ` in `width` columns. */
export function axisNumber(value: number, step: number, width: number): string {
  return `${value.toFixed(step < 1 ? 2 : 0)} `.padStart(width);
}

/** The axis of time and the labels below it: as many as fit, each under the column that it is of. */
export function timeAxisLines(
  { labels, axisWidth }: { readonly labels: readonly string[]; readonly axisWidth: number },
  corner: string,
  line: string,
  painter: Painter,
): string[] {
  const axis = ' '.repeat(axisWidth - 1) + corner + line.repeat(labels.length);
  const room = Math.max(1, ...labels.map((label) => label.length)) + 2;
  let text = '';
  for (let at = 0; at + room - 2 <= labels.length; at += room) text += labels[at]!.padEnd(room);
  const below = `${' '.repeat(axisWidth)}${text.slice(0, labels.length).padEnd(labels.length)}`;
  return [painter.paint('axis', axis), painter.paint('axisText', below)];
}
