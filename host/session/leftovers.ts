/** Removes what a boxtop that died together with its guard (power, kill -9 of both) left behind. */
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lttng } from './command.js';
import { SessionError } from './error.js';
import { isStale } from './identity.js';
import { descend, textOf } from './machine-interface.js';

/** Where sessions have their directories: memory, not disk, because what lies there is read at once. @throws SessionError */
export async function runtimeDirectory(): Promise<string> {
  const uid = process.getuid?.() ?? 0;
  const path =
    uid === 0
      ? '/run/boxtop'
      : join(process.env.XDG_RUNTIME_DIR || join(tmpdir(), `boxtop-${uid}`), 'boxtop');
  await mkdir(path, { recursive: true, mode: 0o700 });
  const { uid: owner, mode } = await stat(path);
  if (owner !== uid || (mode & 0o077) !== 0) {
    throw new SessionError(`${path} belongs to someone else or is open to others; remove it`);
  }
  return path;
}

/** Destroys sessions and removes directories whose boxtop is gone; gives their names. */
export async function removeLeftovers(runtime: string): Promise<string[]> {
  const sessions = (await sessionNames()).filter(isStale);
  for (const session of sessions) await lttng('destroy', session);
  const directories = (await readdir(runtime)).filter(isStale);
  for (const name of directories) {
    const directory = join(runtime, name);
    for (const pid of await relayDaemonsOf(directory)) kill(pid);
    await rm(directory, { recursive: true, force: true });
  }
  return [...new Set([...sessions, ...directories])];
}

async function sessionNames(): Promise<string[]> {
  return descend(await lttng('list'), 'sessions', 'session').flatMap(
    (session) => textOf(session, 'name') ?? [],
  );
}

/** Relay daemons that write to `directory`, known by the option that we start them with. */
async function relayDaemonsOf(directory: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
      return /lttng-relayd$/.test(words[0]!) && words.includes(`--output=${directory}`) ? [Number(pid)] : [];
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
