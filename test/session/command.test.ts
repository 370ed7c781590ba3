import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { boxtop } from '../cli/boxtop.js';

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

describe('boxtop sessions', () => {
  it('says where nobody answers', async () => {
    const { code, stderr } = await boxtop(['sessions', 'net://127.0.0.1:1']);
    assert.equal(code, 1);
    assert.match(stderr, /^boxtop: [^\n]*127\.0\.0\.1[^\n]*\n$/);
  });
});
