/** Puts a recording on the screen: the one place where reading, playing and drawing meet. */
import { terminalProblem } from '../tui/environment.js';
import { CommandError } from './errors.js';
import type { Time } from './time.js';

export interface PlayOptions {
  readonly path: string;
  /** What the screen calls it. */
  readonly title: string;
  readonly inventory: readonly string[];
  readonly from?: Time | undefined;
  readonly to?: Time | undefined;
  /** Stand still here. */
  readonly at?: Time | undefined;
  readonly speed?: number | undefined;
  /** Length of a frame, ns. */
  readonly interval?: number | undefined;
  readonly name?: readonly string[] | undefined;
  readonly sort?: string | undefined;
}

/** Plays until the user quits. Gives the exit code. @throws CommandError where there is no screen to draw on. */
export async function play(options: PlayOptions): Promise<number> {
  const problem = terminalProblem(process.stdin, process.stdout, process.env);
  if (problem !== undefined) throw new CommandError(problem);
  throw new Error('TODO player');
}
