import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DeviceRow, Frame } from '../../analyzers/frame.js';
import { container, type Fields, HandTrace, process } from './batch.js';

const DISK = (8 << 20) | 0;
const PARTITION = (8 << 20) | 1;
const MAPPED = (253 << 20) | 0;
const WRITE = 1;
const DISCARD = 2;
const READ = 4;
const FLUSH = 0x500;
const WORKER = 9;
const APP = 100;
const OTHER = 200;

/** Block events of a machine with a disk, one partition on it, a mapped device, two containers' threads and a worker of the kernel. */
class BlockTrace extends HandTrace {
  constructor() {
    super();
    this.dumped(0, 2, { kthread: true, ppid: 0 });
    this.dumped(0, WORKER, { kthread: true, name: 'kworker/u4:1', ppid: 2 });
    this.dumped(0, APP, { pidNs: 1, vtid: 1 }).dumped(0, OTHER, { pidNs: 2, vtid: 1 });
    this.dumped(0, 300, {});
    for (const [dev, diskname] of [
      [DISK, 'sda'],
      [PARTITION, 'sda1'],
      [MAPPED, 'dm-0'],
    ] as const) {
      this.at(0, 0, 'lttng_statedump_block_device', { dev, diskname });
    }
    this.declare('block_rq_issue').declare('block_rq_complete');
  }

  private block(time: number, name: string, sector: number, sectors: number, more: Fields): this {
    return this.at(time, 0, `block_${name}`, {
      dev: DISK,
      sector,
      nr_sector: sectors,
      rwbs: WRITE,
      ...more,
    });
  }

  bio(time: number, sector: number, sectors: number, more: Fields = {}): this {
    return this.block(time, 'bio_queue', sector, sectors, { tid: APP, ...more });
  }

  insert(time: number, sector: number, sectors: number, more: Fields = {}): this {
    return this.block(time, 'rq_insert', sector, sectors, { tid: APP, ...more });
  }

  issue(time: number, sector: number, sectors: number, more: Fields = {}): this {
    return this.block(time, 'rq_issue', sector, sectors, { tid: WORKER, ...more });
  }

  requeue(time: number, sector: number, sectors: number): this {
    return this.block(time, 'rq_requeue', sector, sectors, {});
  }

  complete(time: number, sector: number, sectors: number, more: Fields = {}): this {
    return this.block(time, 'rq_complete', sector, sectors, { error: 0, ...more });
  }
}

/** The only disk of the only frame. */
function disk(trace: HandTrace): DeviceRow {
  const [frame] = trace.frames();
  assert.equal(frame!.devices!.length, 1);
  return frame!.devices![0]!;
}

/** Who wrote how many bytes in how many requests. */
function writers(frame: Frame | undefined): string[] {
  return frame!.block!.map(
    ({ containerName, writes, writeBytes }) => `${containerName} ${writes}×${writeBytes}`,
  );
}

describe('a request to a block device', () => {
  it('took from its issue to its completion, and waited since its insert', () => {
    const trace = new BlockTrace().bio(100, 64, 8).insert(110, 64, 8).issue(150, 64, 8).complete(400, 64, 8);
    const row = disk(trace.at(1100, 0, 'sched_waking'));
    assert.deepEqual(
      [row.device, row.reads, row.writes, row.readBytes, row.writeBytes, row.inFlight],
      ['sda', 0, 1, 0, 4096, 0],
    );
    assert.deepEqual([row.latencyNs, row.latencyMaxNs, row.queueNs, row.busyNs], [250, 250, 40, 250]);
  });

  it('waited since its bio came where the scheduler has no queue', () => {
    const row = disk(new BlockTrace().bio(100, 64, 8).issue(150, 64, 8).complete(400, 64, 8));
    assert.equal(row.queueNs, 50);
    assert.equal(disk(new BlockTrace().issue(150, 64, 8).complete(400, 64, 8)).queueNs, undefined);
  });

  it('counts for who submitted it, not for who gave it to the driver', () => {
    const trace = new BlockTrace().bio(100, 64, 8, { rwbs: READ }).issue(150, 64, 8, { rwbs: READ });
    const [frame] = trace.complete(400, 64, 8, { rwbs: READ }).frames();
    assert.deepEqual(
      frame!.block!.map(({ container, reads, readBytes }) => [container, reads, readBytes]),
      [['pid_ns:1', 1, 4096]],
    );
    const { blockReadBytes, blockWriteBytes, blockLatencyNs } = container(frame, 'pid_ns:1');
    assert.deepEqual([blockReadBytes, blockWriteBytes, blockLatencyNs], [4096, 0, 250]);
    assert.equal(process(frame, APP).blockReadBytes, 4096);
    assert.equal(process(frame, OTHER).blockReadBytes, 0);
  });

  it('counts for who inserted it where no bio tells, and else for who issued it', () => {
    const inserted = new BlockTrace().insert(110, 64, 8).issue(150, 64, 8).complete(400, 64, 8);
    assert.deepEqual(writers(inserted.frames()[0]), ['pid_ns:1 1×4096']);
    const issued = new BlockTrace().issue(150, 64, 8, { tid: OTHER }).complete(400, 64, 8);
    assert.deepEqual(writers(issued.frames()[0]), ['pid_ns:2 1×4096']);
  });

  it('is writeback where a thread of the kernel submitted it, and the host’s', () => {
    const trace = new BlockTrace().bio(100, 64, 8, { tid: WORKER }).issue(150, 64, 8).complete(400, 64, 8);
    const [frame] = trace.frames();
    assert.deepEqual(writers(frame), ['writeback 1×4096']);
    assert.equal(container(frame, 'host').blockWriteBytes, 4096);
  });

  it('is nobody’s where it was issued before the trace', () => {
    const row = disk(new BlockTrace().complete(400, 64, 8));
    assert.deepEqual([row.writes, row.writeBytes, row.latencyNs, row.inFlight], [1, 4096, undefined, 0]);
    assert.deepEqual(writers(new BlockTrace().complete(400, 64, 8).frames()[0]), []);
  });

  it('of a partition is one to its disk', () => {
    const trace = new BlockTrace().bio(100, 2112, 8, { dev: PARTITION }).issue(150, 2112, 8);
    assert.deepEqual(writers(trace.complete(400, 2112, 8).frames()[0]), ['pid_ns:1 1×4096']);
  });

  it('of a mapped device counts for who wrote to that, although a worker passes it on', () => {
    const trace = new BlockTrace()
      .bio(100, 0, 8, { dev: MAPPED })
      .at(110, 0, 'block_bio_remap', {
        ...{ dev: DISK, sector: 64, nr_sector: 8, rwbs: WRITE },
        ...{ old_dev: MAPPED, old_sector: 0 },
      })
      .bio(120, 64, 8, { tid: WORKER })
      .issue(150, 64, 8)
      .complete(400, 64, 8);
    assert.deepEqual(writers(trace.frames()[0]), ['pid_ns:1 1×4096']);
    assert.equal(disk(trace).device, 'sda');
  });

  it('that was remapped within its disk is no other one’s', () => {
    const trace = new BlockTrace()
      .bio(100, 64, 8, { tid: OTHER })
      .at(110, 0, 'block_bio_remap', {
        ...{ dev: PARTITION, sector: 2112, nr_sector: 8, rwbs: WRITE },
        ...{ old_dev: PARTITION, old_sector: 64 },
      })
      .bio(120, 2112, 8, { dev: PARTITION })
      .issue(150, 2112, 8)
      .complete(400, 2112, 8);
    assert.deepEqual(writers(trace.frames()[0]), ['pid_ns:1 1×4096']);
  });
});

describe('requests that are made of others', () => {
  it('carry the bytes of each bio for its own submitter', () => {
    const trace = new BlockTrace()
      .bio(100, 64, 8)
      .bio(110, 72, 16, { tid: OTHER })
      .bio(120, 88, 8, { tid: OTHER })
      .issue(150, 64, 32)
      .complete(400, 64, 32);
    assert.deepEqual(writers(trace.frames()[0]), ['pid_ns:1 1×4096', 'pid_ns:2 1×12288']);
    const { writes, writeBytes, queueNs } = disk(trace);
    assert.deepEqual([writes, writeBytes, queueNs], [1, 16384, 50]);
  });

  it('keep the first insert, also after a front merge', () => {
    const trace = new BlockTrace().bio(100, 72, 8).insert(105, 72, 8).bio(110, 64, 8).issue(150, 64, 16);
    const row = disk(trace.complete(400, 64, 16));
    assert.deepEqual([row.queueNs, row.writeBytes], [45, 8192]);
  });

  it('are parts of one bio, each with its submitter', () => {
    const trace = new BlockTrace()
      .bio(100, 64, 24)
      .issue(150, 64, 16)
      .issue(160, 80, 8)
      .complete(400, 80, 8)
      .complete(460, 64, 16);
    assert.deepEqual(writers(trace.frames()[0]), ['pid_ns:1 2×12288']);
    const row = disk(trace);
    assert.deepEqual([row.latencyNs, row.queueNs, row.busyNs], [(240 + 310) / 2, 55, 310]);
  });

  it('are completed piece by piece', () => {
    const trace = new BlockTrace().bio(100, 64, 8).bio(101, 72, 8, { tid: OTHER }).issue(150, 64, 16);
    trace.complete(200, 64, 4).complete(300, 68, 12);
    assert.deepEqual(writers(trace.frames()[0]), ['pid_ns:1 1×4096', 'pid_ns:2 1×4096']);
    assert.deepEqual([disk(trace).writes, disk(trace).latencyNs, disk(trace).inFlight], [1, 150, 0]);
  });

  it('wait again when the driver gives them back', () => {
    const trace = new BlockTrace()
      .bio(100, 64, 8)
      .issue(150, 64, 8)
      .requeue(160, 64, 8)
      .issue(300, 64, 8, { tid: WORKER })
      .complete(400, 64, 8);
    const row = disk(trace);
    assert.deepEqual([row.writes, row.latencyNs, row.inFlight, row.busyNs], [1, 100, 0, 110]);
    assert.deepEqual(writers(trace.frames()[0]), ['pid_ns:1 1×4096']);
  });

  it('may be two at once to the same sector', () => {
    const trace = new BlockTrace().bio(100, 64, 8).issue(110, 64, 8).bio(120, 64, 8, { tid: OTHER });
    trace.issue(130, 64, 8).complete(200, 64, 8).complete(300, 64, 8);
    const row = disk(trace);
    assert.deepEqual([row.writes, row.inFlight, row.latencyNs], [2, 0, (70 + 190) / 2]);
    assert.deepEqual(writers(trace.frames()[0]).sort(), ['pid_ns:1 1×4096', 'pid_ns:2 1×4096']);
  });
});

describe('what carries no data of anybody', () => {
  it('is a flush, whose completion has another sector than its issue', () => {
    const flush = { rwbs: FLUSH };
    const trace = new BlockTrace()
      .bio(100, 64, 0, { rwbs: FLUSH | WRITE })
      .insert(105, 0, 0, flush)
      .issue(110, 0, 0, flush)
      .complete(160, 2 ** 64, 0, flush)
      .issue(200, 64, 8)
      .complete(300, 64, 8)
      .complete(310, 64, 0);
    const row = disk(trace);
    assert.deepEqual([row.flushes, row.flushNs, row.writes, row.latencyNs], [1, 50, 1, 100]);
    assert.deepEqual([row.busyNs, row.inFlight], [150, 0]);
  });

  it('is a discard, which is counted apart', () => {
    const discard = { rwbs: DISCARD };
    const trace = new BlockTrace().bio(100, 64, 2048, discard).issue(110, 64, 2048, discard);
    const row = disk(trace.complete(200, 64, 2048, discard));
    assert.deepEqual([row.discards, row.discardBytes, row.writes, row.writeBytes], [1, 2048 * 512, 0, 0]);
    assert.equal(row.latencyNs, undefined);
    assert.deepEqual(writers(trace.frames()[0]), []);
  });

  it('is a failed request', () => {
    const row = disk(new BlockTrace().bio(100, 64, 8).issue(110, 64, 8).complete(200, 64, 8, { error: -5 }));
    assert.deepEqual([row.errors, row.writes, row.writeBytes], [1, 1, 0]);
  });
});

describe('block devices over time', () => {
  it('count a request where it ends, and are busy on both sides of a frame', () => {
    const trace = new BlockTrace().bio(100, 64, 8).issue(800, 64, 8).complete(1300, 64, 8);
    const frames = trace.at(2500, 0, 'sched_waking').frames({ interval: 1000 });
    assert.deepEqual(
      frames.map(({ devices }) => devices!.map((row) => [row.writes, row.busyNs, row.inFlight])),
      [[[0, 200, 1]], [[1, 300, 0]], [[0, 0, 0]]],
    );
    assert.deepEqual(
      frames.map((frame) => container(frame, 'pid_ns:1').blockWriteBytes),
      [0, 4096, 0],
    );
  });

  it('do not know what is under way after a loss', () => {
    const trace = new BlockTrace().bio(100, 64, 8).issue(200, 64, 8).loss(0, 210, 290).complete(300, 64, 8);
    const frames = trace.at(1500, 0, 'sched_waking').frames({ interval: 1000 });
    const [first, second] = frames.map(({ devices }) => devices![0]!);
    assert.deepEqual(
      [first!.inFlight, first!.busyNs, first!.writes, first!.latencyNs],
      [undefined, undefined, 1, undefined],
    );
    assert.equal(second!.inFlight, 0);
  });

  it('are bounded in what they remember', () => {
    const trace = new BlockTrace();
    for (let i = 0; i < 6000; i++) trace.bio(100 + i, 64 + 8 * i, 8).issue(100.5 + i, 64 + 8 * i, 8);
    const last = 64 + 8 * 5999;
    trace.complete(7000, last, 8).complete(7001, 64, 8);
    const row = disk(trace);
    assert.deepEqual([row.inFlight, row.writes, row.latencyNs], [4095, 2, 7000 - 6099.5]);
  });

  it('are unknown where the trace does not tell', () => {
    const without = (...events: string[]) => {
      const trace = new HandTrace().dumped(0, APP, { pidNs: 1 });
      for (const event of events) {
        const spot = { dev: DISK, sector: 64, nr_sector: 8, rwbs: WRITE };
        trace.at(100, 0, event, { ...spot, tid: APP, error: 0 });
      }
      return trace.frames()[0];
    };
    const issues = without('block_rq_issue');
    assert.deepEqual(
      [issues!.devices![0]!.device, issues!.devices![0]!.writes, issues!.devices![0]!.inFlight],
      ['8:0', undefined, undefined],
    );
    assert.equal(container(issues, 'pid_ns:1').blockWriteBytes, undefined);
    const completions = without('block_rq_complete');
    assert.deepEqual([completions!.devices![0]!.writes, completions!.devices![0]!.busyNs], [1, undefined]);
    assert.equal(container(completions, 'pid_ns:1').blockWriteBytes, undefined);
    assert.deepEqual(without('sched_switch')!.devices, []);
  });
});
