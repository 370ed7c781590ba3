import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Column, Value } from '../../analyzers/columns/column.js';
import type { Frame } from '../../analyzers/frame.js';
import { ordered } from '../../tui/app/order.js';
import { randomNumbers } from './synthetic.js';

interface Row {
  readonly index: number;
  readonly value: Value;
}

const column: Column<unknown> = {
  id: 'value',
  title: 'VALUE',
  unit: 'count',
  doc: 'Whatever the row has.',
  width: 5,
  value: (row) => (row as Row).value,
};

/** By comparing in pairs: unknown ones last, equal ones as they came. */
function compared(rows: readonly Row[], descending: boolean): Row[] {
  return [...rows].sort((a, b) => {
    if (a.value === undefined || b.value === undefined)
      return Number(a.value === undefined) - Number(b.value === undefined) || a.index - b.index;
    const rising = a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
    return (descending ? -rising : rising) || a.index - b.index;
  });
}

describe('rows in the order of a column', () => {
  const random = randomNumbers(7);
  const values: Readonly<Record<string, () => Value>> = {
    'different numbers': () => random() - 0.5,
    'numbers that repeat, zeros of both signs': () => [0, -0, 3, -3, 1e9][Math.floor(random() * 5)],
    'numbers that are often unknown': () => (random() < 0.5 ? undefined : Math.floor(random() * 50)),
    'times, some unknown': () => (random() < 0.3 ? undefined : BigInt(Math.floor(random() * 20))),
    texts: () => ['web', 'db', 'Web', '', undefined, 'ä'][Math.floor(random() * 6)],
    'nothing known': () => undefined,
  };
  for (const [name, value] of Object.entries(values)) {
    it(`sorts ${name}`, () => {
      for (const length of [0, 1, 2, 500]) {
        const rows = Array.from({ length }, (_, index): Row => ({ index, value: value() }));
        for (const descending of [false, true])
          assert.deepEqual(ordered(rows, {} as Frame, column, descending), compared(rows, descending));
      }
    });
  }
});
