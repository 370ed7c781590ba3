/** Packets, files and indexes: several of them, empty, lost, late, cut short, rotated; times that wrap. */

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
import { type Files, index, type Packet, stream } from '../../ctf/writer.js';
import type { AuthoredTrace } from './trace.js';

const BEGIN = 10_000_000_000n;
const TICK = 'uint32_t _n;';

const metadata = (layout: Layout = LTTNG): string =>
  preamble(layout) +
  streamClass(layout, 0) +
  eventClass(0, 'tick', TICK) +
  eventClass(1, 'text', 'string _text;');

/** A packet of `count` ticks, one every microsecond. */
function ticks(
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
function chain(
  list: readonly (Partial<PacketOptions> & { count: number })[],
  layout: Layout = LTTNG,
): Packet[] {
  return list.map(({ count, ...options }, i) =>
    ticks(BEGIN + BigInt(i) * 1_000_000n, count, { seq: i, ...options }, layout),
  );
}

function trace(name: string, why: string, files: Files, rest: Partial<AuthoredTrace> = {}): AuthoredTrace {
  return { name: `packets-${name}`, why, files: { metadata: metadata(), ...files }, ...rest };
}

const even = chain([{ count: 5 }, { count: 7 }, { count: 3 }, { count: 9 }]);
const whole = stream(...even);
const offsets = even.map((_, i) => stream(...even.slice(0, i)).length);
const wrong = (edit: (index: Uint8Array) => Uint8Array): Files => ({
  chan_0: whole,
  'index/chan_0.idx': edit(index(even)),
});

const indexes: AuthoredTrace[] = [
  trace('index-none', 'four packets, no index', { chan_0: whole }),
  trace('index-1.0', 'an index of the format 1.0', { chan_0: whole, 'index/chan_0.idx': index(even, 0) }),
  trace(
    'index-empty',
    'an index without entries',
    wrong((bytes) => bytes.slice(0, 16)),
  ),
  trace(
    'index-short',
    'an index that ends before the stream does, as while recording',
    wrong((bytes) => bytes.slice(0, 16 + 2 * 72)),
  ),
  trace(
    'index-cut',
    'an index that ends within an entry',
    wrong((bytes) => bytes.slice(0, 16 + 2 * 72 + 30)),
  ),
  trace(
    'index-magic',
    'an index file that is none',
    wrong((bytes) => bytes.fill(0xee, 0, 8)),
  ),
  trace('index-foreign', 'the index of another file', {
    chan_0: whole,
    'index/chan_0.idx': index(chain([{ count: 50, padding: 99 }, { count: 1 }])),
  }),
];

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

const rotated = chain(Array.from({ length: 12 }, (_, i) => ({ count: i + 1, cpu: 0 })));
const second = chain(Array.from({ length: 6 }, (_, i) => ({ count: i + 2, cpu: 1 })));
const files: AuthoredTrace[] = [
  trace(
    'tracefiles',
    'trace files split by size: twelve of one stream, whose names do not sort as text',
    {
      ...Object.fromEntries(rotated.map((p, i) => [`chan_0_${i}`, stream(p)])),
      chan_1_0: stream(...second.slice(0, 3)),
      chan_1_1: stream(...second.slice(3)),
    },
    { streams: [rotated.map((_, i) => `chan_0_${i}`), ['chan_1_0', 'chan_1_1']] },
  ),
  trace(
    'tracefiles-wrapped',
    'trace files that were written over in turn: the oldest packets are in the middle, the first ones are lost',
    {
      chan_0_0: stream(...rotated.slice(8, 10)),
      chan_0_1: stream(...rotated.slice(10, 12)),
      chan_0_2: stream(...rotated.slice(4, 6)),
      chan_0_3: stream(...rotated.slice(6, 8)),
    },
    { streams: [['chan_0_0', 'chan_0_1', 'chan_0_2', 'chan_0_3']], lostPackets: 0 },
  ),
  trace('late', 'streams that begin after others have ended', {
    chan_0: stream(...even.slice(0, 1)),
    chan_1: stream(ticks(BEGIN + 5_000_000n, 4, { cpu: 1 })),
    chan_2: stream(ticks(BEGIN + 9_000_000n, 4, { cpu: 2 })),
  }),
  trace('equal-times', 'the same times on four streams, several times each', {
    ...Object.fromEntries(
      [3, 1, 0, 2].map((cpu) => [
        `chan_${cpu}`,
        stream(
          packet(LTTNG, { begin: BEGIN, end: BEGIN + 10n, cpu }, (w) => {
            for (let i = 0; i < 8; i++) w.event(0, BEGIN + BigInt(i >> 2)).u32(cpu * 100 + i);
          }),
        ),
      ]),
    ),
  }),
];

/** Rotation: each chunk has its metadata and index of its own; the packets of a stream go on from chunk to chunk. */
function chunk(name: string, from: number, to: number): Files {
  const dir = `archives/${name}/kernel`;
  return {
    [`${dir}/metadata`]: metadata(),
    [`${dir}/chan_0`]: stream(...rotated.slice(from, to)),
    [`${dir}/index/chan_0.idx`]: index(rotated.slice(from, to)),
    [`${dir}/chan_1`]: stream(...second.slice(from / 2, to / 2)),
    [`${dir}/index/chan_1.idx`]: index(second.slice(from / 2, to / 2)),
  };
}
const chunks: AuthoredTrace = {
  name: 'packets-chunks',
  why: 'a session rotated twice: three chunk archives of one trace',
  files: {
    ...chunk('20261122T100000+0000-20261122T100500+0000-1', 0, 4),
    ...chunk('20261122T100500+0000-20261122T101000+0000-2', 4, 8),
    ...chunk('20261122T101000+0000-20261122T101500+0000-3', 8, 12),
  },
  streams: [0, 1].map((cpu) =>
    [
      '0000+0000-20261122T100500+0000-1',
      '0500+0000-20261122T101000+0000-2',
      '1000+0000-20261122T101500+0000-3',
    ].map((part) => `archives/20261122T10${part}/kernel/chan_${cpu}`),
  ),
  lostPackets: 0,
};

const again: AuthoredTrace = {
  name: 'packets-again',
  why: 'a stream file twice over: the same packets again are the same events',
  files: { metadata: metadata(), chan_0: stream(...even, ...even) },
  // babeltrace2 takes them for packets that lie before others.
  equivalent: { metadata: metadata(), chan_0: whole },
  lostPackets: 0,
};

const snapshots: AuthoredTrace = {
  name: 'packets-snapshots',
  why: 'two snapshots of one session, whose packets overlap',
  files: Object.fromEntries(
    [rotated.slice(0, 7), rotated.slice(4)].flatMap((packets, i) => [
      [`snapshot-${i}/kernel/metadata`, metadata()],
      [`snapshot-${i}/kernel/chan_0`, stream(...packets)],
      [`snapshot-${i}/kernel/index/chan_0.idx`, index(packets)],
    ]),
  ),
  streams: [['snapshot-0/kernel/chan_0', 'snapshot-1/kernel/chan_0']],
  lostPackets: 0,
};

/** A trace whose last packet is cut at `at` bytes (negative: from the end), which leaves `left` events of it whole. */
const cut = (name: string, at: number, left: number): AuthoredTrace => ({
  name: `packets-cut-${name}`,
  why: `the last packet is cut short ${name.replaceAll('-', ' ')}`,
  files: { metadata: metadata(), chan_0: whole.slice(0, at < 0 ? at : offsets[3]! + at) },
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
  ...indexes,
  ...losses,
  ...emptyOnes,
  crashed,
  ...files,
  chunks,
  again,
  snapshots,
  cut('within-the-packet-header', 10, 0),
  cut('within-the-packet-context', 50, 0),
  cut('after-the-packet-context', 84, 0),
  cut('within-an-event-header', 84 + 8 * 3 + 2, 3),
  cut('within-an-event', 84 + 8 * 3 + 6, 3),
  cut('by-one-byte', -1, 8),
  wrap('compact', 27n),
  wrap('large', 32n),
];
