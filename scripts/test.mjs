// `npm test`: everything, from what the tests need of the system to the last line that counts them.
// `npm test -- PATTERN…` runs only the test files whose path contains a pattern.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';
import { installMissing } from './prerequisites.mjs';
import { report } from './reporter.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
/** The longest that one test file may take. */
const FILE_TIMEOUT_MS = 300_000;
/** Folders of test/ by how fast they are; the others come last. */
const FAST_FIRST = ['host', 'recordings', 'analyzers', 'cli', 'tui', 'native'];

process.chdir(root);
installMissing();
step('addon', 'npm', [
  'exec',
  '--offline',
  '-c',
  `node-gyp ${existsSync('native/build') ? 'build' : 'rebuild'} --directory native`,
]);
step('types', 'npx', ['--no-install', 'tsc']);
step('lint', 'npx', ['--no-install', 'biome', 'check', '.']);
step('decoder', 'make', ['-C', 'native/test', 'check']);

const patterns = process.argv.slice(2);
const files = testFiles().filter(
  (file) => patterns.length === 0 || patterns.some((pattern) => file.includes(pattern)),
);
if (files.length === 0) {
  console.log(`no test file has ${patterns.join(' or ')} in its path`);
  process.exit(1);
}
const events = run({ files, concurrency: availableParallelism(), timeout: FILE_TIMEOUT_MS });
const { passed, failed, skipped } = await report(events, (file) => relative(join(root, 'dist'), file));
console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed === 0 ? 0 : 1);

/** Runs a step before the tests, and ends everything where it fails. */
function step(title, command, args) {
  const started = performance.now();
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (status === 0) {
    console.log(`ok ${title} (${seconds} s)`);
    return;
  }
  console.log(`${stdout ?? ''}${stderr ?? ''}FAILED ${title} (${error?.message ?? `exit code ${status}`})`);
  process.exit(1);
}

/** The compiled test of every source, so that what is left in dist/ of a test that went is not run. */
function testFiles() {
  const sources = readdirSync('test', { recursive: true }).filter((path) => /\.test\.tsx?$/.test(path));
  const rank = (path) => {
    const index = FAST_FIRST.indexOf(path.split('/')[0]);
    return index < 0 ? FAST_FIRST.length : index;
  };
  return sources
    .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))
    .map((path) => join(root, 'dist/test', path.replace(/\.tsx?$/, '.js')));
}
