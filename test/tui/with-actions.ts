/**
 * A program for tests: a recording on the screen, of which all containers are said to be one that can be acted on.
 *
 * usage: with-actions.js [RUNTIME ID NAME]
 */
import { fileURLToPath } from 'node:url';
import { Engine } from '../../analyzers/engine.js';
import { containerActions } from '../../cli/container-actions.js';
import { exporter } from '../../cli/exporter.js';
import { nameMatcher } from '../../cli/match.js';
import { actionsOf } from '../../host/actions/actions.js';
import { open } from '../../native/index.js';
import { Replay } from '../../recordings/player.js';
import { prepareEnvironment } from '../../tui/environment.js';

prepareEnvironment(process.env);
const { runTop } = await import('../../tui/run.js');
const [runtime = 'docker', id = 'c0ffee', name] = process.argv.slice(2);
const trace = fileURLToPath(new URL('../../../test/data/shop', import.meta.url));
const reopen = () => open(trace, Engine.subscription());
const player = new Replay({ source: await reopen(), reopen, title: 'shop', interval: 1e8, paused: true });
process.exitCode = await runTop({
  player,
  exporter,
  recorder: 'this is a test',
  actions: {
    ...containerActions,
    of: (row) => actionsOf({ id, name: name ?? row.name, runtime }),
  },
  readRanges: async () => [],
  compilePattern: (pattern) => nameMatcher([pattern]),
  parseTime: () => 0,
});
await player.close();
