/** The ledger on traces written by hand: one state after the other, each with its reason. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Latencies } from '../../analyzers/ledger/latency.js';
import { container, HandTrace, thread } from './batch.js';

/** A trace that tells causes: it has wake-ups and interrupts; and CPU 0 is idle. */
function trace(): HandTrace {
  return [7, 8, 9, 10]
    .reduce((hand, tid) => hand.dumped(0, tid, {}), new HandTrace())
    .declare('sched_waking', { tid: 0, target_cpu: 0 })
    .declare('irq_handler_entry')
    .declare('irq_softirq_entry', { vec: 0 })
    .switch(0, 0, 5, 1, 0)
    .switch(0, 1, 6, 1, 0);
}

const wake = { tid: 7, target_cpu: 0 };

/** Thread 7 blocks at 100 and runs again at 500, woken up by whatever `events` does. */
function blockedUntil(events: (trace: HandTrace) => void) {
  const hand = trace().switch(0, 0, 0, 0, 7).switch(100, 0, 7, 1, 0);
  events(hand);
  const [frame] = hand.switch(500, 0, 0, 0, 7).at(500, 0, 'end').frames();
  return { row: thread(frame, 7), frame: frame! };
}

test('what the waker was doing tells what a blocked thread waited for', () => {
  const disk = blockedUntil((hand) =>
    hand
      .at(390, 1, 'irq_handler_entry')
      .at(395, 1, 'block_rq_complete')
      .at(400, 1, 'sched_waking', wake)
      .at(410, 1, 'irq_handler_exit'),
  );
  assert.equal(disk.row.blockedDiskNs, 300);
  assert.equal(disk.row.contendedNs, 100);
  const softirqs = [
    [1, 'blockedTimerNs'],
    [3, 'blockedNetNs'],
    [4, 'blockedDiskNs'],
    [9, 'blockedUnknownNs'],
  ] as const;
  for (const [vec, column] of softirqs) {
    const { row } = blockedUntil((hand) =>
      hand.at(390, 1, 'irq_softirq_entry', { vec }).at(400, 1, 'sched_waking', wake),
    );
    assert.equal(row[column], 300, column);
  }
  const timer = blockedUntil((hand) =>
    hand
      .at(390, 1, 'timer_hrtimer_expire_entry', { hrtimer: 1, function: 2 })
      .at(400, 1, 'sched_waking', wake),
  );
  assert.equal(timer.row.blockedTimerNs, 300);
  const task = blockedUntil((hand) => hand.switch(200, 1, 0, 0, 8).at(400, 1, 'sched_waking', wake));
  assert.equal(task.row.blockedTaskNs, 300);
  assert.deepEqual(
    task.frame.blockers?.map(({ victim, culpritName, ns }) => [victim, culpritName, ns]),
    [['host', 't8', 300]],
  );
});

test('a packet from a thread on this host is told from one that came from outside', () => {
  const sent = { skbaddr: 0x1240 };
  const receive = (address: number) =>
    blockedUntil((hand) =>
      hand
        .switch(200, 1, 0, 0, 8)
        .at(380, 1, 'net_dev_queue', sent)
        .at(390, 1, 'irq_softirq_entry', { vec: 3 })
        .at(395, 1, 'net_if_receive_skb', { skbaddr: address })
        .at(400, 1, 'sched_waking', wake),
    ).row;
  assert.equal(receive(sent.skbaddr).blockedTaskNs, 300);
  assert.equal(receive(0x9980).blockedNetNs, 300);
});

test('without interrupt events nothing tells causes, and none is made up', () => {
  const [frame] = new HandTrace()
    .switch(0, 0, 5, 1, 7)
    .switch(100, 0, 7, 1, 8)
    .at(400, 0, 'sched_waking', wake)
    .switch(500, 0, 8, 1, 7)
    .frames();
  const row = thread(frame, 7);
  assert.equal(row.blockedTaskNs, undefined);
  assert.equal(row.blockedUnknownNs, 300);
});

test('contended time is charged to each who had the CPU, also across a migration', () => {
  const [frame] = trace()
    .at(0, 0, 'sched_waking', wake)
    .switch(0, 0, 0, 0, 8)
    .switch(30, 0, 8, 0, 9)
    .switch(40, 1, 0, 0, 10)
    .at(100, 0, 'sched_migrate_task', { tid: 7, orig_cpu: 0, dest_cpu: 1 })
    .switch(150, 1, 10, 1, 7)
    .switch(200, 0, 9, 1, 8)
    .switch(210, 0, 8, 1, 0)
    .frames();
  const host = container(frame, 'host');
  assert.equal(thread(frame, 7).contendedNs, 150);
  assert.equal(host.migrations, 1);
  const charged = Object.fromEntries(frame!.waits!.map(({ culpritName, ns }) => [culpritName, ns]));
  // 7 waited for 8 (0–30), 9 (30–100) and 10 (100–150); 8, preempted, for 9 (30–200).
  assert.equal(
    Object.values(charged).reduce((sum, ns) => sum + ns, 0),
    150 + 170,
  );
  assert.equal(host.contendedNs, 150 + 170);
});

test('a wait that a frame cuts counts in both, and adds up', () => {
  const frames = trace()
    .switch(10, 0, 0, 0, 7)
    .switch(60, 0, 7, 0, 8)
    .switch(160, 0, 8, 1, 7)
    .at(200, 0, 'end')
    .frames({ interval: 100 });
  assert.deepEqual(
    frames.map((frame) => thread(frame, 7).contendedNs),
    [40, 60],
  );
  assert.deepEqual(
    frames.map((frame) => thread(frame, 7).cpuNs),
    [50, 40],
  );
});

test('quantiles of latencies are within 3 %, the largest is exact', () => {
  const latencies = new Latencies();
  for (let ns = 1; ns <= 1000; ns++) latencies.add(ns * 1000);
  assert.ok(Math.abs(latencies.quantile(0.5)! / 500_000 - 1) < 0.032);
  assert.ok(Math.abs(latencies.quantile(0.99)! / 990_000 - 1) < 0.032);
  assert.equal(latencies.max, 1_000_000);
  latencies.clear();
  assert.equal(latencies.quantile(0.5), undefined);

  latencies.clear();
  for (let s = 1; s <= 1000; s++) latencies.add(s * 1e9);
  assert.ok(Math.abs(latencies.quantile(0.99)! / 990e9 - 1) < 0.032);
  assert.equal(latencies.quantile(1), 1000e9);
});

test('a thread that waits after its exit, across the end of an interval, is no other one when it runs again', () => {
  const frames = trace()
    .switch(0, 0, 0, 0, 7)
    .at(100, 0, 'sched_process_exit', { tid: 7, comm: 't7' })
    .switch(150, 0, 7, 2, 0)
    .at(1400, 1, 'sched_waking', wake)
    .switch(1500, 0, 0, 0, 7)
    .switch(1600, 0, 7, 0x20, 0)
    .at(2900, 0, 'end')
    .frames({ interval: 1000 });
  const rows = frames.map((frame) => frame.threads.filter(({ tid }) => tid === 7));
  assert.deepEqual(
    rows.map((each) => each.map(({ cpuNs, ended }) => [cpuNs, ended])),
    [[[150, 100]], [[100, 100]], []],
  );
});
