#!/usr/bin/env node
// Starts boxtop. React and Ink read the environment when they are loaded, so it is prepared before anything else is.
import { statSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

// What is hot is many small handlers. With V8's usual limit (920) each is compiled with all that it may call, again and again,
// on threads that take the CPUs from those that read and analyze: a third of all the time of a dump.
setFlagsFromString('--max-inlined-bytecode-size-cumulative=300');

if (process.env.BOXTOP_DEBUG) process.setSourceMapsEnabled(true);

const dist = new URL('../dist/', import.meta.url);
const modules = { environment: 'tui/environment.js', main: 'cli/main.js' };
const bundle = { environment: 'bundle/environment.js', main: 'bundle/main.js' };

/** When the file was made; 0 where there is none. */
const made = (path) => statSync(new URL(path, dist), { throwIfNoEntry: false })?.mtimeMs ?? 0;

try {
  // A bundle that is older than what it was made of is not used.
  const { environment, main: entry } = made(bundle.main) >= made(modules.main) ? bundle : modules;
  const { prepareEnvironment } = await import(new URL(environment, dist));
  prepareEnvironment(process.env);
  const { main } = await import(new URL(entry, dist));
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // Errors of commands are told by main(): what fails here is the loading of what npm builds and installs.
  const reason =
    error.code === 'ERR_MODULE_NOT_FOUND'
      ? 'it is not built or installed completely'
      : error.message.split('\n')[0];
  console.error(`boxtop: ${reason}: run “npm ci” in ${new URL('..', import.meta.url).pathname}`);
  if (process.env.BOXTOP_DEBUG) console.error(error.stack);
  process.exitCode = 1;
}
