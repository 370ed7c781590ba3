import assert from 'node:assert/strict';
import test from 'node:test';
import { HandTrace, thread } from './batch.js';

test('a thread is credited from the switch that brings it to the one that takes it', () => {
  const [frame] = new HandTrace()
    .switch(10, 0, 0, 0, 7)
    .switch(30, 0, 7, 1, 0)
    .switch(50, 0, 0, 0, 7)
    .frames();
  assert.equal(thread(frame, 7).cpuNs, 20);
  assert.equal(thread(frame, 7).state, 'running');
  assert.deepEqual(frame?.cpus[0], {
    host: undefined,
    cpu: 0,
    containersNs: 0,
    hostNs: 20,
    idleNs: 20,
    irqNs: undefined,
    unknownNs: 10,
  });
});

test('before the first switch nothing is known of who runs', () => {
  const [frame] = new HandTrace().switch(40, 0, 7, 1, 0).frames();
  assert.equal(thread(frame, 7).cpuNs, 0);
  assert.equal(frame?.cpus[0]?.unknownNs, 40);
});

test('the tid context tells who runs before the first switch', () => {
  const trace = new HandTrace().at(10, 0, 'syscall_entry_read', { 'ctx.tid': 7 }).switch(40, 0, 7, 1, 0);
  assert.equal(thread(trace.frames()[0], 7).cpuNs, 30);
});
