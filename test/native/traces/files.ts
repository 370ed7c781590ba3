/** Stream files and their indexes: wrong ones, split by size, rotated, late, twice. */

import { LTTNG, packet } from '../../ctf/lttng.js';
import { type Files, index, stream } from '../../ctf/writer.js';
import { BEGIN, chain, even, metadata, ticks, trace } from './ticks.js';
import type { AuthoredTrace } from './trace.js';

const whole = stream(...even);
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

const rotated = chain(Array.from({ length: 12 }, (_, i) => ({ count: i + 1, cpu: 0 })));
const second = chain(Array.from({ length: 6 }, (_, i) => ({ count: i + 2, cpu: 1 })));
const several: AuthoredTrace[] = [
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

export const files: AuthoredTrace[] = [...indexes, ...several, chunks, again, snapshots];
