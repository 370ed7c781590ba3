/** Broken and hostile traces: an error that names the place, or counted loss; never a crash, a hang or much memory. */

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { open, SourceError } from '../../native/index.js';
import { writeFiles } from '../ctf/writer.js';
import { temporary } from './oracle.js';
import { filesOf } from './traces/index.js';

const scratch = temporary('broken-test');
after(scratch.remove);

/** Address space of the child, in KiB: Node's own is about 1 GiB of it. */
const ADDRESS_SPACE = 3 << 20;

/** `BOXTOP_SEED` breaks the traces otherwise than each run does; `BOXTOP_CASES` more or fewer of them. */
const SEED = Number(process.env.BOXTOP_SEED ?? 1);
const CASES = Number(process.env.BOXTOP_CASES ?? 4000);
const AT_ONCE = 2;

interface Answer {
  readonly outcomes: Record<string, number>;
  readonly peakMiB: number;
}

async function inChild(...args: (string | number)[]): Promise<Answer> {
  const progress = join(scratch.path, `progress-${args.join('-')}`);
  const script = fileURLToPath(new URL('broken-child.js', import.meta.url));
  const child = spawn(
    'sh',
    ['-c', `ulimit -v ${ADDRESS_SPACE}; exec "$@"`, 'sh', process.execPath, script, ...args.map(String)],
    {
      env: { ...process.env, BOXTOP_PROGRESS: progress },
      timeout: 280_000,
    },
  );
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk));
  child.stderr.on('data', (chunk: Buffer) => (err = (err + chunk).slice(-3000)));
  const [status, signal] = (await once(child, 'close')) as [number | null, string | null];
  assert.equal(
    status,
    0,
    `case ${readFileSync(progress, 'utf8')} ended the process with ${status ?? signal}: ${err}`,
  );
  return JSON.parse(out) as Answer;
}

it(`${CASES} traces broken at random from seed ${SEED} on`, async (t) => {
  const share = Math.ceil(CASES / AT_ONCE);
  const answers = await Promise.all(
    Array.from({ length: AT_ONCE }, (_, i) =>
      inChild('random', SEED + i * share, SEED + Math.min(CASES, (i + 1) * share)),
    ),
  );
  for (const { outcomes, peakMiB } of answers) {
    t.diagnostic(`${JSON.stringify(outcomes)}, ${Math.round(peakMiB)} MiB at most`);
    assert.ok(peakMiB < 400, `${peakMiB} MiB`);
    // If hardly any were refused or lost something, the traces would not be broken.
    assert.ok(outcomes.refused! > share / 10);
    assert.ok(outcomes['read with corrupt-packet']! > share / 50);
  }
});

it('traces made to do harm', async (t) => {
  const { outcomes, peakMiB } = await inChild('hostile');
  t.diagnostic(`${JSON.stringify(outcomes)}, ${Math.round(peakMiB)} MiB at most`);
  assert.ok(peakMiB < 1000, `${peakMiB} MiB`);
});

describe('files that are none', () => {
  const plain = filesOf('metadata-plain');
  const at = (name: string): string => join(scratch.path, name);

  /** Events read within a time that nothing here needs. */
  async function events(path: string): Promise<number> {
    const source = await open(path, { columns: {}, selections: [{ events: ['*'] }] });
    let count = 0;
    for await (const batch of source) count += batch.length;
    return count;
  }

  it('a named pipe among the streams does not hang', { timeout: 10_000 }, async () => {
    writeFiles(at('pipe'), plain);
    execFileSync('mkfifo', [at('pipe/chan_1')]);
    assert.equal(await events(at('pipe')), 5);
  });

  it('a named pipe for metadata does not hang', { timeout: 10_000 }, async () => {
    mkdirSync(at('pipe-metadata'));
    execFileSync('mkfifo', [at('pipe-metadata/metadata')]);
    await assert.rejects(events(at('pipe-metadata')), SourceError);
  });

  it('a device that never ends is no stream', { timeout: 10_000 }, async () => {
    writeFiles(at('device'), plain);
    symlinkSync('/dev/zero', at('device/chan_1'));
    assert.equal(await events(at('device')), 5);
  });

  it('directories that link to themselves are walked once', { timeout: 10_000 }, async () => {
    writeFiles(at('cycle/kernel'), plain);
    symlinkSync('..', at('cycle/kernel/up'));
    symlinkSync('.', at('cycle/here'));
    assert.equal(await events(at('cycle')), 5);
  });

  it('a directory in the place of a stream file is none', { timeout: 10_000 }, async () => {
    writeFiles(at('directory'), plain);
    mkdirSync(at('directory/chan_1'));
    writeFileSync(at('directory/chan_1/what'), 'nothing');
    assert.equal(await events(at('directory')), 5);
  });
});

it('a stream file that is cut while it is read is loss, not a crash', { timeout: 30_000 }, async () => {
  const child = spawn(process.execPath, [
    fileURLToPath(new URL('child.js', import.meta.url)),
    'shrink',
    scratch.path,
  ]);
  let err = '';
  child.stderr.on('data', (chunk: Buffer) => (err += chunk));
  const [status, signal] = (await once(child, 'close')) as [number | null, string | null];
  assert.equal(status, 0, `ended with ${status ?? signal}: ${err}`);
});
