/** What is known before and after lost events, on traces written by hand. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { container, HandTrace, thread } from './batch.js';

const BOX_NS = 4026532000;
const OTHER_NS = 4026533000;
const SECOND = 1e9;

/** CPU 0 runs t8 of the host all the time; 7 of a container waits for it from 100 on. */
function waiting(): HandTrace {
  return new HandTrace()
    .declare('sched_waking', { tid: 0, target_cpu: 0 })
    .dumped(0, 7, { pidNs: BOX_NS, vtid: 1 })
    .dumped(0, 8, {})
    .at(0, 0, 'lttng_statedump_end')
    .switch(0, 0, 7, 1, 8)
    .at(100, 1, 'sched_waking', { tid: 7, target_cpu: 0 });
}

test('who waited for a CPU whose events were lost may have had it: it waits no longer until something tells', () => {
  const frames = waiting()
    .loss(0, 300, 500)
    .switch(600, 0, 8, 0, 0)
    .switch(700, 0, 0, 0, 8)
    .at(2000, 0, 'end')
    .frames({ interval: 1000 });
  const [first, second] = frames.map((frame) => container(frame, `pid_ns:${BOX_NS}`));
  assert.deepEqual([first!.contendedNs, first!.unknownNs], [200, 800 - 100]);
  assert.deepEqual([second!.contendedNs, second!.unknownNs, second!.why?.kind], [0, 1000, 'idle']);
});

test('nor is a latency told of a wake-up that lies before lost events', () => {
  const [frame] = waiting()
    .loss(0, 300, 500)
    .switch(900, 0, 8, 0, 7)
    .at(1000, 0, 'end')
    .frames({ interval: 1000 });
  assert.equal(container(frame!, `pid_ns:${BOX_NS}`).wakeupMaxNs, undefined);
});

test('a queue is not throttled for ever where its unthrottle was lost', () => {
  const hand = new HandTrace()
    .declare('probe_unthrottle_cfs_rq', { ip: 0 })
    .dumped(0, 7, { pidNs: BOX_NS, vtid: 1 })
    .at(0, 0, 'lttng_statedump_end')
    .switch(0, 0, 0, 0, 7)
    .at(100, 0, 'probe_throttle_cfs_rq', { ip: 1 })
    .switch(100, 0, 7, 0, 0)
    .loss(1, 400, 500)
    .at(600, 1, 'sched_switch', { prev_tid: 0, prev_comm: 'idle', prev_state: 0, next_tid: 0 });
  const frames = hand.at(2000, 0, 'end').frames({ interval: 1000 });
  const rows = frames.map((frame) => container(frame, `pid_ns:${BOX_NS}`));
  assert.deepEqual(
    rows.map(({ queuesThrottledNs, throttledNs }) => [queuesThrottledNs, throttledNs]),
    [
      [300, 300],
      [0, 0],
    ],
  );
});

test('the tid context tells who makes a call where no switch does', () => {
  const hand = new HandTrace().dumped(0, 7, {}).dumped(0, 9, { pidNs: BOX_NS, vtid: 1 });
  for (const [index, tid] of [7, 9, 9].entries()) {
    const time = 100 * (index + 1);
    hand
      .at(time, 0, 'syscall_entry_read', { fd: 3, 'ctx.tid': tid })
      .at(time + 10, 0, 'syscall_exit_read', { ret: 1, 'ctx.tid': tid });
  }
  const [frame] = hand.at(500, 0, 'end').frames();
  const calls = frame!.syscalls!.map(({ containerName, count }) => [containerName, count]);
  assert.deepEqual(calls.sort(), [
    ['host', 1],
    [`pid_ns:${BOX_NS}`, 2],
  ]);
});

test('a migration is unknown, not none, where the trace has none of its events', () => {
  const [without] = waiting().at(1000, 0, 'end').frames();
  assert.equal(container(without!, `pid_ns:${BOX_NS}`).migrations, undefined);
  const [told] = waiting().declare('sched_migrate_task').at(1000, 0, 'end').frames();
  assert.equal(container(told!, `pid_ns:${BOX_NS}`).migrations, 0);
});

test('a damaged trace that has a thread in a queue twice does no harm', () => {
  const hand = waiting().switch(200, 0, 8, 0, 8).switch(300, 0, 8, 0, 7);
  // Its queue is looked at when the throttling begins.
  hand.declare('probe_unthrottle_cfs_rq').at(400, 0, 'probe_throttle_cfs_rq', { ip: 1 });
  const [frame] = hand.at(1000, 0, 'end').frames();
  assert.equal(thread(frame!, 8).contendedNs, 700);
});

test('whoever calls itself runc, one after the other, leads to no end', () => {
  const hand = new HandTrace().dumped(0, 2, { name: 'kthreadd', kthread: true }).dumped(0, 100, {});
  const CHAIN = 20_000;
  for (let tid = 100; tid < 100 + CHAIN; tid++) {
    hand.fork(tid, 0, tid, tid + 1, { comm: 'runc:[1:CHILD]' });
    hand.at(tid, 0, 'sched_process_exit', { tid, comm: 'runc:[1:CHILD]' });
  }
  const last = 100 + CHAIN;
  hand.fork(last, 0, last, last + 1, { childNs: OTHER_NS, vtids: [last + 1, 1], comm: 'runc:[1:CHILD]' });
  const [frame] = hand.at(last + 10, 0, 'end').frames();
  assert.ok(container(frame!, `pid_ns:${OTHER_NS}`).procs > 0);
});

test('a thread whose end was lost is over when it is freed', () => {
  const frames = new HandTrace()
    .dumped(0, 8, {})
    .at(0, 0, 'lttng_statedump_end')
    .switch(1, 0, 0, 0, 8)
    .fork(2, 0, 8, 30, { childNs: BOX_NS, vtids: [30, 1] })
    .switch(3, 0, 8, 0, 30)
    .switch(4, 0, 30, 1, 8)
    .loss(0, 100, 200)
    .at(20 * SECOND, 0, 'sched_process_free', { tid: 30, comm: 'sh' })
    .at(21 * SECOND, 0, 'end')
    .frames({ interval: SECOND });
  const ended = frames.flatMap((frame) => {
    const row = frame.containers.find(({ key }) => key === `pid_ns:${BOX_NS}`);
    return row?.ended === undefined ? [] : [row.ended];
  });
  assert.deepEqual(ended, [20 * SECOND]);
});
