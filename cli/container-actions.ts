/** Runs what is to be done with containers. Programs get arguments, never a line for a shell. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { ContainerRow } from '../analyzers/frame.js';
import { actionsOf } from '../host/actions/actions.js';
import { atUsualPriority } from '../host/priority.js';
import { CommandError } from './errors.js';

interface Finished {
  readonly exitCode: number;
  readonly output: string;
}

/** More than this of what a program prints is left out. */
const MOST_OUTPUT = 1 << 20;
/** Stopping waits for what the container's configuration says, often ten seconds, and LXC's for a minute. */
const PATIENCE_MS = 120_000;

/** See `ContainerActions` of tui/app/deeds/actions.ts, whose shape this has. */
export const containerActions = {
  of: (row: ContainerRow) => actionsOf(row),

  async capture(argv: readonly string[]): Promise<Finished> {
    const [program = '', ...args] = argv;
    const child = atUsualPriority(() =>
      spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: PATIENCE_MS }),
    );
    let output = '';
    const take = (chunk: string) => {
      if (output.length < MOST_OUTPUT) output += chunk;
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    const exitCode = await ended(child, program);
    return { exitCode, output: output.slice(0, MOST_OUTPUT) };
  },

  async run(argv: readonly string[], signal: AbortSignal): Promise<Finished> {
    const [program = '', ...args] = argv;
    const child = atUsualPriority(() => spawn(program, args, { stdio: 'inherit' }));
    // It must not outlive us with our terminal in its hands.
    const end = () => child.kill('SIGTERM');
    signal.addEventListener('abort', end);
    process.once('exit', end);
    try {
      return { exitCode: await ended(child, program), output: '' };
    } finally {
      signal.removeEventListener('abort', end);
      process.off('exit', end);
    }
  },
};

/** Its exit code; 128 + N after signal N. @throws CommandError where it cannot be started */
function ended(child: ReturnType<typeof spawn>, program: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new CommandError(
          error.code === 'ENOENT' ? `there is no program ${program} here` : `${program}: ${error.message}`,
          { cause: error },
        ),
      ),
    );
    child.once('close', (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
}
