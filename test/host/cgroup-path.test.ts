import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { identifyCgroup } from '../../host/cgroup/path.js';

const ID = '2947e554602c4e6876db62c2a84d512584603ff2d86cec893410a6334c2e86bb';
const POD = '0a1b2c3d-4e5f-6789-abcd-ef0123456789';
const POD_SLICE = POD.replaceAll('-', '_');
const TASK = '0123456789abcdef0123456789abcdef';

/** Where a container is, who it is, and its pod. Paths as the runtimes make them, with systemd and without. */
const containers: readonly (readonly [path: string, runtime: string, id: string, pod?: string])[] = [
  [`/system.slice/docker-${ID}.scope`, 'docker', ID],
  [`/docker/${ID}`, 'docker', ID],
  [`/user.slice/user-1000.slice/user@1000.service/user.slice/docker-${ID}.scope`, 'docker', ID],
  [`/my-parent/docker/${ID}`, 'docker', ID],
  [`/machine.slice/libpod-${ID}.scope`, 'podman', ID],
  [`/libpod_parent/libpod-${ID}`, 'podman', ID],
  [`/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope`, 'podman', ID],
  [`/machine.slice/machine-libpod_pod_${ID}.slice/libpod-${ID}.scope`, 'podman', ID, ID],
  [
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${POD_SLICE}.slice/cri-containerd-${ID}.scope`,
    'containerd',
    ID,
    POD,
  ],
  [`/kubepods.slice/kubepods-pod${POD_SLICE}.slice/crio-${ID}.scope`, 'cri-o', ID, POD],
  [`/kubepods/besteffort/pod${POD}/${ID}`, 'kubernetes', ID, POD],
  [`/kubepods/pod${TASK}/${ID}`, 'kubernetes', ID, TASK],
  [
    `/system.slice/containerd.service/kubepods-burstable-pod${POD_SLICE}.slice:cri-containerd:${ID}`,
    'containerd',
    ID,
    POD,
  ],
  [`/k8s.io/${ID}`, 'containerd', ID],
  [`/default/${ID}`, 'oci', ID],
  [`/ecs/${TASK}/${ID}`, 'docker', ID, TASK],
  [`/ecs/my-cluster/${TASK}/${ID}`, 'docker', ID, TASK],
  [`/ecstasks.slice/ecstasks-${TASK}.slice/docker-${ID}.scope`, 'docker', ID, TASK],
  [`/ecs/${TASK}/${TASK}-1234567890`, 'ecs', `${TASK}-1234567890`, TASK],
  ['/lxc.payload.legacy', 'lxc', 'legacy'],
  ['/lxc.payload.my-project_web.1', 'lxc', 'my-project_web.1'],
  ['/lxc/legacy', 'lxc', 'legacy'],
  ['/machine.slice/machine-my\\x2dbox.scope', 'systemd-nspawn', 'my-box'],
  ['/machine.slice/systemd-nspawn@web.service', 'systemd-nspawn', 'web'],
  ['/system.slice/systemd-nspawn@b\\xc3\\xbccher.service', 'systemd-nspawn', 'bücher'],
  ['/machine.slice/machine-lxc\\x2d4711\\x2dlegacy.scope', 'libvirt-lxc', 'lxc-4711-legacy'],
];

describe('cgroup paths', () => {
  for (const [path, runtime, id, pod] of containers) {
    it(`${path.replaceAll(ID, 'ID')}: ${runtime}${pod === undefined ? '' : ' in a pod'}`, () => {
      const found = identifyCgroup(path);
      assert.deepEqual([found?.runtime, found?.id, found?.pod], [runtime, id, pod]);
      assert.equal(found?.path, path);
    });
  }

  it('leaves out what the container made below its own cgroup', () => {
    const cut = (path: string) => identifyCgroup(path)?.path;
    assert.equal(cut(`/system.slice/docker-${ID}.scope/init.scope`), `/system.slice/docker-${ID}.scope`);
    assert.equal(cut('/lxc.payload.legacy/system.slice/cron.service'), '/lxc.payload.legacy');
    assert.equal(
      cut('/machine.slice/machine-web.scope/payload/init.scope'),
      '/machine.slice/machine-web.scope',
    );
  });

  it('takes the level that crun puts the limits on', () => {
    const scope = `/machine.slice/libpod-${ID}.scope`;
    assert.equal(identifyCgroup(`${scope}/container`)?.path, `${scope}/container`);
    assert.equal(identifyCgroup(`${scope}/container/below`)?.path, `${scope}/container`);
    assert.equal(identifyCgroup(`/docker/${ID}/container`)?.path, `/docker/${ID}`);
  });

  it('takes the innermost of nested containers', () => {
    const inner = ID.replaceAll('2', '3');
    assert.equal(identifyCgroup(`/docker/${ID}/kubelet/kubepods/pod${POD}/${inner}`)?.id, inner);
    assert.equal(identifyCgroup(`/lxc.payload.box/docker/${ID}`)?.runtime, 'docker');
  });

  it('knows what is no container', () => {
    const others = [
      '/',
      '',
      '/system.slice/docker.service',
      '/system.slice/docker.socket',
      '/init.scope',
      '/lxc.monitor.legacy',
      '/lxc.pivot',
      `/machine.slice/libpod-conmon-${ID}.scope`,
      `/kubepods/pod${POD}/crio-conmon-${ID}.scope`,
      '/machine.slice/machine-qemu\\x2d1\\x2dvm.scope',
      `/kubepods/burstable/pod${POD}`,
      `/docker/${ID.slice(1)}`,
      `/docker/${ID.toUpperCase()}`,
    ];
    for (const path of others) assert.equal(identifyCgroup(path), undefined, path);
  });

  it('reads no paths that nobody makes', () => {
    assert.equal(identifyCgroup(`/${'x/'.repeat(100)}docker/${ID}`), undefined);
    assert.equal(identifyCgroup(`/${'x'.repeat(5000)}/docker/${ID}`), undefined);
  });
});
