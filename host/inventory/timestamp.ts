import { text } from './values.js';

/** RFC 3339 with up to nine decimals, as ns since the Unix epoch. The year 1 is how Go writes "never". */
export function timestamp(value: unknown): bigint | undefined {
  const parts = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/.exec(
    text(value) ?? '',
  );
  if (parts === null || parts[1]!.startsWith('0001-')) return undefined;
  const ms = Date.parse(`${parts[1]}${parts[3]}`);
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1_000_000n + BigInt((parts[2] ?? '').padEnd(9, '0'));
}
