/** Reads the command line, runs a command, and tells of errors in one line. */
import yargs, { type Argv, type CommandModule } from 'yargs';
import { demoCommand } from './commands/demo.js';
import { denialsCommand } from './commands/denials.js';
import { doctorCommand } from './commands/doctor.js';
import { dumpCommand } from './commands/dump.js';
import { infoCommand } from './commands/info.js';
import { inventoryCommand } from './commands/inventory.js';
import { recordCommand } from './commands/record.js';
import { replayCommand } from './commands/replay.js';
import { sessionsCommand } from './commands/sessions.js';
import { topCommand } from './commands/top.js';
import { whyCommand } from './commands/why.js';
import { describeError } from './describe-error.js';
import { EXIT_OK, exitCodeOf, UsageError } from './errors.js';
import { PARSING } from './options.js';
import { watchOutput } from './output.js';
import { usageMessage } from './suggest.js';
import { packageVersion } from './version.js';

const WIDEST_HELP = 100;
const USUAL_WIDTH = 80;
const COMMANDS = [
  topCommand,
  replayCommand,
  dumpCommand,
  recordCommand,
  whyCommand,
  denialsCommand,
  infoCommand,
  doctorCommand,
  sessionsCommand,
  inventoryCommand,
  demoCommand,
];
const COMMAND_USAGE = Object.fromEntries(
  [...COMMANDS.slice(1).map(({ command }) => String(command)), 'completion'].map((usage) => [
    usage.split(' ')[0],
    usage,
  ]),
);
const REPEATABLE = ['name', 'inventory', 'command', 'cause', 'error', 'call'];

/** Runs boxtop with these arguments and gives its exit code: 0 ok, 1 failure, 2 wrong usage. */
export async function main(args: readonly string[]): Promise<number> {
  watchOutput(process.stdout, (error) => process.exit(tell(error)));
  try {
    await commandLine(args).parseAsync();
    return Number(process.exitCode ?? EXIT_OK);
  } catch (error) {
    return tell(error);
  }
}

/** Tells of an error and gives its exit code. */
function tell(error: unknown): number {
  process.stderr.write(`${describeError(error, Boolean(process.env.BOXTOP_DEBUG))}\n`);
  return exitCodeOf(error);
}

function commandLine(args: readonly string[]): Argv {
  const parser = yargs([...args]);
  for (const command of COMMANDS) parser.command(command as CommandModule);
  return parser
    .scriptName('boxtop')
    .locale('en')
    .usage('$0 [command]\n\nA top for containers, driven by kernel trace events.')
    .parserConfiguration(PARSING)
    .completion('completion', 'Print a script for the shell: boxtop completion >> ~/.bashrc', completeWords)
    .strict()
    .check(refuseRepeated)
    .version(packageVersion())
    .alias({ help: 'h', version: 'V' })
    .wrap(Math.min(WIDEST_HELP, process.stdout.columns ?? USUAL_WIDTH))
    .fail((complaint, error) => {
      // Errors of handlers come without a complaint; those of our own parsing as one.
      if (complaint === null) throw error;
      throw new UsageError(
        usageMessage(complaint, { options: optionsOf(parser), commands: COMMAND_USAGE, args }),
      );
    });
}

/**
 * Leaves out the name of the default command, and options where none was begun: then the shell completes names of files.
 * `defaults` is what yargs would complete.
 */
function completeWords(
  current: string,
  _args: unknown,
  defaults: (done: (error: Error | null, words: string[] | undefined) => void) => void,
  done: (words: string[]) => void,
): void {
  defaults((_, words = []) =>
    done(
      words.filter((word) => !word.startsWith('$0') && (current.startsWith('-') || !word.startsWith('-'))),
    ),
  );
}

/** yargs makes an array of an option that is given twice. */
function refuseRepeated(args: Readonly<Record<string, unknown>>): true {
  const isTwice = (key: string) => key.length > 1 && !REPEATABLE.includes(key) && Array.isArray(args[key]);
  const twice = Object.keys(args).find(isTwice);
  if (twice !== undefined) throw new UsageError(`--${twice} is given more than once`);
  return true;
}

/** The options of the command that was being parsed; yargs' types do not tell of them. */
function optionsOf(parser: Argv): string[] {
  const { parsed } = parser as unknown as { parsed: { aliases: Record<string, string[]> } | false };
  return parsed === false ? [] : Object.keys(parsed.aliases);
}
