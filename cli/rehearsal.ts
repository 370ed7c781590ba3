/** A live view played once beforehand, unseen, on a recording of its first moments. */
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Inventory } from '../analyzers/inventory.js';
import { open } from '../native/index.js';
import type { Subscription } from '../native/types.js';
import { LivePlayer } from '../recordings/live-player.js';
import type { Look } from './look.js';

/** The first 0.2 s of a kernel trace, with the statedump; made by scripts/make-rehearsal.mjs. */
const RECORDING = fileURLToPath(new URL('../../recordings/rehearsal', import.meta.url));
const INTERVAL_NS = 100e6;
/** What is hot is compiled when it has run some times. */
const MOST_TIMES = 3;

/**
 * All that lies between the first event and its picture runs once while nothing is waited for but the tracer: decoder, analyzers,
 * preview, drawing. Opening what is live with the same subscription takes less from then on, too. It runs again until the tracer
 * is ready, some times at most. @throws whatever goes wrong: then there was no rehearsal, which is all that it means
 */
export async function rehearse(
  look: Look,
  subscription: Subscription,
  inventory: Inventory,
  isTracerReady: () => boolean,
): Promise<void> {
  for (let times = 0; times === 0 || (times < MOST_TIMES && !isTracerReady()); times++)
    await playOnce(look, subscription, inventory);
  collectGarbage();
}

/** What a rehearsal leaves behind would be collected when the first events come. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
}

async function playOnce(look: Look, subscription: Subscription, inventory: Inventory): Promise<void> {
  const { rehearseTop } = await import('../tui/rehearse.js');
  const source = await open(RECORDING, subscription);
  const timing = { interval: INTERVAL_NS, history: INTERVAL_NS };
  const player = new LivePlayer({ source, title: 'rehearsal', inventory, ...timing });
  try {
    await rehearseTop({
      ...look,
      player,
      recorder: 'this is a rehearsal',
      readRanges: async () => [],
      parseTime: () => 0,
    });
  } finally {
    await player.close();
  }
}
