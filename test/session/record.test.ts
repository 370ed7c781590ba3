import assert from 'node:assert/strict';
import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { RecordingFolder } from '../../cli/record/folder.js';
import { LiveRecorder } from '../../cli/record/live-recorder.js';
import { keepNewest, removeOldest } from '../../cli/record/newest.js';
import { statusText } from '../../cli/record/run.js';
import { parseSize, sizeOf } from '../../cli/record/size.js';
import { InventoryWatcher } from '../../host/inventory/watcher.js';
import { Looker } from '../../host/looks/looker.js';
import { makePlan } from '../../host/session/plan.js';
import { TracingSession } from '../../host/session/session.js';
import { root } from '../native/recordings.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'boxtop-test-'));
});
afterEach(() => rm(directory, { recursive: true }));

const NOTHING_LOST = { discardedEvents: 0, lostPackets: 0 };

describe('the folder of a recording', () => {
  /** Not started: there are no containers. */
  const nobody = new InventoryWatcher({ runtimes: [] });
  const json = async (path: string) => JSON.parse(await readFile(join(path, 'recording.json'), 'utf8'));

  it('is described from its beginning on, and when it ends', async () => {
    const path = join(directory, 'a/b');
    const folder = await RecordingFolder.claim(path, nobody);
    await folder.begin(makePlan(['net']), new Looker(nobody), { command: ['sleep', '1'], maxBytes: 5 });
    const begun = await json(path);
    assert.deepEqual([begun.format, begun.version, begun.ended_ns], ['boxtop-recording', 1, null]);
    assert.deepEqual(begun.channels, ['sched', 'life', 'net']);
    assert.deepEqual([begun.command, begun.max_bytes], [['sleep', '1'], 5]);
    await folder.end({ losses: { discardedEvents: 3, lostPackets: 0 }, exitCode: 7 });
    await folder.close();
    const ended = await json(path);
    assert.ok(BigInt(ended.ended_ns) >= BigInt(begun.began_ns));
    assert.deepEqual([ended.discarded_events, ended.lost_packets, ended.exit_code], [3, 0, 7]);
  });

  it('is not taken from others', async () => {
    await writeFile(join(directory, 'file'), '');
    await assert.rejects(RecordingFolder.claim(directory, nobody), /is not empty/);
    await assert.rejects(RecordingFolder.claim(join(directory, 'file'), nobody), /is a file/);
    assert.deepEqual(await readdir(directory), ['file']);
  });

  it('can be discarded: what was there before stays', async () => {
    const fresh = await RecordingFolder.claim(join(directory, 'fresh'), nobody);
    await fresh.begin(makePlan([]), new Looker(nobody));
    await fresh.discard();
    await mkdir(join(directory, 'old'));
    const old = await RecordingFolder.claim(join(directory, 'old'), nobody);
    await old.begin(makePlan([]), new Looker(nobody));
    await old.discard();
    assert.deepEqual(await readdir(directory), ['old']);
    assert.deepEqual(await readdir(join(directory, 'old')), []);
  });
});

describe('a recording beside a live view', () => {
  const nobody = new InventoryWatcher({ runtimes: [] });
  const bookmark = (time: bigint) => ({ time, label: `at ${time}` });
  const kept = async (path: string) =>
    JSON.parse(await readFile(join(path, 'bookmarks.json'), 'utf8')).bookmarks.map(
      ({ label }: { label: string }) => label,
    );
  const open = async (session: TracingSession, always?: string) =>
    LiveRecorder.open(
      { session, plan: makePlan(['net']), looker: new Looker(nobody) },
      ['net'],
      nobody,
      always,
    );

  it('keeps the bookmarks of its time', async () => {
    const { PATH } = process.env;
    // Commands and their answers, but nothing is traced.
    process.env.PATH = `${join(root, 'test/session/fake')}:${PATH}`;
    process.env.LTTNG_FAKE_LOG = join(directory, 'asked');
    const session = await TracingSession.open();
    try {
      const recorder = await open(session);
      assert.ok(!recorder.keeps(BigInt(Date.now()) * 1_000_000n));
      await recorder.save([bookmark(1n)]);
      const path = join(directory, 'part');
      await recorder.begin(path);
      const now = BigInt(Date.now() + 1) * 1_000_000n;
      assert.deepEqual([recorder.keeps(1n), recorder.keeps(now)], [false, true]);
      await recorder.save([bookmark(1n), bookmark(now)]);
      assert.match(await recorder.end(), /^Recorded .*: boxtop replay /);
      assert.deepEqual(await kept(path), [`at ${now}`]);
      assert.ok(!recorder.keeps(now));
      await recorder.save([]);
      assert.deepEqual(await kept(path), [`at ${now}`]);
      assert.equal(await recorder.close(), undefined);
    } finally {
      await session.close();
      process.env.PATH = PATH;
    }
    const asked = await readFile(join(directory, 'asked'), 'utf8');
    assert.match(asked, /^create boxtop-\d+-\d+-beside --output=.*part\/trace$/m);
    assert.match(asked, /^(stop|destroy) boxtop-\d+-\d+-beside$/m);
  });

  it('is not begun where everything is recorded from the start, with its bookmarks', async () => {
    const recorder = await open({} as TracingSession, directory);
    assert.ok(recorder.keeps(1n));
    await recorder.save([bookmark(1n)]);
    assert.deepEqual(await kept(directory), ['at 1']);
    await assert.rejects(recorder.begin('other'), /is being recorded/);
    await assert.rejects(recorder.end(), /until boxtop ends \(--record\)/);
  });
});

describe('--max-size', () => {
  const put = async (path: string, bytes: number) => {
    await mkdir(join(directory, path, '..'), { recursive: true });
    await writeFile(join(directory, path), Buffer.alloc(bytes));
  };
  const isThere = (path: string) =>
    access(join(directory, path)).then(
      () => true,
      () => false,
    );

  it('removes the oldest parts, and closes one that has become large', async () => {
    await put('archives/20261123T100000+0000-20261123T100001+0000-9/kernel/sched_0', 300);
    await put('archives/20261123T100001+0000-20261123T100002+0000-10/kernel/sched_0', 300);
    await put('archives/20261123T100002+0000-20261123T100003+0000-11/kernel/sched_0', 300);
    await put('20261123T100003+0000-12/kernel/sched_0', 100);
    let rotations = 0;
    const rotate = async () => {
      rotations++;
    };
    await keepNewest(directory, 800, rotate);
    assert.equal(await sizeOf(directory), 700);
    assert.ok(!(await isThere('archives/20261123T100000+0000-20261123T100001+0000-9')));
    assert.equal(rotations, 1, 'a hundred of eight hundred bytes is a part');
    await keepNewest(directory, 8000, rotate);
    assert.deepEqual([rotations, await sizeOf(directory)], [1, 700]);
  });

  it('keeps the newest piece however large it is', async () => {
    await put('archives/20261123T100000+0000-20261123T100001+0000-0/kernel/sched_0', 10);
    await put('archives/20261123T100001+0000-20261123T100002+0000-1/kernel/sched_0', 300);
    assert.equal(await removeOldest(directory, 100), 0);
    assert.equal(await sizeOf(directory), 300);
  });

  it('takes sizes with units', () => {
    const sizes = {
      '1': 1,
      '500M': 500 * 2 ** 20,
      '2g': 2 ** 31,
      '1.5k': 1536,
      '4MiB': 2 ** 22,
      '1T': 2 ** 40,
    };
    for (const [text, bytes] of Object.entries(sizes)) assert.equal(parseSize(text), bytes, text);
    for (const text of ['', '0', '-1', 'M', '5X', '1e9', '0.0001', '99999999999999']) {
      assert.throws(() => parseSize(text), /is no size/, text);
    }
  });
});

describe('the line while it records', () => {
  it('tells time, size, containers and loss', () => {
    const status = { elapsedMs: 12_300, bytes: 4_100_000, losses: NOTHING_LOST, containers: 8 };
    assert.equal(statusText(status), '12.3s · 4.1 MB (0.3 MB/s) · 8 containers · nothing lost');
    assert.match(
      statusText({ ...status, losses: { discardedEvents: 1_234_567, lostPackets: 2 } }),
      / · 1\.23M events lost, 2 packets lost$/,
    );
  });
});
