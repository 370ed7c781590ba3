/** A writer of bits as CTF 1.8 lays them out; slow and plain on purpose, because it is what the decoder is held against. */

export type ByteOrder = 'le' | 'be';

const encoder = new TextEncoder();

export class BitWriter {
  #bytes = new Uint8Array(256);
  #position = 0;

  /** With `natural`, the sized writers align to their own size as a machine without unaligned access does; else to a byte. */
  constructor(
    readonly order: ByteOrder = 'le',
    readonly natural = false,
  ) {}

  /** In bits, from the beginning of the packet. */
  get position(): number {
    return this.#position;
  }

  align(bits: number): this {
    this.#position = Math.ceil(this.#position / bits) * bits;
    return this;
  }

  /**
   * An integer of `size` bits at exactly this position. Little endian fills bytes from their least significant bit on,
   * big endian from their most significant bit on; negative values become two's complement.
   */
  bits(size: number, value: number | bigint, order = this.order): this {
    const bits = BigInt.asUintN(size, BigInt(value));
    this.#reserve(this.#position + size);
    for (let i = 0; i < size; i++) {
      const shift = BigInt(order === 'le' ? i : size - 1 - i);
      if ((bits >> shift) & 1n) {
        const at = this.#position + i;
        const mask = order === 'le' ? 1 << (at & 7) : 0x80 >> (at & 7);
        this.#bytes[at >> 3]! |= mask;
      }
    }
    this.#position += size;
    return this;
  }

  /** A byte-sized integer, aligned as this machine aligns. */
  int(size: number, value: number | bigint, order = this.order): this {
    return this.align(this.natural ? size : 8).bits(size, value, order);
  }

  u8(value: number | bigint): this {
    return this.int(8, value);
  }
  u16(value: number | bigint): this {
    return this.int(16, value);
  }
  u32(value: number | bigint): this {
    return this.int(32, value);
  }
  u64(value: number | bigint): this {
    return this.int(64, value);
  }

  f32(value: number, order = this.order): this {
    const view = new DataView(new ArrayBuffer(4));
    view.setFloat32(0, value);
    return this.int(32, view.getUint32(0), order);
  }

  f64(value: number, order = this.order): this {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value);
    return this.int(64, view.getBigUint64(0), order);
  }

  bytes(bytes: Iterable<number>): this {
    this.align(8);
    const all = Uint8Array.from(bytes);
    this.#reserve(this.#position + 8 * all.length);
    this.#bytes.set(all, this.#position / 8);
    this.#position += 8 * all.length;
    return this;
  }

  /** A NUL-terminated string. */
  string(text: string | Uint8Array): this {
    return this.bytes(typeof text === 'string' ? encoder.encode(text) : text).bits(8, 0);
  }

  /** A character array of fixed length, filled up with NULs and cut where the text is longer. */
  text(text: string, length: number): this {
    const field = new Uint8Array(length);
    field.set(encoder.encode(text).subarray(0, length));
    return this.bytes(field);
  }

  /** Replaces an integer written before (a packet's size, known only at its end). */
  patch(position: number, size: number, value: number | bigint): void {
    const end = this.#position;
    for (let at = position; at < position + size; at += 8) this.#bytes[at >> 3] = 0;
    this.#position = position;
    this.bits(size, value);
    this.#position = end;
  }

  /** What was written, filled up to whole bytes. */
  done(): Uint8Array {
    this.#reserve(this.#position);
    return this.#bytes.slice(0, Math.ceil(this.#position / 8));
  }

  #reserve(bits: number): void {
    if (bits <= this.#bytes.length * 8) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, Math.ceil(bits / 8)));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
