/** Packets: lost, discarded, empty, without an end, cut short; times that wrap. */

import { type EventWriter, type Layout, LTTNG, packet } from '../../ctf/lttng.js';
import { stream } from '../../ctf/writer.js';
import { chain, even, metadata, ticks, trace } from './ticks.js';
import type { AuthoredTrace } from './trace.js';

const whole = stream(...even);
const beforeLast = stream(...even.slice(0, 3)).length;

const losses: AuthoredTrace[] = [
  trace(
    'discarded',
    'events_discarded grows by 0, 5, 0 and 1000',
    {
      chan_0: stream(
        ...chain([
          { count: 4 },
          { count: 4, discarded: 5 },
          { count: 4, discarded: 5 },
          { count: 4, discarded: 1005 },
        ]),
      ),
    },
    { discardedEvents: 1005 },
  ),
  trace(
    'discarded-first',
    "events were discarded before the first packet, which is the session's first: all count",
    {
      chan_0: stream(
        ...chain([
          { count: 4, discarded: 12 },
          { count: 4, discarded: 15 },
        ]),
      ),
    },
    { discardedEvents: 15 },
  ),
  trace(
    'discarded-before',
    'the first packet that is kept is the eighth: how many were discarded in it cannot be told',
    {
      chan_0: stream(
        ...chain([
          { count: 4, discarded: 12, seq: 7 },
          { count: 4, discarded: 15, seq: 8 },
        ]),
      ),
    },
    { discardedEvents: 3, lostPackets: 0 },
  ),
  trace(
    'discarded-wrap',
    'a 32-bit events_discarded that wraps',
    {
      metadata: metadata({ ...LTTNG, long: 32 }),
      chan_0: stream(
        ...chain(
          [
            { count: 4, seq: 7, discarded: 0xfffffff0 },
            { count: 4, seq: 8, discarded: 0x10 },
          ],
          { ...LTTNG, long: 32 },
        ),
      ),
    },
    { discardedEvents: 32 },
  ),
  trace(
    'lost',
    'packet_seq_num jumps by 1, 3 and 10',
    {
      chan_0: stream(
        ...chain([
          { count: 2 },
          { count: 2 },
          { count: 2, seq: 4 },
          { count: 2, seq: 14 },
          { count: 2, seq: 15 },
        ]),
      ),
    },
    { lostPackets: 11 },
  ),
  trace(
    'lost-first',
    'the first packet that is kept is the hundredth',
    {
      chan_0: stream(
        ...chain([
          { count: 2, seq: 100 },
          { count: 2, seq: 101 },
        ]),
      ),
    },
    { lostPackets: 0 },
  ),
  trace(
    'lost-and-discarded',
    'both at once, on two streams',
    {
      chan_0: stream(...chain([{ count: 2 }, { count: 2, seq: 3, discarded: 7 }])),
      chan_1: stream(
        ...chain([
          { count: 2, cpu: 1, discarded: 0 },
          { count: 2, cpu: 1, discarded: 2 },
          { count: 2, cpu: 1, discarded: 3, seq: 4 },
        ]),
      ),
    },
    { lostPackets: 4, discardedEvents: 10 },
  ),
];

const emptyOnes: AuthoredTrace[] = [
  trace(
    'empty',
    'packets without events between others, first and last',
    {
      chan_0: stream(
        ...chain([
          { count: 0 },
          { count: 3 },
          { count: 0, discarded: 4 },
          { count: 0, discarded: 4 },
          { count: 2, discarded: 4 },
          { count: 0, discarded: 6 },
        ]),
      ),
    },
    { discardedEvents: 6 },
  ),
  trace('only-empty', 'a stream of nothing but empty packets beside one with events', {
    chan_0: stream(...chain([{ count: 0 }, { count: 0 }])),
    chan_1: stream(...chain([{ count: 3, cpu: 1 }])),
  }),
  trace('empty-file', 'a stream file of no bytes, as of a CPU that did nothing', {
    chan_0: whole,
    chan_1: new Uint8Array(0),
  }),
  trace('padding', 'packets that are much larger than their content', {
    chan_0: stream(
      ...chain([
        { count: 3, padding: 4096 },
        { count: 0, padding: 65536 },
        { count: 3, padding: 1 },
      ]),
    ),
  }),
];

const crashed: AuthoredTrace = trace('crash', 'the last packet has no end, as lttng-crash leaves it', {
  chan_0: stream(...chain([{ count: 4 }, { count: 4, end: 0 }])),
});

/** A trace whose last packet is cut at `at` bytes (negative: from the end), which leaves `left` events of it whole. */
const cut = (name: string, at: number, left: number): AuthoredTrace => ({
  name: `packets-cut-${name}`,
  why: `the last packet is cut short ${name.replaceAll('-', ' ')}`,
  files: { metadata: metadata(), chan_0: whole.slice(0, at < 0 ? at : beforeLast + at) },
  // babeltrace2 refuses the whole file.
  equivalent: {
    metadata: metadata(),
    chan_0: stream(...even.slice(0, 3), ...(left > 0 ? [ticks(even[3]!.begin, left, { seq: 3 })] : [])),
  },
});

const wrap = (header: 'compact' | 'large', bits: bigint): AuthoredTrace => {
  const layout: Layout = { ...LTTNG, header };
  const span = 1n << bits;
  const begin = span * 40n - 3_000n;
  const times = [
    begin,
    begin + 2_999n,
    begin + 3_000n,
    begin + 3_001n,
    begin + 3_000n + span,
    begin + 2_999n + span * 2n,
    begin + span * 3n - 1n,
  ];
  const last = times.at(-1)! + span * 5n + 2n;
  return {
    name: `packets-wrap-${bits}`,
    why: `times of ${bits} bits around a wrap, to the last cycle, and one cycle less than a wrap apart`,
    files: {
      metadata: metadata(layout),
      chan_0: stream(
        packet(layout, { begin, end: last }, (w) => {
          for (const [i, time] of times.entries()) w.event(0, time).u32(i);
          w.event(1, last - 1n, true).string('written in full');
          w.event(0, last).u32(99);
        }),
        packet(layout, { begin: last + span, end: last + span * 2n, seq: 1 }, (w: EventWriter) => {
          w.event(0, last + span + 7n).u32(100);
        }),
      ),
    },
  };
};

export const packets: AuthoredTrace[] = [
  ...losses,
  ...emptyOnes,
  crashed,
  cut('within-the-packet-header', 10, 0),
  cut('within-the-packet-context', 50, 0),
  cut('after-the-packet-context', 84, 0),
  cut('within-an-event-header', 84 + 8 * 3 + 2, 3),
  cut('within-an-event', 84 + 8 * 3 + 6, 3),
  cut('by-one-byte', -1, 8),
  wrap('compact', 27n),
  wrap('large', 32n),
];
