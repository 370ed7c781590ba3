import { keepAsDoubles } from '../doubles.js';

/** Each doubling of the latency has this many buckets: values are exact to 1/16, 3 % from the middle of a bucket. */
const SUB_BITS = 4;
const SUB_BUCKETS = 1 << SUB_BITS;
/** Latencies of 2^44 ns and more, 4.9 hours, share the last bucket. */
const LONGEST_BITS = 44;
const BUCKETS = (LONGEST_BITS - SUB_BITS) * SUB_BUCKETS + SUB_BUCKETS;
/** From here on, 4.3 s, the lower bits do not matter, and are cut off to stay within 32. */
const LONG_BITS = 32;
const LONG = 2 ** LONG_BITS;
const CUT_BITS = LONGEST_BITS - LONG_BITS;

/** Latencies of an interval as a histogram with buckets of equal relative width. */
export class Latencies {
  static {
    keepAsDoubles(new Latencies(), 'max');
  }

  private readonly buckets = new Uint32Array(BUCKETS);
  count = 0;
  max = 0;

  add(ns: number): void {
    this.buckets[bucketOf(ns)]!++;
    this.count++;
    if (ns > this.max) this.max = ns;
  }

  /** The value that the share (0…1) of all latencies does not exceed, in ns; undefined where there were none. */
  quantile(share: number): number | undefined {
    if (this.count === 0) return undefined;
    let left = Math.ceil(share * this.count);
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.buckets[bucket]!;
      if (left <= 0) return Math.min(middleOf(bucket), this.max);
    }
    return this.max;
  }

  clear(): void {
    if (this.count === 0) return;
    this.buckets.fill(0);
    this.count = 0;
    this.max = 0;
  }
}

function bucketOf(ns: number): number {
  if (ns >= LONG) return bucketOf(Math.min(ns / 2 ** CUT_BITS, LONG - 1)) + CUT_BITS * SUB_BUCKETS;
  const value = ns >>> 0;
  if (value < SUB_BUCKETS) return value;
  const exponent = 31 - Math.clz32(value);
  const sub = (value >>> (exponent - SUB_BITS)) & (SUB_BUCKETS - 1);
  return (exponent - SUB_BITS + 1) * SUB_BUCKETS + sub;
}

function middleOf(bucket: number): number {
  if (bucket < SUB_BUCKETS) return bucket;
  const exponent = Math.floor(bucket / SUB_BUCKETS) - 1;
  const width = 2 ** exponent;
  return (SUB_BUCKETS + (bucket % SUB_BUCKETS)) * width + width / 2;
}
