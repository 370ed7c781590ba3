/** Descriptors are followed through every way that they come and go, and what is moved is credited to what they stand for. */
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { files as fileTable } from '../../analyzers/columns/files.js';
import type { ConnectionRow, FileRow, Frame } from '../../analyzers/frame.js';
import { jsonLines } from '../../cli/formats/json.js';
import { table } from '../../cli/formats/table.js';
import { rowsOf } from '../../cli/view.js';
import { container, type Fields, HandTrace, process, thread } from './batch.js';

const BOX_NS = 4026532001;
const KEY = `pid_ns:${BOX_NS}`;
const BOX = 200;
const AT_FDCWD = -100;
const O_CLOEXEC = 0o2000000;
const AF_UNIX = 1;
const AF_INET = 2;
const STREAM = 1;
const DGRAM = 2;
const SIZES = [1, 3, 100];

/** A container with one process, and the calls of its threads, one after the other on one CPU. */
class Box {
  readonly trace = new HandTrace();
  private time = 100;
  private running = 0;

  constructor() {
    this.trace
      .dumped(5, 1, { name: 'systemd' })
      .dumped(5, BOX, { name: 'app', pidNs: BOX_NS, vtid: 1 })
      .at(10, 0, 'lttng_statedump_end');
  }

  on(tid: number): this {
    if (tid !== this.running) this.trace.switch(++this.time, 0, this.running, 1, tid);
    this.running = tid;
    return this;
  }

  event(name: string, fields: Fields = {}): this {
    this.trace.at(++this.time, 0, name, fields);
    return this;
  }

  call(name: string, fields: Fields, ret: number, results: Fields = {}): this {
    if (this.running === 0) this.on(BOX);
    return this.event(`syscall_entry_${name}`, fields).event(`syscall_exit_${name}`, { ret, ...results });
  }

  numbered(id: number, args: readonly number[], ret: number): this {
    return this.call('unknown', { id, args }, ret, { id, args });
  }

  open(path: string, fd: number, flags = 0): this {
    return this.call('openat', { dfd: AT_FDCWD, filename: path, flags }, fd);
  }

  read(fd: number, bytes: number): this {
    return this.call('read', { fd, count: 4096 }, bytes);
  }

  write(fd: number, bytes: number): this {
    return this.call('write', { fd, count: 4096 }, bytes);
  }

  /** A child in the middle of a call of the running thread, which it then comes back from. */
  fork(call: string, fields: Fields, child: number, pid = child): this {
    this.event(`syscall_entry_${call}`, fields);
    this.trace.fork(++this.time, 0, BOX, child, { pid, parentPid: BOX, parentNs: BOX_NS, vtids: [child, 9] });
    return this.event(`syscall_exit_${call}`, { ret: 9, ...(call === 'unknown' && { id: fields.id! }) });
  }

  exec(tid: number): this {
    return this.event('sched_process_exec', { tid, old_tid: tid, filename: '/bin/x' });
  }

  frame(size?: number): Frame {
    return this.trace.frames({}, size).at(-1)!;
  }

  files(size?: number): readonly FileRow[] {
    return (this.frame(size).files ?? []).filter((row) => row.container === KEY);
  }

  /** The container's bytes: from and to files, from and to the network, untold. */
  bytes(size?: number): readonly (number | undefined)[] {
    const row = container(this.frame(size), KEY);
    return [row.fileReadBytes, row.fileWriteBytes, row.netRxBytes, row.netTxBytes, row.untoldBytes];
  }

  connections(size?: number): readonly ConnectionRow[] {
    return (this.frame(size).connections ?? []).filter((row) => row.container === KEY);
  }
}

describe('a file', () => {
  test('has its opens, reads, writes, bytes, time and errors, whatever batches they fall into', () => {
    for (const size of SIZES) {
      const box = new Box().open('/data/a', 3).read(3, 100).read(3, 50).write(3, 7).read(3, -5);
      const [row] = box.call('fsync', { fd: 3 }, 0).files(size);
      assert.deepEqual(
        { ...row },
        {
          host: undefined,
          container: KEY,
          containerName: KEY,
          path: '/data/a',
          opens: 1,
          reads: 3,
          writes: 1,
          readBytes: 150,
          writeBytes: 7,
          ns: 6,
          errors: 1,
        },
      );
      assert.deepEqual(box.bytes(size), [150, 7, 0, 0, 0]);
      assert.equal(process(box.frame(size), BOX).fileReadBytes, 150);
      assert.equal(thread(box.frame(size), BOX).fileWriteBytes, 7);
    }
  });

  test('is known by open, openat, creat and, without its path, openat2', () => {
    for (const size of SIZES) {
      const rows = new Box()
        .call('open', { filename: '/a', flags: 0 }, 3)
        .call('creat', { pathname: '/b' }, 4)
        .numbered(437, [0, 1, 2, 3, 4, 5], 5)
        .write(3, 1)
        .write(4, 2)
        .write(5, 3)
        .files(size);
      assert.deepEqual(
        rows.map(({ path, writeBytes }) => [path, writeBytes]),
        [
          ['/a', 1],
          ['/b', 2],
          [undefined, 3],
        ],
      );
    }
  });

  test('has the path that it is at, relative to a directory or the working directory', () => {
    for (const size of SIZES) {
      const rows = new Box()
        .open('/srv', 3, 0o200000)
        .call('openat', { dfd: 3, filename: 'x/../y', flags: 0 }, 4)
        .call('chdir', { filename: '/var/log' }, 0)
        .open('syslog', 5)
        .call('fchdir', { fd: 3 }, 0)
        .open('z', 6)
        .files(size);
      assert.deepEqual(
        rows.map(({ path }) => path),
        ['/srv/y', '/var/log/syslog', '/srv/z'],
      );
    }
  });

  test('below /dev is a device, whose bytes are no file’s', () => {
    const box = new Box().open('/dev/zero', 3).read(3, 512).open('/dev/shm/x', 4).write(4, 8);
    assert.deepEqual(box.bytes(), [0, 8, 0, 0, 0]);
    assert.deepEqual(
      box.files().map(({ path, readBytes }) => [path, readBytes]),
      [
        ['/dev/zero', 512],
        ['/dev/shm/x', 0],
      ],
    );
  });

  test('that was not opened is none', () => {
    const box = new Box().open('/nowhere', -2).read(3, 10);
    assert.deepEqual(box.files(), []);
    assert.deepEqual(box.bytes(), [0, 0, 0, 0, 10]);
  });

  test('of another interval has a row there again', () => {
    const box = new Box().open('/a', 3).read(3, 1).read(3, 2).read(3, 4);
    const frames = box.trace.frames({ interval: 4 });
    const bytes = frames.map(({ files }) => files?.find(({ path }) => path === '/a')?.readBytes);
    assert.equal(
      bytes.reduce<number>((sum, n) => sum + (n ?? 0), 0),
      7,
    );
    assert.ok(bytes.filter((n) => n !== undefined).length > 1);
  });
});

describe('a descriptor', () => {
  const moved = (box: Box, fd: number, size?: number) => box.read(fd, 10).bytes(size)[0];

  test('is the same file by dup, dup2, dup3 and fcntl', () => {
    for (const size of SIZES) {
      assert.equal(moved(new Box().open('/a', 3).call('dup', { fildes: [3] }, 4), 4, size), 10);
      assert.equal(moved(new Box().open('/a', 3).call('dup2', { oldfd: 3, newfd: 7 }, 7), 7, size), 10);
      assert.equal(
        moved(new Box().open('/a', 3).call('dup3', { oldfd: 3, newfd: 7, flags: 0 }, 7), 7, size),
        10,
      );
      assert.equal(moved(new Box().open('/a', 3).call('fcntl', { fd: 3, cmd: 0, arg: 5 }, 5), 5, size), 10);
      assert.equal(
        moved(new Box().open('/a', 3).call('fcntl', { fd: 3, cmd: 1030, arg: 5 }, 5), 5, size),
        10,
      );
      assert.equal(moved(new Box().open('/a', 3).call('fcntl', { fd: 3, cmd: 1, arg: 0 }, 5), 5, size), 0);
    }
  });

  test('that is closed, alone or in a range, is none', () => {
    assert.equal(moved(new Box().open('/a', 3).call('close', { fd: 3 }, 0), 3), 0);
    const boxes = () => new Box().open('/a', 3).open('/b', 4).open('/c', 5);
    const closed = boxes().numbered(436, [4, 0xffffffff, 0, 0, 0, 0], 0);
    assert.deepEqual(closed.read(3, 1).read(4, 2).read(5, 4).bytes(), [1, 0, 0, 0, 6]);
    const later = boxes().numbered(436, [4, 0xffffffff, 4, 0, 0, 0], 0).read(5, 4).exec(BOX);
    assert.deepEqual(later.read(3, 1).read(4, 2).bytes(), [5, 0, 0, 0, 2]);
  });

  test('is closed by exec where it says so', () => {
    const box = new Box().open('/a', 3).open('/b', 4, O_CLOEXEC).open('/c', 5, O_CLOEXEC).open('/d', 6);
    box.call('fcntl', { fd: 5, cmd: 2, arg: 0 }, 0).call('fcntl', { fd: 6, cmd: 2, arg: 1 }, 0);
    box.call('socket', { family: AF_INET, type: STREAM | O_CLOEXEC, protocol: 0 }, 7);
    box.exec(BOX).read(3, 1).read(4, 2).read(5, 4).read(6, 8).read(7, 16);
    assert.deepEqual(box.bytes(), [5, 0, 0, 0, 26]);
  });

  test('is the child’s too after a fork, and each closes its own', () => {
    for (const size of SIZES) {
      const box = new Box().open('/a', 3).fork('clone', { flags: 17 }, 300);
      box.call('close', { fd: 3 }, 0).read(3, 1).on(300).read(3, 2);
      const frame = box.frame(size);
      assert.equal(process(frame, 300).fileReadBytes, 2);
      assert.deepEqual([process(frame, BOX).fileReadBytes, process(frame, BOX).untoldBytes], [0, 1]);
    }
  });

  test('is shared with CLONE_FILES until exec, or unshare, parts them', () => {
    const shared = () => new Box().on(BOX).fork('clone', { flags: 0x400 | 17 }, 300);
    const both = shared().open('/a', 3).on(300).read(3, 2).frame();
    assert.equal(process(both, 300).fileReadBytes, 2);
    const executed = shared()
      .open('/a', 3)
      .on(300)
      .exec(300)
      .call('close', { fd: 3 }, 0)
      .on(BOX)
      .read(3, 2)
      .frame();
    assert.equal(process(executed, BOX).fileReadBytes, 2);
    const parted = shared().open('/a', 3).on(300).call('unshare', { unshare_flags: 0x400 }, 0);
    assert.equal(
      process(parted.call('close', { fd: 3 }, 0).on(BOX).read(3, 2).frame(), BOX).fileReadBytes,
      2,
    );
  });

  test('is copied by calls whose flags are not recorded', () => {
    const box = new Box().open('/a', 3).fork('unknown', { id: 435, args: [] }, 300);
    assert.equal(process(box.on(300).read(3, 2).frame(), 300).fileReadBytes, 2);
  });

  test('is of all threads of a process', () => {
    const box = new Box().open('/a', 3).fork('clone', { flags: 0x10f00 }, 300, BOX).on(300).read(3, 2);
    assert.equal(thread(box.frame(), 300).fileReadBytes, 2);
  });

  test('of pipes, eventfds and the like moves no file’s and no network’s bytes', () => {
    for (const size of SIZES) {
      const box = new Box()
        .call('pipe2', { flags: 0 }, 0, { fildes: [3, 4] })
        .call('eventfd2', { count: 0, flags: 0 }, 5)
        .numbered(319, [0, 0, 0, 0, 0, 0], 6);
      for (const fd of [3, 4, 5, 6]) box.write(fd, 8);
      assert.deepEqual(box.bytes(size), [0, 0, 0, 0, 0]);
    }
  });

  test('that was open before the trace is told by the statedump, in both layouts', () => {
    for (const old of [true, false]) {
      const trace = new HandTrace()
        .dumped(5, BOX, { pidNs: BOX_NS, vtid: 1 })
        .at(6, 0, 'lttng_statedump_process_state', {
          ...{ tid: BOX, pid: BOX, ppid: 1, name: 'app', type: 0, status: 5 },
          ...(!old && { file_table_address: 77 }),
        });
      const owner: Fields = old ? { pid: BOX } : { file_table_address: 77 };
      for (const [fd, filename] of ['/log', 'socket:[1]', 'pipe:[2]', 'anon_inode:[eventpoll]'].entries()) {
        trace.at(7, 0, 'lttng_statedump_file_descriptor', { ...owner, fd, flags: 0, filename });
      }
      trace.at(10, 0, 'lttng_statedump_end').switch(20, 0, 0, 0, BOX);
      for (const fd of [0, 1, 2, 3, 4]) {
        trace
          .at(30 + fd, 0, 'syscall_entry_read', { fd })
          .at(30 + fd, 0, 'syscall_exit_read', { ret: 1 << fd });
      }
      const { fileReadBytes, netRxBytes, untoldBytes } = container(trace.frames().at(-1), KEY);
      assert.deepEqual([fileReadBytes, netRxBytes, untoldBytes], [1, 2, 16], old ? 'by pid' : 'by table');
    }
  });

  test('whose call began before the trace is known as soon as it is there', () => {
    const box = new Box().on(BOX).event('syscall_exit_openat', { ret: 3 }).read(3, 5);
    assert.deepEqual(box.bytes(), [5, 0, 0, 0, 0]);
  });
});

describe('bytes', () => {
  test('between two descriptors count for both', () => {
    for (const size of SIZES) {
      const box = new Box()
        .open('/a', 3)
        .open('/b', 4)
        .call('socket', { family: AF_INET, type: STREAM, protocol: 0 }, 5)
        .call('pipe', {}, 0, { fildes: [6, 7] })
        .call('sendfile64', { out_fd: 5, in_fd: 3 }, 100)
        .call('splice', { fd_in: 3, fd_out: 7 }, 10)
        .numbered(326, [3, 0, 4, 0, 50, 0], 1);
      assert.deepEqual(box.bytes(size), [111, 1, 0, 100, 0]);
    }
  });

  test('are read by every call that reads, and written by every one that writes', () => {
    const box = new Box().open('/a', 3);
    for (const name of ['pread64', 'readv', 'preadv']) box.call(name, { fd: 3 }, 1);
    for (const name of ['pwrite64', 'writev', 'pwritev']) box.call(name, { fd: 3 }, 10);
    box.numbered(327, [3, 0, 0, 0, 0, 0], 100).numbered(328, [3, 0, 0, 0, 0, 0], 1000);
    assert.deepEqual(box.bytes(), [103, 1030, 0, 0, 0]);
  });

  test('are unknown, not none, in a trace without system calls', () => {
    const frame = new HandTrace().switch(20, 0, 0, 0, BOX).switch(40, 0, BOX, 1, 0).frames().at(-1);
    assert.equal(container(frame, 'host').fileReadBytes, undefined);
  });
});

describe('a connection', () => {
  const v4 = { v4addr: [10, 0, 0, 7], v6addr: [] };

  test('goes out with connect, and knows its peer and bytes', () => {
    for (const size of SIZES) {
      const box = new Box()
        .call('socket', { family: AF_INET, type: STREAM | 0o4000, protocol: 6 }, 3)
        .call('connect', { fd: 3, family: AF_INET, dport: 5432, ...v4 }, -115)
        .call('sendto', { fd: 3 }, 30)
        .call('recvfrom', { fd: 3 }, 500)
        .call('recvfrom', { fd: 3 }, -11);
      const [{ protocol, peer, direction, state, rxBytes, txBytes, pid, comm, local } = {} as ConnectionRow] =
        box.connections(size);
      assert.deepEqual(
        { protocol, peer, direction, state, rxBytes, txBytes, pid, comm, local },
        {
          ...{ protocol: 'tcp', peer: '10.0.0.7:5432', direction: 'out', state: 'connected' },
          ...{ rxBytes: 500, txBytes: 30, pid: BOX, comm: 'app', local: undefined },
        },
      );
      assert.deepEqual(box.bytes(size), [0, 0, 500, 30, 0]);
    }
  });

  test('comes in with accept, from a listener', () => {
    for (const size of SIZES) {
      const rows = new Box()
        .call('socket', { family: 10, type: STREAM, protocol: 0 }, 3)
        .call('listen', { fd: 3, backlog: 5 }, 0)
        .call('accept4', { fd: 3, flags: 0 }, 4, {
          family: 10,
          sport: 40000,
          v4addr: [],
          v6addr: [0, 0, 0, 0, 0, 0, 0, 1],
        })
        .call('write', { fd: 4 }, 9)
        .call('close', { fd: 4 }, 0)
        .connections(size);
      assert.deepEqual(
        rows.map(({ protocol, peer, direction, state, txBytes }) => [
          protocol,
          peer,
          direction,
          state,
          txBytes,
        ]),
        [
          ['tcp', undefined, 'listening', 'listening', 0],
          ['tcp', '[::1]:40000', 'in', 'closed', 9],
        ],
      );
    }
  });

  test('has the addresses of the packets that it sends, not of those that an interrupt sends meanwhile', () => {
    for (const size of SIZES) {
      const box = new Box().call('socket', { family: AF_INET, type: DGRAM, protocol: 0 }, 3);
      const packet = (from: number, sport: number, to: number, dport: number): Fields => ({
        skbaddr: 64,
        'network_header.ipv4.saddr': [10, 0, 0, from],
        'network_header.ipv4.daddr': [10, 0, 0, to],
        'network_header.ipv4.transport_header.udp.source_port': sport,
        'network_header.ipv4.transport_header.udp.dest_port': dport,
      });
      box
        .event('syscall_entry_sendto', { fd: 3 })
        .event('irq_softirq_entry', { vec: 3 })
        .event('net_dev_queue', packet(9, 1, 8, 2))
        .event('irq_softirq_exit', { vec: 3 })
        .event('net_dev_queue', packet(1, 40000, 2, 53))
        .event('syscall_exit_sendto', { ret: 12 });
      const [row] = box.connections(size);
      assert.deepEqual([row?.local, row?.peer], ['10.0.0.1:40000', '10.0.0.2:53']);
    }
  });

  test('that was refused has failed', () => {
    const [row] = new Box()
      .call('socket', { family: AF_INET, type: STREAM, protocol: 0 }, 3)
      .call('connect', { fd: 3, family: AF_INET, dport: 1, ...v4 }, -111)
      .connections();
    assert.equal(row?.state, 'failed');
  });

  test('of a socket that nothing told of is known by the calls that only sockets take', () => {
    const box = new Box().call('recvfrom', { fd: 9 }, 70).read(9, 5);
    const [row] = box.connections();
    assert.deepEqual([row?.protocol, row?.peer, row?.rxBytes], [undefined, undefined, 75]);
    assert.deepEqual(box.bytes(), [0, 0, 75, 0, 0]);
  });

  test('within the host is no network’s', () => {
    const box = new Box()
      .call('socketpair', { family: AF_UNIX, type: STREAM, protocol: 0 }, 0, { socket: [3, 4] })
      .call('socket', { family: AF_INET, type: DGRAM, protocol: 0 }, 5)
      .write(3, 100)
      .call('sendmsg', { fd: 5 }, 1);
    assert.deepEqual(box.bytes(), [0, 0, 0, 1, 0]);
    assert.deepEqual(
      box.connections().map(({ protocol, txBytes }) => [protocol, txBytes]),
      [
        ['unix', 100],
        ['udp', 1],
      ],
    );
  });
});

describe('however many there are', () => {
  test('files have a bounded number of rows, and none of the bytes is lost', () => {
    const box = new Box();
    for (let i = 0; i < 20_000; i++) box.open(`/tmp/${i}`, 3).write(3, 1).call('close', { fd: 3 }, 0);
    const frame = box.frame(2048);
    const rows = frame.files!;
    assert.ok(rows.length <= 1025, `${rows.length}`);
    const rest = rows.find(({ path }) => path === '…');
    assert.deepEqual([rest?.opens, rest?.writeBytes], [20_000 - 1024, 20_000 - 1024]);
    assert.equal(container(frame, KEY).fileWriteBytes, 20_000);
  });

  test('connections have a bounded number of rows', () => {
    const box = new Box();
    for (let i = 0; i < 3000; i++) {
      box.call('socket', { family: AF_INET, type: STREAM, protocol: 0 }, 3).write(3, 2).write(3, 1);
    }
    const rows = box.connections(2048);
    assert.equal(rows.length, 1025);
    const rest = rows.find(({ id }) => id === undefined);
    assert.deepEqual(
      [rest?.count, rest?.txBytes, rest?.protocol],
      [3000 - 1024, 3 * (3000 - 1024), undefined],
    );
  });

  test('descriptors are followed up to a limit', () => {
    const box = new Box()
      .open('/a', 100_000)
      .open('/b', -1)
      .read(100_000, 5)
      .read(-1, 5)
      .read(2 ** 30, 5);
    assert.deepEqual(box.bytes(), [0, 0, 0, 0, 15]);
  });
});

test('paths with control characters are harmless wherever they are shown, and JSON gives them back', () => {
  const path = '/tmp/\u001b[2J\n\u202egnp.exe\u0007';
  const frame = new Box().open(path, 3).frame();
  const { columns } = fileTable;
  const view = { table: fileTable, columns, sort: fileTable.defaultSort, top: 10, matches: undefined };
  const write = (format: ReturnType<typeof table>): string =>
    format.begin(columns) + format.frame(rowsOf(view, frame)) + format.end();
  const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;
  const shown = write(table());
  assert.doesNotMatch(shown, controls);
  assert.equal(shown.trimEnd().split('\n').length, 2);
  const json = write(jsonLines());
  assert.doesNotMatch(json, controls);
  assert.equal(JSON.parse(json).path, path);
});
