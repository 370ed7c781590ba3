/** Times and memory of other processes, each trial in a process of its own. */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Of /proc/PID/stat, a second: fixed on all that Node runs on. */
const CLOCK_TICKS = 100;

export interface Usage {
  /** Seconds. */
  readonly wall: number;
  /** Seconds of CPU, user and system together. */
  readonly cpu: number;
}

/** What a command takes, by bash's own `time`. @throws where it fails. */
export function timed(command: readonly string[]): Usage {
  const script = 'TIMEFORMAT="%R %U %S"; time "$@" >/dev/null 2>&1';
  const { status, stderr } = spawnSync('bash', ['-c', script, 'bash', ...command], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}`);
  const [wall, user, system] = stderr.trim().split(' ').map(Number) as [number, number, number];
  return { wall, cpu: user + system };
}

/** The standard output of a command. @throws where it fails. */
export function outputOf(command: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command[0]!, command.slice(1), {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}: ${stderr.slice(-500)}`);
  return stdout;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** The most memory that a process has had resident, in MiB; undefined when it has ended. */
function peakOf(pid: number | string): number | undefined {
  return figureOf(pid, 'VmHWM');
}

function figureOf(pid: number | string, name: string): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kib = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
    return kib === undefined ? undefined : Number(kib) / 1024;
  } catch {
    return undefined;
  }
}

/** What a process has resident, in MiB; undefined when it has ended. */
export function residentOf(pid: number | string): number | undefined {
  return figureOf(pid, 'VmRSS');
}

/** CPU time of a process so far, user and system, in seconds. @throws where it has ended */
export function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
}

/** How often the threads of a process have gone to sleep by themselves. @throws where it has ended */
export function sleepsOf(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const counts = tasks.map((task) => readFileSync(`/proc/${pid}/task/${task}/status`, 'utf8'));
  return counts.reduce((sum, text) => sum + Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(text)![1]), 0);
}

/** The most memory of a process and all that come from it, together. */
export function peakOfTree(pid: number): number {
  const parents = new Map<string, string[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const parent = readFileSync(`/proc/${name}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[1]!;
      parents.set(parent, [...(parents.get(parent) ?? []), name]);
    } catch {
      // It ended meanwhile.
    }
  }
  const sum = (process: string): number =>
    (peakOf(process) ?? 0) + (parents.get(process) ?? []).reduce((all, child) => all + sum(child), 0);
  return sum(String(pid));
}

/** Runs a command to its end and gives the most memory it had resident, in MiB. @throws where it fails or takes too long. */
export async function peakMemory(command: readonly string[], seconds = 120): Promise<number> {
  const child = spawn(command[0]!, command.slice(1), { stdio: 'ignore', timeout: seconds * 1000 });
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
  let peak = 0;
  while (child.exitCode === null && child.signalCode === null) {
    peak = Math.max(peak, peakOf(child.pid!) ?? 0);
    await sleep(20);
  }
  const [status, signal] = await ended;
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status ?? signal}`);
  return peak;
}
