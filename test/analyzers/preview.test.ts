/** The first interval and newcomers are shown before an interval is over, which comes out as if nobody had looked. */
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { Engine } from '../../analyzers/engine.js';
import type { Frame } from '../../analyzers/frame.js';
import { open } from '../../native/index.js';
import { piece } from '../native/recordings.js';
import { container, HandTrace, thread } from './batch.js';

const BOX_NS = 4026532001;
const OTHER_NS = 4026532002;

describe('a preview', () => {
  for (const [name, interval] of [
    ['shop', 400e6],
    ['shop', 'total'],
    ['deny', 'total'],
    ['whatif', 'total'],
  ] as const) {
    test(`changes nothing of the frames of ${name}, ${interval}`, async () => {
      const looked = await framesOf(name, interval, true);
      assert.deepEqual(looked.frames, (await framesOf(name, interval, false)).frames);
      assert.ok(looked.previews > 0);
    });
  }

  test('tells who is there and what they used up to the last event; not what they wait for', () => {
    const trace = new HandTrace()
      .declare('sched_waking')
      .dumped(0, 7, { name: 'app', pidNs: BOX_NS, vtid: 1 })
      .dumped(0, 8, {})
      .at(1, 0, 'lttng_statedump_end')
      .switch(5, 0, 0, 0, 7)
      .at(20, 0, 'syscall_entry_read', { fd: 3 })
      .at(30, 0, 'syscall_exit_read', { ret: 1 })
      .at(45, 0, 'sched_waking', { tid: 8, target_cpu: 0 });
    const engine = new Engine(trace.info(), { interval: 100 });
    for (const batch of trace.batches()) assert.deepEqual([...engine.push(batch)], []);
    assert.equal(engine.preview(46), undefined);
    const frame = engine.preview(45);
    assert.deepEqual([frame?.begin, frame?.end], [0, 45]);
    const { name, procs, cpuNs, kernelNs, runnableNs, why } = container(frame, `pid_ns:${BOX_NS}`);
    assert.deepEqual(
      { name, procs, cpuNs, kernelNs, runnableNs, why },
      { name: `pid_ns:${BOX_NS}`, procs: 1, cpuNs: 40, kernelNs: 10, runnableNs: undefined, why: undefined },
    );
    assert.equal(thread(frame, 7).cpuNs, 40);
    const [last] = engine.finish();
    assert.equal(thread(last, 7).runnableNs, 0);
    assert.equal(engine.preview(0), undefined);
  });

  test('of later intervals tells only who has come and gone', () => {
    const trace = new HandTrace()
      .declare('sched_waking')
      .declare('sched_process_fork', { child_ns_inum: 0 })
      .dumped(0, 7, { name: 'app', pidNs: BOX_NS, vtid: 1 })
      .dumped(0, 8, {})
      .at(1, 0, 'lttng_statedump_end')
      .switch(5, 0, 0, 0, 8)
      .at(110, 0, 'sched_waking', { tid: 7, target_cpu: 0 })
      .fork(120, 0, 8, 30, { childNs: OTHER_NS, vtids: [30, 1] })
      .switch(130, 0, 8, 0, 30)
      .at(150, 0, 'sched_process_exit', { tid: 7, comm: 't7' })
      .at(170, 0, 'sched_waking', { tid: 8, target_cpu: 0 });
    const engine = new Engine(trace.info(), { interval: 100 });
    const batches = [...trace.batches()];
    const frames = batches.flatMap((batch) => [...engine.push(batch)]);
    assert.deepEqual(
      frames.map(({ end }) => end),
      [100],
    );
    for (const _ of ['once', 'and again']) {
      const { arrived, ended } = engine.changes();
      assert.deepEqual([...ended], [[`pid_ns:${BOX_NS}`, 150]]);
      assert.deepEqual(
        arrived.map(({ key, procs, threads, cpuNs, runnableNs, why, started }) => {
          return { key, procs, threads, cpuNs, runnableNs, why, started };
        }),
        [
          {
            key: `pid_ns:${OTHER_NS}`,
            procs: 1,
            threads: 1,
            cpuNs: 40,
            runnableNs: undefined,
            why: undefined,
            started: 120,
          },
        ],
      );
    }
    const [last] = engine.finish();
    assert.equal(container(last, `pid_ns:${OTHER_NS}`).runnableNs, 10);
    assert.equal(container(last, `pid_ns:${BOX_NS}`).ended, 150);
    assert.deepEqual(engine.changes(), { arrived: [], ended: new Map() });
  });
});

async function framesOf(
  name: string,
  interval: number | 'total',
  looks: boolean,
): Promise<{ frames: Frame[]; previews: number }> {
  const source = await open(piece(name), Engine.subscription());
  const engine = new Engine(source, { interval });
  const frames: Frame[] = [];
  let previews = 0;
  try {
    for await (const batch of source) {
      frames.push(...engine.push(batch));
      if (looks && (engine.preview(0) !== undefined || engine.changes().arrived.length > 0)) previews++;
    }
    frames.push(...engine.finish());
  } finally {
    await source.close();
  }
  return { frames, previews };
}
