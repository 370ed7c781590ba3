// Puts all modules that run together into one script and has V8 keep the bytecode of what a dump and the demo take: a start
// reads one file instead of hundreds and compiles next to nothing. `bin/bundle.js` loads it.
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { BUNDLE, loadBundle, PARAMETERS, setCompilerFlags } from '../bin/bundle.js';

/** What finds its own files by itself, and is loaded rarely. */
const LEFT_OUTSIDE = ['blessed-contrib', 'drawille-canvas-blessed-contrib', 'react-devtools-core'];

const outside = [...builtinModules, ...LEFT_OUTSIDE].join('|');
const required = {
  name: 'required',
  setup({ onResolve, onLoad }) {
    // A script has no imports: what stays outside is required where it is first used.
    onResolve({ filter: new RegExp(`^(node:.*|(${outside})(/.*)?)$`) }, ({ path, kind, namespace }) =>
      kind === 'require-call' || namespace === 'outside'
        ? { path, external: true }
        : { path, namespace: 'outside' },
    );
    onLoad({ filter: /.*/, namespace: 'outside' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
    // Libraries look for their files beside themselves; ours lie as deep as the bundle.
    onLoad({ filter: /node_modules\/.*\.m?js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const place = JSON.stringify(relative(dirname(BUNDLE), path));
      return { contents: text.replaceAll('import.meta.url', `new URL(${place}, __url).href`) };
    });
  },
};

rmSync(dirname(BUNDLE), { recursive: true, force: true });
// As a module, so that libraries may await while they are loaded; in a function that may as well.
await build({
  stdin: { contents: "import { main } from './dist/cli/main.js'; __exports.main = main;", resolveDir: '.' },
  outfile: BUNDLE,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minifyWhitespace: true,
  lineLimit: 120,
  plugins: [required],
  inject: [fileURLToPath(new URL('late-segmenter.mjs', import.meta.url))],
  define: {
    'Intl.Segmenter': 'LateSegmenter',
    // Yoga fetches its code from a data URL that it has in its hands: that loads all of Node's HTTP client first.
    fetch: 'undefined',
    'import.meta.url': '__url',
    'import.meta.resolve': 'require.resolve',
    'process.env.NODE_ENV': '"production"',
    'process.env.DEV': '"false"',
  },
  banner: { js: `/*${randomUUID()}*/(async function (${PARAMETERS.join(', ')}) { "use strict";` },
  footer: { js: '})' },
  logLevel: 'warning',
});

run(fileURLToPath(new URL('warm-up.mjs', import.meta.url)));
setCompilerFlags();
if (loadBundle().script.cachedDataRejected) throw new Error('V8 refuses the bytecode that was just kept');

function run(script) {
  const { status, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${script} fails:\n${stderr}`);
}
