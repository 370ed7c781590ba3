/** Starts container engines of one's own for a test: their own directories and sockets, no network, gone afterwards. */
import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, open, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Hierarchies } from '../../../host/cgroup/hierarchies.js';
import { privilegesOf } from '../../../host/processes.js';

const CAP_SYS_ADMIN = 1n << 21n;
const CGROUPS = '/sys/fs/cgroup';
const START_TIMEOUT_MS = 30_000;
const COMMAND_TIMEOUT_MS = 30_000;

/** Why the engine cannot be tested here; false where it can. */
export function missing(...programs: readonly string[]): string | false {
  if (process.getuid?.() !== 0) return 'needs root';
  const absent = programs.filter((program) => !isOnPath(program));
  if (absent.length > 0) return `needs ${absent.join(', ')}`;
  return canMakeCgroups() ? false : 'needs to mount file systems and make cgroups';
}

/** Root of a container that is not privileged can do neither. */
function canMakeCgroups(): boolean {
  const { capEffective = 0n } = privilegesOf(process.pid) ?? {};
  const hierarchies = Hierarchies.read();
  const probe =
    hierarchies.primary && hierarchies.directoryOf(hierarchies.primary, `/boxtop-probe-${process.pid}`);
  if ((capEffective & CAP_SYS_ADMIN) === 0n || probe === undefined) return false;
  try {
    mkdirSync(probe);
    rmdirSync(probe);
    return true;
  } catch {
    return false;
  }
}

function isOnPath(program: string): boolean {
  const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return directories.some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export interface Workspace {
  readonly directory: string;
  /** What is to be done in the end, the last first. */
  readonly cleanups: (() => unknown)[];
  remove(): Promise<void>;
}

export async function workspace(name: string): Promise<Workspace> {
  const directory = await mkdtemp(join(tmpdir(), `boxtop-${name}-`));
  const cleanups: (() => unknown)[] = [];
  return {
    directory,
    cleanups,
    async remove() {
      for (const cleanup of cleanups.reverse()) await cleanup();
      await endThoseOf(directory);
      unmountBelow(directory);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Containers outlive their daemon below a shim, whose arguments name our directory. */
async function endThoseOf(directory: string): Promise<void> {
  const parents = new Map<number, number>();
  const ours: number[] = [];
  for (const name of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const text = (file: string) => readFile(join('/proc', name, file), 'utf8').catch(() => '');
    const stat = await text('stat');
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    if ((await text('cmdline')).includes(directory)) ours.push(Number(name));
  }
  const children = [...parents].filter(([, parent]) => ours.includes(parent)).map(([pid]) => pid);
  kill(new Set([...children, ...ours]));
}

/** Removes cgroups of ours, with what a test that failed has left in them. */
export async function removeCgroups(path: string): Promise<void> {
  // In one hierarchy, or in each of cgroup v1, of which engines use more than we read.
  const roots = [CGROUPS, ...readdirSync(CGROUPS).map((name) => join(CGROUPS, name))];
  for (const directory of roots.map((root) => join(root, path)).filter((each) => existsSync(each))) {
    const find = (...args: readonly string[]) =>
      spawnSync('find', [directory, ...args], { encoding: 'utf8' }).stdout;
    const pids = () => find('-name', 'cgroup.procs', '-exec', 'cat', '{}', '+').split('\n').filter(Boolean);
    for (let tries = 0; pids().length > 0 && tries < 100; tries++) {
      kill(pids().map(Number));
      await sleep(50);
    }
    find('-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';');
  }
}

function kill(pids: Iterable<number>): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** What an engine that was killed has left mounted would be emptied by removing the directory. */
function unmountBelow(directory: string): void {
  const mounts = execFileSync('cat', ['/proc/self/mountinfo'], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => path.startsWith(`${directory}/`));
  for (const path of mounts.reverse()) execFileSync('umount', ['-l', path]);
}

/** A root file system with nothing but busybox, as a tar file. */
export async function tinyImage(directory: string): Promise<string> {
  const root = join(directory, 'tiny');
  await mkdir(join(root, 'bin'), { recursive: true });
  await copyFile(busybox(), join(root, 'bin/busybox'));
  for (const applet of ['sh', 'sleep']) await symlink('busybox', join(root, 'bin', applet));
  const tar = join(directory, 'tiny.tar');
  await run('tar', ['-C', root, '-cf', tar, '.']);
  return tar;
}

function busybox(): string {
  return ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path)) ?? '/bin/busybox';
}

/** A daemon whose output goes to a file; stopped when the workspace is removed. */
export async function startDaemon(
  space: Workspace,
  program: string,
  args: readonly string[],
  isReady: () => Promise<unknown>,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<ChildProcess> {
  const log = join(space.directory, `${program}.log`);
  const file = await open(log, 'a');
  const daemon = spawn(program, args, {
    stdio: ['ignore', file.fd, file.fd],
    env: { ...process.env, ...env },
  });
  const exited = new Promise<void>((resolve) => daemon.once('exit', () => resolve()));
  await file.close();
  space.cleanups.push(async () => {
    daemon.kill('SIGCONT');
    daemon.kill('SIGTERM');
    const timer = setTimeout(() => daemon.kill('SIGKILL'), 5000);
    await exited;
    clearTimeout(timer);
  });
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    if (
      await isReady().then(
        () => true,
        () => false,
      )
    )
      return daemon;
    if (daemon.exitCode !== null || performance.now() > deadline) {
      throw new Error(`${program} does not start:\n${(await readFile(log, 'utf8')).slice(-2000)}`);
    }
    await sleep(50);
  }
}

/** Output of a command without its last newline. */
export async function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<string> {
  const running = promisify(execFile)(program, args, {
    timeout: COMMAND_TIMEOUT_MS,
    env: { ...process.env, ...env },
  });
  // LXD's client would wait for more to come.
  running.child.stdin?.end();
  const { stdout } = await running;
  return stdout.trimEnd();
}

/** Waits for something to be so. @throws with `what` where it does not become so */
export async function until<T>(what: string, check: () => T | undefined | false, ms = 5000): Promise<T> {
  const deadline = performance.now() + ms;
  for (;;) {
    const value = check();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`waited ${ms} ms in vain: ${what}`);
    await sleep(10);
  }
}
