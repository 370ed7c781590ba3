/** The live client against a relay daemon by script: versions, statuses, seeks, several sessions, what is lost and comes back. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { listSessions, open } from '../../../native/index.js';
import { BEGIN, chain, ticks } from '../traces/ticks.js';
import { ALL, DONE, META, play, read, SCRIPT, STREAMS, TICKS } from './reading.js';
import { type Command, type Script, ScriptedRelay } from './relay.js';

/** Changes the answers to one command, from the nth to before the mth. */
function changed(
  command: Command,
  from: number,
  to: number,
  change: (answer: Buffer) => Buffer,
  more: Partial<Script> = {},
): Script {
  return {
    ...SCRIPT,
    ...more,
    answer: (name, answer, nth) => (name === command && nth >= from && nth < to ? change(answer) : answer),
  };
}

/** An answer without a payload whose words are the index's. */
const indexStatus =
  (status: number, flags = 0) =>
  (): Buffer => {
    const answer = Buffer.alloc(64);
    answer.writeUInt32BE(status, 56);
    answer.writeUInt32BE(flags, 60);
    return answer;
  };
const packetStatus =
  (status: number, flags = 0) =>
  (): Buffer => {
    const answer = Buffer.alloc(12);
    answer.writeUInt32BE(status, 0);
    answer.writeUInt32BE(flags, 8);
    return answer;
  };

describe('versions of the protocol', DONE, () => {
  for (const minor of [4, 10, 14, 15, 16, 99])
    it(`2.${minor}`, async () => {
      const { rows, error } = await play({ ...SCRIPT, minor });
      assert.deepEqual([rows.length, error], [ALL, undefined]);
    });
  it('2.3 is too old', async () => {
    assert.match((await play({ ...SCRIPT, minor: 3 })).error ?? '', /version 2\.3 .* 2\.4 is the oldest/);
  });
  it('2.15 tells of CTF 2, and what makes it 1.8', async () => {
    const script: Script = { ...SCRIPT, minor: 15, isCtf2: true };
    assert.match((await play(script)).error ?? '', /recorded as CTF 2.*--trace-format=ctf-1\.8/);
    const relay = new ScriptedRelay(script);
    const [session] = await listSessions((await relay.listen()).replace(/\/host.*/, ''));
    assert.deepEqual([session?.name, session?.host, session?.isCtf2], ['session', 'box', true]);
    await relay.close();
  });
  it('a name of 2.15 that is too long', async () => {
    const script = changed(
      'list',
      0,
      1,
      (answer) => {
        answer.writeUInt32BE(1 << 30, 24);
        return answer;
      },
      { minor: 15 },
    );
    assert.match((await play(script)).error ?? '', /makes no sense: a name of/);
  });
});

describe('statuses', DONE, () => {
  const recovered: [string, Script][] = [
    ['an index is to be asked for again', changed('index', 0, 5, indexStatus(2))],
    ['a packet is to be asked for again', changed('packet', 0, 5, packetStatus(2))],
    ['a packet needs metadata', changed('packet', 1, 2, packetStatus(3, 1))],
    ['a packet needs streams', changed('packet', 1, 2, packetStatus(3, 2))],
    ['an inactive stream has new metadata and streams', changed('index', 0, 3, indexStatus(5, 3))],
    ['no streams are new', changed('newStreams', 0, 3, () => Buffer.from([0, 0, 0, 2, 0, 0, 0, 0]))],
  ];
  for (const [name, script] of recovered)
    it(name, async () => {
      const { rows, losses, error } = await play(script);
      assert.deepEqual([rows.length, losses, error], [ALL, [], undefined]);
    });

  it('new streams that come with an inactive answer', async () => {
    const late = STREAMS.map((stream, i) => (i === 1 ? { ...stream, late: 3 } : stream));
    const { rows, error } = await play({ ...SCRIPT, streams: late, beacons: 3 });
    assert.deepEqual([rows.length, error], [ALL, undefined]);
  });

  /** The first answer to a command, and that the session is over. */
  const over = (command: Command, first: () => Buffer): Script => ({
    ...SCRIPT,
    answer: (name, answer, nth) => {
      if (name === 'newStreams') return Buffer.from([0, 0, 0, 4, 0, 0, 0, 0]);
      return name === command && nth === 0 ? first() : answer;
    },
  });

  it('one stream is over before the other', async () => {
    for (const status of [3, 6]) {
      const { rows, error } = await play(over('index', indexStatus(status)));
      assert.equal(error, undefined);
      assert.ok(rows.length === 43 || rows.length === 912, `${rows.length} rows`);
    }
  });

  it('a packet is gone, and its stream with it', async () => {
    const { rows, error } = await play(over('packet', packetStatus(4)));
    assert.equal(error, undefined);
    assert.ok(rows.length > 0 && rows.length < ALL);
  });

  it('the session is not known any more', async () => {
    const script = changed('newStreams', 0, 1e9, () => Buffer.from([0, 0, 0, 3, 0, 0, 0, 0]));
    const { rows, error } = await play(script);
    assert.deepEqual([rows.length, error], [ALL, undefined]);
  });

  const refused: [string, Script, RegExp][] = [
    ['an index cannot be read', changed('index', 2, 3, indexStatus(4)), /cannot read its index/],
    ['a packet cannot be read', changed('packet', 1, 2, packetStatus(3)), /cannot read the packet/],
    [
      'metadata cannot be given',
      changed('metadata', 0, 1, () => Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3])),
      /cannot give the metadata/,
    ],
    [
      'metadata are no packets',
      { ...SCRIPT, metadata: Buffer.from('\u001e{"type":"preamble","version":2}'.padEnd(64)) },
      /CTF 2.*--trace-format=ctf-1\.8/,
    ],
    ['seeking fails', changed('attach', 0, 1, () => Buffer.from([0, 0, 0, 5, 0, 0, 0, 0])), /status 5/],
    ['no viewer session', changed('attach', 0, 1, () => Buffer.from([0, 0, 0, 6, 0, 0, 0, 0])), /status 6/],
    ['no viewer is wanted', changed('create', 0, 1, () => Buffer.from([0, 0, 0, 2])), /refuses a viewer/],
  ];
  for (const [name, script, sentence] of refused)
    it(name, async () => {
      const { error } = await play(script);
      assert.match(error ?? '', sentence);
    });

  it('what came before an error is still told', async () => {
    const { rows, error } = await play(changed('packet', 3, 4, packetStatus(3)));
    assert.match(error ?? '', /cannot read the packet/);
    assert.ok(rows.length > 0, 'no rows');
  });
});

it('reads from the beginning unless from now is asked for', DONE, async () => {
  assert.deepEqual((await play(SCRIPT)).relay.seeks, [1]);
  assert.deepEqual((await play(SCRIPT, { from: 'now' })).relay.seeks, [2]);
});

it('what is lost lies after the rows that came before it, in the order of time', DONE, async () => {
  const packets = Array.from({ length: 40 }, (_, i) => i);
  const relay = new ScriptedRelay({
    ...SCRIPT,
    beacons: 1,
    streams: [
      { channel: 'chan_0', packets: chain(packets.map((i) => ({ count: 300, cpu: 0, discarded: i }))) },
      { channel: 'chan_1', packets: chain(packets.map((i) => ({ count: 200, cpu: 1, seq: 2 * i }))) },
    ],
  });
  const source = await open(await relay.listen(), TICKS);
  const rows: number[][] = [];
  for await (const { losses } of source) rows.push(losses.map(({ row }) => row));
  await relay.close();
  assert.equal(rows.flat().length, 2 * 39);
  for (const ofBatch of rows) {
    const ordered = ofBatch.toSorted((a, b) => a - b);
    assert.deepEqual(ofBatch, ordered);
  }
  assert.ok(
    rows.some((ofBatch) => ofBatch.filter((row) => row > 0).length > 1),
    'no batch has several',
  );
});

it('what is lost before the first event of all has times that count from that', DONE, async () => {
  const discarding = { channel: 'chan_0', packets: chain([{ count: 5, cpu: 0, discarded: 7 }]) };
  const { losses } = await play({
    ...SCRIPT,
    streams: [discarding, STREAMS[1]!],
    // The other stream has nothing yet: this one's loss is known, and no event may be told.
    answer: (command, answer, nth) =>
      command === 'index' && nth < 12 && answer.readBigUInt64BE(40) === 0n ? indexStatus(2)() : answer,
  });
  assert.deepEqual(
    losses.map(({ begin, count }) => [begin, count]),
    [[0, 7]],
  );
});

it('tells of events that were discarded earlier unless it reads from now', DONE, async () => {
  const packets = chain([{ count: 5, cpu: 0, seq: 9, discarded: 7 }]);
  const script = { ...SCRIPT, streams: [{ channel: 'chan_0', packets }] };
  const since = async (from: 'beginning' | 'now') => (await play(script, { from })).losses.length;
  assert.deepEqual([await since('beginning'), await since('now')], [1, 0]);
});

describe('several sessions', DONE, () => {
  it('those of one name, as the kernel and programs are, are one', async () => {
    const streams = STREAMS.map((stream, i) => ({ ...stream, session: i }));
    const { rows, error, relay } = await play({ ...SCRIPT, streams, sessions: 2 });
    assert.deepEqual([rows.length, error, relay.seeks], [ALL, undefined, [1, 1]]);
  });

  it('of several relay daemons, merged by time', async () => {
    const relays = [new ScriptedRelay(SCRIPT), new ScriptedRelay({ ...SCRIPT, beacons: 1 })];
    const urls = await Promise.all(relays.map((relay) => relay.listen()));
    const { rows, error } = await read(urls);
    assert.deepEqual([rows.length, error], [2 * ALL, undefined]);
    const times = rows.map((row) => BigInt(row.split(' ')[0]!));
    assert.ok(times.every((time, i) => i === 0 || times[i - 1]! <= time));
    for (const relay of relays) await relay.close();
  });

  for (const told of [STREAMS.length, 0])
    it(`one of which nothing comes holds up no other: it has told ${told} times`, async () => {
      const silent = new ScriptedRelay({ ...SCRIPT, beacons: 1, answer: silentAfter(told) });
      const relays = [new ScriptedRelay(SCRIPT), silent];
      const source = await open(await Promise.all(relays.map((relay) => relay.listen())), TICKS);
      let rows = 0;
      for await (const batch of source) {
        rows += batch.length;
        if (rows >= ALL) break;
      }
      assert.ok(rows >= ALL);
      for (const relay of relays) await relay.close();
    });

  it('one that is given up is told while the others go on, and at the end', async () => {
    const broken = new ScriptedRelay(changed('packet', 0, 1, packetStatus(3)));
    const relays = [new ScriptedRelay({ ...SCRIPT, beacons: 40 }), broken];
    const { rows, error, troubles } = await read(await Promise.all(relays.map((relay) => relay.listen())));
    // What other streams of it had given already is told.
    assert.ok(rows.length >= ALL && rows.length < 2 * ALL, `${rows.length} rows`);
    assert.match(error ?? '', /cannot read the packet/);
    assert.match(troubles.at(-1) ?? '', /cannot read the packet/);
    for (const relay of relays) await relay.close();
  });
});

/** Tells so many times when a stream begins, and then nothing more. */
function silentAfter(told: number): NonNullable<Script['answer']> {
  return (command, answer, nth) => (command === 'index' && nth >= told ? indexStatus(2)() : answer);
}

describe('a connection that is lost', DONE, () => {
  it('at every request is made again, or its loss is told', async () => {
    const { relay } = await play(SCRIPT);
    for (let cutAt = 0; cutAt < relay.requests; cutAt++) {
      const { rows, error, relay: cut } = await play({ ...SCRIPT, cutAt });
      // Before something has come of it, it is an error; afterwards it goes on.
      if (error !== undefined) assert.match(error, /no relay daemon answers|connection/, `${cutAt}`);
      else
        assert.ok(cut.connections === 2 && rows.length > 0, `${cutAt}: ${cut.connections}, ${rows.length}`);
    }
  });

  it('tells while it connects again, and gives up in the end with what was read', async () => {
    const relay = new ScriptedRelay({ ...SCRIPT, beacons: 1e9, answer: closeAfter(6, () => relay.close()) });
    const { error, troubles } = await read(await relay.listen(), { retryMs: 1500 });
    assert.match(
      error ?? '',
      /^the connection was lost, and could not be made again in \d seconds \(.*refused\): net:/,
    );
    assert.ok(
      troubles.some((text) => /^connection lost, connecting again, attempt \d+ \(.*\): net:/.test(text)),
      troubles.join('\n'),
    );
  });

  it('to a session that is gone when it is made again', async () => {
    const script: Script = {
      ...SCRIPT,
      cutAt: 8,
      answer: (command, answer, nth) => (command === 'list' && nth > 0 ? Buffer.alloc(4) : answer),
    };
    assert.match((await play(script)).error ?? '', /^the connection was lost, and the session is gone/);
  });

  it('to a relay daemon that believes for a while that we are still attached', async () => {
    const script: Script = {
      ...SCRIPT,
      cutAt: 8,
      answer: (command, answer, nth) => {
        if (command === 'attach' && nth > 0 && nth < 3) return Buffer.from([0, 0, 0, 2, 0, 0, 0, 0]);
        return answer;
      },
    };
    const { error, relay } = await play(script);
    assert.equal(error, undefined);
    assert.equal(relay.connections, 4);
  });

  it('to a session whose name another one has taken meanwhile', async () => {
    const script: Script = {
      ...SCRIPT,
      cutAt: 8,
      answer: (command, answer, nth) => {
        if (command === 'metadata' && nth > 0 && answer.length > 100) answer[60]! ^= 1;
        return answer;
      },
    };
    assert.match((await play(script)).error ?? '', /another session has taken the name/);
  });
});

/** Calls `act` at the nth index request. */
function closeAfter(nth: number, act: () => void): NonNullable<Script['answer']> {
  return (command, answer, count) => {
    if (command === 'index' && count === nth) act();
    return answer;
  };
}

describe('a port where something else listens', DONE, () => {
  const servers: [string, (socket: Socket) => void, RegExp][] = [
    ['a web server', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), /speaks another protocol/],
    [
      'an SSH server',
      (socket) => socket.write('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'),
      /speaks another protocol/,
    ],
    [
      'one that hangs up',
      (socket) => socket.end(),
      /no relay daemon answers at .*; is lttng-relayd running there/,
    ],
    ['one that says nothing', () => {}, /no relay daemon answers at .* \(no answer for 10 seconds\)/],
  ];
  for (const [name, greet, sentence] of servers)
    it(name, async () => {
      const sockets: Socket[] = [];
      const server = createServer((socket) => {
        sockets.push(socket.on('error', () => {}));
        greet(socket);
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      await assert.rejects(open(`net://127.0.0.1:${port}/host/a/b`, TICKS), sentence);
      for (const socket of sockets) socket.destroy();
      server.close();
    });
});

it(
  'asks for all streams at once, but not for so many that they would wait for each other',
  DONE,
  async () => {
    const streams = Array.from({ length: 100 }, (_, cpu) => ({
      channel: `chan_${cpu}`,
      packets: chain([{ count: 3 }, { count: 4 }].map((p) => ({ ...p, cpu }))),
    }));
    const { rows, error, relay } = await play({ metadata: META, streams });
    assert.deepEqual([rows.length, error], [700, undefined]);
    assert.equal(relay.together, 64);
    // Each packet takes an index and itself, the end of each stream an index; nothing is asked for twice.
    assert.ok(relay.requests <= 100 * 5 + 20, `${relay.requests} requests`);
  },
);

it('tells what is declared before the first event', DONE, async () => {
  const relay = new ScriptedRelay({
    ...SCRIPT,
    metadataAfter: 2,
    answer: (command, answer, nth) => (command === 'index' && nth < 20 ? indexStatus(2)() : answer),
  });
  const source = await open(await relay.listen(), TICKS);
  const before: [number, number][] = [];
  let rows = 0;
  for await (const batch of source) {
    rows += batch.length;
    if (source.origin > 0n) continue;
    assert.deepEqual([batch.length, batch.watermark, batch.losses], [0, 0, []]);
    before.push([source.traces.length, source.streams.length]);
  }
  assert.deepEqual(before.at(-1), [1, 2]);
  assert.ok(before.length <= 4, `${before.length} batches`);
  assert.equal(rows, ALL);
  await relay.close();
});

it('asks often once a session begins, however long it took until then', DONE, async () => {
  const asked: number[] = [];
  const { rows } = await play({
    metadata: META,
    streams: STREAMS.slice(0, 1),
    liveTimerUs: 200_000,
    // Metadata are asked for four times a timer: three timers have gone by.
    metadataAfter: 20,
    answer: (command, answer, nth) => {
      if (command !== 'index') return answer;
      asked.push(performance.now());
      return nth < 6 ? indexStatus(2)() : answer;
    },
  });
  assert.equal(rows.length, 912);
  // The first two come without a pause.
  const pauses = asked.slice(2, 7).map((time, i) => time - asked[i + 1]!);
  assert.ok(Math.min(...pauses) < 150, `${pauses.map(Math.round)} ms`);
});

it('asks when the live timer makes something due, and little before', DONE, async () => {
  const TIMER = 200_000_000n;
  const began = performance.now();
  const elapsed = () => BigInt(Math.round((performance.now() - began) * 1e6));
  const packets = Array.from({ length: 100 }, (_, i) => {
    const begin = BEGIN + BigInt(i) * TIMER;
    return ticks(begin, 5, { seq: i, end: begin + TIMER });
  });
  const relay = new ScriptedRelay({
    ...SCRIPT,
    streams: ['chan_0', 'chan_1'].map((channel) => ({ channel, packets })),
    liveTimerUs: Number(TIMER / 1000n),
    clock: { now: () => BEGIN + elapsed(), period: TIMER },
  });
  const source = await open(await relay.listen(), TICKS);
  const late: number[] = [];
  let asked = 0;
  for await (const batch of source) {
    // A packet is there when it has ended.
    if (batch.length > 0) late.push(Number(elapsed() - BigInt(batch.watermark)) / 1e6);
    if (late.length === 5) asked = relay.requests;
    if (late.length === 20) break;
  }
  const perTimer = (relay.requests - asked) / 15;
  await source.close();
  await relay.close();
  assert.ok(perTimer < 17, `${perTimer} requests a timer`);
  late.sort((a, b) => a - b);
  assert.ok(late[10]! < 60, `late by ${late.map(Math.round)} ms`);
});

it('asks little where nothing happens', DONE, async () => {
  const relay = new ScriptedRelay({
    ...SCRIPT,
    liveTimerUs: 200_000,
    clock: { now: () => 0n, period: 200_000_000n },
  });
  const source = await open(await relay.listen(), TICKS);
  const reading = (async () => {
    for await (const batch of source) assert.equal(batch.length, 0);
  })();
  // It has seen that nothing comes when three timers have gone by.
  await sleep(1500);
  const before = relay.requests;
  await sleep(2000);
  const asked = relay.requests - before;
  assert.ok(asked <= 40, `${asked} requests in two seconds`);
  await source.close();
  await reading;
  await relay.close();
});
