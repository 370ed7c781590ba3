import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { boxtop } from '../cli/boxtop.js';
import { root } from '../native/recordings.js';

describe('boxtop record', () => {
  it('--print-session prints commands that a shell takes', async () => {
    const { code, stdout } = await boxtop([
      'record',
      '--print-session',
      '-o',
      "it's here",
      '--events',
      'net,block',
    ]);
    assert.equal(code, 0);
    const commands = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    assert.ok(commands.every((line) => line.startsWith('lttng ')));
    assert.match(commands[0]!, /^lttng create boxtop '--output=\/.*\/it'\\''s here\/trace'$/);
    assert.deepEqual(stdout.match(/(?<=enable-channel .*boxtop )\w+/g), ['sched', 'life', 'block', 'net']);
    assert.deepEqual(commands.slice(-2), ['lttng start boxtop', 'lttng destroy boxtop']);
  });

  const wrong: [string[], RegExp][] = [
    [[], /record needs -o DIRECTORY/],
    [['-o', 'x', '--events', 'sched,nonsense'], /no “nonsense”; there are sched,syscall,block,net,irq/],
    [['-o', 'x', '--max-size', 'much'], /“much” is no size/],
    [['-o', 'x', '--for', 'ever'], /ever/],
  ];
  for (const [args, message] of wrong) {
    it(`refuses ${args.join(' ') || 'to record nowhere'}`, async () => {
      const { code, stderr } = await boxtop(['record', ...args]);
      assert.equal(code, 2);
      assert.match(stderr, message);
    });
  }

  it('does not write into a directory that has something in it', async () => {
    const { code, stderr } = await boxtop(['record', '-o', '/etc', '--for', '1s']);
    assert.equal(code, 1);
    assert.match(stderr, /^boxtop: \/etc is not empty; a recording needs a directory of its own\n$/);
  });
});

describe('boxtop record on a host that can be traced', () => {
  let directory: string;
  let log: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'boxtop-test-'));
    log = join(directory, 'log');
  });
  afterEach(() => rm(directory, { recursive: true }));

  const fakes = join(root, 'test/session/fake');
  const record = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    boxtop(['record', '-o', join(directory, 'r'), ...args], {
      PATH: `${fakes}:${process.env.PATH}`,
      LTTNG_FAKE_LOG: log,
      ...env,
    });
  const asked = async () => (await readFile(log, 'utf8')).trim().split('\n');
  const described = async () => JSON.parse(await readFile(join(directory, 'r/recording.json'), 'utf8'));

  it('runs a command as it stands, and ends as it ends', async () => {
    const { code, stdout, stderr } = await record(['--', 'sh', '-c', 'echo "$0 $1"; exit 7', '007', '--for']);
    assert.deepEqual([code, stdout], [7, '007 --for\n'], stderr);
    const { command, exit_code, ended_ns } = await described();
    assert.deepEqual([command.at(-1), exit_code, ended_ns === null], ['--for', 7, false]);
    const commands = await asked();
    const [session] = /boxtop-\d+-\d+/.exec(commands.find((line) => line.startsWith('create'))!)!;
    assert.ok(commands.includes(`create ${session} --output=${directory}/r/trace --trace-format=ctf-1.8`));
    assert.equal(commands.at(-1), `destroy ${session}`);
    assert.ok(commands.indexOf(`start ${session}`) < commands.indexOf(`stop ${session}`));
  });

  it('ends after a time', async () => {
    const { code, stderr } = await record(['--for', '300ms']);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^boxtop: [\d.]+m?s · .* nothing lost; watch it with boxtop replay /m);
  });

  it('leaves nothing where the command cannot be run, or tracing does not start', async () => {
    const absent = await record(['--', '/no/such/command']);
    assert.deepEqual([absent.code, absent.stderr], [1, 'boxtop: there is no command “/no/such/command”\n']);
    assert.deepEqual(await readdir(directory), ['log']);
    const broken = await record(['--for', '1s'], { LTTNG_FAKE_BROKEN: 'yes' });
    assert.deepEqual(
      [broken.code, broken.stderr],
      [1, 'boxtop: lttng start failed: Kernel tracer is out of order\n'],
    );
    assert.deepEqual(await readdir(directory), ['log']);
    assert.match((await asked()).at(-1)!, /^destroy /);
  });
});

describe('boxtop sessions', () => {
  it('says where nobody answers', async () => {
    const { code, stderr } = await boxtop(['sessions', 'net://127.0.0.1:1']);
    assert.equal(code, 1);
    assert.match(stderr, /^boxtop: [^\n]*127\.0\.0\.1[^\n]*\n$/);
  });
});
