import assert from 'node:assert/strict';
import test from 'node:test';
import { mergeSubscriptions } from '../../analyzers/analyzer.js';
import { Engine } from '../../analyzers/engine.js';
import { container, HandTrace, thread } from './batch.js';

const BLOCKED = 1;
/** Thread 7 runs from 5 to 25 and from 35 to 95. */
const sample = (): HandTrace =>
  new HandTrace()
    .dumped(0, 7, {})
    .switch(5, 0, 0, 0, 7)
    .switch(25, 0, 7, BLOCKED, 0)
    .switch(35, 0, 0, 0, 7)
    .switch(95, 0, 7, BLOCKED, 0);

test('running time is split exactly at the boundaries, and the last frame ends with the trace', () => {
  const frames = sample().frames({ interval: 10 });
  assert.deepEqual(
    frames.map(({ begin, end }) => [begin, end]),
    [0, 10, 20, 30, 40, 50, 60, 70, 80, 90].map((begin) => [begin, Math.min(begin + 10, 95)]),
  );
  assert.deepEqual(
    frames.map((frame) => thread(frame, 7).cpuNs),
    [5, 10, 5, 5, 10, 10, 10, 10, 10, 5],
  );
});

test('the frames do not depend on how the events come in batches', () => {
  const whole = sample().frames({ interval: 10 });
  for (const size of [1, 2, 3]) assert.deepEqual(sample().frames({ interval: 10 }, size), whole);
});

test('begin and end clip exactly, and the state is the one that the trace’s beginning made', () => {
  const frames = sample().frames({ interval: 20, begin: 12, end: 60 });
  assert.deepEqual(
    frames.map((frame) => [frame.begin, frame.end, thread(frame, 7).cpuNs]),
    [
      [12, 32, 13],
      [32, 52, 17],
      [52, 60, 8],
    ],
  );
  assert.equal(thread(frames[0], 7).comm, 't7');
});

test('total is one frame for the range; the sum of the intervals is the total', () => {
  const [total, ...none] = sample().frames({ interval: 'total', begin: 12, end: 60 });
  assert.equal(none.length, 0);
  assert.deepEqual([total!.begin, total!.end, thread(total, 7).cpuNs], [12, 60, 38]);
});

test('after the end the engine takes nothing more', () => {
  const trace = sample();
  const engine = new Engine(trace, { interval: 10, end: 30 });
  const [batch] = [...trace.batches()];
  assert.equal([...engine.push(batch!)].length, 3);
  assert.equal(engine.done, true);
  assert.deepEqual([[...engine.push(batch!)], [...engine.finish()]], [[], []]);
});

test('a range beyond the trace has no frames', () => {
  assert.deepEqual(sample().frames({ interval: 10, begin: 500 }), []);
});

test('a gap of hours becomes a bounded number of frames without a hole between them', () => {
  const frames = new HandTrace()
    .switch(0, 0, 0, 0, 7)
    .switch(3.6e12, 0, 7, BLOCKED, 0)
    .frames({ interval: 1e6 });
  assert.ok(frames.length < 130, String(frames.length));
  for (const [i, frame] of frames.entries()) assert.equal(frame.begin, frames[i - 1]?.end ?? 0);
  assert.equal(
    frames.reduce((sum, frame) => sum + thread(frame, 7).cpuNs!, 0),
    3.6e12,
  );
});

test('frames are cut as they are taken', () => {
  const trace = sample();
  const engine = new Engine(trace, { interval: 10 });
  const frames = engine.push([...trace.batches()][0]!);
  assert.equal(frames.next().value?.end, 10);
  assert.equal(frames.next().value?.end, 20);
});

test('rows of what is idle are the same objects from frame to frame', () => {
  const trace = sample().dumped(96, 8, {}).dumped(96, 9, {}).at(250, 0, 'irq_handler_entry');
  const frames = trace.frames({ interval: 10 });
  const [before, after] = frames.slice(-2);
  for (const tid of [8, 9]) assert.equal(thread(before, tid), thread(after, tid));
  assert.equal(container(before, 'host'), container(after, 'host'));
  assert.notEqual(thread(frames[3], 7), thread(frames[4], 7));
});

test('what was credited to threads is credited to processes, containers and CPUs', () => {
  const trace = sample().fork(100, 0, 7, 8, {}).switch(110, 1, 0, 0, 8).switch(135, 1, 8, 0x20, 0);
  for (const frame of trace.frames({ interval: 30 })) {
    const sum = (rows: readonly { cpuNs: number | undefined }[]): number =>
      rows.reduce((total, row) => total + row.cpuNs!, 0);
    const cpus = frame.cpus.reduce((total, cpu) => total + cpu.containersNs + cpu.hostNs, 0);
    const threads = sum(frame.threads);
    assert.deepEqual([sum(frame.processes), sum(frame.containers), cpus], [threads, threads, threads]);
  }
});

test('millions of made-up tids, absurd CPUs and jumps in time neither crash nor grow without bound', () => {
  const trace = new HandTrace();
  let time = 0;
  for (let i = 1; i <= 4000; i++) {
    const cpu = i % 3 === 0 ? 32767 : -1;
    time += i % 200 === 0 ? 1e12 : 1;
    trace.switch(time, cpu, i * 7, i, i * 104_729);
  }
  const engine = new Engine(trace, { interval: 1e9 });
  let frames = 0;
  for (const batch of trace.batches()) for (const _frame of engine.push(batch)) frames++;
  for (const _frame of engine.finish()) frames++;
  assert.ok(frames < 2500, String(frames));
});

test('the subscription has one column for each field, and refuses to store it in two ways', () => {
  const { columns, selections } = Engine.subscription();
  for (const { fields = [] } of selections) for (const field of fields) assert.ok(field in columns, field);
  const twice = [
    { events: ['a'], fields: { tid: 'i32' } },
    { events: ['b'], fields: { tid: 'f64' } },
  ] as const;
  assert.throws(() => mergeSubscriptions(twice), TypeError);
});
