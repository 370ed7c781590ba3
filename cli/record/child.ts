/** The command that is run while boxtop records. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { CommandError } from '../errors.js';

export interface Child {
  /** Resolves to its exit code, 128 + N after signal N. */
  readonly ended: Promise<number>;
  /** Asks it to end. */
  end(): void;
}

/** Runs it with our own terminal. @throws CommandError where it cannot be run */
export async function startChild(command: readonly string[]): Promise<Child> {
  const child = spawn(command[0]!, command.slice(1), { stdio: 'inherit' });
  const ended = new Promise<number>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal!] ?? 0)));
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new CommandError(
          error.code === 'ENOENT' ? `there is no command “${command[0]}”` : `${command[0]}: ${error.message}`,
        ),
      ),
    );
  });
  return { ended, end: () => child.kill('SIGTERM') };
}
