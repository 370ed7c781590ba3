/**
 * `npm run soak -- [DURATION] [EVENTS_A_SECOND]`: watches the demo's kernel trace, given live over and over, on a screen, and
 * tells the resident memory each minute. After five minutes it must not grow any more. An hour and 10 000 unless told.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseDuration } from '../cli/time.js';
import { startFeed, watch } from './live/screen.js';
import { cpuOf, median, residentOf } from './measure.js';

/** By then the history that can be looked back on is full. */
const SETTLED_MS = 300_000;
const HISTORY = '3m';
/** What the last third of the settled time may take more than the first. */
const ALLOWED_GROWTH = 1.05;
const SAMPLE_MS = 1000;
const TELL_EVERY = 60;

const [duration = '1h', rate = '10000'] = process.argv.slice(2);
const length = parseDuration(duration) / 1e6;
const scratch = mkdtempSync(join(tmpdir(), 'boxtop-soak-'));
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));

const feed = await startFeed(Number(rate), scratch);
const shown = await watch(feed, '--history', HISTORY);
const settled: number[] = [];
try {
  const begin = performance.now();
  for (let second = 1; performance.now() - begin < length; second++) {
    await sleep(SAMPLE_MS);
    const resident = residentOf(shown.pid);
    if (resident === undefined) throw new Error(`boxtop has ended:\n${shown.screen()}`);
    if (performance.now() - begin > SETTLED_MS) settled.push(resident);
    if (second % TELL_EVERY === 0) {
      const events = /[\d.,kM]+ events\/s.*/.exec(shown.screen())?.[0].trimEnd() ?? 'no frame';
      const minutes = ((performance.now() - begin) / 60_000).toFixed(0);
      console.log(
        `${minutes} min: ${resident.toFixed(0)} MiB, ${cpuOf(shown.pid).toFixed(0)} s of CPU, ${events}`,
      );
    }
  }
} finally {
  shown.stop();
  feed.stop();
}
const third = Math.floor(settled.length / 3);
if (third < TELL_EVERY) {
  console.log('too short to tell: memory is judged from the sixth minute on, for three minutes at least');
} else {
  const [early, late] = [median(settled.slice(0, third)), median(settled.slice(-third))];
  const flat = late <= early * ALLOWED_GROWTH;
  console.log(
    `after five minutes: ${early.toFixed(0)} MiB, at the end ${late.toFixed(0)} MiB, at most ${Math.max(...settled).toFixed(0)} MiB: ${flat ? 'flat' : 'IT GROWS'}`,
  );
  process.exitCode = flat ? 0 : 1;
}
