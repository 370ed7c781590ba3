import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UsageError } from '../../cli/errors.js';
import { nameMatcher } from '../../cli/match.js';
import { chooseColumns, parseSort, rowsOf, type View } from '../../cli/view.js';
import { type FakeRow, fakeFrame, fakeRow, fakeTable } from './fake-table.js';

const frame = fakeFrame(0, [fakeRow('b', 5), fakeRow('c'), fakeRow('a', 9), fakeRow('d', 5)]);

function names(view: Partial<View<FakeRow>>): unknown[] {
  const whole: View<FakeRow> = {
    table: fakeTable,
    columns: chooseColumns(fakeTable, ['name']),
    sort: fakeTable.defaultSort,
    top: Number.POSITIVE_INFINITY,
    matches: undefined,
    ...view,
  };
  return rowsOf(whole, frame).map(([name]) => name);
}

describe('what dump takes of a table', () => {
  it('sorts the largest first, equal ones as they came, unknown ones last', () => {
    assert.deepEqual(names({}), ['a', 'b', 'd', 'c']);
    assert.deepEqual(names({ sort: { column: 'cpu_ns', descending: false } }), ['b', 'd', 'a', 'c']);
  });

  it('sorts by columns that it does not show', () => {
    assert.deepEqual(names({ sort: { column: 'name', descending: true } }), ['d', 'c', 'b', 'a']);
  });

  it('keeps the rows of containers that match, and then the first of them', () => {
    assert.deepEqual(names({ matches: nameMatcher(['[b-d]']) }), ['b', 'd', 'c']);
    assert.deepEqual(names({ matches: nameMatcher(['[b-d]']), top: 2 }), ['b', 'd']);
  });

  it('reads a sort with and without direction', () => {
    assert.deepEqual(parseSort(fakeTable, 'cpu_ns'), { column: 'cpu_ns', descending: true });
    assert.deepEqual(parseSort(fakeTable, '+cpu_ns'), { column: 'cpu_ns', descending: false });
    assert.deepEqual(parseSort(fakeTable, '-cpu_ns'), { column: 'cpu_ns', descending: true });
    assert.deepEqual(parseSort(fakeTable, 'name'), { column: 'name', descending: false });
    assert.deepEqual(parseSort(fakeTable, '-name'), { column: 'name', descending: true });
  });

  it('names the columns where one is unknown', () => {
    const complaint = (error: Error) =>
      error instanceof UsageError &&
      /“cpu”/.test(error.message) &&
      /time name cpu_ns cpu_pct started/.test(error.message);
    assert.throws(() => parseSort(fakeTable, '-cpu'), complaint);
    assert.throws(() => chooseColumns(fakeTable, ['name', 'cpu']), complaint);
  });
});
