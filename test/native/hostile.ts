/** Traces made to do harm: sizes, counts and nesting beyond all sense, content that never ends, files that are none. */

import { eventClass, LTTNG, packet, preamble, streamClass } from '../ctf/lttng.js';
import { type Files, stream } from '../ctf/writer.js';

const BEGIN = 1_000_000_000n;
const zeros = (count: number): string => '\0'.repeat(count);

/** One event class with these fields; one packet whose first event has this payload and 4 KiB of zeros. */
function fields(
  text: string,
  payload: (w: import('../ctf/lttng.js').EventWriter) => void = () => {},
  extra = '',
): Files {
  const only = packet(LTTNG, { begin: BEGIN, end: BEGIN + 10n }, (w) => {
    w.event(0, BEGIN);
    payload(w);
    w.bytes(new Uint8Array(4096));
  });
  return {
    metadata: preamble(LTTNG) + extra + streamClass(LTTNG, 0) + eventClass(0, 'e', text),
    chan_0: stream(only),
  };
}

/** A packet of one event with numbers of its header and context replaced, as bytes: offset, size, value. */
function patched(...patches: [offset: number, size: number, value: bigint][]): Files {
  const trace = fields('uint8_t _a[4096];');
  const bytes = Buffer.from(trace.chan_0!);
  for (const [offset, size, value] of patches) {
    const whole = Buffer.alloc(8);
    whole.writeBigUInt64LE(BigInt.asUintN(64, value));
    whole.copy(bytes, offset, 0, size);
  }
  return { ...trace, chan_0: Buffer.concat([bytes, bytes]) };
}

const HUGE = 2n ** 63n;
const metadata = (text: string): Files => ({ metadata: text, chan_0: zeros(4096) });
const replaced = (from: string | RegExp, to: string): Files => {
  const trace = fields('uint8_t _a;');
  return { ...trace, metadata: (trace.metadata as string).replace(from, to) };
};

/** Each must end in an error or in counted loss, soon and in little memory. */
export const hostile: Readonly<Record<string, Files>> = {
  'nesting of structures': fields(`${'struct { '.repeat(200_000)}uint8_t a; ${'} s; '.repeat(200_000)}`),
  'nesting of brackets': fields(`uint8_t _a${'[2]'.repeat(100_000)};`),
  'nesting that is not closed': metadata(`/* CTF 1.8 */ trace ${'{ x := struct '.repeat(200_000)}`),
  'nesting of variants': fields(
    `enum : uint8_t { a } t; ${'variant <t> { struct { '.repeat(20_000)}uint8_t a; ${'} a; } v; '.repeat(20_000)}`,
  ),
  'array of 2^32 - 1': fields('uint64_t _a[4294967295];'),
  'array of 2^64 - 1': fields('uint64_t _a[18446744073709551615];'),
  'array of arrays of arrays': fields('uint8_t _a[65535][65535][65535][65535];'),
  'array of nothing, 2^32 - 1 times': fields('struct { } _a[4294967295];'),
  'structures of large arrays, each named before': fields(
    's9 _a;',
    undefined,
    Array.from(
      { length: 9 },
      (_, i) => `typealias struct { ${i === 0 ? 'uint8_t' : `s${i}`} a[1000]; } := s${i + 1};\n`,
    ).join(''),
  ),
  'fields doubled by every alias': fields(
    'd40 _a;',
    undefined,
    Array.from(
      { length: 40 },
      (_, i) =>
        `typealias struct { ${i === 0 ? 'uint8_t' : `d${i}`} a; ${i === 0 ? 'uint8_t' : `d${i}`} b; } := d${i + 1};\n`,
    ).join(''),
  ),
  'sequence of 2^64 - 1': fields('uint64_t _n; uint64_t _a[ _n ];', (w) => w.u64(-1)),
  'sequence of 2^61 + 1, whose bits wrap to 8': fields('uint64_t _n; uint64_t _a[ _n ];', (w) =>
    w.u64((1n << 61n) + 1n),
  ),
  'sequence of nothing, 2^64 - 1 times': fields('uint64_t _n; struct { } _a[ _n ];', (w) => w.u64(-1)),
  'sequence of a negative length': fields('int32_t _n; uint8_t _a[ _n ];', (w) => w.u32(-1)),
  'sequence of strings that are not there': fields('uint32_t _n; string _a[ _n ];', (w) => w.u32(-1)),
  'string without an end': fields('string _a; string _b; string _c;', (w) =>
    w.bytes(new Uint8Array(70_000).fill(0x61)),
  ),
  'alignment of 2^40': fields('struct { uint8_t a; } align(1099511627776) _s;'),
  'alignment of 0': fields('struct { uint8_t a; } align(0) _s;'),
  'alignment that is no power of two': fields('integer { size = 8; align = 3; } _a;'),
  'integer of 0 bits': fields('integer { size = 0; align = 1; } _a;'),
  'integer of 65 bits': fields('integer { size = 65; align = 1; } _a;'),
  'floating point of odd size': fields(
    'floating_point { exp_dig = 200; mant_dig = 4000000000; align = 8; } _a;',
  ),
  'a million fields': fields(Array.from({ length: 300_000 }, (_, i) => `uint8_t _f${i};`).join('')),
  'a million labels': fields(
    `enum : uint32_t { ${Array.from({ length: 300_000 }, (_, i) => `l${i}`).join(', ')} } _e;`,
  ),
  'labels that overflow': fields('enum : uint64_t { a = 18446744073709551615, b, c } _e;'),
  'range that ends before it begins': fields('enum : uint8_t { a = 9 ... 3 } _e;'),
  'an alias of itself': fields(
    'me _a;',
    undefined,
    'typealias me := me;\ntypealias struct { me a; } := me;\n',
  ),
  'a tag that is no enumeration': fields('uint8_t _t; variant <_t> { uint8_t a; } _v;'),
  'a tag value without an option': fields(
    'enum : uint8_t { a, b = 77 } _t; variant <_t> { uint8_t a; } _v;',
    (w) => w.u8(77),
  ),
  'a tag in what comes after': fields('variant <_t> { uint8_t a; } _v; enum : uint8_t { a } _t;'),
  'event id 2^63': {
    ...fields('uint8_t _a;'),
    metadata:
      preamble(LTTNG) +
      streamClass(LTTNG, 0) +
      eventClass(0, 'e', 'uint8_t _a;').replace('id = 0', 'id = 9223372036854775808'),
  },
  'many stream classes': {
    ...fields('uint8_t _a;'),
    metadata: preamble(LTTNG) + Array.from({ length: 20_000 }, (_, i) => streamClass(LTTNG, i)).join(''),
  },
  'the same event twice': replaced(
    /event \{[\s\S]*$/,
    (eventClass(0, 'e', 'uint8_t _a;') + eventClass(0, 'f', 'uint16_t _b;')).replaceAll('$', '$$$$'),
  ),
  'a clock of 0 Hz': replaced('freq = 1000000000', 'freq = 0'),
  'a clock of 2^64 - 1 Hz': replaced('freq = 1000000000', 'freq = 18446744073709551615'),
  'a clock with an offset of 2^63 s': replaced(
    'freq = 1000000000',
    'offset_s = 9223372036854775807; freq = 1',
  ),
  'a uuid that is none': replaced(/uuid = "[^"]*"/, 'uuid = "zz"'),
  'events of no bits': {
    metadata:
      '/* CTF 1.8 */ trace { major = 1; minor = 8; byte_order = le; }; stream { }; event { name = "e"; fields := struct { }; };',
    chan_0: zeros(4096),
  },
  'a text of 64 MiB of blanks': metadata(`/* CTF 1.8 */${' '.repeat(64 << 20)}trace {`),
  'a token of 16 MiB': metadata(`/* CTF 1.8 */ trace { ${'x'.repeat(16 << 20)} = 1; };`),
  'a text that is not closed': metadata('/* CTF 1.8 */ env { a = "'.padEnd(1 << 20, 'b')),
  'packet_size 0': patched([56, 8, 0n]),
  'packet_size 1': patched([56, 8, 1n]),
  'packet_size 2^63': patched([56, 8, HUGE]),
  'packet_size 2^64 - 8': patched([56, 8, -8n]),
  'packet_size smaller than the header': patched([56, 8, 64n]),
  'content_size 0': patched([48, 8, 0n]),
  'content_size 2^63': patched([48, 8, HUGE]),
  'content_size larger than packet_size': patched([48, 8, 1n << 20n]),
  'content_size smaller than the header': patched([48, 8, 100n]),
  'a stream that no class has': patched([20, 4, 99n]),
  'another magic': patched([0, 4, 0n]),
  'another uuid': patched([4, 8, 0n]),
  'times that go back': patched([32, 8, -1n], [40, 8, 0n]),
  'discarded events of 2^64 - 1': patched([72, 8, -1n]),
  'an event that no class has': patched([84, 4, 7n]),
  'an index that points beyond the file': {
    ...patched(),
    'index/chan_0.idx': Buffer.concat([
      Buffer.from('c1f1dcc1000000010000000100000048', 'hex'),
      Buffer.alloc(72 * 100, 0xff),
    ]),
  },
  'an index of entries of 0 bytes': {
    ...patched(),
    'index/chan_0.idx': Buffer.from(`c1f1dcc1000000010000000100000000${'00'.repeat(4096)}`, 'hex'),
  },
};
