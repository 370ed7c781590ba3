/** `boxtop record -o DIR`: records the kernel and who the containers are, to be replayed later. */
import { release } from 'node:os';
import { resolve } from 'node:path';
import type { ArgumentsCamelCase, CommandModule } from 'yargs';
import { type LttngCommand, sessionCommands, shellLine } from '../../host/session/commands.js';
import { tracerAbilities } from '../../host/session/kernel.js';
import { EVENT_GROUPS, type EventGroup, makePlan } from '../../host/session/plan.js';
import { UsageError } from '../errors.js';
import { optional } from '../options.js';
import { runRecord } from '../record/run.js';
import { parseSize } from '../record/size.js';
import { parseDuration } from '../time.js';

interface RecordArguments {
  readonly output?: string | undefined;
  readonly for?: number | undefined;
  readonly maxSize?: number | undefined;
  readonly events?: string | undefined;
  readonly printSession?: boolean | undefined;
  readonly command?: readonly string[] | undefined;
}

export const recordCommand: CommandModule<object, RecordArguments> = {
  command: 'record [command..]',
  describe: 'Record the kernel and who the containers are, for replay and dump',
  builder: (yargs) =>
    yargs
      .positional('command', {
        type: 'string',
        array: true,
        describe: 'Record while this runs (after --)',
      })
      .options({
        output: {
          alias: 'o',
          type: 'string',
          nargs: 1,
          describe: 'Directory that becomes the recording; it must be empty or new',
        },
        for: {
          type: 'string',
          nargs: 1,
          describe: 'End after DURATION; otherwise Ctrl-C or the command’s end does it',
          coerce: optional(parseDuration),
        },
        'max-size': {
          type: 'string',
          nargs: 1,
          describe: 'Keep only the newest SIZE of the trace: 500M, 2G',
          coerce: optional(parseSize),
        },
        events: eventsOption,
        'print-session': {
          type: 'boolean',
          describe: 'Only print the same session as lttng commands',
        },
      })
      .example('sudo $0 record -o slow --for 30s', 'Half a minute of everything')
      .example('sudo $0 record -o build -- docker build .', 'As long as a command runs')
      .example('$0 replay slow', 'Watch it')
      .example('$0 record --print-session -o slow', 'The session as lttng commands, to run by hand'),
  handler: async (args) => {
    const groups = eventGroups(args.events);
    if (args.printSession) {
      process.stdout.write(await sessionScript(groups, args.output ?? 'recording'));
      return;
    }
    if (args.output === undefined) throw new UsageError('record needs -o DIRECTORY');
    const { output: directory, for: ns, maxSize: maxBytes } = args;
    process.exitCode = await runRecord({ directory, ns, maxBytes, groups, command: commandOf(args) });
  },
};

/** yargs leaves what stands after `--` beside the name of our own command. */
function commandOf({ _: [, ...afterDashes], command = [] }: ArgumentsCamelCase<RecordArguments>): string[] {
  return [...command, ...afterDashes.map(String)];
}

/** Shared with the live view. */
export const eventsOption = {
  type: 'string',
  nargs: 1,
  describe: `What to trace besides sched, which is always: ${EVENT_GROUPS.slice(1).join(',')}`,
  defaultDescription: 'all',
  coerce: optional((text) => {
    eventGroups(text);
    return text;
  }),
} as const;

/** What `--events` chose. @throws UsageError */
export function eventGroups(text: string | undefined): readonly EventGroup[] {
  if (text === undefined) return EVENT_GROUPS;
  return text.split(',').map((name) => {
    const group = EVENT_GROUPS.find((candidate) => candidate === name.trim());
    if (group === undefined)
      throw new UsageError(`--events: no “${name}”; there are ${EVENT_GROUPS.join(',')}`);
    return group;
  });
}

/** What `record` does, as commands. Where a session daemon answers, only what its kernel has. */
async function sessionScript(groups: readonly EventGroup[], directory: string): Promise<string> {
  const abilities = await tracerAbilities(release()).catch(() => undefined);
  const plan = makePlan(groups, abilities);
  const to = { kind: 'directory', path: resolve(directory, 'trace') } as const;
  const session = 'boxtop';
  const { create, channels } = sessionCommands(plan, session, to);
  const begin: LttngCommand[] = [create, ...channels.flat(), { args: ['start', session] }];
  const asked =
    abilities === undefined
      ? ['# No session daemon with a kernel tracer answers: this is for a kernel that has everything.']
      : plan.missing.map(({ kind, name }) => `# This kernel’s tracer has no ${kind} ${name}.`);
  const end = ['# When enough has been recorded:', shellLine('lttng', ['destroy', session])];
  return `${[...asked, ...begin.map(({ args }) => shellLine('lttng', args)), ...end].join('\n')}\n`;
}
