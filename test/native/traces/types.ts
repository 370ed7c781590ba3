/** Every type of field, in the combinations that LTTng and the specification allow. */

import type { AuthoredTrace } from './trace.js';
import { BEGIN, single } from './trace.js';

const BOTH = ['le', 'be'] as const;

/** Bit fields that cross bytes, beginning at every bit; a field of each size from 1 to 64 bits at least once. */
function bitFields(order: 'le' | 'be'): AuthoredTrace {
  const sizes = Array.from({ length: 64 }, (_, i) => i + 1);
  // babeltrace2 2.0.4 prints 61 to 63 bits in base 16 as 0: it shifts 1 by 64 to mask them.
  const base = (size: number, i: number): number => (size > 60 && size < 64 ? 10 : [10, 16, 8, 2][i % 4]!);
  const field = (size: number, i: number): string =>
    `integer { size = ${size}; align = 1; signed = ${i % 3 === 0}; base = ${base(size, i)}; } _f${size};`;
  const shuffled = sizes.map((size) => ((size * 37) % 64) + 1);
  return single(
    `types-bit-fields-${order}`,
    `bit fields of 1 to 64 bits that begin at every bit (${order})`,
    [
      ['ascending', sizes.map(field).join(' ')],
      ['shuffled', shuffled.map(field).join(' ')],
    ],
    (w) => {
      for (let i = 0; i < 8; i++) {
        const value = BigInt.asUintN(64, 0x123456789abcdefn * BigInt(2 * i + 3));
        w.event(0, BEGIN + BigInt(i));
        for (const size of sizes) w.bits(size, value >> BigInt(64 - size));
        w.event(1, BEGIN + BigInt(i));
        for (const size of shuffled) w.bits(size, i === 7 ? -1 : ~value);
      }
    },
    { layout: { order } },
  );
}

/** The IP and TCP headers that the kernel's net events carry: big-endian bit fields in a little-endian trace. */
const networkHeader = single(
  'types-network-header',
  'big-endian integers and bit fields in a little-endian trace',
  [
    [
      'net_dev_queue',
      `enum : uint8_t { "unknown" = 0, ipv4 = 1, "ipv6" = 2 } _kind;
		variant <_kind> {
			struct { } unknown;
			struct {
				integer { size = 4; align = 4; byte_order = be; } _version;
				integer { size = 4; align = 4; byte_order = be; } _ihl;
				integer { size = 16; align = 8; byte_order = be; base = 16; } _total;
				integer { size = 8; align = 8; byte_order = be; } _saddr[4];
				enum : uint8_t { "tcp" = 6, "udp" = 17 } _transport_header_type;
				variant <_transport_header_type> {
					struct {
						integer { size = 16; align = 8; byte_order = be; } _source_port;
						integer { size = 32; align = 8; byte_order = be; } _seq;
						integer { size = 4; align = 4; byte_order = be; } _offset;
						integer { size = 3; align = 1; byte_order = be; } _reserved;
						integer { size = 9; align = 1; byte_order = be; base = 16; } _flags;
					} tcp;
					struct { integer { size = 16; align = 8; byte_order = be; } _length; } udp;
				} _transport_header;
			} ipv4;
			struct { integer { size = 8; align = 8; } _saddr[16]; } ipv6;
		} _network_header;
		uint32_t _after;`,
    ],
  ],
  (w) => {
    w.event(0, BEGIN).u8(0).u32(1);
    w.event(0, BEGIN + 1n)
      .u8(1)
      .bits(4, 4, 'be')
      .bits(4, 5, 'be')
      .int(16, 0x1234, 'be')
      .bytes([127, 0, 0, 1]);
    w.u8(6)
      .int(16, 443, 'be')
      .int(32, 0xfedcba98, 'be')
      .bits(4, 10, 'be')
      .bits(3, 5, 'be')
      .bits(9, 0x1a5, 'be')
      .u32(2);
    w.event(0, BEGIN + 2n)
      .u8(1)
      .bits(4, 4, 'be')
      .bits(4, 15, 'be')
      .int(16, 60, 'be')
      .bytes([10, 1, 2, 3]);
    w.u8(17).int(16, 53, 'be').u32(3);
    w.event(0, BEGIN + 3n)
      .u8(2)
      .bytes(Array.from({ length: 16 }, (_, i) => i * 16))
      .u32(4);
  },
);

function floats(order: 'le' | 'be'): AuthoredTrace {
  const other = order === 'le' ? 'be' : 'le';
  return single(
    `types-floats-${order}`,
    `floating-point numbers of both sizes, and of the other byte order (${order})`,
    [
      [
        'floats',
        `floating_point { exp_dig = 8; mant_dig = 24; align = 8; } _single;
		floating_point { exp_dig = 11; mant_dig = 53; align = 8; } _double;
		floating_point { exp_dig = 8; mant_dig = 24; align = 8; byte_order = ${other}; } _other_single;
		floating_point { exp_dig = 11; mant_dig = 53; align = 8; byte_order = ${other}; } _other_double;
		floating_point { exp_dig = 11; mant_dig = 53; align = 8; } _several[3];
		uint8_t _after;`,
      ],
    ],
    (w) => {
      const values = [
        0,
        -0,
        1,
        -1.5,
        Math.PI,
        1e-40,
        1e300,
        Infinity,
        -Infinity,
        Number.NaN,
        5e-324,
        2 ** 53 + 2,
      ];
      values.forEach((value, i) => {
        w.event(0, BEGIN + BigInt(i))
          .f32(value)
          .f64(value)
          .f32(value, other)
          .f64(value, other);
        w.f64(value)
          .f64(-value)
          .f64(value / 3)
          .u8(i);
      });
    },
    { layout: { order } },
  );
}

/** Enumerations over integers of every size and sign, with ranges, overlaps, gaps, implicit values and names in quotes. */
function enums(order: 'le' | 'be'): AuthoredTrace {
  return single(
    `types-enums-${order}`,
    `enumerations over every integer, with ranges and implicit values (${order})`,
    [
      [
        'enums',
        `enum : uint8_t { A, B, C = 10, D, "with space" = 20 ... 29, "a \\"quote\\"" = 30 } _u8;
		enum : int8_t { neg = -128 ... -1, zero, pos = 1 ... 127 } _i8;
		enum : uint16_t { low = 0 ... 0x7fff, high = 0x8000 ... 0xffff } _u16;
		enum : int16_t { a = -5, b, c, d = -5 ... 5 } _i16;
		enum : uint32_t { max = 4294967295, oct = 010, } _u32;
		enum : int32_t { min = -2147483648 } _i32;
		enum : uint64_t { max = 18446744073709551615, half = 0x8000000000000000 } _u64;
		enum : int64_t { min = -9223372036854775808 ... -9000000000000000000, top = 9223372036854775807 } _i64;
		enum : integer { size = 3; align = 1; signed = true; } { m = -4, n = -1, p = 3 } _i3;
		enum : integer { size = 5; align = 1; base = 16; } { x = 31 } _u5;
		enum states : uint8_t { RUNNING, WAITING = 65, DONE } _state;
		enum states _again;`,
      ],
    ],
    (w) => {
      const rows: (number | bigint)[][] = [
        [0, -128, 0, -5, 8, -2147483648, 0, -9223372036854775808n, -4, 31, 0, 65],
        [1, -1, 0x7fff, -4, 4294967295, 1, 18446744073709551615n, 9223372036854775807n, -1, 0, 66, 1],
        [10, 0, 0x8000, -3, 1, -1, 0x8000000000000000n, -9100000000000000000n, 3, 1, 2, 0],
        [11, 1, 0xffff, 5, 9, 7, 1, -1, 0, 30, 65, 255],
        [25, 127, 1, 6, 10, 0, 2, 0, 1, 15, 64, 3],
        [30, 126, 2, -6, 0, 0, 3, 1, 2, 16, 66, 4],
        [255, 5, 2, 0, 0, 0, 3, 1, 2, 16, 66, 4],
      ];
      const sizes = [8, 8, 16, 16, 32, 32, 64, 64];
      rows.forEach((row, i) => {
        w.event(0, BEGIN + BigInt(i));
        row.forEach((value, k) => {
          if (k < 8) w.int(sizes[k]!, value);
          else if (k === 8) w.bits(3, value);
          else if (k === 9) w.bits(5, value);
          else w.u8(value);
        });
      });
    },
    { layout: { order } },
  );
}

/** Arrays and sequences: of numbers, text, strings, structures and arrays; empty ones; every size of length. */
function collections(order: 'le' | 'be', natural: boolean): AuthoredTrace {
  return single(
    `types-collections-${order}-${natural ? 'natural' : 'packed'}`,
    `arrays and sequences of everything (${order}, ${natural ? 'natural' : 'packed'})`,
    [
      [
        'arrays',
        'int32_t _three[3]; uint8_t _none[0]; uint16_t _grid[2][3]; struct { uint8_t x; uint32_t y; } _points[2]; string _names[2];',
      ],
      [
        'lengths',
        'uint8_t __a_length; uint16_t _a[ __a_length ]; uint16_t __b_length; uint8_t _b[ __b_length ]; uint32_t __c_length; uint64_t _c[ __c_length ]; uint64_t __d_length; int8_t _d[ __d_length ];',
      ],
      [
        'structs',
        'uint8_t _n; struct { uint8_t kind; uint64_t value; string text; } _list[ _n ]; uint8_t _after;',
      ],
      [
        'nested',
        'uint8_t _n; uint8_t _m; uint16_t _grid[ _n ][ _m ]; struct { uint8_t k; uint8_t v[ k ]; } _rows[ _n ]; string _words[ _m ];',
      ],
      [
        'text',
        `integer { size = 8; align = 8; signed = 1; encoding = UTF8; base = 10; } _comm[16];
		integer { size = 8; align = 8; signed = 0; encoding = ASCII; base = 16; } _ascii[8];
		uint16_t __msg_length; integer { size = 8; align = 8; signed = 1; encoding = UTF8; base = 10; } _msg[ __msg_length ];
		string { encoding = UTF8; } _utf8; string { encoding = ASCII; } _plain; string _default;
		integer { size = 8; align = 8; signed = 0; encoding = none; } _raw[3];`,
      ],
    ],
    (w) => {
      const pad = (bits: number): unknown => natural && w.align(bits);
      const start = (id: number, time: bigint, align: number): unknown => w.event(id, time) && pad(align);
      start(0, BEGIN, 32);
      w.u32(-1).u32(2).u32(-3);
      for (let i = 1; i <= 6; i++) w.u16(i * 1000);
      for (const y of [7, 8]) {
        pad(32);
        w.u8(y).u32(y * 1e6);
      }
      w.string('first').string('');
      for (const n of [0, 1, 3, 200]) {
        start(1, BEGIN + 1n + BigInt(n), 64);
        w.u8(n);
        if (natural) w.align(16);
        for (let i = 0; i < n; i++) w.u16(i * 257);
        w.u16(n);
        for (let i = 0; i < n; i++) w.u8(i);
        w.u32(n);
        if (natural) w.align(64);
        for (let i = 0; i < n; i++) w.u64(-i);
        w.u64(n);
        for (let i = 0; i < n; i++) w.u8(-i);
      }
      for (const n of [2, 0, 5]) {
        start(2, BEGIN + 300n, 64);
        w.u8(n);
        pad(64);
        for (let i = 0; i < n; i++) {
          pad(64);
          w.u8(i)
            .u64(BigInt(i) << 40n)
            .string('x'.repeat(i));
        }
        w.u8(99);
      }
      start(3, BEGIN + 400n, 16);
      w.u8(2).u8(3);
      for (let i = 0; i < 6; i++) w.u16(i);
      for (const k of [1, 4]) {
        w.u8(k);
        for (let i = 0; i < k; i++) w.u8(i + k);
      }
      w.string('a').string('\n').string('é');
      for (const comm of ['bash', 'exactly sixteen!', '', 'ünïcode', 'tab\tbell\u0007']) {
        start(4, BEGIN + 500n, 16);
        w.text(comm, 16).text('ascii\\', 8).u16(comm.length).text(comm, comm.length);
        w.string(`say "${comm}"`)
          .string("it's?")
          .string(Uint8Array.of(0x41, 0xff, 0xc3, 0x28, 0x1b, 0x7f))
          .bytes([0, 255, 65]);
      }
    },
    { layout: { order, natural } },
  );
}

/** Variants by tags beside and above them, nested, holding strings and sequences, and chosen by ranges. */
function variants(order: 'le' | 'be', natural: boolean): AuthoredTrace {
  return single(
    `types-variants-${order}-${natural ? 'natural' : 'packed'}`,
    `variants by enumeration tags, and sequences whose length is in another scope (${order}, ${natural ? 'natural' : 'packed'})`,
    [
      [
        'flat',
        `enum : uint8_t { number, text, list, wide = 3 ... 9, "quoted" = 10 } _tag;
		variant <_tag> { uint32_t number; string text; struct { uint8_t n; uint16_t items[ n ]; } list; uint64_t wide; int8_t quoted; } _value;
		uint8_t _after;`,
      ],
      [
        'nested',
        `enum : int16_t { low = -10 ... -1, high = 0 ... 10 } _outer;
		variant <_outer> {
			struct {
				enum : uint8_t { a, b } tag;
				variant <tag> { string a; variant <_outer> { uint8_t low; uint16_t high; } b; } inner;
			} low;
			struct { uint32_t v; string s; } high;
		} _value;`,
      ],
      [
        'signed_bits',
        `enum : integer { size = 2; align = 1; signed = true; } { minus = -2 ... -1, plus = 0 ... 1 } _tag; variant <_tag> { integer { size = 6; align = 1; } minus; integer { size = 14; align = 1; } plus; } _v; uint8_t _after;`,
      ],
      [
        'context_length',
        'uint8_t _v[ stream.event.context._mode ]; uint16_t _w[ stream.packet.context.cpu_id ]; uint8_t _after;',
      ],
      [
        'reused',
        'enum kind : uint8_t { one, two } _k1; enum kind _k2; variant choice <_k1> _v1; variant choice <_k2> _v2;',
      ],
    ],
    (w) => {
      const start = (id: number, time: bigint, mode: number, align: number): void => {
        w.event(id, time).u8(mode);
        if (natural) w.align(align);
      };
      const pad = (bits: number): unknown => natural && w.align(bits);
      start(0, BEGIN, 0, 8);
      w.u8(0).u32(77).u8(1);
      start(0, BEGIN + 1n, 0, 8);
      w.u8(1).string('hello').u8(2);
      start(0, BEGIN + 2n, 0, 8);
      w.u8(2);
      pad(16);
      w.u8(3).u16(1).u16(2).u16(3).u8(3);
      start(0, BEGIN + 3n, 0, 8);
      w.u8(7).u64(0xffffffffffffffffn).u8(4);
      start(0, BEGIN + 4n, 0, 8);
      w.u8(10).u8(-7).u8(5);
      for (const [tag, inner] of [
        [-10, 0],
        [-1, 1],
        [0, 0],
        [10, 0],
      ] as const) {
        start(1, BEGIN + 10n, 0, 16);
        w.u16(tag);
        if (tag < 0) {
          w.u8(inner);
          if (inner === 0) w.string('in a variant in a variant');
          else w.u8(200);
        } else {
          pad(32);
          w.u32(tag).string('high');
        }
      }
      for (const tag of [-2, -1, 0, 1]) {
        start(2, BEGIN + 20n, 0, 8);
        w.bits(2, tag)
          .bits(tag < 0 ? 6 : 14, tag < 0 ? 0x2a : 0x1fff)
          .u8(9);
      }
      start(3, BEGIN + 30n, 0, 16);
      if (natural) w.align(16);
      w.u16(7).u8(5);
      start(3, BEGIN + 31n, 3, 16);
      w.u8(1).u8(2).u8(3);
      if (natural) w.align(16);
      w.u16(8).u8(6);
      start(4, BEGIN + 40n, 0, 8);
      w.u8(0).u8(1).u8(42).string('two');
    },
    {
      layout: { order, natural },
      context: 'uint8_t _mode;',
      packet: { cpu: 1 },
      extra: 'variant choice { uint8_t one; string two; };\n',
    },
  );
}

/** Structures in structures with alignment of their own, as LTTng pads on machines that need it. */
function alignment(order: 'le' | 'be'): AuthoredTrace {
  return single(
    `types-alignment-${order}`,
    `structures with align(N), padding structures and integers of unusual alignment (${order})`,
    [
      [
        'padded',
        'uint8_t _a; struct { } align(64) _b_padding; uint32_t _b; uint8_t _c; struct { } align(16) _d_padding; uint16_t _d;',
      ],
      [
        'aligned',
        'uint8_t _a; struct { uint8_t x; uint8_t y; } align(32) _s; struct { struct { uint16_t v; } align(128) in; uint8_t w; } _t; uint8_t _z;',
      ],
      [
        'odd',
        'integer { size = 3; align = 1; } _a; integer { size = 5; align = 4; } _b; integer { size = 12; align = 32; } _c; integer { size = 7; align = 2; } _d; integer { size = 40; align = 16; } _e;',
      ],
      ['list', 'uint8_t _n; struct { uint8_t k; uint8_t l; } align(32) _v[ _n ]; uint8_t _z;'],
    ],
    (w) => {
      for (let i = 0; i < 4; i++) {
        w.event(0, BEGIN + BigInt(i))
          .align(64)
          .u8(i)
          .align(64)
          .u32(i * 3)
          .u8(i)
          .align(16)
          .u16(i);
        w.event(1, BEGIN + BigInt(i))
          .align(128)
          .u8(i)
          .align(32)
          .u8(1)
          .u8(2)
          .align(128)
          .u16(i * 11)
          .u8(4)
          .u8(5);
        w.event(2, BEGIN + BigInt(i))
          .align(32)
          .bits(3, i)
          .align(4)
          .bits(5, i * 7)
          .align(32)
          .bits(12, i * 999)
          .align(2)
          .bits(7, 100 - i);
        w.align(16).bits(40, 0x123456789an + BigInt(i));
        w.event(3, BEGIN + BigInt(i))
          .align(32)
          .u8(i);
        w.align(32);
        for (let k = 0; k < i; k++)
          w.align(32)
            .u8(k)
            .u8(k + 1);
        w.u8(7);
      }
    },
    { layout: { order } },
  );
}

export const types: AuthoredTrace[] = [
  ...BOTH.flatMap((order) => [bitFields(order), floats(order), enums(order), alignment(order)]),
  ...BOTH.flatMap((order) =>
    [false, true].flatMap((natural) => [collections(order, natural), variants(order, natural)]),
  ),
  networkHeader,
];
