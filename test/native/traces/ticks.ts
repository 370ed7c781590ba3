/** Traces of plain ticks, for what matters around events: packets, files and indexes. */

import {
  eventClass,
  type Layout,
  LTTNG,
  type PacketOptions,
  packet,
  preamble,
  streamClass,
} from '../../ctf/lttng.js';
import type { Files, Packet } from '../../ctf/writer.js';
import type { AuthoredTrace } from './trace.js';

export const BEGIN = 10_000_000_000n;
const TICK = 'uint32_t _n;';

export const metadata = (layout: Layout = LTTNG): string =>
  preamble(layout) +
  streamClass(layout, 0) +
  eventClass(0, 'tick', TICK) +
  eventClass(1, 'text', 'string _text;');

/** A packet of `count` ticks, one every microsecond. */
export function ticks(
  begin: bigint,
  count: number,
  options: Partial<PacketOptions> = {},
  layout: Layout = LTTNG,
): Packet {
  const end = begin + BigInt(count) * 1000n;
  return packet(layout, { begin, end, ...options }, (w) => {
    for (let i = 0; i < count; i++) w.event(0, begin + BigInt(i) * 1000n).u32(i);
  });
}

/** A stream of packets one after the other, by their options. */
export function chain(
  list: readonly (Partial<PacketOptions> & { count: number })[],
  layout: Layout = LTTNG,
): Packet[] {
  return list.map(({ count, ...options }, i) =>
    ticks(BEGIN + BigInt(i) * 1_000_000n, count, { seq: i, ...options }, layout),
  );
}

export function trace(
  name: string,
  why: string,
  files: Files,
  rest: Partial<AuthoredTrace> = {},
): AuthoredTrace {
  return { name: `packets-${name}`, why, files: { metadata: metadata(), ...files }, ...rest };
}

/** Four packets of 5, 7, 3 and 9 ticks. */
export const even = chain([{ count: 5 }, { count: 7 }, { count: 3 }, { count: 9 }]);
