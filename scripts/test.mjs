// `npm test`: everything, from what the tests need of the system to the last line that counts them.
// `npm test -- PATTERN…` runs only the test files whose path contains a pattern.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installMissing } from './prerequisites.mjs';
import { runFiles } from './reporter.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
/** The longest that one test file may take. */
const FILE_TIMEOUT_MS = 300_000;
/** Folders of test/ by how fast they are; the others come last. */
const FAST_FIRST = ['host', 'recordings', 'analyzers', 'cli', 'tui', 'native'];

process.chdir(root);
installMissing();
const jobs = String(availableParallelism());
const gyp = existsSync('native/build/config.gypi') ? 'build' : 'rebuild';
mustPass('addon', 'npm', ['exec', '--offline', '-c', `node-gyp ${gyp} --directory native`]);
mustPass('types and bundle', 'npm', ['run', 'build']);
mustPass('decoder without Node', 'make', ['-j', jobs, '-C', 'native/test']);
const checks = [
  passes('lint', 'npx', ['--no-install', 'biome', 'check', '.']),
  passes('unit tests of the decoder', 'native/build/test/unit', []),
];

const patterns = process.argv.slice(2);
const files = testFiles().filter(
  (file) => patterns.length === 0 || patterns.some((pattern) => file.includes(pattern)),
);
if (files.length === 0) {
  console.log(`no test file has ${patterns.join(' or ')} in its path`);
  process.exit(1);
}
const results = await runFiles(files, {
  concurrency: availableParallelism(),
  timeout: FILE_TIMEOUT_MS,
  nameOf: (file) => relative(join(root, 'dist'), file),
});
end(
  results.passed + checks.filter((passed) => passed).length,
  results.failed + checks.filter((passed) => !passed).length,
  results.skipped,
);

function end(passed, failed, skipped) {
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exit(failed === 0 ? 0 : 1);
}

/** Runs what everything after it stands on. */
function mustPass(title, command, args) {
  if (!passes(title, command, args)) end(0, 1, 0);
}

/** Runs a program; shows its output only where it fails. */
function passes(title, command, args) {
  const started = performance.now();
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (status !== 0) {
    console.log(`${stdout ?? ''}${stderr ?? ''}FAILED ${title} (${error?.message ?? `exit code ${status}`})`);
  } else {
    console.log(`ok ${title} (${seconds} s)`);
  }
  return status === 0;
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
