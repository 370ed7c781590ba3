/** When a recording is made, what was refused in it is looked for on the host while the host is still as it was. */
import { analyze, Engine } from '../../analyzers/engine.js';
import type { Inventory } from '../../analyzers/inventory.js';
import type { Scope } from '../../analyzers/scope.js';
import type { Looker } from '../../host/looks/looker.js';
import { open } from '../../native/index.js';

/** A long recording is not read whole for this: its end is not to be waited for longer. */
const MOST_READING_MS = 30_000;
const MOST_LOOKING_MS = 10_000;
/** Time is looked at between frames of this length. */
const FRAME_NS = 1e9;
const SCOPE: Scope = { analyses: ['denials'], lists: [] };

/** Reads the trace once, and lets the looker answer what its refusals ask. A trace that cannot be read asks nothing. */
export async function lookForRefusals(trace: string, inventory: Inventory, looker: Looker): Promise<void> {
  try {
    const source = await open(trace, Engine.subscription(SCOPE));
    const deadline = performance.now() + MOST_READING_MS;
    try {
      for await (const _ of analyze(source, {
        interval: FRAME_NS,
        inventory,
        looks: looker.looks,
        ...SCOPE,
      })) {
        if (performance.now() > deadline) break;
      }
    } finally {
      await source.close();
    }
  } catch {
    // What is wrong with the trace is told to whoever reads it.
  }
  await looker.sample();
  await looker.answerAll(MOST_LOOKING_MS);
}
