#!/usr/bin/env node
// Starts boxtop: the bundle, or the modules themselves where these are newer or faults are looked for in them.
import { isBundled, loadBundle, setCompilerFlags } from './bundle.js';

setCompilerFlags();
const isDebugged = Boolean(process.env.BOXTOP_DEBUG);
if (isDebugged) process.setSourceMapsEnabled(true);

try {
  const { main } =
    isBundled() && !isDebugged ? await loadBundle().run() : await import('../dist/cli/main.js');
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // Errors of commands are told by main(): what fails here is the loading of what npm builds and installs.
  const reason =
    error.code === 'ERR_MODULE_NOT_FOUND'
      ? 'it is not built or installed completely'
      : error.message.split('\n')[0];
  console.error(`boxtop: ${reason}: run “npm ci” in ${new URL('..', import.meta.url).pathname}`);
  if (isDebugged) console.error(error.stack);
  process.exitCode = 1;
}
