/** Metadata as text: comments, escapes, blocks nobody knows, type names in every scope, headers of other shapes. */

import { BitWriter } from '../../ctf/bits.js';
import { type EventWriter, eventClass, LTTNG, packet, preamble, streamClass } from '../../ctf/lttng.js';
import { concat, PACKET_MAGIC, packetize, stream, uuidBytes } from '../../ctf/writer.js';
import type { AuthoredTrace } from './trace.js';
import { BEGIN, single } from './trace.js';

const ticks = (w: EventWriter): void => {
  for (let i = 0; i < 5; i++) w.event(0, BEGIN + BigInt(i)).u32(i);
};

const plain = preamble(LTTNG) + streamClass(LTTNG, 0) + eventClass(0, 'tick', 'uint32_t _n;');
const onePacket = packet(LTTNG, { begin: BEGIN, end: BEGIN + 10n }, ticks);
const text = (name: string, why: string, metadata: string | Uint8Array): AuthoredTrace => ({
  name: `metadata-${name}`,
  why,
  files: { metadata, chan_0: stream(onePacket) },
});

const comments = plain
  .replace(
    'trace {',
    '// a line comment; with } a brace and "a quote\n/* a block\n * comment with trace { inside **/ trace /**/ { // after\n',
  )
  .replaceAll(';\n', '; // end of line\n')
  .replace('env {', '/**/ env /* " */ {')
  .concat('// a line\n/* and a last comment without a newline after it */');

const escapes = plain.replace(
  'domain = "kernel"',
  String.raw`domain = "kernel"; quotes = "say \"hi\" \\ back"; control = "tab\tnewline\nbell\a\x41\101"; utf8 = "naïve ☃"; empty = ""; negative = -5; hex = 0x1F; octal = 017`,
);

const unknown = `${plain.replace('env {', 'callsite {\n\tname = "before"; func = "f"; file = "a.c"; line = 10;\n};\nenv {')}
callsite {
	name = "tick"; func = "main"; file = "b{}.c"; line = 17; ip = 0xdeadbeef;
};
`;

/** What ends a CTF 1.8 text is one thing; that blocks may come which no reader knows another. */
const future = `${plain}
mystery {
	name = "a block of a later version"; nested := struct { int x; };
};
`;

/** Every way to name a type, and names that mean something else in an inner scope. */
const typedefs = single(
  'metadata-typedefs',
  'typealias and typedef of every kind of type, named in every scope, and hidden by inner ones',
  [
    [
      'named',
      `my_u8 _a; unsigned long long _b; signed char _c; point _d; struct point3 _e; color _f; enum shade _g; triple _h; real _i;
		words _j; typedef_in_event _k; const unsigned int _l; pair _m[2];`,
    ],
    [
      'hidden',
      'typealias integer { size = 16; align = 8; } := my_u8; my_u8 _a; struct { typealias integer { size = 32; align = 8; } := my_u8; my_u8 b; struct { my_u8 c; } in; } _s; my_u8 _t;',
    ],
    [
      'inline',
      'struct inline_struct { uint8_t x; } _a; struct inline_struct _b; enum inline_enum : uint8_t { p, q } _c; enum inline_enum _d;',
    ],
  ],
  (w) => {
    w.event(0, BEGIN)
      .u8(1)
      .u64(2)
      .u8(-3)
      .u32(4)
      .u32(5)
      .u32(6)
      .u32(7)
      .u32(8)
      .u8(1)
      .u16(300)
      .u8(1)
      .u8(2)
      .u8(3)
      .f32(1.5);
    w.string('words').u16(99).u32(123).u8(1).u16(2).u8(3).u16(4);
    w.event(1, BEGIN + 1n)
      .u16(1000)
      .u32(70000)
      .u32(80000)
      .u16(2000);
    w.event(2, BEGIN + 2n)
      .u8(1)
      .u8(2)
      .u8(0)
      .u8(1);
  },
  {
    extra: `typealias integer { size = 8; align = 8; signed = false; } := my_u8;
typealias integer { size = 64; align = 8; signed = false; } := unsigned long long;
typealias integer { size = 8; align = 8; signed = true; } := signed char;
typealias integer { size = 32; align = 8; signed = false; } := unsigned int;
typealias integer { size = 32; align = 8; signed = false; } := const unsigned int;
typealias struct { uint32_t x; uint32_t y; } := point;
struct point3 { uint32_t x; uint32_t y; uint32_t z; };
typealias enum : uint8_t { red, green } := color;
enum shade : uint16_t { dark = 0 ... 255, light = 256 ... 65535 };
typedef uint8_t triple[3];
typealias floating_point { exp_dig = 8; mant_dig = 24; align = 8; } := real;
typealias string { encoding = UTF8; } := words;
typedef uint16_t typedef_in_event;
typedef struct { uint8_t k; uint16_t v; } pair;
`,
  },
);

/** Type names are seen in their own block only: an event block does not see what its stream's block names. */
const scopes: AuthoredTrace = {
  name: 'metadata-scopes',
  why: 'type names inside trace, stream and event blocks that are unknown or other outside, and two stream classes',
  files: {
    metadata: `${preamble(LTTNG).replace('trace {', 'trace {\n\ttypealias integer { size = 8; align = 8; } := in_trace;')}
typealias integer { size = 32; align = 8; } := value_t;
stream {
	typealias integer { size = 16; align = 8; } := value_t;
	typedef struct { uint8_t a; value_t b; } pair_t;
	id = 0;
	event.header := struct event_header_compact;
	packet.context := struct packet_context;
	event.context := struct { value_t _ctx; pair_t _pair; };
};
stream {
	typealias integer { size = 64; align = 8; base = 16; } := value_t;
	id = 7;
	event.header := struct event_header_large;
	packet.context := struct packet_context;
};
event { name = "e0"; id = 0; stream_id = 0; typealias integer { size = 24; align = 8; } := mine_t; context := struct { mine_t _own; }; fields := struct { value_t _v; mine_t _m; }; };
event { name = "e7"; id = 0; stream_id = 7; fields := struct { typealias integer { size = 64; align = 8; base = 16; } := value_t; value_t _v; }; };
event { stream_id = 7; fields := struct { string _s; }; id = 1; name = "order of attributes"; loglevel = 13; model.emf.uri = "http://example.org/"; };
event { name = "no fields at all"; id = 2; stream_id = 7; };
`,
    a_0: stream(
      packet(LTTNG, { begin: BEGIN, end: BEGIN + 10n }, (w) => {
        w.event(0, BEGIN).u16(11).u8(6).u16(7).int(24, 0x123456).u32(5).int(24, 0xabcdef);
      }),
    ),
    b_0: stream(
      packet({ ...LTTNG, header: 'large' }, { begin: BEGIN, end: BEGIN + 10n, streamId: 7 }, (w) => {
        w.event(0, BEGIN + 1n).u64(0xfeedface12345678n);
        w.event(1, BEGIN + 2n).string('reordered');
        w.event(2, BEGIN + 3n);
      }),
    ),
  },
};

/** The least that a trace can be: no packet header, no context, an event header of a time only, one class. */
function minimal(): AuthoredTrace {
  const metadata = `/* CTF 1.8 */
typealias integer { size = 64; align = 8; map = clock.c.value; } := time_t;
trace { major = 1; minor = 8; byte_order = be; };
clock { name = c; freq = 1000000000; };
stream { event.header := struct { time_t timestamp; }; };
event { name = only; fields := struct { integer { size = 8; align = 8; } x; }; };
`;
  const w = new BitWriter('be');
  for (let i = 0; i < 4; i++) w.u64(100 + i).u8(i);
  return {
    name: 'metadata-minimal',
    why: 'no packet header, no packet context, no ids: the file is one packet',
    files: { metadata, only: w.done() },
  };
}

/** Not LTTng: fields of other sizes and order, no cpu_id, an enum id without a variant, an event context, a header without time bits to wrap. */
function foreign(): AuthoredTrace {
  const uuid = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';
  const metadata = `/* CTF 1.8 */
trace {
	byte_order = le; minor = 8; major = 1; uuid = "${uuid}";
	packet.header := struct {
		integer { size = 32; align = 8; } magic;
		integer { size = 16; align = 8; } stream_id;
		integer { size = 8; align = 8; } uuid[16];
	};
};
clock { name = "ticks"; freq = 1000000000; offset_s = 1; };
stream {
	id = 513;
	packet.context := struct {
		integer { size = 32; align = 8; } packet_size;
		integer { size = 32; align = 8; } content_size;
		integer { size = 48; align = 8; map = clock.ticks.value; } timestamp_begin;
		integer { size = 48; align = 8; map = clock.ticks.value; } timestamp_end;
		string name;
		integer { size = 8; align = 8; } events_discarded;
	};
	event.header := struct {
		integer { size = 3; align = 1; } id;
		integer { size = 13; align = 1; map = clock.ticks.value; } timestamp;
	};
};
event { id = 5; stream_id = 513; name = "five"; context := struct { integer { size = 8; align = 8; } depth; }; fields := struct { string text; }; };
event { id = 6; stream_id = 513; name = "six"; fields := struct { integer { size = 4; align = 1; } a; integer { size = 4; align = 1; } b; }; };
`;
  const parts = [0, 1].map((seq) => {
    const write = (w: BitWriter, bytes: number, bits: number): BitWriter => {
      w.u32(PACKET_MAGIC)
        .u16(513)
        .bytes(uuidBytes(uuid))
        .u32(bytes * 8)
        .u32(bits);
      const begin = 10_000 * (seq + 1);
      w.int(48, begin)
        .int(48, begin + 9_999)
        .string(`packet ${seq}`)
        .u8(seq * 3);
      for (let i = 0; i < 4; i++) {
        w.bits(3, 5)
          .bits(13, begin + i * 2000)
          .u8(i)
          .string(`text ${i}`);
        w.bits(3, 6)
          .bits(13, begin + i * 2000 + 1)
          .bits(4, i)
          .bits(4, 15 - i);
      }
      return w;
    };
    const bits = write(new BitWriter('le'), 0, 0).position;
    return write(new BitWriter('le'), bits / 8, bits).done();
  });
  return {
    name: 'metadata-foreign',
    why: 'a tracer that is not LTTng',
    files: { metadata, data: concat(parts) },
    discardedEvents: 3,
  };
}

const many =
  preamble(LTTNG) +
  streamClass(LTTNG, 0) +
  Array.from({ length: 2000 }, (_, id) => eventClass(id, `event_${id}`, `uint32_t _field_of_${id};`)).join(
    '',
  );

export const metadata: AuthoredTrace[] = [
  text('plain', 'plain text', plain),
  text(
    'packets-le',
    'in packets of 256 bytes, little endian',
    packetize(plain, { uuid: LTTNG.uuid, packetBytes: 256 }),
  ),
  text(
    'packets-be',
    'in packets, big endian, of a little-endian trace',
    packetize(plain, { uuid: LTTNG.uuid, order: 'be', packetBytes: 512 }),
  ),
  text('comments', 'comments of both kinds in every place', comments),
  text('escapes', 'escapes, numbers and other characters in env', escapes),
  text('unknown-blocks', 'callsite blocks', unknown),
  {
    ...text('future-blocks', 'a block that no reader knows', future),
    equivalent: { metadata: plain, chan_0: stream(onePacket) },
  },
  text('crlf', 'lines that end in CR LF', plain.replaceAll('\n', '\r\n')),
  typedefs,
  scopes,
  minimal(),
  foreign(),
  {
    name: 'metadata-many-classes',
    why: 'two thousand event classes of which four occur',
    files: {
      metadata: packetize(many, { uuid: LTTNG.uuid }),
      chan_0: stream(
        packet(LTTNG, { begin: BEGIN, end: BEGIN + 1999n }, (w) => {
          for (const id of [0, 30, 31, 1999]) w.event(id, BEGIN + BigInt(id)).u32(id);
        }),
      ),
    },
  },
  text('no-hostname', 'an env without a host name', plain.replace('hostname = "box";', '')),
  text('no-env', 'no env at all', plain.replace(/env \{[^}]*\};/, '')),
];
