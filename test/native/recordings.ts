/** Where the recordings for tests are: small pieces in the repository, the whole ones beside it where they exist. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function findRoot(from: string): string {
  return existsSync(join(from, 'package.json')) ? from : findRoot(dirname(from));
}

/** The repository's root, from the sources as from what is compiled to `dist/`. */
export const root = findRoot(dirname(fileURLToPath(import.meta.url)));

/** A piece of a real recording that is in the repository. */
export const piece = (name: string): string => join(root, 'test/data', name);

/**
 * The directory of a whole recording (`shop`, `market`, `deny`, `whatif`), unpacked once into the temporary directory;
 * undefined on a machine that has no `../shared/traces`.
 */
export function recording(name: string): string | undefined {
  const archive = join(root, '../shared/traces', `${name}.tar.zst`);
  if (!existsSync(archive)) return undefined;
  const { size, mtimeMs } = statSync(archive);
  const cache = join(tmpdir(), `boxtop-recordings-${process.getuid?.() ?? 0}`);
  const unpacked = join(cache, `${name}-${size}-${Math.floor(mtimeMs)}`);
  if (!existsSync(unpacked)) {
    mkdirSync(cache, { recursive: true, mode: 0o700 });
    const temporary = mkdtempSync(join(cache, 'unpacking-'));
    execFileSync('tar', ['--zstd', '-xf', archive, '-C', temporary]);
    try {
      renameSync(temporary, unpacked);
    } catch {
      rmSync(temporary, { recursive: true }); // another test was faster
    }
  }
  return join(unpacked, name);
}
