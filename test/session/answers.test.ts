import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isStale, ownName, startOf } from '../../host/session/identity.js';
import { tracerAbilities } from '../../host/session/kernel.js';
import { descend, numberOf, parseAnswer, textOf } from '../../host/session/machine-interface.js';
import { TracingSession } from '../../host/session/session.js';
import { root } from '../native/recordings.js';

/** As lttng 2.13.9 writes it. */
const answer = (output: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>
<command xmlns="https://lttng.org/xml/ns/lttng-mi" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="https://lttng.org/xml/ns/lttng-mi https://lttng.org/xml/schemas/lttng-mi/4/lttng-mi-4.1.xsd" schemaVersion="4.1"><name>list</name>${output}</command>
`;
const SESSION = answer(
  '<output><sessions><session><name>b&lt;1&gt;</name><path>/dev/shm/b</path><domains><domain><type>KERNEL</type><process_attr_trackers/><channels><channel><name>syscall</name><attributes><discarded_events>7</discarded_events><lost_packets>0</lost_packets></attributes></channel><channel><name>sched</name><attributes><discarded_events>5</discarded_events><lost_packets>x</lost_packets></attributes></channel></channels></domain></domains></session></sessions></output>',
);

describe('what lttng answers', () => {
  it('is read by paths of names', () => {
    const [session, ...more] = descend(parseAnswer(SESSION), 'sessions', 'session');
    assert.equal(more.length, 0);
    assert.equal(textOf(session!, 'name'), 'b<1>');
    const attributes = descend(session, 'domains', 'domain', 'channels', 'channel', 'attributes');
    assert.deepEqual(
      attributes.map((element) => [numberOf(element, 'discarded_events'), numberOf(element, 'lost_packets')]),
      [
        [7, 0],
        [5, undefined],
      ],
    );
  });

  it('may be empty, or lack an output', () => {
    assert.deepEqual(descend(parseAnswer(answer('<output/>')), 'sessions', 'session'), []);
    assert.equal(parseAnswer(answer('')), undefined);
    assert.deepEqual(descend(undefined, 'sessions'), []);
  });

  it('is an error where it is none', () => {
    assert.throws(() => parseAnswer('Session auto created.'), /no XML/);
    assert.throws(() => parseAnswer(SESSION.slice(0, 300)), /no XML/);
    assert.throws(() => parseAnswer('<html/>'), /no answer/);
    assert.throws(() => parseAnswer('<!DOCTYPE x [<!ENTITY a "b">]><command>&a;</command>'), /no XML/);
  });
});

/** Answers made after each schema that these versions have (lttng-mi 3.0, 4.0, 4.1, 4.3). */
for (const [version, writesCtf2] of [
  ['2.10', false],
  ['2.12', false],
  ['2.13', false],
  ['2.15', true],
] as const) {
  describe(`what lttng ${version} answers`, () => {
    it('tells abilities, leftovers and losses', async () => {
      const { PATH } = process.env;
      const directory = await mkdtemp(join(tmpdir(), 'boxtop-answers-'));
      const log = join(directory, 'asked');
      Object.assign(process.env, {
        PATH: `${join(root, 'test/session/fake')}:${PATH}`,
        LTTNG_FAKE_LOG: log,
        LTTNG_FAKE_ANSWERS: join(root, 'test/session/answers', version),
      });
      try {
        const session = await TracingSession.open();
        assert.match(await readFile(log, 'utf8'), /^destroy boxtop-4194305-17$/m);
        assert.doesNotMatch(await readFile(log, 'utf8'), /destroy auto/);
        const able = await tracerAbilities('6.1.0');
        assert.deepEqual([...able.events], ['sched_switch', 'sched_process_fork', 'lttng_statedump_start']);
        assert.deepEqual([able.syscalls, able.writesCtf2], [true, writesCtf2]);
        assert.deepEqual(await session.losses(), { discardedEvents: 12, lostPackets: 2 });
        await session.close();
      } finally {
        process.env.PATH = PATH;
        delete process.env.LTTNG_FAKE_ANSWERS;
        await rm(directory, { recursive: true });
      }
    });
  });
}

describe('the name of a session', () => {
  it('tells whether its boxtop still lives', () => {
    assert.match(ownName(), new RegExp(`^boxtop-${process.pid}-\\d+$`));
    assert.ok(!isStale(ownName()));
    assert.ok(
      isStale(`boxtop-${process.pid}-${Number(startOf(process.pid)) + 1}`),
      'another process with that pid',
    );
    assert.ok(isStale('boxtop-4194305-17'), 'no such process');
    assert.ok(!isStale(ownName('-beside')));
    assert.ok(isStale('boxtop-4194305-17-beside'));
  });

  it('tells nothing of what others named', () => {
    for (const name of [
      'boxtop',
      'boxtop-x-1',
      'my-boxtop-4194305-17',
      'boxtop-4194305-17-old',
      'auto-20261123',
    ]) {
      assert.ok(!isStale(name), name);
    }
  });
});
