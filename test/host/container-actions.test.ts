import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { actionsOf } from '../../host/actions/actions.js';
import { commandsOf } from '../../host/actions/table.js';

const target = (runtime: string | undefined, more: { id?: string; name?: string; pod?: string } = {}) => ({
  id: 'c0ffee',
  name: 'web',
  runtime,
  ...more,
});
const lines = (...args: Parameters<typeof target>) => {
  const actions = actionsOf(target(...args), { isV1: () => false });
  assert.ok(typeof actions !== 'string', String(actions));
  return Object.fromEntries(actions.map((action) => [action.id, action.argv(0.25).join(' ')]));
};

describe('actions of runtimes', () => {
  it('are command lines of the runtime’s own program', () => {
    assert.deepEqual(lines('docker'), {
      logs: 'docker logs --follow --tail 200 c0ffee',
      inspect: 'docker inspect c0ffee',
      shell: 'docker exec --interactive --tty c0ffee sh',
      pause: 'docker pause c0ffee',
      unpause: 'docker unpause c0ffee',
      stop: 'docker stop c0ffee',
      limit: 'docker update --cpus 0.25 c0ffee',
    });
    assert.equal(lines('podman').stop, 'podman stop c0ffee');
    assert.equal(lines('lxc').limit, 'lxc-cgroup --name web cpu.max 25000 100000');
    assert.equal(lines('incus').limit, 'incus config set web limits.cpu.allowance=25ms/100ms');
    assert.equal(lines('containerd').logs, 'nerdctl logs --follow --tail 200 c0ffee');
    assert.equal(lines('containerd', { pod: 'shop/web' }).logs, 'crictl logs --follow --tail 200 c0ffee');
    assert.equal(lines('systemd-nspawn').pause, undefined);
  });
  it('set quotas as the host’s cgroups have them, and take as much of an id as tells it from others', () => {
    const limit = actionsOf(target('lxc'), { isV1: () => true });
    assert.ok(typeof limit !== 'string');
    assert.deepEqual(limit.at(-1)?.argv(0.25), ['lxc-cgroup', '--name', 'web', 'cpu.cfs_quota_us', '25000']);
    assert.equal(lines('docker', { id: 'c0ffee001122'.padEnd(64, '0') }).stop, 'docker stop c0ffee001122');
  });
  it('say why there are none', () => {
    assert.equal(actionsOf(target(undefined)), 'no runtime is known for it');
    assert.equal(actionsOf(target('ecs')), 'boxtop knows no commands of ecs');
  });
  it('take no name for an option, a path or more than one word', () => {
    for (const name of ['--privileged', '-x', '../../etc', 'a b', '', 'a\nb', '$(reboot)', 'x'.repeat(300)])
      assert.deepEqual(actionsOf(target('lxc', { name })), [], name);
    assert.deepEqual(actionsOf(target('docker', { id: '--help' })), []);
  });
  it('hold what they say: every placeholder is filled', () => {
    for (const runtime of Object.keys(commandsOf)) {
      for (const line of Object.values(lines(runtime))) assert.doesNotMatch(line, /[{}]/);
    }
  });
});
