/** Opens what a command was told to read: a recording, or a session as it goes on. */
import { readInventory } from '../host/inspect.js';
import { isLive } from '../native/index.js';
import type { Subscription } from '../native/types.js';
import { UsageError } from './errors.js';
import { LIVE_PATH, type Reading, startReading } from './reading.js';
import type { Time } from './time.js';

/** What a command was told to read. */
export interface ReadingArguments {
  readonly path: string;
  readonly inventory: readonly string[];
  readonly from?: Time | undefined;
  readonly to?: Time | undefined;
  /** How long a live session is read, ns. */
  readonly for?: number | undefined;
}

/** Opens a recording or a live session. @throws UsageError for options that the one or the other does not have */
export async function openReading(args: ReadingArguments, subscription: Subscription): Promise<Reading> {
  const { path, inventory, from, to, for: ns } = args;
  if (path !== LIVE_PATH && !isLive(path)) {
    if (ns !== undefined) throw new UsageError('--for is for live sessions; --to ends a recording earlier');
    return startReading(path, inventory, subscription);
  }
  if ((from ?? to) !== undefined) {
    throw new UsageError('--from and --to are for recordings; --for ends a live session after a time');
  }
  // What looks at this host takes as long to load as all the rest.
  const { startLiveReading } = await import('./live-reading.js');
  return startLiveReading(path, await readInventory(inventory), subscription, ns);
}
