import {
  type EventWriter,
  eventClass,
  type Layout,
  LTTNG,
  type PacketOptions,
  packet,
  preamble,
  streamClass,
} from '../../ctf/lttng.js';
import { type Files, stream } from '../../ctf/writer.js';

/** A trace written by hand for one thing that the real recordings lack. */
export interface AuthoredTrace {
  readonly name: string;
  /** What it is there for. */
  readonly why: string;
  readonly files: Files;
  /** The files of each stream, where a stream has more than one or the files' order matters; else a stream is a file. */
  readonly streams?: readonly (readonly string[])[];
  /** Files with the same events that babeltrace2 can read, where it refuses or crashes over the trace itself. */
  readonly equivalent?: Files;
  /** What the counters must say in the end, where the trace is about loss. */
  readonly discardedEvents?: number;
  readonly lostPackets?: number;
}

export const BEGIN = 1_000_000_000n;

/** A trace of one packet in one stream whose event classes are given as text and whose events by the writer. */
export function single(
  name: string,
  why: string,
  classes: readonly (readonly [name: string, fields: string])[],
  events: (w: EventWriter) => void,
  options: {
    layout?: Partial<Layout>;
    context?: string;
    extra?: string;
    packet?: Partial<PacketOptions>;
  } = {},
): AuthoredTrace {
  const layout: Layout = { ...LTTNG, ...options.layout };
  const metadata = [
    preamble(layout),
    options.extra ?? '',
    streamClass(layout, 0, options.context),
    ...classes.map(([event, fields], id) => eventClass(id, event, fields)),
  ].join('');
  const only = packet(layout, { begin: BEGIN, end: BEGIN + 1_000_000n, ...options.packet }, events);
  return { name, why, files: { metadata, chan_0: stream(only) } };
}
