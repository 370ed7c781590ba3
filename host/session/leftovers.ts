/** Removes what a boxtop that died together with its guard (power, kill -9 of both) left behind. */
import { lstatSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lttng } from './command.js';
import { isStale } from './identity.js';
import { descend, textOf } from './machine-interface.js';

/** Where live sessions have their directories: memory, not disk, because what lies there is read at once. */
export function runtimeDirectory(): string {
  return process.getuid?.() === 0 ? '/run' : process.env.XDG_RUNTIME_DIR || tmpdir();
}

/** Destroys sessions and removes directories whose boxtop is gone; gives their names. */
export async function removeLeftovers(): Promise<string[]> {
  const sessions = (await sessionNames()).filter(isStale);
  for (const session of sessions) await lttng('destroy', session);
  const runtime = runtimeDirectory();
  const directories = (await readdir(runtime)).filter((name) => isStale(name) && isOurs(join(runtime, name)));
  for (const name of directories) {
    const directory = join(runtime, name);
    for (const pid of await relayDaemonsOf(directory)) kill(pid);
    await rm(directory, { recursive: true, force: true });
  }
  return [...new Set([...sessions, ...directories])];
}

function isOurs(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === process.getuid?.();
}

async function sessionNames(): Promise<string[]> {
  return descend(await lttng('list'), 'sessions', 'session').flatMap(
    (session) => textOf(session, 'name') ?? [],
  );
}

/** Relay daemons that have `directory`, known by the option that we start them with. */
async function relayDaemonsOf(directory: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
      return /lttng-relayd$/.test(words[0]!) && words.includes(`--working-directory=${directory}`)
        ? [Number(pid)]
        : [];
    }),
  );
  return found.flat();
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // It has ended meanwhile.
  }
}
