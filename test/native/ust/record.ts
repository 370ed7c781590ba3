/** Records a user-space trace with a session daemon of its own, which no other LTTng on the machine sees. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporary } from '../oracle.js';
import { root } from '../recordings.js';

const SOURCES = join(root, 'test/native/ust');
const NOBODY = 65534;

/** Contexts on a roomy channel; floods into two that are too small: one that discards events, one that overwrites packets. */
const SESSION = [
  'enable-channel -u roomy --subbuf-size=262144 --num-subbuf=8',
  'enable-channel -u tight --subbuf-size=4096 --num-subbuf=2',
  'enable-channel -u over --overwrite --subbuf-size=4096 --num-subbuf=2',
  'add-context -u -c roomy -t vpid -t vtid -t procname -t pthread_id',
  'enable-event -u -c roomy boxtop_test:integers,boxtop_test:reals,boxtop_test:collections,boxtop_test:levels',
  'enable-event -u -c tight boxtop_test:flood',
  'enable-event -u -c over boxtop_test:flood',
  'start',
];

/**
 * Compiles the test program, runs it under LTTng and returns the trace's directory, which `remove` removes.
 * Root's daemon would be the machine's own, so as root everything runs as `nobody`.
 */
export async function recordUserSpace(): Promise<{ trace: string; remove: () => void }> {
  const { path: directory, remove } = temporary('user-space');
  const home = join(directory, 'home');
  const program = join(directory, 'program');
  const trace = join(home, 'trace');
  mkdirSync(home);
  execFileSync('gcc', [
    '-O1',
    '-I',
    SOURCES,
    '-o',
    program,
    join(SOURCES, 'program.c'),
    '-llttng-ust',
    '-ldl',
    '-lpthread',
    '-lm',
  ]);

  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if ('uid' in user) {
    chmodSync(directory, 0o755);
    chownSync(home, NOBODY, NOBODY);
  }
  const options = {
    ...user,
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home, LTTNG_HOME: home, LTTNG_UST_REGISTER_TIMEOUT: '5000' },
  };
  const lttng = (command: string): void => {
    execFileSync('lttng', command.split(' '), { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  };

  const daemon = spawn('lttng-sessiond', ['--no-kernel'], {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaints = '';
  daemon.stderr.on('data', (chunk: Buffer) => (complaints += chunk));
  try {
    await ready(daemon, join(home, '.lttng/lttng-sessiond.pid'), () => complaints);
    lttng(`create test --output=${trace}`);
    for (const command of SESSION) lttng(command);
    execFileSync(program, { ...options, stdio: 'ignore', timeout: 60_000 });
    lttng('stop');
    lttng('destroy');
  } finally {
    if (daemon.exitCode === null && daemon.kill()) await once(daemon, 'exit');
  }
  return { trace, remove };
}

/** Waits for the daemon to have written its pid, which it does when it answers. */
async function ready(daemon: ChildProcess, pidFile: string, complaints: () => string): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 50) {
    if (daemon.exitCode !== null)
      throw new Error(`lttng-sessiond ended with ${daemon.exitCode}: ${complaints()}`);
    if (existsSync(pidFile) && readFileSync(pidFile, 'utf8').trim() !== '') return;
    await sleep(50);
  }
  throw new Error('lttng-sessiond does not answer');
}
