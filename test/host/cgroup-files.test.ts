import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CgroupFiles, type ReadCgroupFile } from '../../host/cgroup/files.js';
import { type Controller, Hierarchies } from '../../host/cgroup/hierarchies.js';

const V2 = '30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot';
const V1 = ['cpu,cpuacct', 'cpuset', 'memory', 'pids', 'xattr,name=systemd'].map(
  (controllers, index) =>
    `4${index} 30 0:3${index} / /sys/fs/cgroup/${controllers.replace('xattr,name=', '')} rw shared:9 - cgroup cgroup rw,${controllers}`,
);
const HYBRID = [...V1, '50 30 0:50 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw'];
const TIME = 1_795_363_864_655_445_160n;

type Tree = Readonly<Record<string, Readonly<Record<string, string>>>>;

function reading(tree: Tree): ReadCgroupFile {
  return (hierarchy, path, file) => tree[`${hierarchy}${path}`]?.[file];
}
function v2(tree: Tree, path: string) {
  return new CgroupFiles(new Hierarchies(V2), new Map([['unified', path]]), reading(tree));
}

/** As they were while the recording `market` was made: LXC, Podman with crun, Debian 12. */
const MARKET: Tree = {
  'unified/lxc.payload.legacy': {
    'memory.events': 'low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n',
    'cpu.weight': '100\n',
    'cpu.stat':
      'usage_usec 1359181\nuser_usec 731867\nsystem_usec 627314\nnr_periods 104\nnr_throttled 64\nthrottled_usec 4651004\nnr_bursts 0\nburst_usec 0\n',
    'memory.current': '839680\n',
    'pids.current': '6\n',
    'cpuset.cpus.effective': '0-1\n',
    'cpu.max': '15000 100000\n',
    'memory.max': 'max\n',
    'pids.max': 'max\n',
  },
  'unified/machine.slice': { 'cpu.max': 'max 100000\n', 'memory.max': 'max\n', 'pids.max': 'max\n' },
  'unified/machine.slice/libpod-8e3a.scope': {
    'cpu.max': 'max 100000\n',
    'memory.max': 'max\n',
    'pids.max': '4643\n',
  },
  'unified/machine.slice/libpod-8e3a.scope/container': {
    'cpu.stat':
      'usage_usec 6626024\nuser_usec 6534107\nsystem_usec 91917\nnr_periods 265\nnr_throttled 262\nthrottled_usec 17812638\n',
    'memory.current': '212992\n',
    'cpu.max': '25000 100000\n',
    'memory.max': 'max\n',
    'pids.max': '2048\n',
  },
};

describe('cgroup files', () => {
  it('gives the counters of version 2', () => {
    assert.deepEqual(v2(MARKET, '/lxc.payload.legacy').sample(TIME), {
      time: TIME,
      cpuUsageUs: 1_359_181,
      cpuPeriods: 104,
      cpuThrottledPeriods: 64,
      cpuThrottledUs: 4_651_004,
      memoryBytes: 839_680,
      oomKills: 0,
      pids: 6,
    });
  });

  it('counts throttling where the quota is set', () => {
    const stat = (usage: number, periods: number) =>
      `usage_usec ${usage}\nnr_periods ${periods}\nnr_throttled ${periods - 1}\nthrottled_usec ${1000 * periods}\n`;
    const pod = v2(
      {
        'unified/pod': { 'cpu.max': '50000 100000\n', 'cpu.stat': stat(900, 20) },
        'unified/pod/web': { 'cpu.max': 'max 100000\n', 'cpu.stat': stat(300, 1) },
      },
      '/pod/web',
    );
    assert.equal(pod.limits().cpusSetBy, '/pod');
    const { cpuUsageUs, cpuPeriods, cpuThrottledPeriods, cpuThrottledUs } = pod.sample(TIME)!;
    assert.deepEqual([cpuUsageUs, cpuPeriods, cpuThrottledPeriods, cpuThrottledUs], [300, 20, 19, 20_000]);
  });

  it('gives the limits of version 2, the tightest of the cgroup and those above', () => {
    const lxc = v2(MARKET, '/lxc.payload.legacy').limits();
    assert.equal(lxc.cpus, 0.15);
    assert.deepEqual(
      [lxc.cpuQuotaUs, lxc.cpuPeriodUs, lxc.cpuWeight, lxc.cpuset],
      [15_000, 100_000, 100, '0-1'],
    );
    assert.deepEqual([lxc.memoryBytes, lxc.pids, lxc.cpuBurstUs], [undefined, undefined, undefined]);
    const podman = v2(MARKET, '/machine.slice/libpod-8e3a.scope/container').limits();
    assert.deepEqual([podman.cpus, podman.pids], [0.25, 2048]);
  });

  it('tells which cgroup above sets a limit', () => {
    const tree = {
      'unified/kubepods/pod1': { 'cpu.max': '50000 100000\n', 'memory.max': '1048576\n' },
      'unified/kubepods/pod1/a': {
        'cpu.max': '40000 50000\n',
        'memory.max': '4194304\n',
        'cpu.max.burst': '20000\n',
      },
    };
    const limits = v2(tree, '/kubepods/pod1/a').limits();
    assert.deepEqual([limits.cpus, limits.cpusSetBy], [0.5, '/kubepods/pod1']);
    assert.deepEqual([limits.memoryBytes, limits.memorySetBy], [1_048_576, '/kubepods/pod1']);
    assert.deepEqual([limits.cpuQuotaUs, limits.cpuPeriodUs, limits.cpuBurstUs], [40_000, 50_000, 20_000]);
  });

  const V1_TREE: Tree = {
    'cpu/docker/a': {
      'cpu.cfs_quota_us': '30000\n',
      'cpu.cfs_period_us': '100000\n',
      'cpu.shares': '512\n',
      'cpu.stat': 'nr_periods 5\nnr_throttled 2\nthrottled_time 123456789\n',
    },
    'cpu/docker': { 'cpu.cfs_quota_us': '-1\n', 'cpu.cfs_period_us': '100000\n' },
    'cpuacct/docker/a': { 'cpuacct.usage': '1000000500\n' },
    'cpuset/docker/a': { 'cpuset.cpus': '0-3\n', 'cpuset.effective_cpus': '0,2-3\n' },
    'memory/docker/a': {
      'memory.usage_in_bytes': '4096\n',
      'memory.limit_in_bytes': '9223372036854771712\n',
      'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n',
    },
    'memory/docker': { 'memory.limit_in_bytes': '67108864\n' },
    'pids/docker/a': { 'pids.current': '2\n', 'pids.max': '20\n' },
  };
  const v1 = (mounts: readonly string[]) => {
    const hierarchies = new Hierarchies(mounts.join('\n'));
    const membership = hierarchies.parseMembership(
      '5:memory:/docker/a\n4:pids:/docker/a\n3:cpu,cpuacct:/docker/a\n2:cpuset:/docker/a\n1:name=systemd:/docker/a\n0::/docker/a\n',
    );
    return new CgroupFiles(hierarchies, membership, reading(V1_TREE));
  };

  for (const [name, mounts] of [
    ['version 1', V1],
    ['hybrid hosts', HYBRID],
  ] as const) {
    it(`gives counters and limits of ${name}`, () => {
      assert.deepEqual(v1(mounts).sample(TIME), {
        time: TIME,
        cpuUsageUs: 1_000_001,
        cpuPeriods: 5,
        cpuThrottledPeriods: 2,
        cpuThrottledUs: 123_457,
        memoryBytes: 4096,
        oomKills: 3,
        pids: 2,
      });
      assert.deepEqual(v1(mounts).limits(), {
        cpuQuotaUs: 30_000,
        cpuPeriodUs: 100_000,
        cpuBurstUs: undefined,
        cpus: 0.3,
        cpusSetBy: '/docker/a',
        cpuWeight: undefined,
        cpuShares: 512,
        cpuset: '0,2-3',
        memoryBytes: 67_108_864,
        memorySetBy: '/docker',
        pids: 20,
      });
    });
  }

  it('takes a hybrid host controller by controller', () => {
    const withoutMemory = HYBRID.filter((line) => !line.includes('memory'));
    const files = new CgroupFiles(
      new Hierarchies(withoutMemory.join('\n')),
      new Map<Controller, string>([
        ['cpu', '/docker/a'],
        ['unified', '/x'],
      ]),
      reading({
        'cpu/docker/a': { 'cpu.cfs_quota_us': '10000', 'cpu.cfs_period_us': '100000' },
        'unified/x': { 'memory.max': '8192' },
      }),
    );
    assert.deepEqual([files.limits().cpus, files.limits().memoryBytes], [0.1, 8192]);
  });

  it('has no sample of a cgroup that is gone, and nothing of files that are not as expected', () => {
    assert.equal(v2({}, '/gone').sample(TIME), undefined);
    const odd = v2(
      {
        'unified/a': {
          'cpu.max': 'lots',
          'memory.max': '-',
          'cpuset.cpus.effective': '\u001b[2J',
          'pids.current': '1e9',
          'memory.current': '7',
        },
      },
      '/a',
    );
    assert.deepEqual(
      [odd.limits().cpus, odd.limits().memoryBytes, odd.limits().cpuset],
      [undefined, undefined, undefined],
    );
    assert.deepEqual([odd.sample(TIME)?.pids, odd.sample(TIME)?.memoryBytes], [undefined, 7]);
  });
});

describe('cgroup hierarchies', () => {
  it('tells the version by the mounts', () => {
    const version = (mounts: readonly string[]) => new Hierarchies(mounts.join('\n')).version;
    assert.deepEqual(
      [version([V2]), version(V1), version(HYBRID), version([])],
      ['v2', 'v1', 'hybrid', undefined],
    );
  });

  it('finds directories where a part of a hierarchy is mounted, and nothing outside of it', () => {
    const mounts = new Hierarchies('30 23 0:26 /outer /sys/fs/c\\040g rw - cgroup2 cgroup2 rw');
    assert.equal(mounts.directoryOf('unified', '/outer/a'), '/sys/fs/c g/a');
    assert.equal(mounts.directoryOf('unified', '/outer'), '/sys/fs/c g');
    assert.equal(mounts.directoryOf('unified', '/outermost'), undefined);
    assert.equal(mounts.directoryOf('unified', '/outer/../../etc'), undefined);
    assert.equal(mounts.directoryOf('cpu', '/outer'), undefined);
  });
});
