/** A line being typed below the table: its choices, its history, and what Enter does. */
import type { Key } from '../terminal/keys.js';
import { edit, lineOf, textOf } from './line-editor.js';
import type { Prompt } from './overlay.js';
import type { Session } from './session.js';

type PromptOptions = Pick<Prompt, 'label' | 'hint' | 'complete' | 'change' | 'submit' | 'cancel'> & {
  readonly text: string;
  /** Choices are listed without being asked for. */
  readonly listsAtOnce?: boolean;
  readonly history?: readonly string[];
};

export function openPrompt(session: Session, options: PromptOptions): void {
  const { text, listsAtOnce = false, history = [], ...rest } = options;
  session.overlay = settled({
    ...rest,
    kind: 'prompt',
    line: lineOf(text),
    complaint: undefined,
    choices: [],
    selected: undefined,
    lists: listsAtOnce,
    history,
    ago: 0,
  });
}

/** The key changes the line. */
export function typeInLine(session: Session, prompt: Prompt, key: Key): void {
  const line = edit(prompt.line, key);
  if (line === prompt.line) return;
  const isChanged = textOf(line) !== textOf(prompt.line);
  const complaint = isChanged ? prompt.change?.(textOf(line)) : prompt.complaint;
  session.overlay = settled({ ...prompt, line, complaint, ago: isChanged ? 0 : prompt.ago });
}

export function submitLine(session: Session): void {
  const prompt = promptOf(session);
  if (prompt === undefined) return;
  const chosen = prompt.selected === undefined ? undefined : prompt.choices[prompt.selected];
  session.overlay = undefined;
  const answer = prompt.submit(textOf(prompt.line), chosen);
  if (answer === undefined) return;
  if ('line' in answer) session.overlay = settled({ ...prompt, line: lineOf(answer.line) });
  else session.overlay = { ...prompt, complaint: answer };
}

/** Takes the selected choice into the line, or the first; lists them if they were not. */
export function completeLine(session: Session): void {
  const prompt = promptOf(session);
  if (prompt === undefined) return;
  const choice = prompt.choices[prompt.selected ?? 0];
  if (choice === undefined) return;
  const after = prompt.line.text.slice(prompt.line.cursor);
  const line = { text: [...choice.line, ...after], cursor: [...choice.line].length };
  const complaint = prompt.change?.(textOf(line));
  session.overlay = settled({ ...prompt, line, complaint, lists: true });
}

/** To another of the choices; where there are none, to another line of the history. */
export function chooseNext(session: Session, by: number): void {
  const prompt = promptOf(session);
  if (prompt === undefined) return;
  const { choices, lists } = prompt;
  if (!lists || choices.length === 0) {
    recallLine(session, by);
    return;
  }
  const next = prompt.selected === undefined ? (by > 0 ? 0 : choices.length - 1) : prompt.selected + by;
  session.overlay = { ...prompt, selected: Math.max(0, Math.min(choices.length - 1, next)) };
}

/** The line typed before (`by` -1) or after (1) the shown one. */
export function recallLine(session: Session, by: number): void {
  const prompt = promptOf(session);
  if (prompt === undefined) return;
  const ago = Math.max(0, Math.min(prompt.history.length, prompt.ago - by));
  if (ago === prompt.ago) return;
  const text = ago === 0 ? '' : prompt.history[prompt.history.length - ago]!;
  session.overlay = settled({ ...prompt, line: lineOf(text), complaint: prompt.change?.(text), ago });
}

function promptOf(session: Session): Prompt | undefined {
  return session.overlay?.kind === 'prompt' ? session.overlay : undefined;
}

/** With the choices for what stands before the cursor. */
function settled(prompt: Prompt): Prompt {
  const before = prompt.line.text.slice(0, prompt.line.cursor).join('');
  return { ...prompt, choices: prompt.complete?.(before) ?? [], selected: undefined };
}
