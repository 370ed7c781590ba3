/** Commands that write what a live session tells, against a relay daemon by script that gives a recorded kernel trace. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { endless } from '../native/live/endless.js';
import { ScriptedRelay } from '../native/live/relay.js';
import { root } from '../native/recordings.js';

/** Three seconds of a real recording, which come again and again; twice as fast as they happened. */
const TRACE = join(root, 'test/data/shop');
const DONE = { timeout: 240_000 };

let relay: ScriptedRelay;
let url: string;
beforeEach(async () => {
  relay = new ScriptedRelay(endless(TRACE, 2, 50));
  url = await relay.listen();
});
afterEach(() => relay.close());

interface Running {
  readonly child: ChildProcess;
  output(): string;
  errors(): string;
  /** Its exit code. */
  readonly ended: Promise<number | null>;
}

function boxtop(...args: string[]): Running {
  const child = spawn(process.execPath, [join(root, 'bin/boxtop.js'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, output: () => output, errors: () => errors, ended };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

const rowsOf = (text: string): { time: string; name: string }[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { time: string; name: string });

describe('dump of a live session', DONE, () => {
  it('writes frames as they come, and the last one when it is interrupted', async () => {
    const { child, output, errors, ended } = boxtop(
      ...['dump', 'containers', url, '--format', 'json', '--interval', '200ms'],
    );
    await until(() => (output().match(/"name"/g) ?? []).length > 30);
    child.kill('SIGINT');
    assert.equal(await ended, 0, errors());
    const rows = JSON.parse(output()) as { name: string }[];
    assert.ok(rows.some(({ name }) => name === 'host'));
  });

  it('ends after --for', async () => {
    const { output, errors, ended } = boxtop(
      ...['dump', 'containers', url, '--format', 'jsonl', '--interval', '500ms', '--for', '6s'],
    );
    assert.equal(await ended, 0, errors());
    const times = new Set(rowsOf(output()).map(({ time }) => time));
    assert.ok(times.size >= 2, output());
  });

  it('has one row of all for --total', async () => {
    const { output, errors, ended } = boxtop(
      ...['dump', 'containers', url, '--format', 'jsonl', '--total', '--for', '6s'],
    );
    assert.equal(await ended, 0, errors());
    assert.equal(rowsOf(output()).filter(({ name }) => name === 'host').length, 1);
  });

  it('ends quietly when its reader has seen enough', async () => {
    const { child, output, ended } = boxtop(
      'dump',
      'threads',
      url,
      '--format',
      'jsonl',
      '--interval',
      '100ms',
    );
    await until(() => output() !== '');
    child.stdout!.destroy();
    assert.equal(await ended, 0);
  });

  it('tells of a connection that is lost', async () => {
    const { child, output, errors, ended } = boxtop('dump', 'cpus', url, '--format', 'jsonl');
    await until(() => output() !== '');
    await relay.close();
    await until(() => errors() !== '');
    assert.match(errors(), /^boxtop: connection lost, connecting again.*net:/);
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
  });

  it('says that --from and --to are for recordings, and --for is not', async () => {
    const live = boxtop('dump', 'containers', url, '--from', '+1s');
    assert.equal(await live.ended, 2);
    assert.match(live.errors(), /--from and --to are for recordings/);
    const recorded = boxtop('dump', 'containers', TRACE, '--for', '1s');
    assert.equal(await recorded.ended, 2);
    assert.match(recorded.errors(), /--for is for live sessions/);
  });
});

it('why and denials read a live session for a time', DONE, async () => {
  const why = boxtop('why', '*', url, '--for', '6s');
  assert.equal(await why.ended, 0, why.errors());
  assert.match(why.output(), /^\S+.*\n/);
  const denials = boxtop('denials', '*', url, '--for', '6s');
  assert.equal(await denials.ended, 0, denials.errors());
  assert.notEqual(denials.output(), '');
});
