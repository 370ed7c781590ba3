/** Reads a trace from end to end and gathers what `info` tells. */
import { analyze } from '../../analyzers/engine.js';
import type { QualityIssue } from '../../analyzers/frame.js';
import type { Inventory } from '../../analyzers/inventory.js';
import type { Source } from '../../native/types.js';

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
  /** Losses in the trace, and what panels lack because of what was not recorded. */
  readonly issues: readonly IssueDescription[];
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

export interface IssueDescription {
  readonly id: string;
  readonly severity: QualityIssue['severity'];
  readonly count: number | null;
  readonly message: string;
  readonly remedy: string;
}

/** Consumes the source. */
export async function collectInfo(path: string, source: Source, inventory: Inventory): Promise<TraceReport> {
  const issues: QualityIssue[] = [];
  for await (const frame of analyze(source, { interval: 'total', inventory }))
    issues.push(...frame.quality.issues);
  const counters = source.counters();
  return {
    path,
    begin_ns: source.origin.toString(),
    end_ns: (source.origin + BigInt(Math.round(source.end ?? counters.position ?? 0))).toString(),
    discarded_events: counters.discardedEvents,
    discarded_packets: counters.lostPackets,
    events: Object.fromEntries(Object.entries(source.eventCounts()).sort(([, a], [, b]) => b - a)),
    traces: source.traces.map((_, index) => describeTrace(source, index)),
    inventory: inventory.length,
    issues: issues.map(({ id, severity, count, message, remedy }) => ({
      id,
      severity,
      count: count ?? null,
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
