/** A table and frames of our own, so that `dump` is tested without a trace. */
import type { Column, Table } from '../../analyzers/columns/column.js';
import type { Frame } from '../../analyzers/frame.js';

export interface FakeRow {
  readonly name: string | undefined;
  readonly cpuNs: number | undefined;
  readonly share: number | undefined;
  readonly started: bigint | undefined;
}

type FakeFrame = Frame & { readonly fake: readonly FakeRow[] };

const columns: readonly Column<FakeRow>[] = [
  {
    id: 'time',
    title: 'TIME',
    unit: 'time',
    doc: '',
    width: 12,
    value: (_, frame) => frame.origin + BigInt(frame.begin),
  },
  { id: 'name', title: 'NAME', unit: 'text', doc: '', width: 12, priority: 1, value: (row) => row.name },
  { id: 'cpu_ns', title: 'CPU', unit: 'duration', doc: '', width: 8, priority: 1, value: (row) => row.cpuNs },
  {
    id: 'cpu_pct',
    title: '%CPU',
    unit: 'percent',
    doc: '',
    width: 8,
    priority: 2,
    value: (row) => row.share,
  },
  { id: 'started', title: 'STARTED', unit: 'time', doc: '', width: 8, value: (row) => row.started },
];

export const fakeTable: Table<FakeRow> = {
  id: 'things',
  title: 'Things',
  doc: '',
  columns,
  defaultSort: { column: 'cpu_ns', descending: true },
  rows: (frame) => (frame as FakeFrame).fake,
  key: (row) => String(row.name),
  container: (row) => row.name,
};

export function fakeRow(name: string | undefined, cpuNs?: number, share?: number, started?: bigint): FakeRow {
  return { name, cpuNs, share, started };
}

/** Frame number `index`, one second long. */
export function fakeFrame(index: number, rows: readonly FakeRow[]): Frame {
  const quality = { events: 0, discardedEvents: 0, lostPackets: 0, issues: [] };
  const frame: FakeFrame = {
    origin: 1_795_363_895_000_000_000n,
    begin: index * 1e9,
    end: (index + 1) * 1e9,
    containers: [],
    processes: [],
    threads: [],
    cpus: [],
    quality,
    fake: rows,
  };
  return frame;
}
