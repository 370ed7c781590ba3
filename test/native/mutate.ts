/** Breaks traces at random, so that a number is enough to have the same broken trace again. */

import type { Files } from '../ctf/writer.js';

/** A small random number generator (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An integer from 0 to `below` - 1. */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

const EXTREMES = [
  0n,
  1n,
  7n,
  0x7fffffffn,
  0xffffffffn,
  1n << 40n,
  (1n << 61n) - 1n,
  1n << 63n,
  (1n << 64n) - 1n,
] as const;
const NUMBERS = [
  '0',
  '-1',
  '3',
  '65',
  '4294967295',
  '18446744073709551615',
  '99999999999999999999999',
  '0x',
  '1e9',
] as const;
const WORDS = [
  'struct {',
  '}',
  'variant <',
  '>',
  '[',
  ']',
  ';',
  ':=',
  '"',
  '/*',
  '//',
  '...',
  'typealias',
  'enum :',
  'align(',
  'stream {',
  '\0',
] as const;

type Mutation = (bytes: Buffer, random: Random) => Buffer;

const place = (bytes: Buffer, random: Random): number => random.below(bytes.length + 1);

function splice(bytes: Buffer, at: number, remove: number, insert: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(Math.min(bytes.length, at + remove))]);
}

const cut: Mutation = (bytes, random) => bytes.subarray(0, place(bytes, random));
const flip: Mutation = (bytes, random) => {
  const copy = Buffer.from(bytes);
  for (let n = 1 + random.below(4); n > 0 && copy.length > 0; n--)
    copy[random.below(copy.length)]! ^= 1 << random.below(8);
  return copy;
};
const remove: Mutation = (bytes, random) =>
  splice(bytes, place(bytes, random), 1 + random.below(64), Buffer.alloc(0));
const repeat: Mutation = (bytes, random) => {
  const at = place(bytes, random);
  return splice(bytes, at, 0, bytes.subarray(at, at + random.below(256)));
};
const extreme: Mutation = (bytes, random) => {
  const value = Buffer.alloc(8);
  if (random.below(2)) value.writeBigUInt64LE(random.pick(EXTREMES));
  else value.writeBigUInt64BE(random.pick(EXTREMES));
  const size = random.pick([1, 2, 4, 8]);
  return splice(bytes, random.below(Math.max(1, bytes.length / 4)) * 4, size, value.subarray(0, size));
};
const fill: Mutation = (bytes, random) => {
  const at = place(bytes, random);
  return Buffer.from(bytes).fill(
    random.pick([0, 255, 31]),
    at,
    Math.min(bytes.length, at + random.below(128)),
  );
};
const number: Mutation = (bytes, random) => {
  const numbers = [...bytes.toString('latin1').matchAll(/\d+/g)];
  if (numbers.length === 0) return bytes;
  const found = random.pick(numbers);
  return splice(bytes, found.index, found[0].length, Buffer.from(random.pick(NUMBERS)));
};
const word: Mutation = (bytes, random) =>
  splice(bytes, place(bytes, random), random.below(8), Buffer.from(random.pick(WORDS)));

const BINARY: readonly Mutation[] = [cut, flip, remove, repeat, extreme, extreme, fill];
const TEXT: readonly Mutation[] = [cut, flip, remove, repeat, number, number, word];

/** The trace with one of its files broken in one to three ways. */
export function mutate(files: Files, random: Random): Files {
  const path = random.pick(Object.keys(files));
  let bytes = Buffer.from(files[path]!);
  for (let n = 1 + random.below(3); n > 0; n--)
    bytes = Buffer.from(random.pick(path.endsWith('metadata') ? TEXT : BINARY)(bytes, random));
  return { ...files, [path]: bytes };
}
