/**
 * Who sleeps is not looked at with every frame (`Tasks.putToSleep`). Whether that changes anything is told by frames cut one by one,
 * before which nobody can have fallen asleep.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analyze, Engine } from '../../analyzers/engine.js';
import type { Frame } from '../../analyzers/frame.js';
import { open } from '../../native/index.js';
import { piece } from '../native/recordings.js';
import { HandTrace, thread } from './batch.js';

const PID_NS = 4026532220;
const OTHER_NS = 4026532330;
const BLOCKED = 1;
const DEAD = 0x10;
const INTERVAL = 1000;

/** Two containers and the host, with threads that sleep from 20 on. */
function asleep(): HandTrace {
  const trace = new HandTrace()
    .declare('sched_process_fork')
    .declare('sched_waking')
    .declare('irq_softirq_entry');
  for (const [tid, pidNs] of [
    [100, undefined],
    [200, PID_NS],
    [300, OTHER_NS],
  ] as const) {
    trace.dumped(0, tid, { ...(pidNs === undefined ? {} : { pidNs, vtid: 1 }) });
    trace.dumped(1, tid + 1, { pid: tid, ...(pidNs === undefined ? {} : { pidNs, vtid: 2 }) });
  }
  trace.at(2, 0, 'lttng_statedump_end');
  let time = 5;
  for (const tid of [100, 101, 200, 201, 300, 301]) {
    trace.switch(time++, 0, 0, 0, tid).at(time++, 0, 'syscall_entry_read', { fd: 0 });
    trace.switch(time++, 0, tid, BLOCKED, 0);
  }
  return trace;
}

function wake(trace: HandTrace, time: number, tid: number, run = 50): HandTrace {
  trace.at(time, 0, 'sched_waking', { tid, target_cpu: 0 });
  return trace.switch(time + 10, 0, 0, 0, tid).switch(time + 10 + run, 0, tid, BLOCKED, 0);
}

/** What a frame tells of times and counts; rates of whole series are the same where each frame is. */
function told({ containers, processes, threads, syscalls }: Frame) {
  return { containers, processes, threads, syscalls };
}

function equalsOneByOne(trace: HandTrace, end: number): Frame[] {
  const frames = trace.at(end, 0, 'sched_waking').frames({ interval: INTERVAL });
  for (const frame of frames.slice(0, -1)) {
    const [alone] = trace.frames({ begin: frame.begin, end: frame.end });
    assert.deepEqual(told(frame), told(alone!), `the frame from ${frame.begin} on`);
  }
  return frames;
}

describe('threads that sleep', () => {
  it('have their time in every frame, until they are woken up in the middle of one', () => {
    const frames = equalsOneByOne(wake(asleep(), 5300, 201), 9000);
    const blocked = frames.map(
      (frame) => thread(frame, 201).blockedUnknownNs! + (thread(frame, 201).blockedTaskNs ?? 0),
    );
    assert.deepEqual(blocked.slice(1, 8), [1000, 1000, 1000, 1000, 940, 1000, 1000]);
  });

  it('keep their rows from frame to frame', () => {
    const frames = asleep().at(9000, 0, 'sched_waking').frames({ interval: INTERVAL });
    assert.equal(thread(frames[7], 200), thread(frames[3], 200));
  });

  it('are in their calls, of which the first may be over', () => {
    const trace = wake(asleep(), 5300, 201);
    trace.at(8300, 0, 'sched_waking', { tid: 200, target_cpu: 0 }).switch(8310, 0, 0, 0, 200);
    trace.at(8330, 0, 'syscall_exit_read', { ret: 1 }).switch(8360, 0, 200, BLOCKED, 0);
    const open = (frame: Frame | undefined) => {
      const row = frame?.syscalls?.find(({ container }) => container === `pid_ns:${PID_NS}`);
      return [row?.open, row?.openNs];
    };
    const frames = equalsOneByOne(trace, 14_000);
    // 200 began its call at 12, 201 at 15.
    assert.deepEqual(open(frames[3]), [2, 3988]);
    assert.deepEqual(open(frames[12]), [1, 12_985]);
    equalsOneByOne(wake(trace, 14_300, 201), 18_000);
  });

  it('may end, fork, execute and move while nobody has looked at them', () => {
    const trace = asleep();
    wake(trace, 4200, 301).at(4500, 0, 'sched_process_exit', { tid: 201, comm: 't201' });
    trace.switch(4510, 0, 201, DEAD, 0);
    trace.fork(6100, 0, 200, 202, { parentNs: PID_NS, childNs: PID_NS, vtids: [202, 3], parentPid: 200 });
    trace.at(7100, 0, 'lttng_statedump_process_pid_ns', { tid: 100, vtid: 1, ns_level: 1, ns_inum: PID_NS });
    equalsOneByOne(trace, 12_000);
  });

  it('are unknown where events are lost', () => {
    equalsOneByOne(wake(asleep().loss(0, 4100, 4600).at(4700, 0, 'sched_waking'), 6200, 300), 9000);
  });

  it('get the names that an inventory tells later', () => {
    const trace = asleep().at(9000, 0, 'sched_waking');
    const engine = new Engine(trace.info(), { interval: INTERVAL });
    const names: (string | undefined)[] = [];
    for (const batch of trace.batches(1)) {
      for (const frame of engine.push(batch)) {
        names.push(thread(frame, 200).containerName);
        if (names.length !== 4) continue;
        const namespaces = { pid: PID_NS };
        const times = { startedAt: undefined, finishedAt: undefined, limitCpus: undefined };
        engine.learn([
          {
            id: 'a',
            name: 'web',
            runtime: 'docker',
            image: undefined,
            initPid: 200,
            labels: {},
            namespaces,
            ...times,
          },
        ]);
      }
    }
    assert.deepEqual(names.slice(2, 6), [`pid_ns:${PID_NS}`, `pid_ns:${PID_NS}`, 'web', 'web']);
  });

  it('are told as before in a recording', async () => {
    const interval = 100e6;
    const framesOf = async (options: { interval: number | 'total'; begin?: number; end?: number }) => {
      const source = await open(piece('shop'), Engine.subscription());
      const frames: Frame[] = [];
      for await (const frame of analyze(source, options)) frames.push(frame);
      return frames;
    };
    const frames = await framesOf({ interval });
    assert.ok(frames.length > 3);
    for (const { begin, end, ...frame } of frames) {
      const [alone] = await framesOf({ interval: 'total', begin, end });
      const { begin: _, end: __, ...other } = alone!;
      assert.deepEqual(told(frame as Frame), told(other as Frame));
    }
  });
});
