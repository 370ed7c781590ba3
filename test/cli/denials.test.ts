import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ContainerDenials, Denial } from '../../cli/denials/collect.js';
import { denialsText } from '../../cli/denials/text.js';
import { boxtop, demoRecording, output } from './boxtop.js';

const denial: Denial = {
  comm: 'app',
  pid: 12,
  tid: 12,
  syscall: 'openat',
  object: '/x',
  errno: 'EROFS',
  count: 1,
  first: '1795363840174695850',
  last: '1795363840174695850',
  occurrences: [],
  rule: 'read-only-mount',
  cause: 'read-only mount',
  confidence: 'certain',
  evidence: 'the error says so',
  sentence: 'was to write',
  allow: 'Mount it.',
  price: 'All of it.',
};
const box = (...denials: Denial[]): ContainerDenials => ({
  name: 'box',
  id: 'x',
  runtime: 'docker',
  image: 'tiny:1',
  denials,
});
const text = (container: ContainerDenials, all = false) => denialsText({ all, containers: [container] });

describe('boxtop denials', () => {
  let demo: Awaited<ReturnType<typeof demoRecording>>;
  before(async () => {
    demo = await demoRecording();
  });
  after(() => demo.remove());

  it('tells what was refused, how often, why, what would allow it and what that gives away', async () => {
    const page = await output('denials', 'vault', demo.path);
    assert.match(page, /^vault \(docker, tiny:1\): 7 kinds of refusals, 189 in all\.$/m);
    assert.match(page, /kill_host called kill of pid 752 and got ESRCH: found no such process/);
    assert.match(page, /27 times, from 16:11:14\.275 to 16:12:15\.358, the last by pid 4627\./);
    assert.match(page, /Cause: pid namespace \(certain\): that pid is hostres of host/);
    assert.match(page, /To allow it: --cap-add SYS_ADMIN\.\n +That gives away: With CAP_SYS_ADMIN/);
  });

  it('gives programs the same, with each occurrence’s time', async () => {
    const [vault, ...others] = JSON.parse(await output('denials', 'vault', demo.path, '-f', 'json'));
    assert.deepEqual(others, []);
    const kill = vault.denials.find((row: Denial) => row.comm === 'kill_host');
    assert.equal(kill.rule, 'pid-elsewhere');
    assert.equal(kill.occurrences.at(-1).time, kill.last);
  });

  it('chooses rows of dump by cause, error and call', async () => {
    const dump = async (...more: string[]) =>
      (
        await output(
          'dump',
          'denials',
          demo.path,
          '--total',
          '-f',
          'tsv',
          '-c',
          'comm',
          '--name',
          'vault',
          ...more,
        )
      )
        .trim()
        .split('\n')
        .slice(1)
        .toSorted();
    assert.deepEqual(await dump('--cause', '* namespace', '--call', 'kill'), ['kill_host']);
    assert.deepEqual(await dump('--error', 'ECONN*'), ['tcp_hostsvc', 'tcp_nobody']);
    assert.deepEqual(await dump('--call', 'shmget', '--call', 'openat', '--error', 'EROFS'), ['sysctl_ro']);
  });

  it('says so where there is no such container, and where a table has no such filter', async () => {
    const nobody = await boxtop(['denials', 'nobody', demo.path]);
    assert.equal(nobody.code, 1);
    assert.match(nobody.stderr, /^boxtop: no container is called “nobody”; there are: .*vault.*\n$/);
    const cpus = await boxtop(['dump', 'cpus', demo.path, '--error', 'EPERM']);
    assert.equal(cpus.code, 2);
    assert.match(cpus.stderr, /--error has no meaning for cpus/);
  });

  it('tells of one, of none, and of what is part of normal work', () => {
    const { allow: _, price: __, cause: ___, ...normal } = denial;
    const expected: Denial = { ...normal, errno: 'EAGAIN', expected: 'would block', count: 3 };
    assert.match(
      text(box(denial)),
      /: one kind of refusal, 1 in all\.\n\n {2}1\. app called openat of \/x and got EROFS/,
    );
    assert.match(text(box(denial)), /Once, at \d\d:10:40\.174 by pid 12\./);
    assert.match(
      text(box(expected)),
      /: nothing was refused\.\n3 errors that are part of normal work are left out/,
    );
    assert.match(text(box(expected), true), /app: openat of \/x: EAGAIN, 3 times: would block/);
  });

  it('shows names that are made to harm harmlessly, and what follows them', () => {
    const page = text(box({ ...denial, comm: 'a\u001b[2J', object: `/\u202e${'x'.repeat(600)}\n` }));
    assert.doesNotMatch(page, /[\u001b\u202e]/);
    assert.match(page, /x and got EROFS: was to write\.\n/);
  });
});
