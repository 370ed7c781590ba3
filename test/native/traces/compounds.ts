/** Types made of types: arrays, sequences and variants, in the combinations that LTTng and the specification allow. */

import type { AuthoredTrace } from './trace.js';
import { BEGIN, single } from './trace.js';

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

export const compounds: AuthoredTrace[] = (['le', 'be'] as const).flatMap((order) =>
  [false, true].flatMap((natural) => [collections(order, natural), variants(order, natural)]),
);
