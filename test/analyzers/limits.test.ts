import assert from 'node:assert/strict';
import test from 'node:test';
import { Container } from '../../analyzers/container.js';
import { Containers } from '../../analyzers/containers.js';
import type { CgroupLimits, InventoryEntry } from '../../analyzers/inventory.js';
import { settle, Tasks } from '../../analyzers/kernel/tasks.js';
import { CallUse } from '../../analyzers/syscalls/counts.js';

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
  assert.deepEqual([tasks.goneThreads.length, tasks.unreported, tasks.size], [1, 2, 0]);
  for (const thread of tasks.goneThreads) settle(thread);
  assert.equal(container.interval.cpuNs, 30);
});

/** Of a pod's container: the pod has the quota. */
const LIMITS: CgroupLimits = {
  cpuQuotaUs: undefined,
  cpuPeriodUs: undefined,
  cpuBurstUs: undefined,
  cpus: 0.5,
  cpusSetBy: '/pod',
  cpuWeight: undefined,
  cpuShares: undefined,
  cpuset: undefined,
  memoryBytes: undefined,
  memorySetBy: undefined,
  pids: undefined,
};

test('a container that has ended and was reported has no counts left, and its pod’s quota is forgotten with the last', () => {
  const tasks = new Tasks();
  const inventory = ['a', 'b'].map(
    (id, index): InventoryEntry => ({
      id,
      name: id,
      runtime: 'docker',
      image: undefined,
      initPid: undefined,
      limitCpus: 0.5,
      limits: LIMITS,
      startedAt: undefined,
      finishedAt: undefined,
      labels: {},
      namespaces: { pid: 101 + index },
    }),
  );
  const containers = new Containers(
    '',
    { origin: 0n },
    tasks,
    () => ({ pid: true, cgroup: false }),
    inventory,
  );
  const run = (tid: number, pidNs: number) => {
    const thread = tasks.born(tid, 0)!;
    tasks.attach(thread, tid);
    containers.learn(thread, pidNs, 0);
    containers.learnInventory(inventory);
    return { thread, container: thread.container! };
  };
  const end = ({ thread }: ReturnType<typeof run>) => {
    tasks.end(thread, 10);
    tasks.retire(thread);
    containers.sweep();
  };
  containers.statedumpComplete = true;
  const first = run(1, 101);
  const second = run(2, 102);
  first.container.calls[3] = new CallUse();
  first.container.contention.add(second.container, 5);
  const { throttle } = second.container;
  assert.equal(first.container.throttle, throttle);
  end(first);
  assert.deepEqual([first.container.calls.length, first.container.contention.isEmpty], [0, true]);
  assert.equal(run(1, 101).container.throttle, throttle);
  for (const thread of [...tasks.all()]) end({ thread, container: thread.container! });
  assert.notEqual(run(1, 101).container.throttle, throttle);
});
