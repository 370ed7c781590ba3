/**
 * Run as a user of its own by session.test.ts: a live session as boxtop makes it, but of a user-space program, because this
 * machine's kernel need not be traceable. Tells what it found as one line of JSON.
 *
 * usage: child.js PROGRAM [die|record|bereave]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runtimeDirectory } from '../../host/session/leftovers.js';
import type { Plan } from '../../host/session/plan.js';
import { TracingSession } from '../../host/session/session.js';
import { listSessions, open } from '../../native/index.js';
import type { Source, Subscription } from '../../native/types.js';

const [program, how] = process.argv.slice(2);
const NO_KERNEL: Plan = { channels: [], missing: [], writesCtf2: false };
const TIMER_US = 100_000;
const OUTPUT = join(process.env.LTTNG_HOME!, 'recorded');
const SUBSCRIPTION: Subscription = { columns: {}, selections: [{ events: ['boxtop_test:integers'] }] };

const daemon = spawn('lttng-sessiond', ['--no-kernel'], { stdio: 'ignore' });
while (!existsSync(join(process.env.LTTNG_HOME!, '.lttng/lttng-sessiond.pid'))) await sleep(20);
await sleep(200);
try {
  const session = await TracingSession.open();
  const url = await session.createLive(NO_KERNEL, TIMER_US, how === 'record' ? OUTPUT : undefined);
  const on = ['-u', '-s', session.name];
  await session.run([
    { args: ['enable-channel', ...on, 'test', '--subbuf-size=262144', '--num-subbuf=4'] },
    { args: ['enable-event', ...on, '-c', 'test', 'boxtop_test:integers'] },
    { args: ['enable-event', ...on, '-c', 'nosuch channel', 'x'], optional: true },
  ]);
  await session.start();
  const traced = spawn(program!, { stdio: 'ignore' });
  const ended = once(traced, 'exit').then(() => sleep(2 * (TIMER_US / 1000)));
  if (how === 'die') {
    process.stdout.write(`${JSON.stringify({ name: session.name })}\n`);
    await sleep(500);
    process.kill(process.pid, 'SIGKILL');
  }
  if (how === 'bereave') {
    process.kill(relayDaemon(session.name), 'SIGKILL');
    const { message } = await session.broken;
    await session.close();
    process.stdout.write(`${JSON.stringify({ message, after: entries() })}\n`);
    daemon.kill();
    process.exit();
  }
  const source = await open(url, SUBSCRIPTION);
  void ended
    .then(() => session.stop())
    .then(() => sleep(500))
    .then(() => source.close());
  const events = await count(source);
  const names = (await listSessions(url.slice(0, url.indexOf('/host/')))).map(({ name }) => name);
  const losses = await session.losses();
  const before = entries();
  await session.close();
  const recorded = how === 'record' ? await count(await open(OUTPUT, SUBSCRIPTION)) : undefined;
  const { name, warnings } = session;
  const found = { name, url, events, recorded, names, losses, warnings, before, after: entries() };
  process.stdout.write(`${JSON.stringify(found)}\n`);
} finally {
  daemon.kill();
}

async function count(source: Source): Promise<number> {
  let events = 0;
  for await (const batch of source) events += batch.length;
  return events;
}

function relayDaemon(name: string): number {
  const directory = `--working-directory=${join(runtimeDirectory(), name)}`;
  const isMeant = (pid: string): boolean => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(directory);
    } catch {
      return false;
    }
  };
  return Number(readdirSync('/proc').find((pid) => /^\d+$/.test(pid) && isMeant(pid)));
}

function entries(): string[] {
  return readdirSync(runtimeDirectory()).filter((name) => name.startsWith('boxtop-'));
}
