// Runs the bundle as users will and keeps the bytecode of every function that was called: node scripts/warm-up.mjs
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import v8 from 'node:v8';
import { loadBundle, setCompilerFlags } from '../bin/bundle.js';

/** On the screen, which begins as everybody sees it: pause, go back, help, end. */
const KEYS = [' ', '\x1b[D', '?', '\x1b', 'q'];
const KEY_MS = 150;
const FRAMES_MS = 2000;

const home = mkdtempSync(join(tmpdir(), 'boxtop-warm-up-'));
Object.assign(process.env, { HOME: home, XDG_CACHE_HOME: home, XDG_CONFIG_HOME: home, XDG_STATE_HOME: home });
Object.assign(process.env, { TERM: 'xterm-256color', LC_ALL: 'C.UTF-8' });
try {
  setCompilerFlags();
  // Bytecode is good for the flags that are set when it is kept, and loaded before the screen sets its own.
  v8.setFlagsFromString = () => {};
  const { script, bytecode, run } = loadBundle();
  const { main } = await run();
  // Nobody sees what it writes.
  const screen = Object.assign(new PassThrough(), {
    isTTY: true,
    columns: 120,
    rows: 40,
    fd: openSync('/dev/null', 'w'),
  });
  let written = '';
  screen.on('data', (bytes) => {
    written = String(bytes);
  });
  const keyboard = Object.assign(new PassThrough(), { isTTY: true, setRawMode() {}, ref() {}, unref() {} });
  Object.defineProperty(process, 'stdout', { value: screen });
  Object.defineProperty(process, 'stdin', { value: keyboard });
  await mustEndWell(main(['demo', '--path']));
  await sleep(0);
  const demo = written.trim();
  await mustEndWell(main(['dump', 'containers', demo, '--total', '-f', 'json']));
  const shown = main(['replay', demo]);
  await sleep(FRAMES_MS);
  for (const key of KEYS) {
    keyboard.write(key);
    await sleep(KEY_MS);
  }
  await mustEndWell(shown);
  writeFileSync(bytecode, script.createCachedData());
} finally {
  rmSync(home, { recursive: true, force: true });
}

async function mustEndWell(ending) {
  const code = await ending;
  if (code !== 0) throw new Error(`it ended with ${code}`);
}
