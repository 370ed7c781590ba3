import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../../analyzers/engine.js';
import type { Frame } from '../../analyzers/frame.js';
import type { InventoryEntry } from '../../analyzers/inventory.js';
import type { Batch } from '../../native/types.js';
import { HandTrace, thread } from './batch.js';

const BLOCKED = 1;

/** The trace as a live source hands it over: its end is not known. */
function engineOn(trace: HandTrace, inventory: readonly InventoryEntry[] = []): Engine {
  const { origin, traces, streams, events } = trace;
  return new Engine({ origin, traces, streams, events, end: undefined }, { interval: 10, inventory });
}

const quietUntil = (watermark: number): Batch => ({ ...[...new HandTrace().batches()][0]!, watermark });

test('live, frames are cut when their time is over, not when the next event comes', () => {
  const trace = new HandTrace().dumped(0, 7, {}).switch(5, 0, 0, 0, 7);
  const engine = engineOn(trace);
  const [batch] = [...trace.batches()];
  const frames: Frame[] = [...engine.push(batch!)];
  assert.equal(frames.length, 0);
  frames.push(...engine.push(quietUntil(25)));
  assert.deepEqual(
    frames.map((frame) => [frame.begin, frame.end, thread(frame, 7).cpuNs]),
    [
      [0, 10, 5],
      [10, 20, 10],
    ],
  );
  frames.push(...engine.push(quietUntil(25)), ...engine.push(quietUntil(29)));
  assert.equal(frames.length, 2);
});

test('the frames of a live source are those of the recorded one', () => {
  const trace = new HandTrace().dumped(0, 7, {});
  for (let time = 3; time < 95; time += 9) {
    trace.switch(time, 0, 0, 0, 7).switch(time + 4, 0, 7, BLOCKED, 0);
  }
  const recorded = trace.frames({ interval: 10 });
  const engine = engineOn(trace);
  const live: Frame[] = [];
  for (const batch of trace.batches(1)) {
    live.push(...engine.push(batch), ...engine.push(quietUntil(batch.watermark)));
  }
  const whole = recorded.filter(({ begin, end }) => end - begin === 10);
  // The trace may go on, so what it has not is not told yet.
  assert.deepEqual(live.slice(0, whole.length), whole);
});

test('nor do lost events make them differ, whether they or the time are told first', () => {
  const trace = new HandTrace().dumped(0, 7, {});
  for (let time = 3; time < 95; time += 9) {
    trace.switch(time, 0, 0, 0, 7).switch(time + 4, 0, 7, BLOCKED, 0);
    // Over the end of a frame; within one; up to it.
    if (time === 39) trace.loss(0, 44, 53);
    if (time === 57) trace.loss(0, 63, 64);
    if (time === 75) trace.loss(0, 81, 90);
  }
  const recorded = trace.frames({ interval: 10 });
  assert.ok(recorded.some((frame) => (thread(frame, 7).unknownNs ?? 0) > 0));
  const whole = recorded.filter(({ begin, end }) => end - begin === 10);
  for (const early of [false, true]) {
    const engine = engineOn(trace);
    const live: Frame[] = [];
    for (const batch of trace.batches(1)) {
      if (!early) {
        live.push(...engine.push(batch));
        continue;
      }
      for (const loss of batch.losses)
        live.push(...engine.push({ ...quietUntil(loss.begin + 1), losses: [loss] }));
      live.push(...engine.push(quietUntil(batch.watermark)), ...engine.push({ ...batch, losses: [] }));
    }
    assert.deepEqual(live.slice(0, whole.length), whole);
  }
});

test('a container is named from the frame on in which the inventory knows it', () => {
  const pidNs = 4026532500;
  const trace = new HandTrace().dumped(0, 7, { vtid: 1, pidNs }).switch(5, 0, 0, 0, 7);
  const engine = engineOn(trace);
  const nameIn = (frames: Frame[]) => frames.at(-1)?.containers.find(({ isHost }) => !isHost)?.name;
  const first = [...engine.push([...trace.batches()][0]!), ...engine.push(quietUntil(12))];
  assert.equal(nameIn(first), `pid_ns:${pidNs}`);
  const entry: InventoryEntry = {
    id: 'f00',
    name: 'web',
    runtime: 'docker',
    image: undefined,
    initPid: undefined,
    limitCpus: undefined,
    startedAt: undefined,
    finishedAt: undefined,
    labels: {},
    namespaces: { pid: pidNs },
  };
  engine.learn([entry]);
  assert.equal(nameIn([...engine.push(quietUntil(22))]), 'web');
  engine.learn([{ ...entry, name: 'web-2' }]);
  assert.equal(nameIn([...engine.push(quietUntil(32))]), 'web-2');
  engine.learn([]);
  assert.equal(nameIn([...engine.push(quietUntil(42))]), 'web-2', 'who is forgotten keeps the name');
});
