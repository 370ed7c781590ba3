/** The bundled demo: brotli files in the package, unpacked once into the user's cache. */
import { createHash, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { RecordingError } from './error.js';

interface Manifest {
  readonly files: readonly { readonly path: string; readonly size: number; readonly sha256: string }[];
}

const packed = fileURLToPath(new URL('../../recordings/demo/', import.meta.url));
const decompress = promisify(brotliDecompress);

/**
 * Gives the directory of the unpacked demo recording. It lies in `$XDG_CACHE_HOME/boxtop/`, named by its content, and
 * appears there whole (by rename), so several first runs at once do no harm. Where the cache cannot be written it is
 * unpacked into a temporary directory that goes when the process ends. @throws RecordingError
 */
export async function unpackDemo(cacheHome = defaultCacheHome()): Promise<string> {
  const text = await readFile(join(packed, 'manifest.json'), 'utf8').catch((error: Error) => {
    throw new RecordingError(`the demo recording is missing from this installation (${packed})`, {
      cause: error,
    });
  });
  const manifest = JSON.parse(text) as Manifest;
  const version = createHash('sha256').update(text).digest('hex').slice(0, 12);
  const target = join(cacheHome, 'boxtop', `demo-${version}`);
  if (await isWhole(target, manifest)) return target;
  try {
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    return await unpackInto(target, manifest);
  } catch (error) {
    if (!isUnwritable(error)) throw error;
    return unpackTemporarily(manifest);
  }
}

async function unpackInto(target: string, manifest: Manifest): Promise<string> {
  const fresh = `${target}.${randomBytes(6).toString('hex')}`;
  try {
    await unpack(fresh, manifest);
    await putInPlace(fresh, target, manifest);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return target;
}

/** What already stands there is another first run's whole copy, or a damaged one that has to make room. */
async function putInPlace(fresh: string, target: string, manifest: Manifest): Promise<void> {
  try {
    await rename(fresh, target);
  } catch (error) {
    if (await isWhole(target, manifest)) return;
    if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
    await rm(target, { recursive: true, force: true });
    await rename(fresh, target);
  }
}

async function unpackTemporarily(manifest: Manifest): Promise<string> {
  const target = await mkdtemp(join(tmpdir(), 'boxtop-demo-'));
  process.once('exit', () => rmSync(target, { recursive: true, force: true }));
  await unpack(target, manifest);
  return target;
}

async function unpack(target: string, { files }: Manifest): Promise<void> {
  const directories = new Set(files.map(({ path }) => dirname(join(target, path))));
  await Promise.all([...directories].map((directory) => mkdir(directory, { recursive: true, mode: 0o700 })));
  await Promise.all(
    files.map(async ({ path, size }) => {
      const bytes = await decompress(await readFile(join(packed, `${path}.br`)), { maxOutputLength: size });
      if (bytes.length !== size) throw new RecordingError(`the bundled demo recording is damaged: ${path}`);
      await writeFile(join(target, path), bytes);
    }),
  );
}

async function isWhole(target: string, { files }: Manifest): Promise<boolean> {
  const sizes = await Promise.all(files.map(({ path }) => stat(join(target, path)).catch(() => undefined)));
  return sizes.every((found, index) => found?.isFile() && found.size === files[index]!.size);
}

/** The XDG base directory specification has relative paths ignored. */
function defaultCacheHome(): string {
  const configured = process.env.XDG_CACHE_HOME;
  return configured !== undefined && isAbsolute(configured) ? configured : join(homedir(), '.cache');
}

function isUnwritable(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'ENOENT'].includes(
    (error as NodeJS.ErrnoException).code ?? '',
  );
}
