/** The live client against a relay daemon by script: every order, piece and fault. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { listSessions, open, SourceError } from '../../../native/index.js';
import { eventClass, LTTNG, streamClass } from '../../ctf/lttng.js';
import { type Packet, packetize, stream, writeFiles } from '../../ctf/writer.js';
import { temporary } from '../oracle.js';
import { BEGIN, chain, metadata, ticks } from '../traces/ticks.js';
import { ALL, DONE, META, play, type Read, read, SCRIPT, STREAMS, TICKS } from './reading.js';
import { type Command, type Script, ScriptedRelay } from './relay.js';

/** What the same packets give as files. */
async function recorded(streams: readonly { channel: string; packets: Packet[] }[] = STREAMS): Promise<Read> {
  const { path, remove } = temporary('live');
  try {
    writeFiles(path, {
      metadata: META,
      ...Object.fromEntries(streams.map((s) => [s.channel, stream(...s.packets)])),
    });
    return await read(path);
  } finally {
    remove();
  }
}

describe('a live session gives what its recording gives', DONE, async () => {
  const { rows: expected } = await recorded();
  assert.equal(expected.length, ALL);

  for (const piece of [1, 3, 4096, 1 << 20])
    it(`in pieces of ${piece} bytes`, async () => {
      const { rows, losses, error } = await play({ ...SCRIPT, piece });
      assert.deepEqual({ rows, losses, error }, { rows: expected, losses: [], error: undefined });
    });

  const orders: Record<string, Partial<Script>> = {
    'metadata come late': { metadataAfter: 3 },
    'inactivity beacons before each packet': { beacons: 2 },
    'streams are announced one after the other': {
      streams: [
        { ...STREAMS[0]!, late: 0 },
        { ...STREAMS[1]!, late: 0 },
      ],
      metadataAfter: 2,
    },
    'all streams are announced later': { streams: STREAMS.map((s) => ({ ...s, late: 0 })) },
  };
  for (const [name, change] of Object.entries(orders))
    it(name, async () => {
      const { rows, error } = await play({ ...SCRIPT, ...change });
      assert.equal(error, undefined);
      assert.deepEqual([...rows].sort(), [...expected].sort());
    });
});

it('what the tracer lost lies between the same events as in its recording', DONE, async () => {
  const streams = [
    {
      channel: 'chan_0',
      packets: chain([{ count: 5 }, { count: 7, discarded: 3 }, { count: 0, seq: 4, discarded: 9 }]),
    },
    {
      channel: 'chan_1',
      packets: chain([{ count: 40 }, { count: 30, discarded: 1 }].map((p) => ({ ...p, cpu: 1 }))),
    },
  ];
  const where = ({ rows, losses }: Read): unknown => ({
    rows,
    losses: losses.map(({ message: _, ...loss }) => loss),
  });
  const expected = await recorded(streams);
  assert.equal(expected.losses.length, 4);
  const RETRY = 2;
  for (const often of [0, 1, 3, 7]) {
    // Where a packet is not there at once, the other stream's events up to its begin are told before it.
    const answer: Script['answer'] = (name, answer, nth) => {
      if (name === 'index' && Math.imul(nth, 0x9e3779b1) >>> 29 < often) answer.writeUInt32BE(RETRY, 56);
      return answer;
    };
    assert.deepEqual(where(await play({ ...SCRIPT, streams, answer })), where(expected));
  }
});

it('which events a stream carries is told by its first packet', DONE, async () => {
  const relay = new ScriptedRelay({
    metadata: packetize(metadata() + streamClass(LTTNG, 1) + eventClass(0, 'tick', 'uint32_t _n;', 1), {
      uuid: LTTNG.uuid,
    }),
    streams: [1, 0].map((streamId, cpu) => ({
      channel: `chan_${cpu}`,
      packets: chain([{ count: 3, streamId, cpu }]),
    })),
  });
  const source = await open(await relay.listen(), TICKS);
  let rows = 0;
  for await (const batch of source) {
    rows += batch.length;
    if (batch.length > 0)
      assert.deepEqual(
        source.streams.map((each) => each.streamClass),
        [1, 0],
      );
  }
  assert.equal(rows, 6);
  await relay.close();
});

it('losses that claim to lie far ahead are told, however many', DONE, async () => {
  const packets = Array.from({ length: 6000 }, (_, i) =>
    ticks(BEGIN + BigInt(i) * 1000n, 1, { seq: i, discarded: i, end: BEGIN + 3_600_000_000_000n }),
  );
  const { rows, losses, error } = await recorded([{ channel: 'chan_0', packets }]);
  assert.deepEqual([rows.length, losses.length, error], [6000, 5999, undefined]);
});

it(
  'a connection cut at any byte is made again, or its end is told; what was missed is counted',
  DONE,
  async () => {
    const { relay } = await play(SCRIPT);
    const total = relay.answered;
    // Every byte of what is small, and steps through the paths of streams (4 KiB of zeros each).
    const cuts = [
      ...Array(500).keys(),
      ...Array.from({ length: 150 }, (_, i) => 500 + Math.floor((i * (total - 500)) / 150)),
    ];
    const expected = new Set((await recorded()).rows);
    let recovered = 0;
    const one = async (cutAfter: number): Promise<void> => {
      const { rows, losses, error, relay } = await play({ ...SCRIPT, cutAfter });
      for (const row of rows) assert.ok(expected.has(row), `${cutAfter}: ${row}`);
      if (error !== undefined) {
        assert.match(error, /^net:\/\/127\.0\.0\.1:\d+\/host\/box\/session: /);
        return;
      }
      recovered++;
      assert.equal(relay.connections, 2, `${cutAfter}`);
      if (rows.length < expected.size)
        assert.ok(
          losses.some(({ kind }) => kind === 'lost-packets') || rows.length >= 43,
          `${cutAfter}: ${rows.length} rows`,
        );
    };
    for (let at = 0; at < cuts.length; at += 16) await Promise.all(cuts.slice(at, at + 16).map(one));
    // The answer to the attachment is half of all.
    assert.ok(recovered > 30, `${recovered} recovered`);
  },
);

describe('answers that make no sense end in one sentence', DONE, () => {
  const fields: [Command, offset: number, size: 4 | 8][] = [
    ['connect', 8, 4],
    ['connect', 12, 4],
    ['list', 0, 4],
    ['list', 12, 4],
    ['create', 0, 4],
    ['attach', 0, 4],
    ['attach', 4, 4],
    ['attach', 24, 4],
    ['metadata', 0, 8],
    ['metadata', 8, 4],
    ['index', 0, 8],
    ['index', 8, 8],
    ['index', 16, 8],
    ['index', 24, 8],
    ['index', 32, 8],
    ['index', 56, 4],
    ['index', 60, 4],
    ['packet', 0, 4],
    ['packet', 4, 4],
    ['packet', 8, 4],
    ['newStreams', 0, 4],
    ['newStreams', 4, 4],
  ];
  const values = [0n, 2n, 3n, 4n, 5n, 6n, 99n, 0x7fffffffn, 0xffffffffn, 2n ** 63n, 2n ** 64n - 1n];
  for (const [command, offset, size] of fields)
    it(`${command} at byte ${offset}`, async () => {
      await Promise.all(
        values.map(async (value) => {
          const script: Script = {
            ...SCRIPT,
            answer(name, answer, nth) {
              if (name !== command || nth > 0) return answer;
              const changed = Buffer.from(answer);
              if (size === 8) changed.writeBigUInt64BE(value, offset);
              else changed.writeUInt32BE(Number(value & 0xffffffffn), offset);
              return changed;
            },
          };
          const relay = new ScriptedRelay(script);
          const source = await open(await relay.listen(), TICKS).catch((error: unknown) => error);
          try {
            if (source instanceof Error) {
              assert.ok(source instanceof SourceError, `${source}`);
              return;
            }
            // An answer may also promise more than comes: then the client waits, and can be closed at once.
            const opened = source as Awaited<ReturnType<typeof open>>;
            const timer = setTimeout(() => void opened.close(), 400);
            try {
              for await (const batch of opened) assert.ok(batch.length <= ALL);
            } catch (error) {
              assert.ok(error instanceof SourceError, `${error}`);
            }
            clearTimeout(timer);
          } finally {
            await relay.close();
          }
        }),
      );
    });
});

describe('what cannot be attached to is told in one sentence', DONE, () => {
  const attachStatus = (status: number): Script => ({
    ...SCRIPT,
    answer: (command, answer) => {
      if (command === 'attach') answer.writeUInt32BE(status, 0);
      return command === 'attach' ? answer.subarray(0, 8) : answer;
    },
  });
  const cases: [string, Script, RegExp][] = [
    ['someone else is attached', attachStatus(2), /someone else is attached/],
    [
      'the session is unknown',
      attachStatus(3),
      /has ended, or is recorded as CTF 2.*--trace-format=ctf-1\.8/,
    ],
    ['the session is not live', attachStatus(4), /not a live session.*lttng create --live/],
    ['the session has no live timer', { ...SCRIPT, liveTimerUs: 0 }, /not a live session/],
    [
      'another protocol',
      {
        ...SCRIPT,
        answer: (c, a) => (c === 'connect' ? Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n') : a),
      },
      /speaks another protocol than a relay daemon/,
    ],
  ];
  for (const [name, script, sentence] of cases)
    it(name, async () => assert.match((await play(script)).error ?? '', sentence));

  it('no such session, with those that there are', async () => {
    const relay = new ScriptedRelay(SCRIPT);
    const url = await relay.listen();
    await assert.rejects(
      open(url.replace('session', 'other'), TICKS),
      /no such session; it has net:.*\/host\/box\/session/,
    );
    assert.deepEqual(
      (await listSessions(url.replace(/\/host.*/, ''))).map(({ host, name, liveTimerUs }) => ({
        host,
        name,
        liveTimerUs,
      })),
      [{ host: 'box', name: 'session', liveTimerUs: 20_000 }],
    );
    await relay.close();
  });
  it('nobody listens', async () => {
    await assert.rejects(
      open('net://127.0.0.1:1/host/a/b', TICKS),
      /no relay daemon answers at 127\.0\.0\.1 port 1 \(Connection refused\)/,
    );
  });
  for (const url of [
    'net://',
    'net://h',
    'net://h/host/x',
    'net://h:0/host/a/b',
    'net://h:99999/host/a/b',
    'net://[::1/host/a/b',
  ])
    it(`the URL ${url}`, async () => assert.rejects(open(url, TICKS), /a live session is net:\/\/HOST/));
});

it('closing while a live batch is awaited ends the iteration', DONE, async () => {
  const relay = new ScriptedRelay({ ...SCRIPT, beacons: 1e9 });
  const source = await open(await relay.listen(), TICKS);
  setTimeout(() => void source.close(), 100);
  for await (const batch of source) assert.equal(batch.length, 0);
  await relay.close();
});
