/** Run in a terminal by live-record.test.ts: the live view, whatever this machine's kernel can. */
import { watchLive } from '../../cli/live.js';
import { prepareEnvironment } from '../../tui/environment.js';

prepareEnvironment(process.env);
process.exitCode = await watchLive({
  groups: ['sched'],
  liveTimer: 100e6,
  history: 60e9,
  record: process.argv[2],
});
