/** The line being typed, its choices above it, and below it what may be typed or what is wrong and where. */
import type { Choice, Prompt } from '../app/overlay.js';
import { cut, fit, textWidth } from '../text/width.js';
import type { Painter } from '../theme.js';

const MOST_CHOICES = 12;
const WIDEST_LABEL = 24;

/** At least two lines; at most `room` of choices besides. */
export function promptLines(prompt: Prompt, width: number, room: number, painter: Painter): string[] {
  const { line, label } = prompt;
  const head = ` ${label}${label === ':' ? '' : ': '}`;
  const shown = Math.max(8, width - head.length - 2);
  const from = Math.max(0, line.cursor - shown + 1);
  const before = painter.clean(line.text.slice(from, line.cursor).join(''));
  const under = painter.clean(line.text[line.cursor] ?? ' ');
  const after = painter.clean(line.text.slice(line.cursor + 1, from + shown).join(''));
  const typed = `${painter.paint('key', head)}${before}${painter.paint('cursor', under)}${after}`;
  const choices = prompt.lists ? choiceLines(prompt, width, Math.min(MOST_CHOICES, room), painter) : [];
  return [...choices, typed, below(prompt, head.length, from, width, painter)];
}

/** The hint; or a mark under the wrong place, and what is wrong beside it. */
function below(
  { line, hint, complaint }: Prompt,
  head: number,
  from: number,
  width: number,
  painter: Painter,
): string {
  const { ellipsis } = painter.glyphs;
  if (complaint === undefined) return painter.paint('muted', ` ${cut(hint, width - 2, ellipsis)}`);
  const message = painter.clean(complaint.message);
  if (complaint.at === undefined) return painter.paint('critical', ` ${cut(message, width - 2, ellipsis)}`);
  const at = Math.min(
    width - 2,
    head + textWidth(line.text.slice(from, Math.max(from, complaint.at)).join('')),
  );
  const right = width - at - 3;
  // Beside the mark on whichever side there is room for the sentence.
  const text =
    textWidth(message) <= right || at < right
      ? `${' '.repeat(at)}^ ${cut(message, right, ellipsis)}`
      : `${fit(cut(message, at - 2, ellipsis), at - 1, 'right', ellipsis)} ^`;
  return painter.paint('critical', text);
}

function choiceLines({ choices, selected }: Prompt, width: number, room: number, painter: Painter): string[] {
  const { ellipsis } = painter.glyphs;
  const count = Math.min(room, choices.length);
  const top = Math.max(0, Math.min((selected ?? 0) - Math.floor(count / 2), choices.length - count));
  const visible = choices.slice(top, top + count);
  const widest = Math.max(0, ...choices.map(({ label }) => textWidth(label)));
  const labelWidth = Math.min(WIDEST_LABEL, widest);
  const draw = ({ label, title }: Choice, index: number): string => {
    const name = fit(painter.clean(label), labelWidth, 'left', ellipsis);
    const text = fit(painter.clean(title), Math.max(0, width - labelWidth - 4), 'left', ellipsis);
    if (top + index === selected) return painter.paint('selected', ` ${name}  ${text} `);
    return painter.paint('choice', ` ${name}  `) + painter.paint('choiceText', `${text} `);
  };
  return visible.map(draw);
}
