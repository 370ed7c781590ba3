import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from '../../analyzers/engine.js';
import { ARRAYS, layOut } from '../../native/slot-layout.js';
import type { Subscription } from '../../native/types.js';

const CAPACITY = 16;

/** The columns' places, by name. */
function placesOf(subscription: Subscription): Map<string, number> {
  const { offsets } = layOut(subscription, CAPACITY);
  return new Map(Object.keys(subscription.columns).map((name, index) => [name, offsets.cells[index]!]));
}

test('columns of events that are never the same share an array', () => {
  const places = placesOf({
    columns: { a: 'i32', b: 'i32', c: 'f64', d: 'i32' },
    selections: [
      { events: ['one'], fields: ['a', 'c'] },
      { events: ['two'], fields: ['b'] },
      { events: ['three'], fields: ['d'] },
    ],
  });
  assert.equal(places.get('a'), places.get('b'));
  assert.equal(places.get('a'), places.get('d'));
  assert.notEqual(places.get('a'), places.get('c'));
});

test('columns that one event may have both of have arrays of their own, however the event was named', () => {
  for (const [first, second] of [
    ['read', 'read'],
    ['re*', 'read'],
    ['read', 're*'],
    ['re*', 'r*'],
    ['*', 'read'],
  ] as const) {
    const places = placesOf({
      columns: { a: 'i32', b: 'i32' },
      selections: [
        { events: [first], fields: ['a'] },
        { events: ['other', second], fields: ['b'] },
      ],
    });
    assert.notEqual(places.get('a'), places.get('b'), `${first} and ${second}`);
  }
});

test('arrays are aligned, lie within the slot, and do not overlap', () => {
  const { columns, selections } = Engine.subscription();
  const { offsets, bytes } = layOut({ columns, selections }, CAPACITY);
  const arrays = new Map([
    [offsets.time, 8],
    [offsets.event, 2],
    [offsets.stream, 2],
    [offsets.cpu, 2],
  ]);
  for (const [index, type] of Object.values(columns).entries()) {
    const width = ARRAYS[type].BYTES_PER_ELEMENT;
    const at = offsets.cells[index]!;
    assert.equal(at % width, 0);
    assert.equal(arrays.get(at) ?? width, width, 'columns of one width share');
    arrays.set(at, width);
  }
  let end = 0;
  for (const [at, width] of [...arrays].sort(([a], [b]) => a - b)) {
    assert.ok(at >= end);
    end = at + width * CAPACITY;
  }
  assert.equal(end, bytes);
});
