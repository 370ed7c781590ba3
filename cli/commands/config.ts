/** `boxtop config`: prints the configuration that a screen would go by. */
import { existsSync } from 'node:fs';
import type { CommandModule } from 'yargs';
import { loadConfiguration, loadScreenSettings } from '../config/load.js';
import { configPage } from '../config/page.js';
import { configPlace, statePlace } from '../config/places.js';

interface ConfigArguments {
  readonly path?: boolean | undefined;
}

export const configCommand: CommandModule<object, ConfigArguments> = {
  command: 'config',
  describe: 'Print the effective configuration, and where each value comes from',
  builder: (yargs) =>
    yargs
      .option('path', { type: 'boolean', describe: 'Print only where the configuration lies' })
      .example('$0 config', 'What the screen would go by')
      .example(
        '$0 config > "$($0 config --path)"',
        'A configuration to begin with (its folder must be there)',
      ),
  handler: async ({ path }) => {
    const config = configPlace(process.env);
    if (path) {
      process.stdout.write(`${config}\n`);
      return;
    }
    const configuration = await loadConfiguration(process.env);
    const { kept } = await loadScreenSettings(process.env);
    const places = { config, hasConfig: existsSync(config), state: statePlace(process.env) };
    process.stdout.write(configPage(configuration, kept, places));
  },
};
