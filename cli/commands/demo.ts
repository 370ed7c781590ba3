/** `boxtop demo`: plays the recording that comes with boxtop. */
import type { CommandModule } from 'yargs';
import { unpackDemo } from '../../recordings/demo.js';
import { play, requireTerminal } from '../play.js';

interface DemoArguments {
  readonly path?: boolean | undefined;
}

export const DEMO_TITLE = 'demo';

export const demoCommand: CommandModule<object, DemoArguments> = {
  command: 'demo',
  describe: 'Play the demo: 64 seconds of eight containers on Docker, Podman and LXC',
  builder: (yargs) =>
    yargs
      .options({
        path: { type: 'boolean', describe: 'Unpack it only, and print where it lies' },
      })
      .example('$0 demo', 'Watch web being throttled, and a noisy neighbour come and go')
      .example('$0 dump containers "$($0 demo --path)" --total', 'The same recording as a table'),
  handler: async (args) => {
    if (args.path) process.stdout.write(`${await unpackDemo()}\n`);
    else process.exitCode = await playDemo();
  },
};

/** Unpacks and plays it. Gives the exit code. */
export async function playDemo(): Promise<number> {
  requireTerminal();
  return play({ path: await unpackDemo(), title: DEMO_TITLE, inventory: [] });
}
