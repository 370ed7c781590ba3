/** The palette: actions and commands by name. */
import type { Action } from './actions/action.js';
import type { Command } from './commands/command.js';
import { commands } from './commands.js';
import { fuzzyFind } from './fuzzy.js';
import { remember } from './history.js';
import { keyName } from './key-names.js';
import type { Choice, Complaint } from './overlay.js';
import { openPrompt } from './prompt.js';
import type { Session } from './session.js';

/** A line that is only a time is a jump to it. */
const TIME = /^[+\-@\d]/;

/** `text` stands in the line already. */
export function openPalette(session: Session, text = ''): void {
  const offered = session.options.keymap.actions.filter(
    ({ where, byKeyOnly }) => (where === 'table' || where === 'anywhere') && byKeyOnly === undefined,
  );
  openPrompt(session, {
    label: ':',
    hint: 'a few letters of what to do; ↑↓ chooses, Tab completes',
    text,
    listsAtOnce: true,
    history: session.chosen.commands,
    complete: (typed) => choicesFor(session, offered, typed),
    submit: (typed, chosen) => submit(session, offered, typed, chosen),
  });
}

interface Entry {
  readonly id: string;
  readonly title: string;
  /** How the list calls it. */
  readonly label: string;
  /** The line ends with a blank where an argument follows. */
  readonly line: string;
}

function entriesOf(session: Session, actions: readonly Action[]): Entry[] {
  return [
    ...commands.map(({ id, argument, title }) => ({
      id,
      title,
      label: `${id} ${argument}`,
      line: `${id} `,
    })),
    ...actions.map((action) => {
      const [key] = session.options.keymap.keysOf(action);
      const title = key === undefined ? action.title : `${action.title} (${keyName(key)})`;
      return { id: action.id, title, label: action.id, line: action.id };
    }),
  ];
}

function choicesFor(session: Session, actions: readonly Action[], typed: string): Choice[] {
  const command = commandOf(typed);
  if (command !== undefined) {
    const argument = typed.slice(command.id.length).trimStart();
    if (command.complete !== undefined) {
      const choices = command.complete(session, argument);
      return choices.map((choice) => ({ ...choice, line: `${command.id} ${choice.line}` }));
    }
    const values = command.choices?.(session) ?? [];
    return fuzzyFind(argument, values, ({ value, title }) => [value, title]).map(({ value, title }) => ({
      line: `${command.id} ${value}`,
      label: value,
      title,
    }));
  }
  if (TIME.test(typed)) return [];
  const recent = typed === '' ? [...new Set([...session.chosen.commands].reverse())].slice(0, 3) : [];
  const entries = fuzzyFind(typed, entriesOf(session, actions), ({ id, title }) => [id, title]);
  return [
    ...recent.map((line) => ({ line, label: line, title: 'typed before' })),
    ...entries.map(({ line, label, title }) => ({ line, label, title })),
  ];
}

/** The command that the line begins with, with a blank after it. */
function commandOf(line: string): Command | undefined {
  const word = /^(\S+)\s/.exec(line)?.[1];
  return commands.find(({ id }) => id === word);
}

/** Runs the line; what is not a command's name stands for the choice that fits it best. */
function submit(
  session: Session,
  actions: readonly Action[],
  typed: string,
  chosen: Choice | undefined,
): Complaint | { readonly line: string } | undefined {
  const line = chosen?.line ?? typed;
  if (line.trim() === '') return undefined;
  const answer = runLine(session, actions, line);
  if (answer !== 'unknown') return answer;
  const [best] = choicesFor(session, actions, line);
  if (best === undefined) return { message: `there is no command “${line.trim()}”`, at: 0 };
  const second = runLine(session, actions, best.line);
  return second === 'unknown' ? { line: best.line } : second;
}

function runLine(
  session: Session,
  actions: readonly Action[],
  line: string,
): Complaint | { readonly line: string } | 'unknown' | undefined {
  const trimmed = line.trim();
  const [word = ''] = trimmed.split(/\s/, 1);
  const action = actions.find(({ id }) => id === trimmed);
  const command = TIME.test(trimmed) ? commandNamed('jump') : commandNamed(word);
  if (action === undefined && command === undefined) return 'unknown';
  if (action !== undefined) {
    remember(session.chosen.commands, trimmed);
    action.run(session, '');
    return undefined;
  }
  const argument = command!.id === word ? trimmed.slice(word.length).trim() : trimmed;
  if (argument === '' && !command!.argument.startsWith('[')) return { line: `${command!.id} ` };
  remember(session.chosen.commands, trimmed);
  const offset = [...line].length - [...argument].length;
  try {
    const complaint = command!.run(session, argument);
    return complaint?.at === undefined ? complaint : { ...complaint, at: complaint.at + offset };
  } catch (error) {
    return { message: error instanceof Error ? error.message : String(error) };
  }
}

function commandNamed(word: string): Command | undefined {
  return commands.find(({ id }) => id === word);
}
