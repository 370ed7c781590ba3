import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseInspect } from '../../host/inspect.js';

const securityOf = (hostConfig: object, more: object = {}) =>
  parseInspect(JSON.stringify([{ Id: 'x', State: {}, HostConfig: hostConfig, ...more }]), 'f.json')[0]!
    .security!;

describe('what a container was asked to be allowed', () => {
  it('gives Docker’s default capabilities, more and fewer', () => {
    const usual = securityOf({}).capabilities;
    assert.equal(usual.length, 14);
    assert.ok(usual.includes('NET_RAW') && !usual.includes('SYS_ADMIN'));
    assert.deepEqual(securityOf({ CapDrop: ['ALL'], CapAdd: ['cap_sys_time'] }).capabilities, ['SYS_TIME']);
    const changed = securityOf({ CapAdd: ['NET_ADMIN'], CapDrop: ['CAP_NET_RAW'] }).capabilities;
    assert.ok(changed.includes('NET_ADMIN') && !changed.includes('NET_RAW'));
  });

  it('takes Podman’s own list', () => {
    const { capabilities } = securityOf({ CapAdd: ['SYS_TIME'] }, { EffectiveCaps: ['CAP_KILL'] });
    assert.deepEqual(capabilities, ['KILL']);
  });

  it('tells which seccomp profile', () => {
    assert.equal(securityOf({}).seccomp, 'default');
    assert.equal(securityOf({ SecurityOpt: ['label=disable'] }).seccomp, 'default');
    assert.equal(securityOf({ SecurityOpt: ['seccomp=unconfined'] }).seccomp, 'unconfined');
    assert.equal(
      securityOf({ SecurityOpt: ['seccomp={"defaultAction":"SCMP_ACT_ALLOW"}'] }).seccomp,
      'custom',
    );
    assert.equal(securityOf({ Privileged: true }).seccomp, 'unconfined');
  });

  it('takes limits, modes and user, and other types as not told', () => {
    const told = securityOf(
      { PidsLimit: 20, Memory: 50331648, ReadonlyRootfs: true, NetworkMode: 'none', IpcMode: 'private' },
      { Config: { User: '1000:1000' } },
    );
    assert.equal(told.pidsLimit, 20);
    assert.equal(told.memoryBytes, 50331648);
    assert.equal(told.readonlyRootfs, true);
    assert.equal(told.networkMode, 'none');
    assert.equal(told.user, '1000:1000');
    const odd = securityOf({ PidsLimit: 0, Memory: '1g', CapAdd: [7], NetworkMode: 3, SecurityOpt: 'x' });
    assert.equal(odd.pidsLimit, undefined);
    assert.equal(odd.memoryBytes, undefined);
    assert.equal(odd.networkMode, undefined);
    assert.equal(odd.seccomp, 'default');
  });
});
