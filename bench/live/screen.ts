/** `boxtop` on a session of the relay daemon by script, in a terminal. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { unpackDemo } from '../../recordings/demo.js';
import { root } from '../../test/native/recordings.js';
import { outputOf } from '../measure.js';

export const LIVE_TIMER_MS = 200;
const PATIENCE_MS = 60_000;
let servers = 0;

export interface Feed {
  readonly url: string;
  /** How much faster than it happened. */
  readonly speed: number;
  stop(): void;
}

/** Gives the demo live, over and over, at so many events a second on average. `scratch` is an empty directory. */
export async function startFeed(rate: number, scratch: string): Promise<Feed> {
  const demo = await unpackDemo();
  const info = JSON.parse(
    outputOf([process.execPath, join(root, 'bin/boxtop.js'), 'info', demo, '-f', 'json']),
  ) as { events: Record<string, number>; begin_ns: string; end_ns: string };
  const events = Object.values(info.events).reduce((sum, count) => sum + count, 0);
  const speed = rate / (events / (Number(BigInt(info.end_ns) - BigInt(info.begin_ns)) / 1e9));
  execFileSync('make', ['-s', '-C', join(root, 'native/test'), '../build/test/recut']);
  const cut = join(scratch, `cut-${rate}`);
  const period = String(Math.round(LIVE_TIMER_MS * 1e6 * speed));
  execFileSync(join(root, 'native/build/test/recut'), [join(demo, 'trace'), cut, period]);
  const program = fileURLToPath(new URL('feed.js', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [program, cut, String(speed), String(LIVE_TIMER_MS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = (await once(createInterface(child.stdout!), 'line')) as [string];
  return { url, speed, stop: () => void child.kill() };
}

export interface Watched {
  readonly pid: number;
  screen(): string;
  stop(): void;
}

/** Shows a live session in a terminal of 160×50, two frames a second; resolves when the first is there. */
export async function watch(feed: Feed, ...more: string[]): Promise<Watched> {
  const socket = `boxtop-live-${process.pid}-${servers++}`;
  const tmux = (...args: string[]): string =>
    execFileSync('tmux', ['-L', socket, '-f', '/dev/null', ...args], { encoding: 'utf8' });
  const interval = `${Math.round(500 * feed.speed)}ms`;
  const command = [
    process.execPath,
    join(root, 'bin/boxtop.js'),
    '--attach',
    feed.url,
    '--interval',
    interval,
  ];
  tmux('new-session', '-d', '-x', '160', '-y', '50', `exec ${[...command, ...more].join(' ')}`);
  const screen = (): string => tmux('capture-pane', '-p');
  try {
    const begin = performance.now();
    while (!/events\/s/.test(screen())) {
      if (performance.now() - begin > PATIENCE_MS) throw new Error(`no frame came:\n${screen()}`);
      await sleep(50);
    }
  } catch (error) {
    tmux('kill-server');
    throw error;
  }
  return {
    pid: Number(tmux('list-panes', '-F', '#{pane_pid}')),
    screen,
    stop: () => void tmux('kill-server'),
  };
}
