/** Traces in the shape that LTTng gives them: its preamble of metadata, packet header and context, and event headers. */

import { BitWriter, type ByteOrder } from './bits.js';
import { PACKET_MAGIC, type Packet, uuidBytes } from './writer.js';

export interface Layout {
  readonly order: ByteOrder;
  /** Aligned as on machines without unaligned access; else packed to bytes. */
  readonly natural: boolean;
  readonly header: 'compact' | 'large';
  /** With stream_instance_id and packet_seq_num (LTTng ≥ 2.8). */
  readonly modern: boolean;
  /** Bits of `unsigned long` on the traced machine. */
  readonly long: 32 | 64;
  readonly uuid: string;
  readonly clock: string;
  readonly env: string;
}

export const LTTNG: Layout = {
  order: 'le',
  natural: false,
  header: 'compact',
  modern: true,
  long: 64,
  uuid: '6f7c1b1e-2d3c-4a5b-8c9d-0e1f2a3b4c5d',
  clock: 'freq = 1000000000;\n\toffset = 1700000000000000000;',
  env: 'hostname = "box"; domain = "kernel"; tracer_name = "lttng-modules"; tracer_major = 2; tracer_minor = 13; tracer_patchlevel = 9;',
};

/** `typealias` of an integer as LTTng declares its own. */
function integer(layout: Layout, size: number, name: string, rest = 'signed = false;'): string {
  return `typealias integer { size = ${size}; align = ${layout.natural ? size : 8}; ${rest} } := ${name};\n`;
}

/** Metadata up to the streams: types, trace, env and clock. */
export function preamble(layout: Layout): string {
  let text = '/* CTF 1.8 */\n\n';
  for (const size of [8, 16, 32, 64]) {
    text += integer(layout, size, `uint${size}_t`) + integer(layout, size, `int${size}_t`, 'signed = true;');
  }
  text += integer(layout, layout.long, 'unsigned long');
  text += 'typealias integer { size = 5; align = 1; signed = false; } := uint5_t;\n';
  text += 'typealias integer { size = 27; align = 1; signed = false; } := uint27_t;\n\n';
  text += `trace {\n\tmajor = 1;\n\tminor = 8;\n\tuuid = "${layout.uuid}";\n\tbyte_order = ${layout.order};\n`;
  text +=
    '\tpacket.header := struct {\n\t\tuint32_t magic;\n\t\tuint8_t  uuid[16];\n\t\tuint32_t stream_id;\n';
  text += `${layout.modern ? '\t\tuint64_t stream_instance_id;\n' : ''}\t};\n};\n\n`;
  text += `env {\n\t${layout.env}\n};\n\n`;
  text += `clock {\n\tname = "monotonic";\n\tuuid = "11111111-2222-3333-4444-555555555555";\n\tdescription = "Monotonic Clock";\n\t${layout.clock}\n};\n\n`;
  for (const size of [27, 32, 64]) {
    const align = size === 27 ? 1 : layout.natural ? size : 8;
    text += `typealias integer { size = ${size}; align = ${align}; signed = false; map = clock.monotonic.value; } := uint${size}_clock_monotonic_t;\n`;
  }
  text +=
    '\nstruct packet_context {\n\tuint64_clock_monotonic_t timestamp_begin;\n\tuint64_clock_monotonic_t timestamp_end;\n';
  text += '\tuint64_t content_size;\n\tuint64_t packet_size;\n';
  text += `${layout.modern ? '\tuint64_t packet_seq_num;\n' : ''}\tunsigned long events_discarded;\n\tuint32_t cpu_id;\n};\n\n`;
  text += `struct event_header_compact {
	enum : uint5_t { compact = 0 ... 30, extended = 31 } id;
	variant <id> {
		struct {
			uint27_clock_monotonic_t timestamp;
		} compact;
		struct {
			uint32_t id;
			uint64_clock_monotonic_t timestamp;
		} extended;
	} v;
} align(${layout.natural ? 32 : 8});

struct event_header_large {
	enum : uint16_t { compact = 0 ... 65534, extended = 65535 } id;
	variant <id> {
		struct {
			uint32_clock_monotonic_t timestamp;
		} compact;
		struct {
			uint32_t id;
			uint64_clock_monotonic_t timestamp;
		} extended;
	} v;
} align(${layout.natural ? 16 : 8});

`;
  return text;
}

/** A stream class; `context` is the text of its event context's fields, if it has one. */
export function streamClass(layout: Layout, id = 0, context = ''): string {
  const text = `stream {\n\tid = ${id};\n\tevent.header := struct event_header_${layout.header};\n\tpacket.context := struct packet_context;\n`;
  return `${text}${context ? `\tevent.context := struct {\n\t\t${context}\n\t};\n` : ''}};\n\n`;
}

/** An event class with the text of its fields. */
export function eventClass(id: number, name: string, fields: string, streamId = 0): string {
  return `event {\n\tname = "${name}";\n\tid = ${id};\n\tstream_id = ${streamId};\n\tfields := struct {\n\t\t${fields}\n\t};\n};\n\n`;
}

/** A packet's content: events by LTTng's headers, fields by the bit writer's own verbs. */
export class EventWriter extends BitWriter {
  constructor(readonly layout: Layout) {
    super(layout.order, layout.natural);
  }

  /** An event's header. The extended form is taken where the id demands it or where `extended` asks for the full time. */
  event(id: number, time: number | bigint, extended = false): this {
    const compact = this.layout.header === 'compact';
    if (this.natural) this.align(compact ? 32 : 16);
    const last = compact ? 31 : 65535;
    const idBits = compact ? 5 : 16;
    this.align(8);
    if (id < last && !extended) {
      this.bits(idBits, id);
      return compact ? this.bits(27, time) : this.u32(time);
    }
    this.bits(idBits, last);
    return this.align(this.natural ? 64 : 8)
      .u32(id)
      .u64(time);
  }
}

export interface PacketOptions {
  readonly begin: number | bigint;
  readonly end: number | bigint;
  readonly streamId?: number;
  readonly instance?: number;
  readonly seq?: number;
  readonly discarded?: number | bigint;
  readonly cpu?: number;
  /** Bytes after the content. */
  readonly padding?: number;
}

/** A whole packet with LTTng's packet header and context. */
export function packet(layout: Layout, options: PacketOptions, events?: (w: EventWriter) => void): Packet {
  const { begin, end, streamId = 0, cpu = 0, instance = cpu, seq = 0, discarded = 0, padding = 0 } = options;
  const w = new EventWriter(layout);
  w.u32(PACKET_MAGIC).bytes(uuidBytes(layout.uuid)).u32(streamId);
  if (layout.modern) w.u64(instance);
  w.u64(begin).u64(end);
  const sizes = w.u64(0).u64(0).position - 128;
  if (layout.modern) w.u64(seq);
  w.int(layout.long, discarded).u32(cpu);
  events?.(w);
  const contentBits = w.position;
  w.align(8);
  const packetBytes = w.position / 8 + padding;
  w.patch(sizes, 64, contentBits);
  w.patch(sizes + 64, 64, packetBytes * 8);
  const bytes = new Uint8Array(packetBytes);
  bytes.set(w.done());
  return {
    bytes,
    contentBits,
    begin: BigInt(begin),
    end: BigInt(end),
    discarded: BigInt(discarded),
    streamId: BigInt(streamId),
    instance: BigInt(instance),
    seq: BigInt(seq),
  };
}
