// Makes the bundled demo recording from an unpacked recording: node scripts/make-demo.mjs RECORDING
//
// Every file of the trace and every inspect file beside it is compressed on its own, so that the demo stays a tree
// that git stores once and `recordings/demo.ts` unpacks in parallel. manifest.json lists the files with their sizes
// and SHA-256; its own hash is the demo's version. It takes some minutes: the strongest brotli is slow to write.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

const LARGEST = 6 * 1024 * 1024;
const target = fileURLToPath(new URL('../recordings/demo/', import.meta.url));

/** Files that a replay needs: the trace, and what names its containers. */
const isPart = (path) =>
  path.startsWith('trace/') || /^host-[a-z]+\/(docker|podman)-inspect\.json$/.test(path);

function filesBelow(directory, base = directory) {
  return readdirSync(directory, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(directory, entry.name);
      return entry.isDirectory() ? filesBelow(path, base) : [relative(base, path)];
    })
    .sort();
}

function compress(bytes) {
  return brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
}

const source = process.argv[2];
if (source === undefined || !statSync(source, { throwIfNoEntry: false })?.isDirectory()) {
  console.error('usage: node scripts/make-demo.mjs RECORDING (a directory with trace/ and host-*/)');
  process.exit(2);
}

rmSync(target, { recursive: true, force: true });
const files = [];
let total = 0;
for (const path of filesBelow(source).filter(isPart)) {
  const bytes = readFileSync(join(source, path));
  const packed = compress(bytes);
  const name = join(target, `${path}.br`);
  mkdirSync(dirname(name), { recursive: true });
  writeFileSync(name, packed);
  files.push({ path, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
  total += packed.length;
  console.log(`${path}: ${bytes.length} -> ${packed.length}`);
}
writeFileSync(join(target, 'manifest.json'), `${JSON.stringify({ files }, null, 2)}\n`);
console.log(`${files.length} files, ${total} bytes`);
if (total > LARGEST) {
  console.error(`more than ${LARGEST} bytes: too large for the repository`);
  process.exit(1);
}
