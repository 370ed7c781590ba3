#!/usr/bin/env node
// Starts boxtop. React and Ink read the environment when they are loaded, so it is prepared before anything else is.
import { existsSync } from 'node:fs';

const dist = new URL('../dist/', import.meta.url);

if (!existsSync(new URL('cli/main.js', dist))) {
  console.error('boxtop: it is not built yet: run “npm ci” (or “npm run build”) in its directory first');
  process.exit(1);
}
const { prepareEnvironment } = await import(new URL('tui/environment.js', dist));
prepareEnvironment(process.env);
const { main } = await import(new URL('cli/main.js', dist));
process.exitCode = await main(process.argv.slice(2));
