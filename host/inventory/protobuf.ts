/**
 * The part of Protocol Buffers' wire format (protobuf.dev/programming-guides/encoding) that CRI's and containerd's lists
 * need: strings, nested messages, maps and varints.
 */

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const LONGEST_VARINT = 10;
/** Of one message: so many containers no list has. */
const MOST_FIELDS = 1 << 17;

/** The peer sent something that is no message. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

/** A field's values in the order they came: bytes of strings and messages, or integers. */
export class Message {
  private readonly fields = new Map<number, (Uint8Array | bigint)[]>();

  constructor(bytes: Uint8Array) {
    const cursor = new Cursor(bytes);
    for (let count = 0; !cursor.atEnd; count++) {
      if (count === MOST_FIELDS) throw new WireError(`a message has more than ${MOST_FIELDS} fields`);
      const key = cursor.varint();
      const value = cursor.value(Number(key & 7n));
      const field = Number(key >> 3n);
      const values = this.fields.get(field);
      if (values === undefined) this.fields.set(field, [value]);
      else values.push(value);
    }
  }

  /** Empty where it is absent, as proto3 has it. */
  text(field: number): string {
    const value = this.fields.get(field)?.at(-1);
    return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : '';
  }

  /** Signed 64 bits; 0 where it is absent. */
  integer(field: number): bigint {
    const value = this.fields.get(field)?.at(-1);
    return typeof value === 'bigint' ? BigInt.asIntN(64, value) : 0n;
  }

  message(field: number): Message {
    return this.messages(field).at(-1) ?? EMPTY;
  }

  messages(field: number): Message[] {
    const values = this.fields.get(field) ?? [];
    return values.flatMap((value) => (value instanceof Uint8Array ? [new Message(value)] : []));
  }

  /** A map<string, string>: each entry is a message of key and value. */
  map(field: number): Record<string, string> {
    return Object.fromEntries(this.messages(field).map((entry) => [entry.text(1), entry.text(2)]));
  }
}

class Cursor {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get atEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let index = 0; index < LONGEST_VARINT; index++) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new WireError('a message ends in the middle of a number');
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new WireError('a number has more than ten bytes');
  }

  value(wireType: number): Uint8Array | bigint {
    if (wireType === VARINT) return this.varint();
    if (wireType === BYTES) return this.take(Number(this.varint()));
    if (wireType === FIXED64) return Buffer.from(this.take(8)).readBigUInt64LE();
    if (wireType === FIXED32) return BigInt(Buffer.from(this.take(4)).readUInt32LE());
    throw new WireError(`wire type ${wireType} is not known`);
  }

  private take(length: number): Uint8Array {
    const end = this.at + length;
    if (end > this.bytes.length) throw new WireError('a message is shorter than it says');
    const taken = this.bytes.subarray(this.at, end);
    this.at = end;
    return taken;
  }
}

const EMPTY = new Message(new Uint8Array());

/** One field of a message to send: a string, a nested message, or a small number. */
export function field(number: number, value: string | Uint8Array | number): Uint8Array {
  if (typeof value === 'number') return Uint8Array.from([...varint(number << 3), ...varint(value)]);
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([Uint8Array.from([...varint((number << 3) | BYTES), ...varint(bytes.length)]), bytes]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}
