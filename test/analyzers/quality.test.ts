import assert from 'node:assert/strict';
import test from 'node:test';
import { missing } from '../../analyzers/missing.js';
import { HandTrace } from './batch.js';

test('a loss is told in the frame that it became known in, and counted from then on', () => {
  const frames = new HandTrace()
    .switch(5, 0, 0, 0, 7)
    .loss(0, 10, 20, { count: 3 })
    .loss(0, 20, 30, { count: 4 })
    .loss(0, 20, 30, { kind: 'lost-packets', count: 2 })
    .switch(35, 0, 7, 1, 0)
    .switch(150, 0, 0, 0, 7)
    .frames({ interval: 100 });
  const losses = frames[0]!.quality.issues.filter(({ severity }) => severity === 'loss');
  assert.deepEqual(
    losses.map(({ id, stream, cpu, count, begin, end }) => ({ id, stream, cpu, count, begin, end })),
    [
      { id: 'discarded-events', stream: 'k', cpu: 0, count: 7, begin: 10, end: 30 },
      { id: 'lost-packets', stream: 'k', cpu: 0, count: 2, begin: 20, end: 30 },
    ],
  );
  assert.deepEqual(
    frames.map(({ quality }) => [quality.discardedEvents, quality.lostPackets, quality.events]),
    [
      [7, 2, 2],
      [7, 2, 1],
    ],
  );
  assert.equal(
    frames[1]!.quality.issues.some(({ severity }) => severity === 'loss'),
    false,
  );
});

test('every issue says what to do, in whole sentences', () => {
  const issues = new HandTrace().loss(0, 0, 1).at(5, 0, 'sched_wakeup', { tid: 1 }).frames()[0]!
    .quality.issues;
  for (const { message, remedy } of issues) {
    assert.match(message, /^[A-Z].+/);
    assert.match(remedy, /^[A-Z].+\.$/);
  }
});

test('what a trace does not declare is named with the panels that lack something', () => {
  const trace = new HandTrace()
    .declare('sched_switch')
    .declare('sched_process_fork', { child_ns_inum: 0 })
    .trace('vm', 'ust')
    .declare('my_provider:event');
  const lacking = missing(trace.traces).map(({ what }) => what);
  assert.ok(!lacking.includes('sched_switch'));
  assert.ok(!lacking.includes('pid_ns'), 'the fork tells it');
  assert.ok(lacking.includes('syscall_entry_*'));
  assert.ok(lacking.includes('cgroup_ns'));
  assert.ok(lacking.includes('lttng_statedump_process_state'));
  for (const { panels, host } of missing(trace.traces)) {
    assert.ok(panels.length > 0);
    assert.equal(host, undefined);
  }
});

test('a trace with everything lacks nothing', () => {
  const trace = new HandTrace();
  for (const name of [
    'sched_switch',
    'sched_waking',
    'sched_process_exit',
    'lttng_statedump_process_state',
    'syscall_entry_read',
    'irq_handler_entry',
    'timer_hrtimer_expire_entry',
    'sched_migrate_task',
    'signal_generate',
    'block_bio_queue',
    'block_rq_issue',
    'block_rq_complete',
    'net_dev_queue',
  ]) {
    trace.declare(name);
  }
  trace
    .declare('sched_process_fork', { child_ns_inum: 0 })
    .declare('sched_process_exec', { 'ctx.cgroup_ns': 0 });
  assert.deepEqual(missing(trace.traces), []);
});
