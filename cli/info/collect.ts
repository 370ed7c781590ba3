/** Reads a trace from end to end and gathers what `info` tells. */
import type { QualityIssue } from '../../analyzers/frame.js';
import { missing } from '../../analyzers/missing.js';
import { QualityLog } from '../../analyzers/quality.js';
import type { Source, Subscription } from '../../native/types.js';

/** What `info --format json` writes. Times are ns since the epoch as decimal strings; unknown is null. */
export interface TraceReport {
  readonly path: string;
  readonly begin_ns: string;
  readonly end_ns: string;
  readonly discarded_events: number;
  readonly discarded_packets: number;
  /** Events by name: how many occurred. */
  readonly events: Readonly<Record<string, number>>;
  readonly traces: readonly TraceDescription[];
  /** Containers that the inventory names. */
  readonly inventory: number;
  /** One for each stream and kind of loss. */
  readonly losses: readonly LossDescription[];
  /** What was not recorded, and what the panels lack because of it. */
  readonly lacks: readonly LackDescription[];
}

export interface TraceDescription {
  readonly host: string | null;
  readonly domain: string | null;
  readonly kernel: string | null;
  readonly tracer: string | null;
  readonly uuid: string;
  readonly paths: readonly string[];
  readonly channels: readonly ChannelDescription[];
}

export interface ChannelDescription {
  readonly name: string;
  /** CPUs that have a stream of it. */
  readonly cpus: readonly number[];
  /** Context fields that every event of the channel carries. */
  readonly contexts: readonly string[];
  /** Events that the metadata declares, whether or not they occurred. */
  readonly declared: number;
}

export interface LossDescription {
  readonly id: string;
  readonly severity: QualityIssue['severity'];
  readonly channel: string | null;
  readonly cpu: number | null;
  readonly count: number | null;
  readonly message: string;
  readonly remedy: string;
}

export interface LackDescription {
  readonly id: string;
  readonly severity: QualityIssue['severity'];
  /** The event or context that is missing. */
  readonly what: string;
  /** Tables that lack something. */
  readonly panels: readonly string[];
  readonly message: string;
  readonly remedy: string;
}

/** Nothing is decoded for it but headers: events are counted in any case. */
export const INFO_SUBSCRIPTION: Subscription = { columns: {}, selections: [] };

const NO_OVERFLOW = { untracked: 0, unreported: 0 };

/** Consumes the source. `named` is how many containers an inventory names. */
export async function collectInfo(path: string, source: Source, named: number): Promise<TraceReport> {
  const quality = new QualityLog(source);
  for await (const batch of source) for (const loss of batch.losses) quality.add(loss);
  const { discardedEvents, lostPackets } = source.counters();
  const end = source.end ?? 0;
  const { issues } = quality.cut(0, end, 0, NO_OVERFLOW);
  return {
    path,
    begin_ns: source.origin.toString(),
    end_ns: (source.origin + BigInt(end)).toString(),
    discarded_events: discardedEvents,
    discarded_packets: lostPackets,
    events: Object.fromEntries(Object.entries(source.eventCounts()).sort(([, a], [, b]) => b - a)),
    traces: source.traces.map((_, index) => describeTrace(source, index)),
    inventory: named,
    losses: issues
      .filter(({ id }) => !id.startsWith('missing-'))
      .map(({ id, severity, stream, cpu, count, message, remedy }) => ({
        id,
        severity,
        channel: stream ?? null,
        cpu: cpu ?? null,
        count: count ?? null,
        message,
        remedy,
      })),
    lacks: missing(source.traces).map(({ id, severity, what, panels, message, remedy }) => ({
      id,
      severity,
      what,
      panels,
      message,
      remedy,
    })),
  };
}

function describeTrace({ traces, streams }: Source, index: number): TraceDescription {
  const { env, uuid, paths, declared } = traces[index]!;
  const own = streams.filter((stream) => stream.trace === index);
  const names = [...new Set(own.map(({ channel }) => channel))];
  return {
    host: textOf(env.hostname),
    domain: textOf(env.domain),
    kernel: textOf(env.kernel_release),
    tracer: tracerOf(env),
    uuid,
    paths,
    channels: names.map((name) => {
      const members = own.filter(({ channel }) => channel === name);
      const classes = new Set(members.map(({ streamClass }) => streamClass));
      const events = declared.filter(({ streamClass }) => classes.has(streamClass));
      return {
        name,
        cpus: [...new Set(members.flatMap(({ cpu }) => cpu ?? []))].sort((a, b) => a - b),
        contexts: [...new Set(events.flatMap(({ context }) => context))],
        declared: events.length,
      };
    }),
  };
}

/** `lttng-modules 2.13.9` */
function tracerOf(env: Readonly<Record<string, string | number>>): string | null {
  const { tracer_name: name, tracer_major: major, tracer_minor: minor, tracer_patchlevel: patch } = env;
  if (major === undefined) return textOf(name);
  const version = [major, minor, patch].filter((part) => part !== undefined).join('.');
  return `${name ?? 'tracer'} ${version}`;
}

function textOf(value: string | number | undefined): string | null {
  return value === undefined ? null : String(value);
}
