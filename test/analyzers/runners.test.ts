import assert from 'node:assert/strict';
import test from 'node:test';
import { cpus, runners } from '../../analyzers/columns/cpus.js';
import { analyze, Engine } from '../../analyzers/engine.js';
import { open } from '../../native/index.js';
import { piece } from '../native/recordings.js';
import { HandTrace } from './batch.js';

const RUNNABLE = 0;

/** A thread of the host and one of each of two containers. */
function threads(): HandTrace {
  return new HandTrace()
    .dumped(0, 100, {})
    .dumped(0, 101, { pidNs: 1, vtid: 1 })
    .dumped(0, 102, { pidNs: 2, vtid: 1 });
}

test('each CPU tells who had it, longest first, and its sums are theirs', () => {
  const trace = threads()
    .switch(0, 0, 0, RUNNABLE, 101)
    .switch(0, 1, 0, RUNNABLE, 102)
    .switch(300, 0, 101, RUNNABLE, 100)
    .switch(400, 0, 100, RUNNABLE, 102)
    .switch(400, 1, 102, RUNNABLE, 0)
    .switch(1000, 0, 102, RUNNABLE, 0);
  const [frame] = trace.frames();
  const told = frame!.cpus.map(({ runners: all }) => all!.map(({ name, ns }) => [name, ns]));
  assert.deepEqual(told, [
    [
      ['pid_ns:2', 600],
      ['pid_ns:1', 300],
      ['host', 100],
    ],
    [['pid_ns:2', 400]],
  ]);
  assert.deepEqual(
    frame!.cpus.map(({ containersNs, hostNs }) => [containersNs, hostNs]),
    [
      [900, 100],
      [400, 0],
    ],
  );
  const top = cpus.columns.find(({ id }) => id === 'top')!;
  assert.equal(top.value(frame!.cpus[0]!, frame!), 'pid_ns:2 60%, pid_ns:1 30%, host 10%');
  assert.equal(runners.rows(frame!).length, 4);
});

test('an interval has only its own, also of a CPU that was heard of late', () => {
  const trace = threads()
    .switch(0, 0, 0, RUNNABLE, 101)
    .switch(500, 7, 0, RUNNABLE, 102)
    .switch(1500, 7, 102, RUNNABLE, 0)
    .switch(3000, 0, 101, RUNNABLE, 0);
  const told = trace
    .frames({ interval: 1000 })
    .map((frame) => runners.rows(frame).map(({ cpu, name, ns }) => `${cpu} ${name} ${ns}`));
  assert.deepEqual(told, [
    ['0 pid_ns:1 1000', '7 pid_ns:2 500'],
    ['0 pid_ns:1 1000', '7 pid_ns:2 500'],
    ['0 pid_ns:1 1000'],
  ]);
});

test('those who had it for less than a thousandth are told as one', () => {
  const trace = threads().switch(0, 0, 0, RUNNABLE, 101).switch(1, 0, 101, RUNNABLE, 100);
  trace.switch(3, 0, 100, RUNNABLE, 102).switch(10_000, 0, 102, RUNNABLE, 0);
  const [frame] = trace.frames();
  assert.deepEqual(
    frame!.cpus[0]!.runners!.map(({ name, ns }) => [name, ns]),
    [
      ['pid_ns:2', 9997],
      ['others', 3],
    ],
  );
});

test('more containers on more CPUs than any host has share what is not remembered of each', () => {
  const last = 32_766;
  const trace = new HandTrace();
  const tids = Array.from({ length: 150 }, (_, i) => 1000 + i);
  for (const tid of tids) trace.dumped(0, tid, { pidNs: tid, vtid: 1 });
  for (const [i, tid] of tids.entries()) trace.switch(10 * i, last, i === 0 ? 0 : tid - 1, RUNNABLE, tid);
  const [frame] = trace.switch(1500, last, tids.at(-1)!, RUNNABLE, 0).frames();
  const [cpu] = frame!.cpus;
  assert.equal(cpu!.containersNs, 1500);
  const others = cpu!.runners!.find(({ container }) => container === 'others')!;
  assert.ok(others.ns > 0 && others.ns < 1000, String(others.ns));
});

test('on a recorded piece everybody’s time on all CPUs is their CPU time', async () => {
  const source = await open(piece('shop'), Engine.subscription());
  for await (const frame of analyze(source, { interval: 'total' })) {
    const all = runners.rows(frame);
    const sumOf = (name: string): number =>
      all.reduce((sum, { container, ns }) => sum + (container === name ? ns : 0), 0);
    for (const { key, cpuNs } of frame.containers.filter((row) => row.key !== 'unknown')) {
      const difference = cpuNs! - sumOf(key);
      assert.ok(difference > -1 && difference <= sumOf('others') + 1, key);
    }
  }
  await source.close();
});
