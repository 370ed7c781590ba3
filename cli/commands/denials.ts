/** `boxtop denials NAME PATH`: what a container was refused, why, and what would allow it, in sentences. */
import type { CommandModule } from 'yargs';
import { denials } from '../../analyzers/columns/denials.js';
import { analyze, Engine } from '../../analyzers/engine.js';
import type { Frame } from '../../analyzers/frame.js';
import type { Scope } from '../../analyzers/scope.js';
import { collectDenials } from '../denials/collect.js';
import { denialsText } from '../denials/text.js';
import { CommandError } from '../errors.js';
import { jsonText } from '../formats/json.js';
import { nameMatcher } from '../match.js';
import { openReading } from '../open-reading.js';
import {
  forOption,
  fromOption,
  inventoryOption,
  pathOrLivePositional,
  TIME_HELP,
  toOption,
} from '../options.js';
import { Output } from '../output.js';
import { startProgress } from '../progress.js';
import { partOf, shareRead } from '../reading.js';
import type { Time } from '../time.js';

export interface DenialsArguments {
  readonly container: string;
  readonly path: string;
  readonly format: 'text' | 'json';
  readonly all?: boolean | undefined;
  readonly for?: number | undefined;
  readonly from?: Time | undefined;
  readonly to?: Time | undefined;
  readonly inventory: readonly string[];
}

export const denialsCommand: CommandModule<object, DenialsArguments> = {
  command: 'denials <container> <path>',
  describe: 'Tell what a container was refused, why, and what would allow it',
  builder: (yargs) =>
    yargs
      .positional('container', {
        type: 'string',
        demandOption: true,
        describe: 'Containers with such names: GLOB or /REGEX/',
      })
      .positional('path', pathOrLivePositional)
      .options({
        format: {
          alias: 'f',
          nargs: 1,
          choices: ['text', 'json'] as const,
          default: 'text' as const,
          describe: 'How to write it',
        },
        all: { type: 'boolean', describe: 'Also errors that are part of normal work' },
        for: forOption,
        from: fromOption,
        to: toOption,
        inventory: inventoryOption,
      })
      .example('$0 denials vault trace/', 'Why vault was refused what')
      .example("$0 denials '*' trace/ -f json", 'All containers, for a program')
      .example('sudo $0 denials vault live --for 10s', 'What it is refused just now')
      .epilog(TIME_HELP),
  handler: (args) => runDenials(args, process.stdout),
};

/** Reads the recording and writes the page to `stream`. @throws CommandError where there is no such container */
export async function runDenials(args: DenialsArguments, stream: NodeJS.WritableStream): Promise<void> {
  const matches = nameMatcher([args.container]);
  const reading = await openReading(args, Engine.subscription(SCOPE));
  const { source, inventory, looks } = reading;
  const progress = startProgress(`reading ${args.path}`, () => shareRead(source));
  try {
    const part = partOf(source, args.from, args.to);
    let last: Frame | undefined;
    const options = { interval: 'total', inventory, looks, ...part, ...SCOPE } as const;
    for await (const frame of analyze(source, options, reading.follow)) last = frame;
    const reports = collectDenials(last, matches);
    if (reports.length === 0) throw new CommandError(noSuch(args.container, last));
    const output = new Output(stream, progress.clear);
    const report = { all: args.all ?? false, containers: reports };
    await output.write(args.format === 'json' ? `${jsonText(report.containers)}\n` : denialsText(report));
    await output.flush();
  } finally {
    progress.stop();
    await reading.close();
  }
}

const MOST_NAMES = 20;

const SCOPE: Scope = { analyses: ['denials'], lists: [] };

function noSuch(pattern: string, frame: Frame | undefined): string {
  const names = [
    ...new Set([
      ...(frame?.containers ?? []).map(({ name }) => name),
      ...(frame === undefined ? [] : denials.rows(frame).map(({ containerName }) => containerName)),
    ]),
  ];
  const listed = names.slice(0, MOST_NAMES).join(' ');
  return `no container is called “${pattern}”; there are: ${listed}${names.length > MOST_NAMES ? ' …' : ''}`;
}
