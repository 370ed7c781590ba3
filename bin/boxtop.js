#!/usr/bin/env node
// Starts boxtop: the bundle, or the modules themselves where these are newer or faults are looked for in them. CommonJS, as
// bundle.js, because Node gets ready for it sooner.
const { isBundled, loadBundle, setCompilerFlags } = require('./bundle.js');

const isDebugged = Boolean(process.env.BOXTOP_DEBUG);

async function start() {
  setCompilerFlags();
  if (isDebugged) process.setSourceMapsEnabled(true);
  const { main } =
    isBundled() && !isDebugged ? await loadBundle().run() : await import('../dist/cli/main.js');
  return main(process.argv.slice(2));
}

start().then(
  // All is written: taking the heap apart takes as long as loading it.
  (code) => process.exit(code),
  (error) => {
    // Errors of commands are told by main(): what fails here is the loading of what npm builds and installs.
    const reason =
      error.code === 'ERR_MODULE_NOT_FOUND'
        ? 'it is not built or installed completely'
        : error.message.split('\n')[0];
    console.error(`boxtop: ${reason}: run “npm ci” in ${require('node:path').dirname(__dirname)}/`);
    if (isDebugged) console.error(error.stack);
    process.exitCode = 1;
  },
);
