/** Two events that one handler takes at once come to the same as each by itself. */
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { analyze, Engine } from '../../analyzers/engine.js';
import type { Frame } from '../../analyzers/frame.js';
import { open } from '../../native/index.js';
import type { Batch, Source } from '../../native/types.js';
import { piece } from '../native/recordings.js';
import { HandTrace } from './batch.js';

const INTERVAL_NS = 250e6;

/** The batch as batches of one row: nothing comes next. */
function* rows(batch: Batch): Generator<Batch> {
  for (let row = 0; row < batch.length; row++) {
    const one = <A extends { subarray(begin: number, end: number): A }>(array: A) =>
      array.subarray(row, row + 1);
    yield {
      length: 1,
      time: one(batch.time),
      event: one(batch.event),
      stream: one(batch.stream),
      cpu: one(batch.cpu),
      columns: Object.fromEntries(
        Object.entries(batch.columns).map(([name, cells]) => [name, one(cells as Int32Array)]),
      ),
      losses: batch.losses.filter((loss) => loss.row === row).map((loss) => ({ ...loss, row: 0 })),
      watermark: batch.time[row]!,
      string: (id) => batch.string(id),
      list: (id) => batch.list(id),
    };
  }
  const losses = batch.losses.filter(({ row }) => row >= batch.length).map((loss) => ({ ...loss, row: 0 }));
  yield { ...batch, length: 0, losses };
}

async function framesOf(path: string, cut: (batch: Batch) => Iterable<Batch>): Promise<Frame[]> {
  const source = await open(path, Engine.subscription());
  const batches = async function* () {
    for await (const batch of source) yield* cut(batch);
  };
  const seen = new Proxy(source, {
    get: (target, key) => (key === Symbol.asyncIterator ? batches : Reflect.get(target, key, target)),
  }) as Source;
  const frames: Frame[] = [];
  try {
    for await (const frame of analyze(seen, { interval: INTERVAL_NS })) {
      frames.push(structuredClone(frame));
    }
  } finally {
    await source.close();
  }
  return frames;
}

describe('pairs of events', () => {
  for (const name of ['shop', 'deny', 'whatif']) {
    test(`of ${name} mean the same in batches of one row, where nothing comes next`, async () => {
      const whole = await framesOf(piece(name), (batch) => [batch]);
      const single = await framesOf(piece(name), rows);
      assert.equal(single.length, whole.length);
      for (const [i, frame] of whole.entries()) assert.deepEqual(single[i], frame, `frame ${i}`);
    });
  }

  test('are none where the second is of another CPU, another thread, or after the boundary', () => {
    const traced = () =>
      new HandTrace()
        .dumped(0, 7, { name: 'a' })
        .dumped(0, 8, { name: 'b' })
        .dumped(0, 9, { name: 'c' })
        .switch(5, 0, 0, 0, 7)
        .switch(6, 1, 0, 0, 8)
        .at(10, 0, 'syscall_entry_read', { fd: 3 })
        .at(11, 1, 'syscall_exit_read', { ret: 4 })
        .at(12, 1, 'syscall_entry_read', { fd: 3 })
        .at(14, 0, 'syscall_exit_read', { ret: 4 })
        .at(18, 0, 'syscall_entry_getpid')
        .at(23, 0, 'syscall_exit_getpid', { ret: 7 })
        .at(24, 1, 'syscall_exit_read', { ret: -9 })
        .at(25, 1, 'irq_softirq_entry', { vec: 1 })
        .at(27, 0, 'irq_softirq_exit')
        .at(29, 1, 'irq_softirq_exit')
        .at(30, 0, 'irq_softirq_entry', { vec: 1 })
        .at(33, 0, 'irq_softirq_exit')
        .at(34, 0, 'sched_waking', { tid: 9, target_cpu: 0 })
        .at(35, 0, 'sched_wakeup', { tid: 9, target_cpu: 1 })
        .switch(37, 1, 8, 0, 9)
        .at(38, 0, 'sched_waking', { tid: 8, target_cpu: 1 })
        .at(39, 0, 'sched_wakeup', { tid: 8, target_cpu: 1 })
        .switch(45, 1, 9, 1, 8);
    const whole = traced().frames({ interval: 20 });
    for (const size of [1, 2, 3, 5]) assert.deepEqual(traced().frames({ interval: 20 }, size), whole);
    const [first, second] = whole;
    const cpu0 = (frame: Frame | undefined) => frame?.threads.find(({ tid }) => tid === 7);
    assert.deepEqual([cpu0(first)?.userNs, cpu0(first)?.kernelNs], [4, 6]); // What it was in before its first event is not told.
    assert.deepEqual([cpu0(second)?.kernelNs, cpu0(second)?.irqNs], [3, 3]);
  });
});
