/** `boxtop why NAME PATH`: a page of plain sentences on why a container is not faster, and what would help. */
import type { CommandModule } from 'yargs';
import { Engine } from '../../analyzers/engine.js';
import type { Frame, Why } from '../../analyzers/frame.js';
import type { Scope } from '../../analyzers/scope.js';
import { clean } from '../../tui/text/clean.js';
import { CommandError } from '../errors.js';
import { nameMatcher } from '../match.js';
import { openReading } from '../open-reading.js';
import {
  DEFAULT_INTERVAL_NS,
  forOption,
  fromOption,
  inventoryOption,
  pathOrLivePositional,
  TIME_HELP,
  toOption,
} from '../options.js';
import { Output } from '../output.js';
import { startProgress } from '../progress.js';
import { type Part, partOf, type Reading, shareRead } from '../reading.js';
import type { Time } from '../time.js';
import { type Story, whyPage } from '../why/page.js';

/** Most names that an error message lists. */
const MOST_NAMES = 20;

/** The verdict comes from where the time goes alone. */
const SCOPE: Scope = { analyses: [], lists: [] };

export interface WhyArguments {
  readonly name: string;
  readonly path: string;
  readonly for?: number | undefined;
  readonly from?: Time | undefined;
  readonly to?: Time | undefined;
  readonly inventory: readonly string[];
}

export const whyCommand: CommandModule<object, WhyArguments> = {
  command: 'why <name> <path>',
  describe: 'Explain why a container is slow: its limit, its neighbours, disk, network, others',
  builder: (yargs) =>
    yargs
      .positional('name', {
        type: 'string',
        demandOption: true,
        describe: 'Container, by name: GLOB or /REGEX/ (a page for each that matches)',
        coerce: (pattern: string) => {
          nameMatcher([pattern]);
          return pattern;
        },
      })
      .positional('path', pathOrLivePositional)
      .options({ for: forOption, from: fromOption, to: toOption, inventory: inventoryOption })
      .example('$0 why api trace/', 'Who or what holds api back')
      .example('$0 why api trace/ --from +10s --to +20s', 'The same for ten seconds of it')
      .example('sudo $0 why api live --for 10s', 'What holds it back just now')
      .epilog(TIME_HELP),
  handler: (args) => runWhy(args, process.stdout),
};

/** Reads the recording and writes a page for each container with such a name. @throws CommandError where there is none */
export async function runWhy(args: WhyArguments, stream: NodeJS.WritableStream): Promise<void> {
  const reading = await openReading(args, Engine.subscription(SCOPE));
  const { source } = reading;
  const progress = startProgress(`reading ${args.path}`, () => shareRead(source));
  try {
    const part = partOf(source, args.from, args.to);
    const { stories, names } = await readStories(reading, part, nameMatcher([args.name]));
    if (stories.length === 0) throw new CommandError(noSuchName(args.name, names));
    const output = new Output(stream, progress.clear);
    await output.write(stories.map(whyPage).join('\n'));
    await output.flush();
  } finally {
    progress.stop();
    await reading.close();
  }
}

interface Told {
  readonly stories: readonly Story[];
  /** Names of all containers that there were. */
  readonly names: readonly string[];
}

/** One reading of the trace gives both the range as a whole and its verdicts second by second. */
async function readStories(
  { source, inventory, follow }: Reading,
  part: Part,
  isMeant: (name: string) => boolean,
): Promise<Told> {
  const whole = new Engine(source, { interval: 'total', inventory, ...part, ...SCOPE });
  const seconds = new Engine(source, { interval: DEFAULT_INTERVAL_NS, inventory, ...part, ...SCOPE });
  follow(whole);
  follow(seconds);
  const verdicts = new Map<string, Why[]>();
  const note = (frame: Frame) => {
    for (const { key, name, why } of frame.containers) {
      if (why === undefined || !isMeant(name)) continue;
      const former = verdicts.get(key);
      if (former === undefined) verdicts.set(key, [why]);
      else former.push(why);
    }
  };
  const frames: Frame[] = [];
  for await (const batch of source) {
    frames.push(...whole.push(batch));
    for (const frame of seconds.push(batch)) note(frame);
    if (whole.done) break;
  }
  frames.push(...whole.finish());
  for (const frame of seconds.finish()) note(frame);
  const [frame] = frames;
  const rows = frame?.containers.filter(({ isHost }) => !isHost) ?? [];
  return {
    stories: rows
      .filter(({ name }) => isMeant(name))
      .map((row) => ({ frame: frame!, row, verdicts: verdicts.get(row.key) ?? [] })),
    names: rows.map(({ name }) => name),
  };
}

function noSuchName(pattern: string, names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map((name) => clean(name));
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : '';
  const there = names.length === 0 ? 'there is none' : `there are ${shown.join(', ')}${more}`;
  return `no container has the name ${clean(pattern)}: ${there}`;
}
