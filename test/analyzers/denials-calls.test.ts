/** How failed calls are found, and that whatever they are named and however many they are does no harm. */
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { denials } from '../../analyzers/columns/denials.js';
import { jsonLines } from '../../cli/formats/json.js';
import { csv, tsv } from '../../cli/formats/separated.js';
import { table } from '../../cli/formats/table.js';
import { rowsOf } from '../../cli/view.js';
import { HOST_PID_NS } from './batch.js';
import { BOX, BOX_PID_NS, DAEMON, Denied } from './denied.js';

const ENOENT = -2;
const EACCES = -13;
const AT_FDCWD = -100;
const O_DIRECTORY = 0o200000;
const open = (filename: string, dfd = AT_FDCWD, flags = 0) => ({ dfd, filename, flags });

const refused = (trace: Denied, batchSize?: number) =>
  trace.rows(batchSize).filter(({ expected }) => expected === undefined);

describe('entry and exit', () => {
  test('belong together also across the end of a batch', () => {
    for (const size of [1, 2, 3, 5]) {
      const [row] = refused(new Denied().call(BOX, 'openat', open('/nowhere/x'), ENOENT), size);
      assert.equal(row?.object, '/nowhere/x', `batches of ${size}`);
      assert.equal(row?.container, 'pid_ns:4026532001');
      assert.equal(row?.comm, 'app');
    }
  });

  test('belong together while other threads run in between', () => {
    const rows = refused(
      new Denied()
        .event(BOX, 'syscall_entry_openat', open('/nowhere/box'))
        .event(DAEMON, 'syscall_entry_mkdir', { pathname: '/x' })
        .event(DAEMON, 'syscall_exit_mkdir', { ret: EACCES })
        .event(BOX, 'syscall_exit_openat', { ret: ENOENT }),
    );
    assert.deepEqual(
      rows.map(({ tid, object }) => [tid, object]),
      [
        [DAEMON, '/x'],
        [BOX, '/nowhere/box'],
      ],
    );
  });

  test('whose exit was lost are not taken for the next call’s', () => {
    const [row] = refused(
      new Denied()
        .event(BOX, 'syscall_entry_openat', open('/nowhere/lost'))
        .call(BOX, 'mkdir', { pathname: '/nowhere/x' }, EACCES),
    );
    assert.equal(row?.syscall, 'mkdir');
    assert.equal(row?.object, '/nowhere/x');
  });

  test('an entry before the trace leaves the object unknown, and is no filter’s work', () => {
    const [row] = refused(new Denied().event(BOX, 'syscall_exit_openat', { ret: EACCES }));
    assert.equal(row?.object, undefined);
    assert.notEqual(row?.cause, 'seccomp');
  });

  test('an entry that was lost is no filter’s work', () => {
    const trace = new Denied().call(BOX, 'getpid', {}, 1);
    trace.trace.loss(0, 1, 2);
    const [row] = refused(trace.call(DAEMON, 'getpid', {}, 1).event(BOX, 'syscall_exit_mount', { ret: -1 }));
    assert.equal(row?.syscall, 'mount');
    assert.doesNotMatch(row?.evidence ?? '', /seccomp/);
  });

  test('a call that a signal interrupted is part of normal work', () => {
    const rows = new Denied()
      .call(BOX, 'pause', {}, -514)
      .event(BOX, 'syscall_entry_unknown', { id: 15, args: [] })
      .event(BOX, 'syscall_exit_unknown', { id: 15, ret: -4, args: [] })
      .rows();
    assert.deepEqual(
      rows.map(({ syscall, errno, expected }) => [syscall, errno, expected]),
      [['pause', 'ERESTARTNOHAND', 'interrupted by a signal']],
    );
  });

  test('a large result that looks like an error is none', () => {
    assert.deepEqual(new Denied().call(BOX, 'lseek', {}, -2).call(BOX, 'brk', {}, -3).rows(), []);
  });

  test('the name of the program counts from its start', () => {
    const trace = new Denied();
    trace.event(BOX, 'sched_process_exec', { tid: BOX, old_tid: BOX, filename: '/deny/kill_none' });
    const [row] = refused(trace.call(BOX, 'kill', { pid: 4194304 }, -3));
    assert.equal(row?.comm, 'kill_none');
  });
});

describe('paths', () => {
  test('are taken relative to the directory that the process is in', () => {
    const [row] = refused(
      new Denied()
        .call(BOX, 'chdir', { filename: '/srv/app' }, 0)
        .call(BOX, 'openat', open('../x/y'), ENOENT),
    );
    assert.equal(row?.object, '/srv/x/y');
  });

  test('are taken relative to an open directory, until its number means another', () => {
    const trace = new Denied()
      .call(BOX, 'openat', open('/srv', AT_FDCWD, O_DIRECTORY), 7)
      .call(BOX, 'openat', open('a', 7), EACCES)
      .call(BOX, 'openat', open('/etc/passwd'), 7)
      .call(BOX, 'openat', open('b', 7), EACCES);
    assert.deepEqual(
      refused(trace).map(({ object }) => object),
      ['/srv/a', 'fd 7/b'],
    );
  });

  test('a child begins where its parent was', () => {
    const trace = new Denied().call(BOX, 'chdir', { filename: '/srv' }, 0);
    trace.trace.fork(900, 0, BOX, 400, { parentNs: HOST_PID_NS + 165, vtids: [400, 2], childNs: 4026532001 });
    trace.trace.switch(901, 0, BOX, 1, 400);
    trace.trace.at(902, 0, 'syscall_entry_openat', open('x'));
    trace.trace.at(903, 0, 'syscall_exit_openat', { ret: EACCES });
    assert.equal(refused(trace)[0]?.object, '/srv/x');
  });
});

describe('containers count', () => {
  test('what was refused, and why the last time', () => {
    const frame = new Denied()
      .call(BOX, 'openat', open('/nowhere/x'), ENOENT)
      .call(BOX, 'openat', open('/nowhere/x'), ENOENT)
      .call(BOX, 'mkdir', { pathname: '/ro' }, -30)
      .call(BOX, 'wait4', {}, -10)
      .frame();
    const box = frame.containers.find(({ name }) => name === 'box');
    assert.equal(box?.denials, 3);
    assert.equal(box?.deniedBy, 'read-only mount');
    assert.equal(frame.containers.find(({ isHost }) => isHost)?.denials, 0);
  });
});

describe('a runtime that sets up a container', () => {
  const setUp = (denied: Denied, parent: number, comm: string): string | undefined => {
    denied.event(parent, 'getpid');
    denied.trace.fork(5000, 0, parent, 400, {
      comm,
      parentNs: parent === BOX ? BOX_PID_NS : HOST_PID_NS,
      childNs: BOX_PID_NS,
      vtids: [400, 9],
    });
    denied.trace.switch(5001, 0, parent, 1, 400, { next_comm: comm });
    denied.trace.at(5002, 0, 'syscall_entry_mkdir', { pathname: '/nowhere/x' });
    denied.trace.at(5003, 0, 'syscall_exit_mkdir', { ret: ENOENT });
    return denied.rows().find(({ syscall }) => syscall === 'mkdir')?.expected;
  };

  for (const comm of ['crun', 'runc:[2:INIT]']) {
    test(`${comm} fails in the course of its work`, () => {
      assert.match(setUp(new Denied(), DAEMON, comm) ?? '', /sets up/);
    });
    test(`a container’s process that calls itself ${comm} is refused like others`, () => {
      const denied = new Denied().event(BOX, 'sched_process_exec', { tid: BOX, old_tid: BOX });
      assert.equal(setUp(denied, BOX, comm), undefined);
    });
  }
});

describe('a hostile container', () => {
  test('that fails with ever other objects has few rows, and each failure counts', () => {
    const trace = new Denied();
    const times = 20_000;
    for (let i = 0; i < times; i++) trace.call(BOX, 'openat', open(`/nowhere/${i}`), ENOENT);
    const rows = refused(trace, 4096);
    assert.ok(rows.length < 1000);
    assert.equal(
      rows.reduce((sum, { count }) => sum + count, 0),
      times,
    );
  });

  test('that fails the same way over and over has one row with its last occurrences', () => {
    const trace = new Denied();
    for (let i = 0; i < 1000; i++) trace.call(BOX, 'openat', open('/nowhere/x'), ENOENT);
    const [row, ...others] = refused(trace);
    assert.deepEqual(others, []);
    assert.equal(row?.count, 1000);
    const times = row!.occurrences.map(({ time }) => time);
    assert.equal(times.length, 8);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    assert.equal(times.at(-1), row?.last);
  });

  test('whose names are made to harm the reader shows harmlessly, and JSON gives them back', () => {
    const path = '/nowhere/\u001b[2J\n\u202egnp.exe\u0007';
    const frame = new Denied().call(BOX, 'openat', open(path), ENOENT).frame();
    const columns = denials.columns;
    const view = { table: denials, columns, sort: denials.defaultSort, top: 10, matches: undefined };
    const write = (format: ReturnType<typeof table>): string =>
      format.begin(columns) + format.frame(rowsOf(view, frame)) + format.end();
    const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;
    const shown = write(table());
    assert.doesNotMatch(shown, controls);
    assert.equal(shown.trimEnd().split('\n').length, 2);
    const json = write(jsonLines());
    assert.doesNotMatch(json, controls);
    assert.equal(JSON.parse(json).object, path);
    assert.doesNotMatch(write(csv()), /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u202a-\u202e]/);
    const exact = write(tsv()).split('\n')[1]!.split('\t')[columns.findIndex(({ id }) => id === 'object')]!;
    const named: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\' };
    const back = exact.replace(/\\(?:x(..)|u(....)|(.))/g, (_, two, four, one) =>
      one === undefined ? String.fromCharCode(Number.parseInt(two ?? four, 16)) : named[one]!,
    );
    assert.equal(back, path);
  });

  test('whose paths are longer than any has them cut', () => {
    const [row] = refused(new Denied().call(BOX, 'openat', open(`/${'x'.repeat(100_000)}`), ENOENT));
    assert.equal(row?.object?.length, 512);
  });
});
