/** A whole trace through `open()`: one order of time, each stream's own order kept, loss as babeltrace2 tells it. */

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { open } from '../../native/index.js';
import type { Loss } from '../../native/types.js';
import { streamFiles } from '../ctf/files.js';
import { writeFiles } from '../ctf/writer.js';
import { linkStream, type OracleLoss, oracleMessages, temporary } from './oracle.js';
import { piece } from './recordings.js';
import { type AuthoredTrace, authored } from './traces/index.js';
import { recordUserSpace } from './ust/record.js';

const scratch = temporary('merge');
after(scratch.remove);

interface Read {
  readonly rows: { ns: bigint; name: string; stream: number }[];
  /** The files of each stream. */
  readonly streams: (readonly string[])[];
  readonly losses: (Omit<Loss, 'begin' | 'end'> & { begin: bigint; end: bigint })[];
}

/** Reads all events through the addon and holds it to what must be so for every trace. */
async function read(path: string): Promise<Read> {
  const source = await open(path, { columns: {}, selections: [{ events: ['*'] }] });
  const { origin } = source;
  const rows: Read['rows'] = [];
  const losses: Read['losses'] = [];
  let last = 0;
  let watermark = 0;
  for await (const batch of source) {
    for (let i = 0; i < batch.length; i++) {
      const time = batch.time[i]!;
      assert.ok(time >= last, `time goes back from ${last} to ${time}`);
      assert.ok(time >= watermark, `an event at ${time} after the watermark ${watermark}`);
      assert.ok(Number.isInteger(time));
      last = time;
      rows.push({
        ns: origin + BigInt(time),
        name: source.events[batch.event[i]!]!,
        stream: batch.stream[i]!,
      });
    }
    for (const loss of batch.losses) {
      assert.ok(loss.row >= 0 && loss.row <= batch.length, `loss before row ${loss.row} of ${batch.length}`);
      const next = loss.row < batch.length ? batch.time[loss.row]! : batch.watermark;
      const isLast = loss.row === batch.length && batch.watermark === source.end;
      assert.ok(next >= loss.begin || isLast, `loss from ${loss.begin} on before ${next}`);
      losses.push({ ...loss, begin: origin + BigInt(loss.begin), end: origin + BigInt(loss.end) });
    }
    assert.ok(batch.watermark >= watermark);
    watermark = batch.watermark;
  }
  const counters = source.counters();
  assert.equal(counters.rows, rows.length);
  assert.equal(counters.events, rows.length);
  const counts: Record<string, number> = {};
  for (const { name } of rows) counts[name] = (counts[name] ?? 0) + 1;
  assert.deepEqual({ ...source.eventCounts() }, counts);
  if (rows.length > 0) {
    assert.equal(origin, rows[0]!.ns);
    assert.equal(source.end, last);
    assert.equal(counters.position, last);
    assert.ok(counters.bytesRead > 0 && counters.bytesRead <= counters.bytesTotal!);
  }
  const sum = (kind: Loss['kind']): number =>
    losses.reduce((all, loss) => all + (loss.kind === kind ? (loss.count ?? 0) : 0), 0);
  assert.equal(counters.discardedEvents, sum('discarded-events'));
  assert.equal(counters.lostPackets, sum('lost-packets'));
  return { rows, streams: source.streams.map((stream) => stream.files), losses };
}

const tuple = ({ kind, count, begin, end }: OracleLoss): string => `${kind} ${count} [${begin}, ${end}]`;

/** Holds a trace, stream by stream, to babeltrace2's messages. */
async function assertTrace(path: string, trace: Partial<AuthoredTrace> = {}): Promise<Read> {
  const found = await read(path);
  let oracle = path;
  if (trace.equivalent) {
    oracle = `${path}-equivalent`;
    writeFiles(oracle, trace.equivalent);
  }
  for (const [i, files] of (trace.streams ?? streamFiles(path).map((file) => [file])).entries()) {
    const alone = `${oracle}-stream-${i}`.replace(path, join(scratch.path, `alone-${serial++}`));
    mkdirSync(alone, { recursive: true });
    linkStream(oracle, files, alone);
    const expected = oracleMessages(alone);
    const stream = found.streams.findIndex(
      (ours) => ours.length > 0 && files.some((file) => ours[0]!.endsWith(file)),
    );
    if (expected.events.length === 0 && stream < 0) continue;
    const rows = found.rows.filter((row) => row.stream === stream);
    assert.deepEqual(
      rows.map(({ ns, name }) => `${ns} ${name}`),
      expected.events.map(({ ns, name }) => `${ns} ${name}`),
      `events of ${files.join(', ')}`,
    );
    if (trace.equivalent) continue;
    // Before a stream's first packet babeltrace2 cannot tell how many; whether we can is the trace's own matter.
    const known = ({ kind, begin }: OracleLoss): boolean =>
      !expected.losses.some((loss) => loss.kind === kind && loss.begin === begin && loss.count === undefined);
    const losses = found.losses.filter(
      (loss) => loss.stream === stream && (loss.kind === 'discarded-events' || loss.kind === 'lost-packets'),
    );
    // Where a 32-bit counter wraps, and where lttng-ust steps back, babeltrace2 tells almost 2^64.
    const real = expected.losses.filter(
      ({ count = 0 }) => count <= 2 ** 53 || trace.discardedEvents !== undefined,
    );
    const counts = real.map((loss) =>
      tuple({ ...loss, count: loss.count && loss.count > 2 ** 53 ? trace.discardedEvents : loss.count }),
    );
    assert.deepEqual(
      losses
        .map((loss) =>
          tuple(
            known(loss as OracleLoss) ? (loss as OracleLoss) : { ...(loss as OracleLoss), count: undefined },
          ),
        )
        .sort(),
      counts.sort(),
      `losses of ${files.join(', ')}`,
    );
  }
  return found;
}
let serial = 0;

describe('traces written by hand', () => {
  for (const trace of authored) {
    it(`${trace.name}: ${trace.why}`, async () => {
      const path = join(scratch.path, trace.name);
      writeFiles(path, trace.files);
      const found = await assertTrace(path, trace);
      const total = (kind: Loss['kind']): number =>
        found.losses.reduce((sum, loss) => sum + (loss.kind === kind ? (loss.count ?? 0) : 0), 0);
      if (trace.discardedEvents !== undefined) assert.equal(total('discarded-events'), trace.discardedEvents);
      if (trace.lostPackets !== undefined) assert.equal(total('lost-packets'), trace.lostPackets);
      const cut = found.losses.filter((loss) => loss.kind === 'truncated-packet');
      assert.equal(cut.length, trace.name.startsWith('packets-cut') ? 1 : 0);
      for (const loss of cut) assert.match(loss.message, /chan_0/);
      assert.equal(found.losses.filter((loss) => loss.kind === 'corrupt-packet').length, 0);
    });
  }
});

it('equal times keep one order, whatever the run', async () => {
  const path = join(scratch.path, 'packets-equal-times');
  const order = async (): Promise<string[]> =>
    (await read(path)).rows.map(({ ns, stream }) => `${ns} ${stream}`);
  const first = await order();
  assert.deepEqual(await order(), first);
  assert.deepEqual(
    first,
    [...first].sort((a, b) =>
      a.split(' ')[0]! < b.split(' ')[0]!
        ? -1
        : a.split(' ')[0]! > b.split(' ')[0]!
          ? 1
          : Number(a.split(' ')[1]) - Number(b.split(' ')[1]),
    ),
  );
});

it('several paths are merged as one trace', async () => {
  const [kernel, hosts] = [join(scratch.path, 'clocks-two-domains'), join(scratch.path, 'clocks-two-hosts')];
  const source = await open([kernel, hosts], { columns: {}, selections: [{ events: ['*'] }] });
  assert.equal(source.traces.length, 4);
  const times: bigint[] = [];
  for await (const batch of source)
    for (let i = 0; i < batch.length; i++) times.push(source.origin + BigInt(batch.time[i]!));
  const expected = [...(await read(kernel)).rows, ...(await read(hosts)).rows].map((row) => row.ns);
  assert.deepEqual(
    times,
    expected.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)),
  );
});

it('a session rotated into chunks is one trace', async () => {
  const source = await open(join(scratch.path, 'packets-chunks'), { columns: {}, selections: [] });
  assert.equal(source.traces.length, 1);
  assert.equal(source.streams.length, 2);
  await source.close();
});

describe('real ones', () => {
  for (const name of ['shop', 'deny', 'whatif'])
    it(`the piece of ${name}`, async () => void (await assertTrace(piece(name))));
  it('a user-space trace with discarded events and lost packets', async () => {
    const { trace, remove } = await recordUserSpace();
    const found = await assertTrace(trace).finally(remove);
    for (const kind of ['discarded-events', 'lost-packets'])
      assert.ok(
        found.losses.some((loss) => loss.kind === kind),
        `no ${kind}`,
      );
  });
});
