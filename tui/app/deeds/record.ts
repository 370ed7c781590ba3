/** `:record`: keeping what is traced from now on, while it is being watched. */
import { type Command, complain } from '../commands/command.js';
import type { Complaint } from '../overlay.js';
import type { Session } from '../session.js';

/** What records beside the screen. Its answers are sentences for the user. */
export interface SessionRecorder {
  /** Where it records to now. */
  readonly directory: string | undefined;
  /** @throws Error with one sentence */
  begin(directory: string): Promise<string>;
  /** @throws Error with one sentence */
  end(): Promise<string>;
  /** Calls when a recording has ended by itself, with why. */
  subscribe(listener: (news: string) => void): () => void;
}

const END = 'stop';

export const recordCommand: Command = {
  id: 'record',
  argument: '[DIR]',
  title: 'Live: record from now on to DIR, new or empty; again, or stop, ends it',
  choices: ({ options: { recorder } }) =>
    typeof recorder === 'object' && recorder.directory !== undefined
      ? [{ value: END, title: `Ends the recording to ${recorder.directory}` }]
      : [],
  run: (session, argument) => record(session, argument),
};

function record(session: Session, argument: string): Complaint | undefined {
  const { recorder } = session.options;
  if (typeof recorder === 'string') return complain(`nothing can be recorded here: ${recorder}`);
  const isEnd = argument === END || argument === '';
  if (argument === '' && recorder.directory === undefined)
    return complain('a recording needs a directory, new or empty: record DIR');
  session.message = isEnd ? 'Ending the recording …' : 'Beginning to record …';
  const doing = isEnd ? recorder.end() : recorder.begin(argument);
  doing.then(
    (how) => session.say(how),
    (error: unknown) => session.say(error instanceof Error ? error.message : String(error)),
  );
  return undefined;
}
