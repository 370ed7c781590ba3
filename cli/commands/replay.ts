/** `boxtop replay PATH`: a recording on the screen. */
import type { CommandModule } from 'yargs';
import { UsageError } from '../errors.js';
import {
  atOption,
  filterOption,
  fromOption,
  intervalOption,
  inventoryOption,
  nameOption,
  optional,
  pathPositional,
  TIME_HELP,
  toOption,
} from '../options.js';
import { play } from '../play.js';
import type { Time } from '../time.js';

interface ReplayArguments {
  readonly path: string;
  readonly from?: Time | undefined;
  readonly to?: Time | undefined;
  readonly at?: Time | undefined;
  readonly speed?: number | undefined;
  readonly interval?: number | undefined;
  readonly name?: readonly string[] | undefined;
  readonly filter?: string | undefined;
  readonly sort?: string | undefined;
  readonly inventory: readonly string[];
}

export const replayCommand: CommandModule<object, ReplayArguments> = {
  command: 'replay <path>',
  describe: 'Watch a recording, or any LTTng kernel trace, on the screen',
  builder: (yargs) =>
    yargs
      .positional('path', pathPositional)
      .options({
        from: fromOption,
        to: toOption,
        at: atOption,
        speed: {
          type: 'string',
          nargs: 1,
          describe: 'Event time per time: 0.5 is half as fast as it happened',
          defaultDescription: '1',
          coerce: optional(parseSpeed),
        },
        interval: { ...intervalOption, defaultDescription: '1s' },
        name: nameOption,
        filter: filterOption,
        sort: {
          alias: 's',
          type: 'string',
          nargs: 1,
          describe: 'Order by a column: cpu_pct, -cpu_pct, +name',
        },
        inventory: inventoryOption,
      })
      .example(
        '$0 replay trace/ --inventory inspect.json',
        'Name its containers with the output of docker inspect',
      )
      .example('$0 replay trace/ --from 12:03:10 --to 12:03:20 --interval 100ms', 'Look closely at a part')
      .example(
        '$0 replay trace/ --at 12:03:10.5 --name "web*"',
        'Stand still at a moment, with some containers',
      )
      .epilog(TIME_HELP),
  handler: async (args) => {
    process.exitCode = await play({ ...args, title: args.path });
  },
};

function parseSpeed(text: string): number {
  const speed = /^\d{1,6}(\.\d{1,6})?x?$/.test(text) ? Number.parseFloat(text) : 0;
  if (speed <= 0) throw new UsageError(`--speed: “${text}” is no speed; use a number like 2 or 0.5`);
  return speed;
}
