/** Batches hold the same values as the oracle's text: every column type, what is unknown, strings and lists, ranges. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { open } from '../../native/index.js';
import {
  type Batch,
  type ColumnArrays,
  type ColumnType,
  type Subscription,
  UNKNOWN_I32,
} from '../../native/types.js';
import { writeFiles } from '../ctf/writer.js';
import { babeltrace, linkStream, temporary } from './oracle.js';
import { piece } from './recordings.js';
import { readText, type TextEvent, type Value } from './text.js';
import { filesOf } from './traces/index.js';

const scratch = temporary('columns');
after(scratch.remove);

/** Everything that a column type can say of a value; undefined where it says nothing. */
const CONVERSIONS: Record<ColumnType, (value: Value | undefined) => unknown> = {
  i32: (v) => (typeof v === 'bigint' ? Number(BigInt.asIntN(32, v)) : undefined),
  f64: (v) => (typeof v === 'bigint' || typeof v === 'number' ? Number(v) : undefined),
  u64: (v) => (typeof v === 'bigint' ? BigInt.asUintN(64, v) : undefined),
  string: (v) => (typeof v === 'string' ? v : undefined),
  list: (v) => {
    if (typeof v === 'bigint') return [Number(v)];
    return Array.isArray(v) && v.every((item) => typeof item === 'bigint') ? v.map(Number) : undefined;
  },
};

/** What a cell says, in the same terms. */
const CELLS: { [T in ColumnType]: (batch: Batch, column: ColumnArrays[T], row: number) => unknown } = {
  i32: (_, column, row) => (column[row] === UNKNOWN.i32 ? undefined : column[row]),
  f64: (_, column, row) => (Number.isNaN(column[row]) ? undefined : column[row]),
  u64: (_, column, row) => (column[row] === UNKNOWN.u64 ? undefined : column[row]),
  string: (batch, column, row) => batch.string(column[row]!),
  list: (batch, column, row) => batch.list(column[row]!),
};

const UNKNOWN: Partial<Record<ColumnType, unknown>> = { i32: UNKNOWN_I32, u64: 2n ** 64n - 1n };

const cell = (type: ColumnType, batch: Batch, column: ColumnArrays[ColumnType], row: number): unknown =>
  (CELLS[type] as (batch: Batch, column: unknown, row: number) => unknown)(batch, column, row);

/** One selection an event name with all of its fields, as columns of one type. */
function everything(events: readonly TextEvent[], type: ColumnType): Subscription {
  const fields = new Map<string, Set<string>>();
  for (const event of events) {
    const known = fields.get(event.name) ?? new Set();
    for (const field of event.fields.keys()) known.add(field);
    fields.set(event.name, known);
  }
  const names = new Set([...fields.values()].flatMap((set) => [...set]));
  return {
    columns: Object.fromEntries([...names].map((name) => [name, type])),
    selections: [...fields].map(([event, set]) => ({ events: [event], fields: [...set] })),
  };
}

/** A sequence of structures: where it is empty, the text does not tell it from one of integers. */
const STRUCTURES = 'structs.list';

async function assertColumns(directory: string, type: ColumnType): Promise<void> {
  const events = readText(babeltrace(directory));
  const source = await open(directory, everything(events, type));
  let row = 0;
  for await (const batch of source) {
    for (let i = 0; i < batch.length; i++, row++) {
      const event = events[row];
      assert.ok(event, `row ${row} is one too many`);
      assert.equal(source.events[batch.event[i]!], event.name);
      for (const [field, value] of event.fields) {
        if (`${event.name}.${field}` === STRUCTURES) continue;
        const expected = CONVERSIONS[type](value);
        if (expected === undefined && type !== 'string' && type !== 'list' && typeof value !== 'string')
          continue;
        const found = cell(type, batch, batch.columns[field]!, i);
        // What is stored for "unknown" is also a value: it cannot be told from it.
        const unknown = expected === UNKNOWN[type] || Number.isNaN(expected);
        assert.deepEqual(
          found,
          unknown ? undefined : expected,
          `${event.name}.${field} in row ${row}, from ${String(value)}`,
        );
      }
    }
  }
  assert.equal(row, events.length);
}

const written = (name: string): string => {
  const directory = `${scratch.path}/${name}`;
  writeFiles(directory, filesOf(name));
  return directory;
};

describe('every field of every event, as each type of column', () => {
  // One stream, so that the order of rows is the stream's own.
  const streams: Record<string, string> = {
    kernel: `${scratch.path}/kernel`,
    integers: `${scratch.path}/integers`,
  };
  before(() => {
    linkStream(piece('whatif'), ['kernel/k_1'], streams.kernel!);
    writeFiles(`${scratch.path}/layout`, filesOf('layout-be-natural-large-new'));
    linkStream(`${scratch.path}/layout`, ['chan_1'], streams.integers!);
    for (const order of ['le', 'be']) {
      streams[`collections-${order}`] = written(`types-collections-${order}-natural`);
      streams[`enums-${order}`] = written(`types-enums-${order}`);
    }
    streams.typedefs = written('metadata-typedefs');
    streams.foreign = written('metadata-foreign');
  });
  for (const type of ['i32', 'f64', 'u64', 'string', 'list'] as const) {
    it(type, async () => {
      for (const directory of Object.values(streams)) await assertColumns(directory, type);
    });
  }
});

/** The rows of one column over a whole trace. */
async function column(path: string, subscription: Subscription, name: string): Promise<unknown[]> {
  const cells: unknown[] = [];
  for await (const batch of await open(path, subscription)) {
    for (let i = 0; i < batch.length; i++)
      cells.push(cell(subscription.columns[name]!, batch, batch.columns[name]!, i));
  }
  return cells;
}

describe('what the text cannot tell', () => {
  it('doubles are exact, floats widened', async () => {
    for (const order of ['le', 'be']) {
      const path = written(`types-floats-${order}`);
      const columns = { single: 'f64', double: 'f64', other_single: 'f64', other_double: 'f64' } as const;
      const subscription = { columns, selections: [{ events: ['floats'], fields: Object.keys(columns) }] };
      const values = [
        0,
        -0,
        1,
        -1.5,
        Math.PI,
        1e-40,
        1e300,
        Infinity,
        -Infinity,
        undefined,
        5e-324,
        2 ** 53 + 2,
      ];
      const single = values.map((value) => value && Math.fround(value));
      assert.deepEqual(await column(path, subscription, 'double'), values);
      assert.deepEqual(await column(path, subscription, 'other_double'), values);
      assert.deepEqual(await column(path, subscription, 'single'), single);
      assert.deepEqual(await column(path, subscription, 'other_single'), single);
    }
  });

  it('options of variants are named by the option, and unknown where another is chosen', async () => {
    const path = written('types-variants-le-packed');
    const columns = {
      'value.number': 'f64',
      'value.text': 'string',
      'value.list.items': 'list',
      'value.wide': 'u64',
      'value.quoted': 'i32',
    } as const;
    const subscription: Subscription = {
      columns,
      selections: [{ events: ['flat'], fields: Object.keys(columns) }],
    };
    assert.deepEqual(await column(path, subscription, 'value.number'), [
      77,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    assert.deepEqual(await column(path, subscription, 'value.text'), [
      undefined,
      'hello',
      undefined,
      undefined,
      undefined,
    ]);
    assert.deepEqual(await column(path, subscription, 'value.list.items'), [
      undefined,
      undefined,
      [1, 2, 3],
      undefined,
      undefined,
    ]);
    assert.deepEqual(await column(path, subscription, 'value.quoted'), [
      undefined,
      undefined,
      undefined,
      undefined,
      -7,
    ]);
    const nested: Subscription = {
      columns: { 'value.low.inner.a': 'string', 'value.low.inner.b.low': 'i32', 'value.high.v': 'i32' },
      selections: [
        { events: ['nested'], fields: ['value.low.inner.a', 'value.low.inner.b.low', 'value.high.v'] },
      ],
    };
    assert.deepEqual(await column(path, nested, 'value.low.inner.a'), [
      'in a variant in a variant',
      undefined,
      undefined,
      undefined,
    ]);
    assert.deepEqual(await column(path, nested, 'value.low.inner.b.low'), [
      undefined,
      200,
      undefined,
      undefined,
    ]);
    assert.deepEqual(await column(path, nested, 'value.high.v'), [undefined, undefined, 0, 10]);
  });

  it('big-endian bit fields of network headers', async () => {
    const path = written('types-network-header');
    const columns = {
      'network_header.ipv4.version': 'i32',
      'network_header.ipv4.saddr': 'list',
      'network_header.ipv4.transport_header.tcp.flags': 'i32',
      'network_header.ipv6.saddr': 'list',
      after: 'i32',
    } as const;
    const subscription: Subscription = {
      columns,
      selections: [{ events: ['net_*'], fields: Object.keys(columns) }],
    };
    assert.deepEqual(await column(path, subscription, 'network_header.ipv4.version'), [
      undefined,
      4,
      4,
      undefined,
    ]);
    assert.deepEqual(await column(path, subscription, 'network_header.ipv4.saddr'), [
      undefined,
      [127, 0, 0, 1],
      [10, 1, 2, 3],
      undefined,
    ]);
    assert.deepEqual(await column(path, subscription, 'network_header.ipv4.transport_header.tcp.flags'), [
      undefined,
      0x1a5,
      undefined,
      undefined,
    ]);
    assert.deepEqual(await column(path, subscription, 'network_header.ipv6.saddr'), [
      undefined,
      undefined,
      undefined,
      Array.from({ length: 16 }, (_, i) => i * 16),
    ]);
    assert.deepEqual(await column(path, subscription, 'after'), [1, 2, 3, 4]);
  });

  it('a field that the event does not have is unknown in every type', async () => {
    for (const type of ['i32', 'f64', 'u64', 'string', 'list'] as const) {
      const subscription: Subscription = {
        columns: { no_such: type, 'ctx.no_such': type },
        selections: [{ events: ['*'], fields: ['no_such', 'ctx.no_such'] }],
      };
      for (const name of ['no_such', 'ctx.no_such']) {
        const cells = await column(piece('whatif'), subscription, name);
        assert.equal(cells.length, 6576);
        assert.ok(cells.every((found) => found === undefined));
      }
    }
  });

  it('invalid UTF-8 becomes U+FFFD', async () => {
    const subscription: Subscription = {
      columns: { default: 'string' },
      selections: [{ events: ['text'], fields: ['default'] }],
    };
    const cells = await column(written('types-collections-le-packed'), subscription, 'default');
    assert.equal(cells[0], 'A\ufffd\ufffd(\x1b\x7f');
  });
});
