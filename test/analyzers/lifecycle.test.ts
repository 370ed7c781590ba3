import assert from 'node:assert/strict';
import test from 'node:test';
import { container, HandTrace, HOST_CGROUP_NS, HOST_PID_NS, process, thread } from './batch.js';

const PID_NS = 4026532220;

test('the statedump tells process, parent, name and both ids of each thread', () => {
  const [frame] = new HandTrace()
    .dumped(0, 1, { ppid: 0, name: 'systemd' })
    .dumped(1, 50, { name: 'web', pidNs: PID_NS, vtid: 1 })
    .dumped(2, 51, { pid: 50, name: 'worker', pidNs: PID_NS, vtid: 9 })
    .at(10, 0, 'lttng_statedump_end')
    .frames();
  const { pid, vpid, ppid, comm, threads } = process(frame, 50);
  assert.deepEqual(
    { pid, vpid, ppid, comm, threads },
    { pid: 50, vpid: 1, ppid: 1, comm: 'web', threads: 2 },
  );
  assert.equal(thread(frame, 51).vtid, 9);
  assert.equal(thread(frame, 51).state, 'blocked');
});

test('the statedump up to lttng-modules 2.11 has the levels of the pid namespace in the process’s own records', () => {
  const record = { tid: 50, pid: 50, ppid: 1, name: 'web', type: 0, status: 5 };
  const [frame] = new HandTrace()
    .at(0, 0, 'lttng_statedump_process_state', { ...record, vtid: 1, vpid: 1, ns_level: 1, ns_inum: PID_NS })
    .at(0, 0, 'lttng_statedump_process_state', {
      ...record,
      vtid: 50,
      vpid: 50,
      ns_level: 0,
      ns_inum: HOST_PID_NS,
    })
    .at(1, 0, 'lttng_statedump_process_state', {
      ...record,
      tid: 9,
      pid: 9,
      vtid: 9,
      ns_level: 0,
      ns_inum: HOST_PID_NS,
    })
    .frames();
  assert.equal(thread(frame, 50).vtid, 1);
  assert.equal(thread(frame, 50).container, `pid_ns:${PID_NS}`);
  assert.equal(thread(frame, 9).container, 'host');
});

test('a zombie in the statedump does not come alive', () => {
  const zombie = { tid: 60, pid: 60, ppid: 1, name: 'gone', type: 0, status: 4 };
  const [frame] = new HandTrace().at(0, 0, 'lttng_statedump_process_state', zombie).frames();
  assert.equal(frame?.threads.length, 0);
});

test('a child of fork is a process with a parent, a thread of clone one of its process', () => {
  const [frame] = new HandTrace()
    .dumped(0, 50, { pidNs: PID_NS, vtid: 1 })
    .fork(10, 0, 50, 60, { parentNs: PID_NS, vtids: [60, 7] })
    .fork(20, 0, 50, 61, { parentNs: PID_NS, vtids: [61, 8], pid: 50 })
    .frames();
  assert.equal(process(frame, 60).ppid, 50);
  assert.equal(process(frame, 60).vpid, 7);
  assert.equal(process(frame, 60).started, 10);
  assert.equal(thread(frame, 61).pid, 50);
  assert.equal(thread(frame, 61).vtid, 8);
  assert.equal(thread(frame, 61).state, 'runnable');
});

test('a thread is alive until its exit, is reported with it, and then forgotten', () => {
  const frames = new HandTrace()
    .dumped(0, 50, {})
    .fork(10, 0, 50, 60, {})
    .switch(20, 0, 0, 0, 60)
    .at(50, 0, 'sched_process_exit', { tid: 60, comm: 'child' })
    .switch(60, 0, 60, 0x10, 0, { prev_comm: 'child' })
    .at(150, 0, 'sched_process_free', { tid: 60, comm: 'child' })
    .frames({ interval: 100 });
  assert.equal(thread(frames[0], 60).state, 'dead');
  assert.equal(thread(frames[0], 60).ended, 50);
  assert.equal(thread(frames[0], 60).comm, 'child');
  assert.equal(thread(frames[0], 60).cpuNs, 40, 'it runs on for a moment after its exit');
  assert.equal(process(frames[0], 60).ended, 50);
  assert.equal(container(frames[0], 'host').threads, 1);
  assert.equal(
    frames[1]?.threads.some(({ tid }) => tid === 60),
    false,
  );
});

test('a tid that is used again is another thread', () => {
  const [frame] = new HandTrace()
    .dumped(0, 50, {})
    .fork(10, 0, 50, 60, {})
    .at(20, 0, 'sched_process_exit', { tid: 60, comm: 'a' })
    .fork(30, 0, 50, 60, {})
    .at(40, 0, 'sched_process_free', { tid: 60, comm: 'a' })
    .at(50, 0, 'lttng_statedump_end')
    .frames();
  const rows = frame!.threads.filter(({ tid }) => tid === 60);
  assert.deepEqual(
    rows.map(({ started, ended }) => ({ started, ended })).sort((a, b) => a.started! - b.started!),
    [
      { started: 10, ended: 20 },
      { started: 30, ended: undefined },
    ],
  );
  assert.equal(container(frame, 'host').threads, 2);
});

test('a free without an exit ends a thread from before the trace: its exit was lost', () => {
  const [frame] = new HandTrace().dumped(0, 50, {}).at(10, 0, 'sched_process_free', { tid: 50 }).frames();
  assert.equal(thread(frame, 50).ended, 10);
});

test('an exec by another thread than the leader takes the leader’s tid', () => {
  const [frame] = new HandTrace()
    .dumped(0, 50, { pidNs: PID_NS, vtid: 1 })
    .dumped(1, 51, { pid: 50, pidNs: PID_NS, vtid: 2 })
    .switch(5, 0, 0, 0, 51)
    .at(20, 0, 'sched_process_exec', { tid: 50, old_tid: 51, filename: '/bin/sh' })
    .switch(35, 0, 50, 1, 0)
    .frames();
  const alive = frame!.threads.filter(({ ended }) => ended === undefined);
  assert.deepEqual(
    alive.map(({ tid, cpuNs, vtid }) => ({ tid, cpuNs, vtid })),
    [{ tid: 50, cpuNs: 30, vtid: 1 }],
  );
  assert.equal(process(frame, 50).threads, 1);
});

test('the name is the one that the last switch showed', () => {
  const trace = new HandTrace().dumped(0, 50, { name: 'sh' }).switch(5, 0, 0, 0, 50);
  const [frame] = trace.switch(9, 0, 50, 1, 0, { prev_comm: 'sleep' }).frames();
  assert.equal(thread(frame, 50).comm, 'sleep');
});

test('kernel threads and their children are the host’s, and all their time is the kernel’s', () => {
  const [frame] = new HandTrace()
    .declare('syscall_entry_read')
    .dumped(0, 2, { ppid: 0, name: 'kthreadd', kthread: true })
    .fork(10, 0, 2, 70, { comm: 'kthreadd' })
    .switch(20, 0, 0, 0, 70)
    .switch(30, 0, 70, 0x80, 0)
    .frames();
  assert.equal(thread(frame, 70).kernelNs, 10);
  assert.equal(thread(frame, 70).container, 'host');
});

test('unshare and setns make the cgroup namespace unknown until something tells it', () => {
  const trace = new HandTrace()
    .dumped(0, 50, {})
    .switch(5, 0, 0, 0, 50)
    .at(10, 0, 'syscall_entry_unshare', { unshare_flags: 0x02000000 })
    .at(20, 0, 'syscall_exit_unshare', { ret: 0 });
  assert.equal(thread(trace.frames()[0], 50).container, 'unknown');
  trace.at(30, 0, 'sched_process_exec', {
    tid: 50,
    old_tid: 50,
    'ctx.pid_ns': HOST_PID_NS,
    'ctx.cgroup_ns': 4026532777,
  });
  assert.equal(thread(trace.frames()[0], 50).container, 'cgroup_ns:4026532777');
});

test('a context of 0 is not told: an exiting thread keeps what was known', () => {
  const [frame] = new HandTrace()
    .dumped(0, 50, { pidNs: PID_NS, vtid: 1, cgroupNs: 4026532304 })
    .switch(5, 0, 0, 0, 50)
    .switch(9, 0, 50, 0x10, 0, { 'ctx.pid_ns': 0, 'ctx.cgroup_ns': 0 })
    .frames();
  assert.equal(thread(frame, 50).container, `pid_ns:${PID_NS}`);
});

test('a trace without statedump learns the namespaces from the contexts of sched_switch', () => {
  const [frame] = new HandTrace()
    .switch(5, 0, 0, 0, 50)
    .switch(9, 0, 50, 1, 0, { 'ctx.pid_ns': PID_NS, 'ctx.cgroup_ns': HOST_CGROUP_NS })
    .switch(12, 0, 0, 0, 51)
    .frames();
  assert.equal(thread(frame, 50).container, `pid_ns:${PID_NS}`);
  assert.equal(thread(frame, 51).container, 'unknown');
  assert.equal(frame?.containers.at(1)?.name, 'unknown');
});

test('a trace without statedump learns the processes from the pid context of sched_switch', () => {
  const [frame] = new HandTrace().switch(5, 0, 0, 0, 51).switch(9, 0, 51, 1, 0, { 'ctx.pid': 50 }).frames();
  assert.equal(thread(frame, 51).pid, 50);
  assert.equal(process(frame, 50).cpuNs, 4);
});
