import assert from 'node:assert/strict';
import test from 'node:test';
import { HandTrace, thread } from './batch.js';

const RUNNABLE = 0;
const BLOCKED = 1;
const DEAD = 0x10;

test('a thread is credited from the switch that brings it to the one that takes it', () => {
  const [frame] = new HandTrace()
    .switch(10, 0, 0, 0, 7)
    .switch(30, 0, 7, BLOCKED, 0)
    .switch(50, 0, 0, 0, 7)
    .frames();
  assert.equal(thread(frame, 7).cpuNs, 20);
  assert.equal(thread(frame, 7).state, 'running');
  const { containersNs, hostNs, idleNs, unknownNs } = frame!.cpus[0]!;
  assert.deepEqual(
    { containersNs, hostNs, idleNs, unknownNs },
    { containersNs: 0, hostNs: 20, idleNs: 20, unknownNs: 10 },
  );
});

test('before the first switch nothing is known of who runs', () => {
  const [frame] = new HandTrace().switch(40, 0, 7, BLOCKED, 0).frames();
  assert.equal(thread(frame, 7).cpuNs, 0);
  assert.equal(frame?.cpus[0]?.unknownNs, 40);
});

test('the tid context tells who runs before the first switch', () => {
  const trace = new HandTrace()
    .at(10, 0, 'syscall_entry_read', { 'ctx.tid': 7 })
    .switch(40, 0, 7, BLOCKED, 0);
  assert.equal(thread(trace.frames()[0], 7).cpuNs, 30);
});

test('user mode, system calls and interrupts within each other add up to the time on the CPU', () => {
  const [frame] = new HandTrace()
    .switch(0, 0, 0, 0, 7)
    .at(10, 0, 'syscall_exit_read')
    .at(30, 0, 'irq_handler_entry')
    .at(33, 0, 'irq_softirq_entry')
    .at(37, 0, 'irq_softirq_exit')
    .at(40, 0, 'irq_handler_exit')
    .at(50, 0, 'syscall_entry_write')
    .at(65, 0, 'irq_softirq_entry')
    .at(66, 0, 'irq_softirq_exit')
    .switch(80, 0, 7, BLOCKED, 0)
    .frames();
  const { cpuNs, userNs, kernelNs, irqNs } = thread(frame, 7);
  assert.deepEqual({ cpuNs, userNs, kernelNs, irqNs }, { cpuNs: 80, userNs: 30, kernelNs: 29, irqNs: 11 });
  assert.equal(frame?.cpus[0]?.irqNs, 11);
});

test('the mode before the first system call counts in neither, and is unknown where it is all there is', () => {
  const trace = new HandTrace()
    .switch(0, 0, 0, 0, 7)
    .switch(30, 0, 7, BLOCKED, 0)
    .declare('syscall_entry_read');
  assert.equal(thread(trace.frames()[0], 7).userNs, undefined);
  assert.equal(thread(trace.frames()[0], 7).cpuNs, 30);
});

test('a thread that is preempted on its way back to user mode is in user mode when it comes again', () => {
  const [frame] = new HandTrace()
    .declare('syscall_entry_read')
    .switch(0, 0, 0, 0, 7)
    .switch(10, 0, 7, RUNNABLE, 8)
    .switch(20, 0, 8, BLOCKED, 7)
    .switch(50, 0, 7, BLOCKED, 0)
    .frames();
  assert.equal(thread(frame, 7).userNs, 30);
});

test('without system calls or interrupts in the trace their columns are unknown', () => {
  const { userNs, kernelNs, irqNs } = thread(new HandTrace().switch(0, 0, 0, 0, 7).frames()[0], 7);
  assert.deepEqual([userNs, kernelNs, irqNs], [undefined, undefined, undefined]);
});

test('prev_state tells what becomes of a thread', () => {
  const states = new Map<number, string>([
    [0, 'runnable'],
    [0x100, 'runnable'],
    [1, 'blocked'],
    [2, 'blocked'],
    [0x80, 'blocked'],
    [0x82, 'blocked'],
    [4, 'stopped'],
    [8, 'stopped'],
    [0x40, 'stopped'],
    [0x10, 'dead'],
    [0x20, 'dead'],
  ]);
  for (const [prevState, state] of states) {
    const [frame] = new HandTrace().switch(0, 0, 0, 0, 7).switch(10, 0, 7, prevState, 0).frames();
    assert.equal(thread(frame, 7).state, state, `prev_state ${prevState}`);
  }
});

test('a thread waits for a CPU from its wake-up, and from a preemption, until it is switched in', () => {
  const [frame] = new HandTrace()
    .switch(0, 0, 0, 0, 7)
    .switch(10, 0, 7, BLOCKED, 8)
    .at(1_000_000, 0, 'sched_waking', { tid: 7 })
    .at(1_000_005, 0, 'sched_wakeup', { tid: 7, target_cpu: 0 })
    .switch(3_000_000, 0, 8, RUNNABLE, 7)
    .switch(4_000_000, 0, 7, BLOCKED, 8)
    .frames();
  assert.equal(thread(frame, 7).runnableNs, 2_000_000);
  assert.equal(thread(frame, 8).runnableNs, 1_000_000);
});

test('a thread that makes another give way runs from its wake-up on, as in the kernel’s accounting', () => {
  const [frame] = new HandTrace()
    .switch(0, 0, 0, 0, 8)
    .at(100, 0, 'sched_wakeup', { tid: 7, target_cpu: 0 })
    .switch(140, 0, 8, RUNNABLE, 7)
    .switch(200, 0, 7, BLOCKED, 8)
    .frames();
  assert.equal(thread(frame, 8).cpuNs, 100);
  assert.equal(thread(frame, 7).cpuNs, 100);
});

test('a wake-up of a thread that runs, or waits already, changes nothing', () => {
  const [frame] = new HandTrace()
    .switch(0, 0, 0, 0, 7)
    .at(10, 1, 'sched_waking', { tid: 7 })
    .switch(20, 0, 7, BLOCKED, 0)
    .frames();
  assert.equal(thread(frame, 7).runnableNs, 0);
});

test('a switch from another thread than the one that ran shows a loss: the time between is nobody’s', () => {
  const [frame] = new HandTrace()
    .switch(0, 0, 0, 0, 7)
    .switch(50, 0, 9, BLOCKED, 8)
    .switch(70, 0, 8, BLOCKED, 0)
    .frames();
  assert.equal(thread(frame, 7).cpuNs, 0);
  assert.equal(thread(frame, 7).state, undefined);
  assert.equal(thread(frame, 8).cpuNs, 20);
  assert.equal(frame?.cpus[0]?.unknownNs, 50);
});

test('what runs when events are lost is credited up to the loss only, and again from the next switch', () => {
  const [frame] = new HandTrace()
    .switch(0, 0, 0, 0, 7)
    .loss(0, 20, 60)
    .at(70, 0, 'irq_handler_entry')
    .switch(90, 0, 7, BLOCKED, 8)
    .switch(95, 0, 8, BLOCKED, 0)
    .frames();
  assert.equal(thread(frame, 7).cpuNs, 20);
  assert.equal(thread(frame, 8).cpuNs, 5);
  assert.equal(frame?.cpus[0]?.unknownNs, 70);
});

test('a loss that ends later than it becomes known makes the CPU unknown again at its end', () => {
  const [frame] = new HandTrace()
    .switch(0, 0, 0, 0, 7)
    .loss(0, 10, 100)
    .switch(30, 0, 7, BLOCKED, 8)
    .switch(50, 0, 8, BLOCKED, 7)
    .switch(120, 0, 7, BLOCKED, 8)
    .frames();
  assert.equal(thread(frame, 7).cpuNs, 10);
  assert.equal(thread(frame, 8).cpuNs, 20);
});

test('no wait for a CPU is credited across a loss', () => {
  const [frame] = new HandTrace()
    .at(0, 1, 'sched_wakeup', { tid: 7, target_cpu: 0 })
    .switch(10, 0, 0, 0, 8)
    .loss(0, 20, 30)
    .switch(50, 0, 8, BLOCKED, 7)
    .frames();
  assert.equal(thread(frame, 7).runnableNs, 0);
});

test('lost interrupt exits are mended by the next switch or system call', () => {
  const [frame] = new HandTrace()
    .switch(0, 0, 0, 0, 7)
    .at(10, 0, 'irq_handler_entry')
    .at(20, 0, 'syscall_entry_read')
    .at(30, 0, 'syscall_exit_read')
    .switch(50, 0, 7, DEAD, 0)
    .frames();
  const { irqNs, kernelNs, userNs } = thread(frame, 7);
  assert.deepEqual({ irqNs, kernelNs, userNs }, { irqNs: 10, kernelNs: 10, userNs: 20 });
});

test('a thread that ends an idle phase, or was woken up long before, runs from the switch on', () => {
  const [frame] = new HandTrace()
    .switch(0, 0, 8, BLOCKED, 0)
    .at(100, 0, 'sched_wakeup', { tid: 7, target_cpu: 0 })
    .switch(140, 0, 0, 0, 7)
    .at(1000, 0, 'sched_wakeup', { tid: 8, target_cpu: 0 })
    .switch(3_000_000, 0, 7, RUNNABLE, 8)
    .switch(3_000_100, 0, 8, BLOCKED, 0)
    .frames();
  assert.equal(thread(frame, 7).cpuNs, 3_000_000 - 140);
  assert.equal(thread(frame, 8).cpuNs, 100);
});
