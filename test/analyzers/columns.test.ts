import assert from 'node:assert/strict';
import test from 'node:test';
import type { Column } from '../../analyzers/columns/column.js';
import { tables } from '../../analyzers/columns/index.js';
import { HandTrace } from './batch.js';

test('the column ids of containers that scripts use are there', () => {
  const ids = new Set(tables.containers.columns.map(({ id }) => id));
  const used =
    'time name id runtime image procs threads cpu_ns cpu_pct user_ns kernel_ns irq_ns runnable_ns limit_cpus started ended ' +
    'throttled_ns throttled_pct throttled_count throttled_basis contended_ns contended_pct contended_by ' +
    'blocked_disk_ns blocked_net_ns blocked_timer_ns blocked_task_ns blocked_unknown_ns wakeup_p99_ns';
  assert.deepEqual(
    used.split(' ').filter((id) => !ids.has(id)),
    [],
  );
});

for (const table of Object.values(tables)) {
  test(`${table.id}: every column is documented in one sentence, unique, and named by its unit`, () => {
    const seen = new Set<string>();
    for (const column of table.columns as readonly Column<never>[]) {
      assert.match(column.doc, /^[A-Za-z].*\.$/, column.id);
      assert.ok(!seen.has(column.id), column.id);
      seen.add(column.id);
      if (column.unit === 'duration') assert.match(column.id, /(?:^|_)ns$/);
      if (column.unit === 'percent') assert.match(column.id, /_pct$/);
      assert.ok(column.width >= column.title.length || column.priority === undefined, column.id);
    }
    assert.ok(seen.has(table.defaultSort.column));
    assert.equal(table.columns[0]?.id, 'time');
  });

  test(`${table.id}: the columns that matter most fit on 80`, () => {
    const first = table.columns.filter(({ priority = 9 }) => priority <= 1);
    assert.ok(first.reduce((sum, { width }) => sum + width + 1, 0) <= 80);
  });
}

test('values come from the frame: times since the epoch, shares of one CPU, unknown as undefined', () => {
  const [frame] = new HandTrace()
    .dumped(0, 7, {})
    .switch(0, 0, 0, 0, 7)
    .switch(25, 0, 7, 1, 0)
    .switch(100, 0, 0, 0, 7)
    .frames();
  const [row] = tables.containers.rows(frame!);
  const value = (id: string): unknown =>
    tables.containers.columns.find((column) => column.id === id)?.value(row!, frame!);
  assert.equal(value('time'), frame!.origin);
  assert.equal(value('cpu_ns'), 25);
  assert.equal(value('cpu_pct'), 25);
  assert.equal(value('user_ns'), undefined);
  assert.equal(value('limit_cpus'), undefined);
});
