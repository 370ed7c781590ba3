import assert from 'node:assert/strict';
import test from 'node:test';
import type { InventoryEntry } from '../../analyzers/inventory.js';
import { container, type Fields, HandTrace, HOST_CGROUP_NS, HOST_PID_NS, thread } from './batch.js';

const PID_NS = 4026532220;
const CGROUP_NS = 4026532304;
const ID = 'd02153b9dbe6d3c95211263482305009b778ed7f031a6fc1d375a1afae2e5c6c';

const entry = (more: Partial<InventoryEntry>): InventoryEntry => ({
  id: ID,
  name: 'web',
  runtime: 'docker',
  image: 'tiny:1',
  initPid: 50,
  limitCpus: 0.3,
  startedAt: undefined,
  finishedAt: undefined,
  labels: {},
  ...more,
});

/** ns since the trace's origin as an inventory has it. */
const since = (time: number): bigint => new HandTrace().origin + BigInt(time);

test('a container is its pid namespace; the inventory names it by its init process', () => {
  const trace = new HandTrace()
    .dumped(0, 1, {})
    .dumped(1, 50, { pidNs: PID_NS, vtid: 1, cgroupNs: CGROUP_NS })
    .dumped(2, 51, { ppid: 50, pidNs: PID_NS, vtid: 2, cgroupNs: CGROUP_NS });
  const row = container(trace.frames({ inventory: [entry({ startedAt: since(-5e9) })] })[0], 'web');
  assert.equal(row.key, `pid_ns:${PID_NS}`);
  assert.deepEqual([row.id, row.runtime, row.image, row.limitCpus], [ID, 'docker', 'tiny:1', 0.3]);
  assert.deepEqual([row.procs, row.threads, row.started, row.idBasis], [2, 2, -5e9, 'inventory']);
  const anonymous = container(trace.frames()[0], `pid_ns:${PID_NS}`);
  assert.deepEqual([anonymous.id, anonymous.idBasis], [`pid_ns:${PID_NS}`, 'namespace']);
});

test('of two containers with the same init pid the one that fits in time is meant', () => {
  const inventory = [
    entry({ name: 'former', id: 'a', startedAt: since(-60e9), finishedAt: since(-30e9) }),
    entry({ name: 'late', id: 'b', startedAt: since(500e9) }),
    entry({ name: 'right', id: 'c', startedAt: since(5e9) }),
  ];
  const [frame] = new HandTrace()
    .dumped(0, 10, {})
    .fork(1e9, 0, 10, 50, { childNs: PID_NS, vtids: [50, 1] })
    .frames({ inventory });
  assert.equal(container(frame, 'right').started, 1e9);
});

test('containers with the same namespace inode one after the other are told apart', () => {
  const trace = new HandTrace().dumped(0, 10, {});
  for (const begin of [10, 40]) {
    trace
      .fork(begin, 0, 10, begin + 50, { childNs: PID_NS, vtids: [begin + 50, 1] })
      .at(begin + 20, 0, 'sched_process_exit', { tid: begin + 50, comm: 'sh' });
  }
  const rows = trace.frames()[0]!.containers.slice(1);
  assert.deepEqual(
    rows.map(({ key, started, ended }) => ({ key, started, ended })),
    [
      { key: `pid_ns:${PID_NS}`, started: 10, ended: 30 },
      { key: `pid_ns:${PID_NS}#2`, started: 40, ended: 60 },
    ],
  );
});

test('a container is reported with its end and then forgotten', () => {
  const frames = new HandTrace()
    .dumped(0, 10, {})
    .fork(10, 0, 10, 50, { childNs: PID_NS, vtids: [50, 1] })
    .at(20, 0, 'sched_process_exit', { tid: 50, comm: 'sh' })
    .at(150, 0, 'irq_handler_entry')
    .frames({ interval: 100 });
  assert.deepEqual(
    frames.map(({ containers }) => containers.map(({ name }) => name)),
    [['host', `pid_ns:${PID_NS}`], ['host']],
  );
});

test('before the statedump is over no older container has ended', () => {
  const frames = new HandTrace()
    .dumped(0, 51, { pidNs: PID_NS, vtid: 2 })
    .at(10, 0, 'sched_process_exit', { tid: 51, comm: 'sleep' })
    .dumped(150, 50, { pidNs: PID_NS, vtid: 1 })
    .at(160, 0, 'lttng_statedump_end')
    .frames({ interval: 100 });
  for (const frame of frames) assert.equal(container(frame, `pid_ns:${PID_NS}`).ended, undefined);
});

test('a container that shares the host’s pid namespace is its cgroup namespace', () => {
  const contexts = { 'ctx.pid_ns': HOST_PID_NS, 'ctx.cgroup_ns': CGROUP_NS };
  const [frame] = new HandTrace()
    .dumped(0, 10, {})
    .fork(10, 0, 10, 50, {})
    .switch(20, 0, 0, 0, 50)
    .at(30, 0, 'syscall_entry_unshare', { unshare_flags: 0x02000000 })
    .at(40, 0, 'syscall_exit_unshare', { ret: 0, ...contexts })
    .switch(100, 0, 50, 1, 0)
    .frames({ inventory: [entry({})] });
  assert.equal(thread(frame, 50).container, `cgroup_ns:${CGROUP_NS}`);
  assert.equal(container(frame, 'web').cpuNs, 60, 'from the moment on that it has its own namespace');
  assert.equal(container(frame, 'host').cpuNs, 20);
  assert.equal(thread(frame, 50).cpuNs, 80);
});

test('with all of the host’s namespaces it is the process tree of the init process that the inventory names', () => {
  const [frame] = new HandTrace()
    .dumped(0, 1, {})
    .dumped(1, 51, { ppid: 50 })
    .dumped(2, 50, { ppid: 1 })
    .fork(10, 0, 51, 52, {})
    .fork(11, 0, 1, 60, {})
    .frames({ inventory: [entry({})] });
  const inTree = frame!.threads.filter((row) => row.containerName === 'web').map(({ tid }) => tid);
  assert.deepEqual(inTree.sort(), [50, 51, 52]);
  assert.equal(container(frame, 'web').key, 'init_pid:50');
});

test('a container that shares the pid namespace of another is told from it by its cgroup namespace', () => {
  const [frame] = new HandTrace()
    .dumped(0, 50, { pidNs: PID_NS, vtid: 1, cgroupNs: CGROUP_NS })
    .dumped(1, 60, { pidNs: PID_NS, vtid: 9, cgroupNs: CGROUP_NS + 1 })
    .dumped(2, 61, { pidNs: PID_NS, vtid: 10, cgroupNs: HOST_CGROUP_NS })
    .frames();
  assert.equal(thread(frame, 50).container, `pid_ns:${PID_NS}`);
  assert.equal(thread(frame, 60).container, `cgroup_ns:${CGROUP_NS + 1}`);
  assert.equal(thread(frame, 61).container, `pid_ns:${PID_NS}`);
});

/** What runc does between systemd's cgroup and the container's own program; the runtime's process is 20. */
function runc(
  trace: HandTrace,
  stage: { readonly childNs?: number; readonly initContexts?: Fields },
): HandTrace {
  const cgroup = `/sys/fs/cgroup/system.slice/docker-${ID}.scope/cgroup.procs`;
  const { childNs = PID_NS, initContexts = {} } = stage;
  return trace
    .dumped(0, 1, { ppid: 0 })
    .dumped(1, 20, { name: 'runc' })
    .switch(5, 0, 0, 0, 20)
    .at(10, 0, 'syscall_entry_mkdirat', { pathname: `/var/run/docker/runtime-runc/moby/${ID}` })
    .fork(20, 0, 20, 30, { comm: 'runc' })
    .switch(30, 0, 20, 1, 30)
    .at(50, 1, 'syscall_entry_openat', { filename: cgroup, flags: 0x80101 })
    .fork(70, 0, 30, 31, { comm: 'runc:[0:PARENT]' })
    .switch(80, 0, 30, 1, 31)
    .fork(100, 0, 31, 50, { comm: 'runc:[1:CHILD]', childNs, vtids: childNs === PID_NS ? [50, 1] : [50] })
    .switch(110, 0, 31, 1, 50)
    .at(130, 0, 'sched_process_exec', { tid: 50, old_tid: 50, ...initContexts })
    .switch(150, 0, 50, 1, 0);
}

test('what runc’s own processes use counts for the container, from when they are in its cgroup', () => {
  const [frame] = runc(new HandTrace(), {}).frames({ inventory: [entry({ initPid: undefined })] });
  const row = container(frame, 'web');
  assert.equal(row.cpuNs, 30 + 30 + 40, '30 from 50 on, 31, and the init process');
  assert.equal(container(frame, 'host').cpuNs, 25 + 20);
  assert.deepEqual([row.id, row.runtime], [ID, 'docker']);
  const anonymous = container(runc(new HandTrace(), {}).frames()[0], ID.slice(0, 12));
  assert.deepEqual([anonymous.id, anonymous.idBasis, anonymous.started], [ID, 'announced', 100]);
});

test('so it does where the container has the host’s pid namespace', () => {
  const initContexts = { 'ctx.pid_ns': HOST_PID_NS, 'ctx.cgroup_ns': CGROUP_NS };
  const [frame] = runc(new HandTrace(), { childNs: HOST_PID_NS, initContexts }).frames();
  const row = container(frame, ID.slice(0, 12));
  assert.deepEqual([row.key, row.cpuNs, row.started], [`cgroup_ns:${CGROUP_NS}`, 100, 100]);
});

test('runc exec joins the container that is there, from when its process is in the cgroup', () => {
  const [frame] = runc(new HandTrace(), {})
    .dumped(200, 21, { name: 'runc' })
    .switch(205, 0, 0, 0, 21)
    .fork(210, 0, 21, 40, { comm: 'runc' })
    .switch(212, 1, 0, 0, 40)
    .at(216, 0, 'syscall_entry_openat', {
      filename: `/sys/fs/cgroup/system.slice/docker-${ID}.scope/cgroup.procs`,
      flags: 1,
    })
    .fork(220, 1, 40, 41, { comm: 'runc:[0:PARENT]' })
    .switch(222, 1, 40, 1, 41)
    .fork(230, 1, 41, 42, { comm: 'runc:[1:CHILD]', childNs: PID_NS, vtids: [42, 7] })
    .switch(232, 1, 41, 1, 0)
    .frames();
  assert.equal(thread(frame, 42).container, `pid_ns:${PID_NS}`);
  assert.equal(thread(frame, 41).container, `pid_ns:${PID_NS}`);
  assert.equal(frame?.containers.length, 2);
  assert.equal(container(frame, ID.slice(0, 12)).cpuNs, 100 + 6 + 10);
});

test('who else writes to a container’s cgroup.procs moves nobody', () => {
  const filename = `/sys/fs/cgroup/system.slice/docker-${ID}.scope/cgroup.procs`;
  const [frame] = new HandTrace()
    .dumped(0, 1, { ppid: 0 })
    .dumped(1, 20, { name: 'bash' })
    .fork(5, 0, 20, 21, {})
    .switch(10, 0, 0, 0, 20)
    .at(20, 0, 'syscall_entry_openat', { filename, flags: 1 })
    .at(30, 0, 'irq_handler_entry')
    .frames();
  assert.equal(thread(frame, 21).container, 'host');
});

test('systemd’s own children are not taken for those of the runtime that it makes a cgroup for', () => {
  const scope = `/sys/fs/cgroup/system.slice/docker-${ID}.scope`;
  const [frame] = new HandTrace()
    .dumped(0, 1, { ppid: 0, name: 'systemd' })
    .dumped(1, 20, { name: 'runc' })
    .switch(2, 1, 0, 0, 20)
    .at(3, 1, 'syscall_entry_mkdirat', { pathname: `/var/run/docker/runtime-runc/moby/${ID}` })
    .fork(5, 1, 20, 30, { comm: 'runc' })
    .switch(8, 1, 20, 1, 30)
    .switch(10, 0, 0, 0, 1)
    .at(12, 0, 'syscall_entry_mkdir', { pathname: scope })
    .fork(15, 0, 1, 21, { comm: 'systemd' })
    .at(20, 0, 'syscall_entry_openat', { filename: `${scope}/cgroup.procs`, flags: 1 })
    .fork(40, 1, 30, 31, { comm: 'runc:[0:PARENT]' })
    .switch(50, 1, 30, 1, 31)
    .fork(60, 1, 31, 50, { comm: 'runc:[1:CHILD]', childNs: PID_NS, vtids: [50, 1] })
    .switch(70, 1, 31, 1, 0)
    .frames();
  assert.equal(thread(frame, 21).container, 'host');
  assert.equal(container(frame, ID.slice(0, 12)).cpuNs, 50 - 20 + 20);
});

/** The host looked at the container while runc made it, and took its helper for the container's init process. */
for (const [what, namespaces] of [
  ['of which nothing more is known', undefined],
  ['of which the namespaces are known', { pid: PID_NS }],
] as const) {
  test(`runc’s helper that executes itself is no container, ${what}`, () => {
    const inventory = [
      entry({ initPid: 30, startedAt: since(25), finishedAt: since(60), namespaces }),
      entry({ initPid: 50, startedAt: since(120) }),
    ];
    const trace = new HandTrace()
      .dumped(0, 20, { name: 'runc' })
      .fork(20, 0, 20, 30, { comm: 'runc' })
      .at(30, 0, 'sched_process_exec', {
        tid: 30,
        old_tid: 30,
        filename: namespaces === undefined ? '/proc/self/exe' : '/usr/bin/runc',
      })
      .at(35, 0, 'sched_process_exec', { tid: 30, old_tid: 30, filename: '/dev/fd/6' })
      .fork(70, 0, 30, 31, { comm: 'runc:[0:PARENT]' })
      .fork(100, 0, 31, 50, { comm: 'runc:[1:CHILD]', childNs: PID_NS, vtids: [50, 1] });
    const [frame] = trace.frames({ inventory });
    assert.deepEqual(
      frame?.containers.map(({ key }) => key),
      ['host', `pid_ns:${PID_NS}`],
    );
  });
}

test('a cgroup namespace whose inode another container had before is a new container', () => {
  const contexts = { 'ctx.pid_ns': HOST_PID_NS, 'ctx.cgroup_ns': CGROUP_NS };
  const [frame] = new HandTrace()
    .dumped(0, 10, {})
    .at(1, 0, 'lttng_statedump_end')
    .fork(10, 0, 10, 50, {})
    .at(20, 0, 'sched_process_exec', { tid: 50, old_tid: 50, ...contexts })
    .at(30, 0, 'sched_process_exit', { tid: 50, comm: 'sh', ...contexts })
    .fork(40, 0, 10, 60, {})
    .at(50, 0, 'sched_process_exec', { tid: 60, old_tid: 60, ...contexts })
    .frames();
  assert.deepEqual(
    frame?.containers.slice(1).map(({ key, ended }) => ({ key, ended })),
    [
      { key: `cgroup_ns:${CGROUP_NS}`, ended: 30 },
      { key: `cgroup_ns:${CGROUP_NS}#2`, ended: undefined },
    ],
  );
});

test('LXC’s own cgroup names the container', () => {
  const [frame] = new HandTrace()
    .dumped(0, 20, { name: 'lxc-start' })
    .switch(5, 0, 0, 0, 20)
    .at(10, 0, 'syscall_entry_mkdirat', { pathname: 'lxc.payload.legacy' })
    .fork(20, 0, 20, 50, { childNs: PID_NS, vtids: [50, 1] })
    .frames();
  assert.equal(container(frame, 'legacy').runtime, 'lxc');
});

test('hosts are told by their hostnames; what runs on one is not the other’s', () => {
  const trace = new HandTrace('a').dumped(0, 50, { pidNs: PID_NS, vtid: 1 }).switch(5, 0, 0, 0, 50);
  trace.trace('b').dumped(6, 50, {}).switch(10, 0, 0, 0, 50).switch(30, 0, 50, 1, 0);
  trace.trace('b', 'ust').at(40, 0, 'sched_switch', { prev_tid: 50, prev_state: 1, next_tid: 9 });
  const [frame] = trace.frames();
  assert.deepEqual(
    frame?.containers.map(({ key, host, cpuNs }) => ({ key, host, cpuNs })),
    [
      { key: 'a/host', host: 'a', cpuNs: 0 },
      { key: 'b/host', host: 'b', cpuNs: 20 },
      { key: `a/pid_ns:${PID_NS}`, host: 'a', cpuNs: 35 },
    ],
  );
  assert.equal(frame?.cpus.length, 2);
});

test('a trace that tells no cgroup namespaces still has the host, and the trees below init processes', () => {
  const record = { ppid: 1, name: 'web', type: 0, status: 5, ns_level: 0, ns_inum: HOST_PID_NS };
  const [frame] = new HandTrace()
    .at(0, 0, 'lttng_statedump_process_state', { ...record, tid: 1, pid: 1, vtid: 1 })
    .at(1, 0, 'lttng_statedump_process_state', { ...record, tid: 50, pid: 50, vtid: 50 })
    .frames({ inventory: [entry({})] });
  assert.equal(thread(frame, 1).container, 'host');
  assert.equal(thread(frame, 50).containerName, 'web');
});

test('who joined the pid namespace of another container has its own name', () => {
  const entryOf = (name: string, pid: number, cgroup: number): InventoryEntry =>
    entry({ name, id: name, initPid: pid, namespaces: { pid: PID_NS, cgroup } });
  const inventory = [entryOf('first', 50, 201), entryOf('joined', 60, 202)];
  const engine = new HandTrace()
    .dumped(0, 1, {})
    .dumped(1, 50, { pidNs: PID_NS, vtid: 1, cgroupNs: 201 })
    .dumped(2, 60, { pidNs: PID_NS, vtid: 7, cgroupNs: 202 });
  for (const learnt of [inventory, inventory.toReversed()]) {
    const [frame] = engine.frames({ inventory: learnt });
    assert.equal(container(frame, 'first').key, `pid_ns:${PID_NS}`);
    assert.equal(container(frame, 'joined').key, 'cgroup_ns:202');
  }
});

test('nor does it lend its name to the other, which nobody has named yet', () => {
  const joined = entry({ name: 'joined', id: 'j', initPid: 60, namespaces: { pid: PID_NS, cgroup: 202 } });
  const [frame] = new HandTrace()
    .dumped(0, 1, {})
    .dumped(1, 50, { pidNs: PID_NS, vtid: 1, cgroupNs: 201 })
    .dumped(2, 60, { pidNs: PID_NS, vtid: 7, cgroupNs: 202 })
    .frames({ inventory: [joined] });
  assert.equal(container(frame, 'joined').key, 'cgroup_ns:202');
  assert.equal(container(frame, `pid_ns:${PID_NS}`).idBasis, 'namespace');
});

test('rows tell whose they are as soon as several hosts are read, of which one has told of itself', () => {
  const hand = new HandTrace('build-7').dumped(0, 50, { pidNs: PID_NS, vtid: 1 });
  const hostsOf = (severalHosts: boolean) =>
    hand.frames({ severalHosts })[0]!.containers.map(({ host }) => host);
  assert.deepEqual(hostsOf(true), ['build-7', 'build-7']);
  assert.deepEqual(hostsOf(false), [undefined, undefined]);
});
