/** `boxtop` without a command: says what this machine can do, and plays the demo. */
import type { CommandModule } from 'yargs';
import { findLttng, type LttngPresence } from '../../host/lttng.js';
import { requireTerminal } from '../play.js';
import { playDemo } from './demo.js';

export const topCommand: CommandModule = {
  command: '$0',
  describe: 'Play the demo (live view is not in this version)',
  builder: (yargs) =>
    yargs
      .example('$0', 'Play the demo')
      .example('$0 replay PATH', 'Watch a recorded LTTng kernel trace')
      .example('$0 dump containers PATH --total', 'Its containers as a table')
      .example('$0 info PATH', 'What a trace has, and what it lacks'),
  handler: async () => {
    requireTerminal();
    process.stderr.write(`boxtop: ${startNotice(await findLttng())}\n`);
    process.exitCode = await playDemo();
  },
};

/** One line that says why one gets the demo. */
export function startNotice({ kernel, modules, sessiond }: LttngPresence): string {
  if (modules && sessiond) {
    return 'LTTng is here, but this version has no live view yet: record with lttng (README.md, “Recording”) and watch it with boxtop replay PATH; this is the demo';
  }
  const missing = [
    ...(modules ? [] : [`no lttng-modules for Linux ${kernel}`]),
    ...(sessiond ? [] : ['no lttng-sessiond']),
  ];
  return `no LTTng kernel tracing on this machine (${missing.join(', ')}): playing the demo`;
}
