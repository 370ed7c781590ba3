import type { DenialRow } from '../frame.js';
import type { Column, Table } from './column.js';
import { denials } from './denials.js';
import { absolute, timeColumn } from './times.js';

/** One refusal of a group. */
export interface OccurrenceRow {
  readonly denial: DenialRow;
  readonly time: number;
  readonly pid: number | undefined;
  readonly tid: number;
}

/** What it has in common with the others of its group. */
function shared(id: string, priority: number): Column<OccurrenceRow> {
  const column = denials.columns.find((each) => each.id === id)!;
  return { ...column, value: (row, frame) => column.value(row.denial, frame), priority };
}

/** What the explanation says, which is a sentence each. */
function words(
  id: 'sentence' | 'allow' | 'price',
  title: string,
  doc: string,
  unknown: string,
): Column<OccurrenceRow> {
  return { id, title, unit: 'text', doc, unknown, value: ({ denial }) => denial[id], width: 60, priority: 7 };
}

const NOTHING_TO_ALLOW = 'there is nothing to allow, or no runtime keeps it from this';

export const occurrences: Table<OccurrenceRow> = {
  id: 'occurrences',
  needs: 'denials',
  title: 'Occurrences',
  doc: 'Single refusals: of each kind of refusal the last eight of the interval.',
  defaultSort: { column: 'at', descending: true },
  rows: (frame) =>
    (frame.denials ?? []).flatMap((denial) =>
      denial.expected === undefined
        ? denial.occurrences.map((occurrence) => ({ denial, ...occurrence }))
        : [],
    ),
  key: ({ denial, time, tid }) => [denials.key(denial), time, tid].join('\n'),
  container: ({ denial }) => denial.containerName,
  filters: denials.filters!,
  columns: [
    timeColumn,
    {
      id: 'at',
      title: 'AT',
      unit: 'time',
      doc: 'When it was refused.',
      value: (row, frame) => absolute(frame, row.time),
      width: 12,
      priority: 1,
    },
    shared('container', 2),
    shared('comm', 2),
    {
      id: 'pid',
      title: 'PID',
      unit: 'tid',
      doc: 'Process that was refused, as the host sees it.',
      unknown: 'neither statedump nor fork told it',
      value: (row) => row.pid,
      width: 7,
      priority: 2,
    },
    {
      id: 'tid',
      title: 'TID',
      unit: 'tid',
      doc: 'Thread that was refused, as the host sees it.',
      value: (row) => row.tid,
      width: 7,
      priority: 5,
    },
    shared('syscall', 1),
    shared('object', 1),
    shared('errno', 1),
    shared('cause', 3),
    shared('confidence', 4),
    shared('evidence', 3),
    words('sentence', 'WHAT', 'What happened, in words.', 'the rule has no words for it'),
    words('allow', 'TO ALLOW', 'What would allow it.', NOTHING_TO_ALLOW),
    words('price', 'GIVES AWAY', 'What allowing it would give away.', NOTHING_TO_ALLOW),
  ],
};
