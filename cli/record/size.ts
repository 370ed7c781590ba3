/** Sizes on the command line and on the disk. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.js';

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** `500M`, `2G`, `1.5g`; a number alone is bytes. @throws UsageError */
export function parseSize(text: string): number {
  const parts = /^(\d{1,12}(?:\.\d{1,3})?)([kmgt]?)(?:i?b)?$/i.exec(text);
  const bytes = parts === null ? 0 : Number(parts[1]) * UNITS[parts[2]!.toLowerCase()]!;
  if (bytes < 1) throw new UsageError(`“${text}” is no size; use one like 500M or 2G`);
  return Math.floor(bytes);
}

/** Bytes of all files below a directory; files that go meanwhile count as nothing. */
export async function sizeOf(directory: string): Promise<number> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    entries.map((entry) => {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) return sizeOf(path);
      return stat(path).then(
        ({ size }) => size,
        () => 0,
      );
    }),
  );
  return sizes.reduce((total, size) => total + size, 0);
}
