/** The live view: a session of our own, or somebody else's, on the screen; gone without a trace when the user quits. */
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Engine } from '../analyzers/engine.js';
import { InventoryWatcher } from '../host/inventory/watcher.js';
import { Looker } from '../host/looks/looker.js';
import { goFirst } from '../host/priority.js';
import { type EventGroup, makePlan } from '../host/session/plan.js';
import { TracingSession } from '../host/session/session.js';
import { listSessions, open } from '../native/index.js';
import type { Source, Subscription } from '../native/types.js';
import { LivePlayer } from '../recordings/live-player.js';
import { clean } from '../tui/text/clean.js';
import { framesWithin, parseRange, resolveRange } from './compare/ranges.js';
import { loadScreenSettings, type ScreenSettings } from './config/load.js';
import { containerActions } from './container-actions.js';
import { type Look, type LookOptions, lookOf } from './look.js';
import { DEFAULT_INTERVAL_NS } from './options.js';
import { requireTerminal } from './play.js';
import { startProgress } from './progress.js';
import { jumpTo } from './reading.js';
import { RecordingFolder } from './record/folder.js';
import { LiveRecorder } from './record/live-recorder.js';
import { rehearse } from './rehearsal.js';
import type { Span } from './time.js';

/** How often to look whether a session that is being started can be read. */
const ASK_AGAIN_MS = 20;

export interface LiveOptions extends LookOptions {
  /** Somebody else's sessions, merged; without them, one of our own. */
  readonly attach?: readonly string[] | undefined;
  /** Of those, only what happens from now on. */
  readonly fromNow?: boolean | undefined;
  /** Directory that becomes a recording of what is seen. */
  readonly record?: string | undefined;
  readonly groups: readonly EventGroup[];
  /** Nothing is done with containers. */
  readonly readOnly?: boolean | undefined;
  /** How long events may stay in the tracer's buffers, ns. */
  readonly liveTimer: number;
  /** How far one can look back, ns. */
  readonly history: number;
  readonly interval?: number | undefined;
}

/**
 * Shows it until the user quits. Gives the exit code: 0, or 128 + N after signal N. @throws CommandError where there is no
 * screen to draw on, SessionError or SourceError where the session cannot be made or read
 */
export async function watchLive(options: LiveOptions): Promise<number> {
  requireTerminal();
  const screen = await loadScreenSettings(process.env);
  const look = lookOf(options, screen, actionsFor(options.attach, options.readOnly));
  const subscription = Engine.subscription();
  const progress = startProgress('starting the tracing session', () => undefined);
  const { attach } = options;
  const inventory = isThisHost(attach) ? new InventoryWatcher() : undefined;
  const looker = inventory && new Looker(inventory);
  inventory?.start();
  // It has looked around before the first event comes.
  looker?.start();
  const top = loadTop();
  let own: OwnSession | undefined;
  try {
    let source: Source | Promise<Source>;
    if (attach !== undefined) {
      source = await open(attach, subscription, { from: options.fromNow ? 'now' : 'beginning' });
    } else {
      let isReady = false;
      const { containers } = inventory!.snapshot();
      // What is wrong there is told when it matters.
      const rehearsal = rehearse(look, subscription, containers, () => isReady).catch(() => {});
      const session = await OwnSession.create(options, inventory!, looker!);
      own = session;
      isReady = true;
      await rehearsal;
      // The screen is drawn first: once events come, nothing else is to take their time.
      source = new Promise((resolve) => setImmediate(resolve)).then(() => session.begin(subscription));
    }
    progress.stop();
    return await show(source, inventory, looker, own, options, look, screen, top);
  } finally {
    progress.stop();
    const recorded = await own?.end();
    if (recorded !== undefined) process.stderr.write(`boxtop: ${clean(recorded)}\n`);
    looker?.stop();
    inventory?.stop();
  }
}

/** Of another host's containers nobody here can tell the names; beside them, namespaces of this one have equal numbers. */
export function isThisHost(attach: readonly string[] | undefined): boolean {
  return attach === undefined || attach.every((url) => hostOf(url) === hostname());
}

/** Of a session's URL. */
function hostOf(url: string): string | undefined {
  return /^[^/]*\/\/[^/]*\/host\/([^/]+)\//.exec(url)?.[1];
}

/** A session of our own, and the recording of it where one is wanted. */
export class OwnSession {
  /** Resolves with the reason when it cannot go on. */
  readonly broken: Promise<Error>;
  #break: (why: Error) => void = () => {};

  private constructor(
    readonly url: string,
    private readonly session: TracingSession,
    private readonly folder: RecordingFolder | undefined,
    /** Keeps a recording beside it. */
    readonly recorder: LiveRecorder,
  ) {
    this.broken = new Promise((resolve) => {
      this.#break = resolve;
    });
    void session.broken.then(this.#break);
  }

  /** Makes all that it takes; nothing is traced yet. @throws SessionError, CommandError */
  static async create(
    { record, groups, liveTimer }: Pick<LiveOptions, 'record' | 'groups' | 'liveTimer'>,
    inventory: InventoryWatcher,
    looker: Looker,
  ): Promise<OwnSession> {
    const folder = record === undefined ? undefined : await RecordingFolder.claim(record, inventory);
    let session: TracingSession | undefined;
    try {
      session = await TracingSession.open();
      const plan = makePlan(groups, await session.abilities());
      const url = await session.createLive(plan, Math.round(liveTimer / 1000), folder?.trace);
      await folder?.begin(plan, looker);
      const view = { session, plan, looker };
      const recorder = await LiveRecorder.open(view, groups, inventory, record);
      // Not earlier: LTTng's daemons stay as they are.
      goFirst();
      return new OwnSession(url, session, folder, recorder);
    } catch (error) {
      await session?.close();
      await folder?.discard();
      throw error;
    }
  }

  /**
   * Starts it and attaches as soon as the relay daemon knows of it, which is before `lttng start` comes to its end.
   * @throws SessionError, SourceError
   */
  async begin(subscription: Subscription): Promise<Source> {
    const { session, url } = this;
    const daemon = url.slice(0, url.indexOf('/host/'));
    let isStarting = true;
    let failure: Error | undefined;
    const starting = session
      .start()
      .catch((error: Error) => {
        failure = error;
        this.#break(error);
      })
      .finally(() => {
        isStarting = false;
      });
    const isOffered = async () => (await listSessions(daemon)).some((offered) => offered.url === url);
    while (isStarting && !(await isOffered())) await Promise.race([starting, sleep(ASK_AGAIN_MS)]);
    if (failure !== undefined) throw failure;
    return open(url, subscription);
  }

  /** What it means that it has ended, but not by `end`. */
  whyEnded(): Error {
    return this.session.whyEnded();
  }

  /** Takes it away; what was recorded beside it is told. */
  async end(): Promise<string | undefined> {
    try {
      const recorded = await this.recorder.close();
      if (this.folder !== undefined) {
        await this.session.stop();
        await this.folder.end({ losses: await this.session.losses() });
        await this.folder.close();
      }
      return recorded;
    } finally {
      await this.session.close();
    }
  }
}

/**
 * React and Ink are loaded by this command alone, and while the tracer is made ready: once events come, nothing else may be
 * waited for.
 */
function loadTop(): Promise<typeof import('../tui/run.js')> {
  const top = import('../tui/run.js');
  // Who shows it is told of a fault; until then nobody listens.
  top.catch(() => {});
  return top;
}

async function show(
  source: Source | Promise<Source>,
  inventory: InventoryWatcher | undefined,
  looker: Looker | undefined,
  own: OwnSession | undefined,
  { attach, history, interval, liveTimer }: LiveOptions,
  look: Look,
  { settings, keep }: ScreenSettings,
  top: ReturnType<typeof loadTop>,
): Promise<number> {
  const player = new LivePlayer({
    source,
    title: attach?.join(' ') ?? hostname(),
    interval: interval ?? settings.interval ?? DEFAULT_INTERVAL_NS,
    severalHosts: new Set(attach?.map(hostOf)).size > 1,
    history,
    inventory: inventory?.snapshot().containers,
    looks: looker?.looks,
    broken: own?.broken,
    now: own && hostClock,
    liveTimer,
    whyEnded: own && (() => own.whyEnded()),
  });
  inventory?.subscribe(({ containers }) => player.learn(containers));
  try {
    const { runTop } = await top;
    return await runTop({
      ...look,
      player,
      bookmarks: own?.recorder,
      recorder: own?.recorder ?? 'only a session that boxtop made itself; record this one where it was made',
      readRanges: async (texts) => {
        const frames = player.keptFrames();
        return texts.map((text) => framesWithin(frames, resolveRange(parseRange(text), keptSpan(player))));
      },
      keep,
      parseTime: (text, from) => {
        const { origin } = player;
        return jumpTo(text, from, { begin: origin, end: keptSpan(player).end });
      },
    });
  } finally {
    await player.close();
  }
}

/** The clock of a session made here, ns since the epoch: set once, as the tracer's is, whatever becomes of the system's time. */
function hostClock(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6));
}

function actionsFor(
  attach: readonly string[] | undefined,
  readOnly = false,
): typeof containerActions | string {
  if (readOnly) return 'it was started with --read-only';
  return isThisHost(attach) ? containerActions : 'they are on another host';
}

/** What can be looked at of it. */
function keptSpan(player: LivePlayer): Span {
  const { begin, end } = player.state().kept;
  return {
    begin: player.origin + BigInt(Math.round(begin)),
    end: player.origin + BigInt(Math.round(end)),
  };
}
