/** Reads a session without a screen, for commands that write: from now until its time is over, it ends, or Ctrl-C. */
import { HostLooks } from '../analyzers/denials/looks.js';
import type { Engine } from '../analyzers/engine.js';
import { mergeInventories, type readInventory } from '../host/inspect.js';
import { InventoryWatcher } from '../host/inventory/watcher.js';
import { Looker } from '../host/looks/looker.js';
import { EVENT_GROUPS } from '../host/session/plan.js';
import { open } from '../native/index.js';
import type { Source, Subscription } from '../native/types.js';
import { clean } from '../tui/text/clean.js';
import { EXIT_FAILURE } from './errors.js';
import { isThisHost, OwnSession } from './live.js';
import { DEFAULT_LIVE_TIMER_NS } from './options.js';
import { LIVE_PATH, type Reading } from './reading.js';

const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** How often to ask whether the connection stands. */
const ASK_EVERY_MS = 500;

/** Starts it; with LIVE_PATH a session of our own. */
export async function startLiveReading(
  path: string,
  given: Awaited<ReturnType<typeof readInventory>>,
  subscription: Subscription,
  ns: number | undefined,
): Promise<Reading> {
  const isOwn = path === LIVE_PATH;
  const watcher = isOwn || isThisHost([path]) ? new InventoryWatcher() : undefined;
  const looker = watcher && new Looker(watcher);
  const stop = new AbortController();
  const restore = onEndingSignals(() => stop.abort());
  watcher?.start();
  looker?.start();
  let own: OwnSession | undefined;
  const end = async (): Promise<void> => {
    restore();
    await own?.end();
    looker?.stop();
    watcher?.stop();
  };
  try {
    if (isOwn) {
      const options = { groups: EVENT_GROUPS, liveTimer: DEFAULT_LIVE_TIMER_NS };
      own = await OwnSession.create(options, watcher!, looker!);
    }
    const source = await (own === undefined ? open(path, subscription) : own.begin(subscription));
    const finish = (): void => void source.close();
    stop.signal.addEventListener('abort', finish);
    if (stop.signal.aborted) finish();
    const timer = ns === undefined ? undefined : setTimeout(finish, ns / 1e6);
    const asking = tellTroubles(source);
    void own?.broken.then((why) => {
      tell(why.message);
      process.exitCode = EXIT_FAILURE;
      finish();
    });
    return {
      source,
      isLive: true,
      inventory: mergeInventories([watcher?.snapshot().containers ?? [], given]),
      looks: looker?.looks ?? new HostLooks(),
      directory: undefined,
      reopen: () => open(path, subscription),
      follow(engine: Engine) {
        watcher?.subscribe(({ containers }) => engine.learn(mergeInventories([containers, given])));
      },
      async close() {
        clearTimeout(timer);
        clearInterval(asking);
        await source.close();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** The first signal ends the reading, so that what was read is written; the second boxtop itself. */
function onEndingSignals(first: () => void): () => void {
  let count = 0;
  const handler = (_: NodeJS.Signals, number: number): void => {
    if (++count > 1) process.exit(128 + number);
    first();
  };
  for (const signal of ENDING_SIGNALS) process.on(signal, handler);
  return () => {
    for (const signal of ENDING_SIGNALS) process.off(signal, handler);
  };
}

/** Tells each time that something is wrong with the connection, and when it is well again. */
function tellTroubles(source: Source): NodeJS.Timeout {
  let told: string | undefined;
  return setInterval(() => {
    const { trouble } = source.counters();
    if (trouble === told) return;
    told = trouble;
    tell(trouble ?? 'the connection stands again');
  }, ASK_EVERY_MS).unref();
}

function tell(text: string): void {
  process.stderr.write(`boxtop: ${clean(text)}\n`);
}
