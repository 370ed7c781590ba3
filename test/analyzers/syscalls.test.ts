/** System calls as they are counted: by container and name, with their times and errors, and those under way. */
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { syscalls } from '../../analyzers/columns/syscalls.js';
import type { Frame, SyscallRow } from '../../analyzers/frame.js';
import { container, HandTrace, process, thread } from './batch.js';

const BOX_NS = 4026532001;
const BOX = 200;

/** A host with a daemon (100) and a container whose only process is BOX; both were there before the trace. */
function traced(): HandTrace {
  return new HandTrace()
    .dumped(5, 100, { name: 'daemon' })
    .dumped(5, BOX, { name: 'app', pidNs: BOX_NS, vtid: 1 })
    .at(10, 0, 'lttng_statedump_end')
    .switch(20, 0, 0, 0, BOX);
}

function row(frame: Frame | undefined, syscall: string, key = `pid_ns:${BOX_NS}`): SyscallRow {
  const found = frame?.syscalls?.find((each) => each.syscall === syscall && each.container === key);
  if (found === undefined) throw new Error(`no ${syscall} of ${key} in ${JSON.stringify(frame?.syscalls)}`);
  return found;
}

const entry = (name: string) => `syscall_entry_${name}`;
const exit = (name: string) => `syscall_exit_${name}`;

describe('system calls', () => {
  test('are counted with their times and errors, whatever batches they fall into', () => {
    for (const size of [1, 2, 100]) {
      const frame = traced()
        .at(100, 0, entry('read'), { fd: 3 })
        .at(110, 0, exit('read'), { ret: 5 })
        .at(120, 0, entry('read'), { fd: 3 })
        .at(150, 0, exit('read'), { ret: -11 })
        .at(160, 0, entry('getpid'))
        .at(161, 0, exit('getpid'), { ret: 1 })
        .frames({}, size)
        .at(-1);
      const { count, errors, totalNs, meanNs, maxNs, open } = row(frame, 'read');
      assert.deepEqual(
        { count, errors, totalNs, meanNs, maxNs, open },
        { count: 2, errors: 1, totalNs: 40, meanNs: 20, maxNs: 30, open: 0 },
      );
      assert.equal(row(frame, 'getpid').count, 1);
      const { syscalls, errors: failed } = container(frame, `pid_ns:${BOX_NS}`);
      assert.deepEqual([syscalls, failed], [3, 1]);
      assert.equal(process(frame, BOX).syscalls, 3);
      assert.equal(thread(frame, BOX).errors, 1);
    }
  });

  test('under way at the end of an interval are told, and counted where they end', () => {
    const frames = traced()
      .at(50, 0, entry('epoll_wait'))
      .switch(60, 0, BOX, 1, 0)
      .switch(250, 0, 0, 0, BOX)
      .at(260, 0, exit('epoll_wait'), { ret: 1 })
      .at(290, 0, 'irq_handler_entry')
      .frames({ interval: 100 });
    const [first, second, third] = frames.map((frame) => row(frame, 'epoll_wait'));
    assert.deepEqual([first?.count, first?.open, first?.openNs, first?.totalNs], [0, 1, 50, undefined]);
    assert.deepEqual([second?.open, second?.openNs], [1, 150]);
    assert.deepEqual([third?.count, third?.open, third?.totalNs], [1, 0, 210]);
  });

  test('without a begin have no time; a call of another name is none', () => {
    const frame = traced()
      .at(50, 0, exit('poll'), { ret: 0 })
      .at(60, 0, entry('read'), { fd: 1 })
      .at(80, 0, exit('write'), { ret: 1 })
      .frames()
      .at(-1);
    assert.deepEqual([row(frame, 'poll').count, row(frame, 'poll').totalNs], [1, undefined]);
    assert.deepEqual([row(frame, 'write').count, row(frame, 'write').p99Ns], [1, undefined]);
  });

  test('across a loss have no time', () => {
    const trace = traced().at(50, 0, entry('read'), { fd: 1 }).loss(1, 55, 60).at(70, 0, 'irq_handler_entry');
    const frame = trace.at(90, 0, exit('read'), { ret: 1 }).frames({}, 1).at(-1);
    assert.deepEqual([row(frame, 'read').count, row(frame, 'read').totalNs], [1, undefined]);
  });

  test('are known by their numbers where LTTng has no event for them', () => {
    const frame = traced()
      .at(50, 0, entry('unknown'), { id: 318, args: [1, 2, 3, 4, 5, 6] })
      .at(53, 0, exit('unknown'), { id: 318, ret: 16, args: [1, 2, 3, 4, 5, 6] })
      .at(60, 0, entry('unknown'), { id: 15, args: [] })
      .frames()
      .at(-1);
    assert.equal(row(frame, 'getrandom').totalNs, 3);
    assert.deepEqual([row(frame, 'rt_sigreturn').count, row(frame, 'rt_sigreturn').open], [1, 0]);
  });

  test('that a child comes back from are its parent’s', () => {
    const frame = traced()
      .at(50, 0, entry('clone'), { flags: 17 })
      .fork(55, 0, BOX, 300, { parentNs: BOX_NS, vtids: [300, 2] })
      .at(60, 0, exit('clone'), { ret: 2 })
      .switch(70, 0, BOX, 1, 300)
      .at(75, 0, exit('clone'), { ret: 0 })
      .frames()
      .at(-1);
    assert.deepEqual([row(frame, 'clone').count, row(frame, 'clone').totalNs], [1, 10]);
  });

  test('results that only look like errors are none', () => {
    const frame = traced()
      .at(50, 0, entry('mmap'))
      .at(51, 0, exit('mmap'), { ret: -2048 })
      .at(60, 0, entry('brk'))
      .at(61, 0, exit('brk'), { ret: -4 })
      .frames()
      .at(-1);
    assert.deepEqual([row(frame, 'mmap').errors, row(frame, 'brk').errors], [0, 0]);
  });

  test('are unknown, not none, in a trace without them', () => {
    const frame = new HandTrace().switch(20, 0, 0, 0, BOX).switch(40, 0, BOX, 1, 0).frames().at(-1);
    assert.equal(container(frame, 'host').syscalls, undefined);
    assert.deepEqual(syscalls.rows(frame!), []);
  });

  test('of which there are too many different ones are not told apart', () => {
    const trace = traced();
    for (let i = 0; i < 20_000; i++) {
      trace.at(100 + 2 * i, 0, entry(`call${i}`)).at(101 + 2 * i, 0, exit(`call${i}`), { ret: 0 });
    }
    const frame = trace.frames({}, 2048).at(-1);
    assert.ok(frame!.syscalls!.length <= (1 << 14) + 1);
    assert.equal(row(frame, '…').count, 20_000 - (1 << 14));
    assert.equal(container(frame, `pid_ns:${BOX_NS}`).syscalls, 20_000);
  });
});
