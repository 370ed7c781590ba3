import assert from 'node:assert/strict';
import test from 'node:test';
import { Container } from '../../analyzers/container.js';
import { settle, Tasks } from '../../analyzers/kernel/tasks.js';

test('beyond the limit a new tid is not tracked, and that is counted', () => {
  const tasks = new Tasks({ threads: 2, ended: 2 });
  assert.ok(tasks.thread(1) !== undefined && tasks.thread(2) !== undefined);
  assert.equal(tasks.thread(3), undefined);
  assert.equal(tasks.untracked, 1);
  assert.ok(tasks.thread(1) !== undefined);
});

test('threads that ended beyond the limit have no rows, but what they used counts', () => {
  const tasks = new Tasks({ threads: 10, ended: 1 });
  const container = new Container('host', true);
  for (const tid of [1, 2, 3]) {
    const thread = tasks.born(tid, 0)!;
    thread.container = container;
    container.alive++;
    thread.pending.cpuNs = 10;
    tasks.end(thread, 5);
    tasks.retire(thread);
  }
  assert.deepEqual([tasks.goneThreads.length, tasks.unreported, tasks.threads.size], [1, 2, 0]);
  for (const thread of tasks.goneThreads) settle(thread);
  assert.equal(container.interval.cpuNs, 30);
});
