/** The life of a source: closing, breaking off, slow and failing consumers, several at once, arguments, paths. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { open, SourceError } from '../../native/index.js';
import type { Source, Subscription } from '../../native/types.js';
import { writeFiles } from '../ctf/writer.js';
import { temporary } from './oracle.js';
import { piece } from './recordings.js';
import { filesOf } from './traces/index.js';

const scratch = temporary('source');
after(scratch.remove);

const ALL: Subscription = {
  columns: { prev_comm: 'string' },
  selections: [{ events: ['*'], fields: ['prev_comm'] }],
};
const SHOP_EVENTS = 53_048;

async function rows(source: Source): Promise<number> {
  let count = 0;
  for await (const batch of source) count += batch.length;
  return count;
}

describe('closing', () => {
  it('ends an iteration whose batch is awaited', async () => {
    for (let i = 0; i < 50; i++) {
      const source = await open(piece('shop'), ALL);
      const iterator = source[Symbol.asyncIterator]();
      for (let k = 0; k < i % 4; k++) await iterator.next();
      const awaited = iterator.next();
      await source.close();
      await awaited;
      assert.equal((await iterator.next()).done, true);
    }
  });

  it('may be done twice, before reading, after reading, and several times at once; then there is nothing to read', async () => {
    const source = await open(piece('shop'), ALL);
    await Promise.all([source.close(), source.close()]);
    await source.close();
    await assert.rejects(rows(source), SourceError);
    const whole = await open(piece('shop'), ALL);
    assert.equal(await rows(whole), SHOP_EVENTS);
    await whole.close();
    await assert.rejects(rows(whole), SourceError);
  });

  it('leaves the counters as they were', async () => {
    const source = await open(piece('shop'), ALL);
    await rows(source);
    const counters = source.counters();
    await source.close();
    assert.deepEqual(source.counters(), counters);
    assert.equal(counters.rows, SHOP_EVENTS);
    assert.ok(Object.keys(source.eventCounts()).length > 50);
  });

  it('happens where the loop is left by break, by return and by an exception, which comes through', async () => {
    const source = await open(piece('shop'), ALL);
    for await (const batch of source) {
      assert.ok(batch.length > 0);
      break;
    }
    await assert.rejects(rows(source), SourceError);
    const thrown = new Error('the consumer failed');
    await assert.rejects(
      async () => {
        for await (const _ of await open(piece('shop'), ALL)) throw thrown;
      },
      (error) => error === thrown,
    );
  });

  it('a batch stays valid until the next is asked for, even when the source is closed', async () => {
    const source = await open(piece('shop'), ALL);
    const first = await source[Symbol.asyncIterator]().next();
    assert.ok(!first.done);
    const { length, time } = first.value;
    const copy = time.slice(0, length);
    await source.close();
    assert.deepEqual(time.slice(0, length), copy);
    assert.equal(typeof first.value.string(1), 'string');
  });
});

it('a string or list that the batch does not have is undefined, whatever the number', async () => {
  const source = await open(piece('shop'), ALL);
  for await (const batch of source) {
    for (const id of [
      0,
      -1,
      1e6,
      2 ** 32,
      2 ** 53,
      0.5,
      Number.NaN,
      Infinity,
      undefined,
      null,
      'one',
      {},
    ] as number[]) {
      assert.equal(batch.list(id), undefined);
      assert.equal(batch.string(id), undefined);
    }
    break;
  }
});

it('several sources are read at once, and interleaved', async () => {
  const sources = await Promise.all(Array.from({ length: 8 }, () => open(piece('shop'), ALL)));
  assert.deepEqual(await Promise.all(sources.map(rows)), new Array(8).fill(SHOP_EVENTS));
});

/** Runs a scenario of child.ts in a process of its own; what it prints last is its answer. */
function inChild<T = number>(scenario: string, ...args: string[]): Record<string, T> {
  const child = spawnSync(
    process.execPath,
    ['--expose-gc', fileURLToPath(new URL('child.js', import.meta.url)), scenario, ...args],
    {
      encoding: 'utf8',
      timeout: 120_000,
    },
  );
  assert.equal(child.status, 0, `${scenario} ended with ${child.status ?? child.signal}: ${child.stderr}`);
  return JSON.parse(child.stdout.trim().split('\n').at(-1)!) as Record<string, T>;
}

describe('in a process of its own', () => {
  it('a source that nobody reads, closes or keeps does not hold the process, nor its memory', () => {
    const { opened, anonymousMiB } = inChild('abandon', piece('shop'));
    assert.equal(opened, 300);
    assert.ok(anonymousMiB! < 300, `${anonymousMiB} MiB`);
  });

  it('process.exit() while batches are decoded ends it', () => void inChild('exit', piece('shop')));

  it('a slow consumer bounds what is decoded ahead', () => {
    const { growthMiB, traceMiB } = inChild('slow', piece('shop'));
    assert.ok(traceMiB! > 200);
    assert.ok(growthMiB! < 64, `grew by ${growthMiB} MiB of a trace of ${traceMiB}`);
  });
});

describe('worker threads', () => {
  const worker = (): Worker =>
    new Worker(new URL('child.js', import.meta.url), { argv: ['worker', piece('shop')] });
  const end = (thread: Worker): Promise<number> =>
    new Promise((resolve, reject) => {
      let count = -1;
      thread.on('message', (message: number) => (count = message));
      thread.on('error', reject);
      thread.on('exit', () => resolve(count));
    });

  it('two load the addon and read at once, beside the main thread', async () => {
    const counts = await Promise.all([end(worker()), end(worker()), rows(await open(piece('shop'), ALL))]);
    assert.deepEqual(counts, [SHOP_EVENTS, SHOP_EVENTS, SHOP_EVENTS]);
  });

  it('terminate() at any moment ends the thread and nothing else', async () => {
    for (let i = 0; i < 20; i++) {
      const thread = worker();
      const ended = end(thread);
      await new Promise((resolve) => setTimeout(resolve, i * 5));
      await thread.terminate();
      await ended;
    }
    assert.equal(await rows(await open(piece('shop'), ALL)), SHOP_EVENTS);
  });
});

describe('arguments', () => {
  const path = piece('whatif');
  const column = (type: unknown): unknown => ({
    columns: { tid: type },
    selections: [{ events: ['*'], fields: ['tid'] }],
  });
  const wrong: [what: string, ...args: unknown[]][] = [
    ['no path', undefined, ALL],
    ['a path that is a number', 5, ALL],
    ['an empty path', '', ALL],
    ['no paths', [], ALL],
    ['a path among paths that is none', [path, null], ALL],
    ['a path with a NUL', 'a\0b', ALL],
    ['no subscription', path],
    ['a subscription that is null', path, null],
    ['a subscription without columns', path, { selections: [] }],
    ['a subscription without selections', path, { columns: {} }],
    ['a column of an unknown type', path, column('u32')],
    ['a column without a type', path, column(undefined)],
    ['a field that is not a column', path, { columns: {}, selections: [{ events: ['*'], fields: ['tid'] }] }],
    ['a field that is not a name', path, { columns: {}, selections: [{ events: ['*'], fields: [1] }] }],
    ['events that are no list', path, { columns: {}, selections: [{ events: 'sched_switch' }] }],
    ['an event that is no name', path, { columns: {}, selections: [{ events: [7] }] }],
    ['a selection that is none', path, { columns: {}, selections: [null] }],
    ['a range of numbers', path, ALL, { begin: 5 }],
    ['a range that is none', path, ALL, 'all'],
    ['a range beyond 64 bits', path, ALL, { begin: 2n ** 70n }],
    ['a range that ends before it begins', path, ALL, { begin: 10n, end: 5n }],
  ];
  for (const [what, ...args] of wrong) {
    it(`${what} is refused in one sentence`, async () => {
      await assert.rejects(
        async () => (open as (...all: unknown[]) => Promise<Source>)(...args),
        (error: Error) => {
          assert.ok(
            error instanceof TypeError || error instanceof RangeError || error instanceof SourceError,
            String(error),
          );
          assert.match(error.message, /^[^\n]{8,200}$/);
          return true;
        },
      );
    });
  }
});

describe('paths that hold no trace', () => {
  const at = (name: string): string => join(scratch.path, name);
  before(() => {
    mkdirSync(at('empty'));
    writeFileSync(at('file'), 'not a directory');
    mkdirSync(at('metadata-is-a-directory/metadata'), { recursive: true });
    const plain = filesOf('metadata-plain');
    for (const [name, metadata] of [
      ['metadata-empty', ''],
      ['metadata-noise', '\0\xff\x01garbage'],
      ['metadata-half', (plain.metadata as string).slice(0, 900)],
      ['metadata-ctf2', '\x1e{"type":"preamble","version":2}\n'],
    ] as const) {
      writeFiles(at(name), { ...plain, metadata });
    }
  });
  for (const name of [
    'missing',
    'empty',
    'file',
    'metadata-is-a-directory',
    'metadata-empty',
    'metadata-noise',
    'metadata-half',
    'metadata-ctf2',
  ]) {
    it(`${name}: one sentence that names it`, async () => {
      await assert.rejects(
        async () => rows(await open(at(name), ALL)),
        (error: Error) => {
          assert.ok(error instanceof SourceError, String(error.stack));
          assert.match(error.message, /^[^\n]+$/);
          assert.ok(error.message.includes(at(name)), error.message);
          return true;
        },
      );
    });
  }

  it('one that may not be read: one sentence that names what may not', () => {
    chmodSync(scratch.path, 0o755);
    const forbidden = { directory: '', metadata: '/metadata', stream: '/chan_0' };
    for (const [name, file] of Object.entries(forbidden)) {
      writeFiles(at(`forbidden/${name}`), filesOf('metadata-plain'));
      chmodSync(at(`forbidden/${name}${file}`), 0);
    }
    writeFiles(at('forbidden/readable'), filesOf('metadata-plain'));
    const messages = inChild<string>('unreadable', at('forbidden'));
    for (const [name, file] of Object.entries(forbidden)) {
      assert.match(messages[name]!, /^SourceError: [^\n]*permission denied/i);
      assert.ok(messages[name]!.includes(at(`forbidden/${name}${file}`)), messages[name]);
    }
  });

  it('stream files without data, or none at all, are a trace without events', async () => {
    const { metadata } = filesOf('metadata-plain');
    writeFiles(at('no-data'), { metadata: metadata!, chan_0: '', chan_1: '' });
    assert.equal(await rows(await open(at('no-data'), ALL)), 0);
    writeFiles(at('no-streams'), { metadata: metadata! });
    assert.equal(await rows(await open(at('no-streams'), ALL)), 0);
  });
});
