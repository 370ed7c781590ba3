/** `boxtop info PATH`: what a trace has, what was lost, and what boxtop can therefore not show. */
import type { CommandModule } from 'yargs';
import { jsonText } from '../formats/json.js';
import { collectInfo, INFO_SUBSCRIPTION } from '../info/collect.js';
import { infoText } from '../info/text.js';
import { inventoryOption, pathPositional } from '../options.js';
import { Output } from '../output.js';
import { startProgress } from '../progress.js';
import { shareRead, startReading } from '../reading.js';

export interface InfoArguments {
  readonly path: string;
  readonly format: 'text' | 'json';
  readonly inventory: readonly string[];
}

export const infoCommand: CommandModule<object, InfoArguments> = {
  command: 'info <path>',
  describe: 'Tell what a trace has, what was lost, and what it lacks',
  builder: (yargs) =>
    yargs
      .positional('path', pathPositional)
      .options({
        format: {
          alias: 'f',
          nargs: 1,
          choices: ['text', 'json'] as const,
          default: 'text' as const,
          describe: 'How to write it',
        },
        inventory: inventoryOption,
      })
      .example('$0 info /var/log/traces/today', 'Host, channels, events, time range, loss')
      .example('$0 info trace/ -f json | jq .events', 'Counts of events by name'),
  handler: (args) => runInfo(args, process.stdout),
};

/** Reads the whole trace and writes what it found. */
export async function runInfo(args: InfoArguments, stream: NodeJS.WritableStream): Promise<void> {
  const { source, inventory } = await startReading(args.path, args.inventory, INFO_SUBSCRIPTION);
  const progress = startProgress(`reading ${args.path}`, () => shareRead(source));
  try {
    const info = await collectInfo(args.path, source, inventory.length);
    const output = new Output(stream, progress.clear);
    await output.write(args.format === 'json' ? `${jsonText(info)}\n` : infoText(info));
    await output.flush();
  } finally {
    progress.stop();
    await source.close();
  }
}
