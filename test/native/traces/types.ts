/** Every type of field: bit fields, numbers, enumerations, alignment. What is made of them is in compounds.ts. */

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
  networkHeader,
];
