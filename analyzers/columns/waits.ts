import type { PairRow } from '../frame.js';
import type { Column, Table } from './column.js';
import { timeColumn } from './times.js';

const pairColumns: readonly Column<PairRow>[] = [
  timeColumn,
  {
    id: 'host',
    title: 'HOST',
    unit: 'text',
    doc: 'Host that both are on, where several were traced.',
    unknown: 'only one host was traced',
    value: (row) => row.host,
    width: 16,
  },
  {
    id: 'victim',
    title: 'VICTIM',
    unit: 'text',
    doc: 'Container that waited, or the host.',
    value: (row) => row.victimName,
    width: 24,
    priority: 1,
  },
  {
    id: 'culprit',
    title: 'CULPRIT',
    unit: 'text',
    doc: 'For whom: a container (also itself), a process of the host by name, idle (a CPU on its way to run it), unknown.',
    value: (row) => row.culpritName,
    width: 24,
    priority: 1,
  },
  {
    id: 'ns',
    title: 'WAITED',
    unit: 'duration',
    doc: 'How long within the interval, summed over the victim’s threads.',
    value: (row) => row.ns,
    width: 8,
    priority: 1,
  },
];

const pairs = {
  columns: pairColumns,
  defaultSort: { column: 'ns', descending: true },
  key: (row: PairRow) => `${row.victim} ${row.culprit}`,
  container: (row: PairRow) => row.victimName,
} as const;

export const waits: Table<PairRow> = {
  ...pairs,
  id: 'waits',
  title: 'Waits',
  doc: 'Who had the CPUs while others were runnable on them: contended time by victim and culprit.',
  rows: (frame) => frame.waits ?? [],
};

export const blockers: Table<PairRow> = {
  ...pairs,
  id: 'blockers',
  title: 'Blockers',
  doc: 'For whom threads were blocked: the time until a thread of the culprit woke one of the victim up.',
  rows: (frame) => frame.blockers ?? [],
};
