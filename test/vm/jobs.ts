/** What runs inside (guest/NAME.sh), and what is verified outside with what it left in the shared folder. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../native/recordings.js';
import type { Checks } from './checks.js';
import { compareCpuTime, readCpuStat } from './cpu-truth.js';

export interface Job {
  readonly name: string;
  readonly timeoutSeconds: number;
  verify(share: string, checks: Checks): Promise<void>;
}

const boxtop = (...args: string[]) =>
  execFileSync(process.execPath, [join(root, 'bin/boxtop.js'), ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });

/** Of those that mostly compute, and of those made of short processes and many switches. */
const COMPUTING_BAR_PCT = 1;
const SWITCHING_BAR_PCT = 3;
const COMPUTING = ['batch', 'miner', 'legacy'];
const NAMES = [
  'web',
  'web-client',
  'db',
  'batch',
  'log-writer',
  'miner',
  'legacy',
  'noisy',
  'cron-1',
  'cron-2',
  'instant',
];

async function verifyRecording(share: string, checks: Checks): Promise<void> {
  const { live } = JSON.parse(readFileSync(join(share, 'doctor-before.json'), 'utf8'));
  checks.check('doctor finds that this machine can be traced live', live === true);
  const recording = join(share, 'recording');
  const total = JSON.parse(boxtop('dump', 'containers', recording, '--total', '-f', 'json'));
  const names: string[] = total.map(({ name }: { name: string }) => name);
  for (const name of NAMES) checks.check(`the recording names ${name}`, names.includes(name));
  const unnamed = names.filter((name) => /_ns:/.test(name));
  checks.check(`the recording names all (${unnamed.join(' ') || 'none is unnamed'})`, unnamed.length === 0);

  const stat = readCpuStat(join(share, 'cpustat.jsonl'));
  const info = JSON.parse(boxtop('info', recording, '-f', 'json'));
  checks.check(`nothing was lost (${info.discarded_events} events)`, info.discarded_events === 0);
  for (const { name, kernelMs, tracedMs, deviationPct } of compareCpuTime(recording, stat, info, boxtop)) {
    const bar = COMPUTING.includes(name) ? COMPUTING_BAR_PCT : SWITCHING_BAR_PCT;
    const figures = `${tracedMs.toFixed(1)} ms traced, ${kernelMs.toFixed(1)} ms by the kernel, ${deviationPct.toFixed(2)} %`;
    checks.check(`CPU time of ${name} within ${bar} %: ${figures}`, Math.abs(deviationPct) <= bar);
  }
}

/** All is checked inside. */
async function verifyNothing(): Promise<void> {}

export const JOBS: readonly Job[] = [
  { name: 'record', timeoutSeconds: 2400, verify: verifyRecording },
  { name: 'cuts', timeoutSeconds: 2400, verify: verifyNothing },
  { name: 'live', timeoutSeconds: 2400, verify: verifyNothing },
];
