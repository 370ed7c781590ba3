/** How long `boxtop replay` takes to its first screen, and how much memory it takes to show a whole recording. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { peakOfTree } from './measure.js';

const PATIENCE_MS = 120_000;
let servers = 0;

/** A tmux server of our own; one that ends still holds its socket for a moment, so each has another. */
function startServer(): (...args: string[]) => string {
  const socket = `boxtop-bench-${process.pid}-${servers++}`;
  return (...args) => execFileSync('tmux', ['-L', socket, '-f', '/dev/null', ...args], { encoding: 'utf8' });
}

/** The container table's head and a row of it: then the frame is whole, because it is drawn as one. */
const FULL_FRAME = /^ *NAME .*\n *[^\s─]+ +\S+/m;

async function until(screen: () => string, shown: RegExp, what: string): Promise<void> {
  const begin = performance.now();
  while (!shown.test(screen())) {
    if (performance.now() - begin > PATIENCE_MS) throw new Error(`${what} never came`);
    await sleep(5);
  }
}

export interface Replay {
  /** From the start of the process to the first full frame, in ms. */
  readonly firstScreen: number;
  /** Most resident memory up to then, and until the end of the recording was shown, in MiB. */
  readonly memoryAtFirst: number;
  readonly memoryAtEnd: number;
}

/** Replays a recording in a terminal of 160×50 and goes to its end. */
export async function replay(command: readonly string[]): Promise<Replay> {
  const shell = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const tmux = startServer();
  const screen = (): string => tmux('capture-pane', '-p');
  const begin = performance.now();
  // Nothing is configured there, and what is kept there is thrown away.
  const home = mkdtempSync(join(tmpdir(), 'boxtop-bench-home-'));
  const clean = `env XDG_CONFIG_HOME=${home} XDG_STATE_HOME=${home}`;
  tmux('new-session', '-d', '-x', '160', '-y', '50', `exec ${clean} ${shell}`);
  try {
    await until(screen, FULL_FRAME, 'the first frame');
    const firstScreen = performance.now() - begin;
    const pid = Number(tmux('list-panes', '-F', '#{pane_pid}'));
    const memoryAtFirst = peakOfTree(pid);
    tmux('send-keys', '}');
    await until(screen, /\d:\d\d end *$/m, 'the end');
    return { firstScreen, memoryAtFirst, memoryAtEnd: peakOfTree(pid) };
  } finally {
    tmux('kill-server');
    // It may still be keeping its state there.
    rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
