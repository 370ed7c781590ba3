/** Beyond what V8 has small integers for. */
const LARGE = 2 ** 53;

type NumberKey<T> = { [K in keyof T]: T[K] extends number | undefined ? K : never }[keyof T];

/**
 * Times and sums begin as small integers, as which V8 lays their fields out, and grow beyond 2^31 within seconds: then the
 * layout of the class changes, and all code that was compiled for the former one is thrown away, in the midst of reading.
 * A sample that has held large numbers once decides for all that are made after it.
 */
export function keepAsDoubles<T extends object>(sample: T, ...fields: NumberKey<T>[]): void {
  for (const field of fields) (sample[field] as number) = LARGE;
}
