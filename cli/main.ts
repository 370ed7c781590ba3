/** Reads the command line, runs a command, and tells of errors in one line. */
import yargs, { type Argv, type CommandModule } from 'yargs';
import { prepareEnvironment } from '../tui/environment.js';
import { describeError } from './describe-error.js';
import { EXIT_OK, exitCodeOf, UsageError } from './errors.js';
import { PARSING } from './options.js';
import { watchOutput } from './output.js';
import { usageMessage } from './suggest.js';
import { packageVersion } from './version.js';

const WIDEST_HELP = 100;
const USUAL_WIDTH = 80;
/** In the order of the help; only what is asked for is loaded. The first is what runs without a name. */
const COMMANDS: Readonly<Record<string, () => Promise<unknown>>> = {
  top: async () => (await import('./commands/top.js')).topCommand,
  replay: async () => (await import('./commands/replay.js')).replayCommand,
  dump: async () => (await import('./commands/dump.js')).dumpCommand,
  record: async () => (await import('./commands/record.js')).recordCommand,
  why: async () => (await import('./commands/why.js')).whyCommand,
  compare: async () => (await import('./commands/compare.js')).compareCommand,
  denials: async () => (await import('./commands/denials.js')).denialsCommand,
  info: async () => (await import('./commands/info.js')).infoCommand,
  doctor: async () => (await import('./commands/doctor.js')).doctorCommand,
  sessions: async () => (await import('./commands/sessions.js')).sessionsCommand,
  inventory: async () => (await import('./commands/inventory.js')).inventoryCommand,
  config: async () => (await import('./commands/config.js')).configCommand,
  demo: async () => (await import('./commands/demo.js')).demoCommand,
};
const REPEATABLE = ['attach', 'name', 'inventory', 'command', 'cause', 'error', 'call'];

/** Runs boxtop with these arguments and gives its exit code: 0 ok, 1 failure, 2 wrong usage. */
export async function main(args: readonly string[]): Promise<number> {
  prepareEnvironment(process.env);
  watchOutput(process.stdout, (error) => process.exit(tell(error)));
  try {
    await (await commandLine(args)).parseAsync();
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

/** The commands that the arguments may mean: the one they begin with, or all. */
function loadCommands([name = '']: readonly string[]): Promise<CommandModule[]> {
  const load = name !== 'top' && Object.hasOwn(COMMANDS, name) ? [COMMANDS[name]!] : Object.values(COMMANDS);
  return Promise.all(load.map((command) => command() as Promise<CommandModule>));
}

async function commandLine(args: readonly string[]): Promise<Argv> {
  const commands = await loadCommands(args);
  const usage = Object.fromEntries(
    [...commands.map(({ command }) => String(command)), 'completion']
      .filter((text) => !text.startsWith('$0'))
      .map((text) => [text.split(' ')[0], text]),
  );
  const parser = yargs([...args]);
  forgoHelp(parser);
  for (const command of commands) parser.command(command);
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
      throw new UsageError(usageMessage(complaint, { options: optionsOf(parser), commands: usage, args }));
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

/**
 * After each command yargs lays out its help, for those who ask a parser for it later; nobody does, and it takes as long
 * as reading a small trace. yargs' types do not tell of its insides.
 */
function forgoHelp(parser: Argv): void {
  const { getInternalMethods } = parser as unknown as {
    getInternalMethods?: () => { getUsageInstance(): { cacheHelpMessage: () => void } };
  };
  const usage = getInternalMethods?.call(parser).getUsageInstance();
  if (usage !== undefined) usage.cacheHelpMessage = () => {};
}

/** The options of the command that was being parsed; yargs' types do not tell of them. */
function optionsOf(parser: Argv): string[] {
  const { parsed } = parser as unknown as { parsed: { aliases: Record<string, string[]> } | false };
  return parsed === false ? [] : Object.keys(parsed.aliases);
}
