// The bundle that `npm run build` makes of all modules, and V8's bytecode for it.
const { existsSync, readFileSync, statSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');

const dist = join(__dirname, '../dist');
const BUNDLE = join(dist, 'bundle/boxtop.js');
/** What the bundle begins with. V8 only compares lengths: bytecode of another build with an equal one would be taken. */
const BUILD = /^\/\*([\w-]+)\*\//;
/** Of the function that the bundle is. */
const PARAMETERS = ['require', '__exports', '__url'];

/**
 * What is hot is many small handlers. With V8's usual limits (920, and 66 KiB of bytecode that were run) each is compiled soon,
 * with all that it may call, again and again, on threads that take the CPUs from those that read and analyze: a third of all
 * the time of a dump.
 */
function setCompilerFlags() {
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=300');
  setFlagsFromString('--interrupt-budget=260000');
}

/** Whether the bundle is there, and not older than what it was made of. */
function isBundled() {
  return existsSync(BUNDLE) && made(BUNDLE) >= made(join(dist, 'cli/main.js'));
}

/** The bundle, compiled; where its bytecode lies; and how to run it: gives what it exports. */
function loadBundle() {
  // ASCII is all that esbuild writes.
  const source = readFileSync(BUNDLE, 'latin1');
  // Good for one version of V8 and its flags; refused by V8 where these are others, and then compiled anew.
  const bytecode = `${BUNDLE}.${BUILD.exec(source)?.[1]}.bytecode`;
  const cachedData = existsSync(bytecode) ? readFileSync(bytecode) : undefined;
  const script = new Script(source, { filename: BUNDLE, cachedData });
  return {
    script,
    bytecode,
    async run() {
      const exports = {};
      await script.runInThisContext()(createRequire(BUNDLE), exports, pathToFileURL(BUNDLE).href);
      return exports;
    },
  };
}

/** When the file was made; -1 where there is none. */
function made(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? -1;
}

module.exports = { BUNDLE, PARAMETERS, setCompilerFlags, isBundled, loadBundle };
