/** `record` on a terminal: a line that tells how it goes, and every way to end it. */
import { InventoryWatcher } from '../../host/inventory/watcher.js';
import type { EventGroup } from '../../host/session/plan.js';
import { clean } from '../../tui/text/clean.js';
import { formatCount, formatDuration } from '../../tui/text/format.js';
import { type Child, startChild } from './child.js';
import { Recorder, type RecordingStatus } from './recorder.js';

export interface RecordRun {
  readonly directory: string;
  readonly groups: readonly EventGroup[];
  /** How long. */
  readonly ns?: number | undefined;
  readonly maxBytes?: number | undefined;
  readonly command?: readonly string[] | undefined;
}

const STATUS_EVERY_MS = 500;
const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** What is asked to end has so long to do it. */
const CHILD_GRACE_MS = 10_000;
/** Of what is larger the end takes some seconds, and is told. */
const LONG_TO_READ_BYTES = 200e6;
/** As timeout(1) says it. */
const EXIT_TIMEOUT = 124;
/** Of the cgroups' counters, while it records. */
const SAMPLE_MS = 1000;

/** Records, and gives the exit code: that of the command, if there was one. @throws CommandError, SessionError */
export async function runRecord(options: RecordRun): Promise<number> {
  const { directory, command = [] } = options;
  const stop = new AbortController();
  const restore = onEndingSignals((signal) => stop.abort(signal));
  const inventory = new InventoryWatcher({ sampleMs: SAMPLE_MS });
  inventory.start();
  try {
    const recorder = await Recorder.start({
      ...options,
      command: command.length > 0 ? command : undefined,
      inventory,
    });
    for (const warning of recorder.warnings) tell(warning);
    const outcome = await record(recorder, options, stop).catch(async (error) => {
      await recorder.discard();
      throw error;
    });
    if (recorder.status().bytes > LONG_TO_READ_BYTES)
      tell('looking at the host for what was refused; Ctrl-C twice leaves that out');
    const status = await recorder.finish(outcome.exitCode);
    if (outcome.why !== undefined) tell(`the recording ended: ${clean(outcome.why)}`);
    tell(`${statusText(status)}; watch it with boxtop replay ${directory}`);
    return outcome.why === undefined ? (outcome.exitCode ?? 0) : 1;
  } finally {
    restore();
    inventory.stop();
  }
}

interface Outcome {
  /** Why it ended before it should. */
  readonly why: string | undefined;
  /** Of the command. */
  readonly exitCode: number | undefined;
}

/**
 * Until the time is over, the command has ended, a signal comes, or something forbids to go on. @throws CommandError where the
 * command cannot be run
 */
async function record(
  recorder: Recorder,
  { ns, command = [] }: RecordRun,
  stop: AbortController,
): Promise<Outcome> {
  const child = command.length > 0 && !stop.signal.aborted ? await startChild(command) : undefined;
  void child?.ended.then(() => stop.abort());
  const timer = ns === undefined ? undefined : setTimeout(() => stop.abort(), ns / 1e6);
  // The command's own output has the terminal.
  const line = child === undefined ? startStatusLine(() => recorder.status()) : undefined;
  const why = await recorder.run(stop.signal);
  clearTimeout(timer);
  line?.stop();
  // Ctrl-C has gone to the command too, which may need time to clean up.
  const exitCode = child && (await endChild(child, stop.signal.reason !== 'SIGINT'));
  return { why, exitCode };
}

async function endChild(child: Child, ask: boolean): Promise<number> {
  if (ask) child.end();
  const timeout = new Promise<number>((resolve) => {
    setTimeout(() => resolve(EXIT_TIMEOUT), CHILD_GRACE_MS).unref();
  });
  return Promise.race([child.ended, timeout]);
}

function tell(text: string): void {
  process.stderr.write(`boxtop: ${text}\n`);
}

/** The first signal ends the recording, the second boxtop itself; the session's guard takes away what remains then. */
function onEndingSignals(first: (signal: NodeJS.Signals) => void): () => void {
  let count = 0;
  const handler = (signal: NodeJS.Signals, number: number) => {
    if (++count > 1) process.exit(128 + number);
    first(signal);
  };
  for (const signal of ENDING_SIGNALS) process.on(signal, handler);
  return () => {
    for (const signal of ENDING_SIGNALS) process.off(signal, handler);
  };
}

function startStatusLine(status: () => RecordingStatus, stream = process.stderr): { stop(): void } {
  if (!stream.isTTY || process.env.TERM === 'dumb') return { stop() {} };
  const show = () => {
    const text = `recording ${statusText(status())} · Ctrl-C ends it`;
    stream.write(`\r${text.slice(0, (stream.columns ?? 80) - 1)}\u001b[K`);
  };
  const timer = setInterval(show, STATUS_EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      stream.write('\r\u001b[K');
    },
  };
}

/** `12.3 s · 4.1 MB (0.3 MB/s) · 8 containers · nothing lost` */
export function statusText({ elapsedMs, bytes, losses, containers }: RecordingStatus): string {
  const megabytes = bytes / 1e6;
  const lost = [
    ...(losses.discardedEvents > 0 ? [`${formatCount(losses.discardedEvents)} events lost`] : []),
    ...(losses.lostPackets > 0 ? [`${formatCount(losses.lostPackets)} packets lost`] : []),
  ];
  return [
    formatDuration(elapsedMs * 1e6),
    `${megabytes.toFixed(1)} MB (${(megabytes / Math.max(0.001, elapsedMs / 1000)).toFixed(1)} MB/s)`,
    `${containers} containers`,
    lost.join(', ') || 'nothing lost',
  ].join(' · ');
}
