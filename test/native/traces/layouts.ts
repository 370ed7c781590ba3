/** Every layout of packets and event headers, and times that wrap in each. */

import {
  EventWriter,
  eventClass,
  type Layout,
  LTTNG,
  packet,
  preamble,
  streamClass,
} from '../../ctf/lttng.js';
import { index, type Packet, packetize, stream } from '../../ctf/writer.js';
import type { AuthoredTrace } from './trace.js';

const BEGIN = 5_000_000_000n;

/** One event of integers of every size; the gaps between small and large ones are where natural alignment pads. */
const SIZES = `uint8_t _a; uint16_t _b; uint8_t _c; uint32_t _d; uint8_t _e; uint64_t _f;
		int8_t _g; int16_t _h; int8_t _i; int32_t _j; int8_t _k; int64_t _l;`;

function sizes(w: EventWriter, seed: bigint): void {
  if (w.natural) w.align(64);
  const v = seed * 0x9e3779b97f4a7c15n;
  w.u8(v)
    .u16(v >> 3n)
    .u8(v >> 5n)
    .u32(v >> 7n)
    .u8(v >> 9n)
    .u64(v);
  w.u8(-v)
    .u16(-v >> 3n)
    .u8(-v >> 5n)
    .u32(-v >> 7n)
    .u8(-v >> 9n)
    .u64(-v);
}

function layoutTrace(layout: Layout, name: string): AuthoredTrace {
  const metadata =
    preamble(layout) +
    streamClass(layout, 0, 'int32_t _pid; uint64_t _ns; uint8_t _flag;') +
    eventClass(0, 'sizes', SIZES) +
    eventClass(1, 'name', 'string _name; uint16_t _after;') +
    eventClass(40, 'late', 'uint32_t _value;') +
    eventClass(70000, 'very_late', 'uint64_t _value;') +
    eventClass(2, 'nothing', '');

  const header = (w: EventWriter, id: number, time: bigint, extended = false): EventWriter => {
    w.event(id, time, extended);
    if (w.natural) w.align(64);
    w.u32(-Number(time % 1000n))
      .u64(time)
      .u8(id);
    return w;
  };

  const streams = [0, 1].map((cpu) => {
    const packets: Packet[] = [];
    let time = BEGIN + BigInt(cpu) * 77n;
    for (let seq = 0; seq < 3; seq++) {
      const begin = time;
      // The writer goes first over the events to know the packet's end, then writes them with it.
      const write = (w: EventWriter): bigint => {
        let now = begin;
        for (let i = 0; i < 20; i++) {
          // Steps that wrap 27 bits several times in a packet, each below the 2^27 after which a full time is due.
          now += BigInt(i * 6_500_001);
          if (i % 5 === 0) sizes(header(w, 0, now), now);
          else if (i % 5 === 1) {
            header(w, 1, now);
            if (w.natural) w.align(16);
            w.string(`event ${i} of ${seq}`).u16(i);
          } else if (i % 5 === 2) {
            header(w, 40, now);
            if (w.natural) w.align(32);
            w.u32(i);
          } else if (i % 5 === 3) {
            // After a long silence the time is written in full.
            now += 6_000_000_000n;
            header(w, 70000, now, true);
            if (w.natural) w.align(64);
            w.u64(now);
          } else header(w, 2, now, i === 14);
        }
        return now;
      };
      const end = write(new EventWriter(layout));
      packets.push(packet(layout, { begin, end, seq, cpu, padding: seq * 24 }, write));
      time = end;
    }
    return packets;
  });
  return {
    name,
    why: `byte order ${layout.order}, ${layout.natural ? 'natural' : 'packed'} alignment, ${layout.header} headers, ${layout.modern ? 'LTTng ≥ 2.8' : 'LTTng < 2.8'}, ${layout.long}-bit long`,
    files: {
      metadata: layout.natural
        ? packetize(metadata, { uuid: layout.uuid, order: layout.order, packetBytes: 1024 })
        : metadata,
      chan_0: stream(...streams[0]!),
      chan_1: stream(...streams[1]!),
      'index/chan_0.idx': index(streams[0]!, layout.modern ? 1 : 0),
    },
  };
}

export const layouts: AuthoredTrace[] = [];
for (const order of ['le', 'be'] as const) {
  for (const natural of [false, true]) {
    for (const header of ['compact', 'large'] as const) {
      for (const modern of [true, false]) {
        const long = natural && order === 'be' ? 32 : 64;
        const name = ['layout', order, natural ? 'natural' : 'packed', header, modern ? 'new' : 'old'].join(
          '-',
        );
        layouts.push(layoutTrace({ ...LTTNG, order, natural, header, modern, long }, name));
      }
    }
  }
}
