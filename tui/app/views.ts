/** What can be looked at. A view is a table of the analyzers with what the screen adds: where Enter leads, and a trend. */
import type { Column, Table } from '../../analyzers/columns/column.js';
import { tables } from '../../analyzers/columns/index.js';
import type { OccurrenceRow } from '../../analyzers/columns/occurrences.js';
import type {
  ConnectionRow,
  ContainerRow,
  CpuRow,
  DenialRow,
  DeviceRow,
  FileRow,
  Frame,
  ProcessRow,
  SyscallRow,
  ThreadRow,
} from '../../analyzers/frame.js';
import { SERIES_TOKENS } from '../charts/looks.js';
import type { StripPart } from '../components/strip.js';
import type { Token } from '../theme.js';
import type { Family } from './tree.js';

export type ViewId =
  | 'containers'
  | 'history'
  | 'waits'
  | 'denials'
  | 'occurrences'
  | 'syscalls'
  | 'files'
  | 'connections'
  | 'processes'
  | 'threads'
  | 'cpus'
  | 'devices'
  | 'quality';

/** What a view is narrowed to by drilling. Names are for the crumbs. */
export interface Scope {
  readonly container?: { readonly key: string; readonly name: string };
  readonly process?: { readonly pid: number; readonly name: string };
  /** A kind of refusal, by the key of its row. */
  readonly denial?: { readonly key: string; readonly name: string };
}

export interface Drill {
  readonly view: ViewId;
  readonly scope: Scope;
}

/** `Row` is erased in lists of views: whoever gets rows of a view gives them back to the same view only. */
export interface View<Row = unknown> {
  readonly id: ViewId;
  readonly title: string;
  /** One sentence for the menu of views. */
  readonly doc: string;
  readonly table: Table<Row>;
  /** What is drawn in the body beside the table, and how many rows of the body are left to the table. */
  readonly panel?: {
    readonly id: 'history' | 'waits';
    tableRows(bodyRows: number): number;
  };
  /** Column whose past is drawn as a sparkline beside it. */
  readonly trend?: string;
  /** Column that is drawn as one line of shares, as wide as there is room. */
  readonly strip?: { readonly column: string; parts(row: Row, frame: Frame): readonly StripPart[] };
  /** Column that says the same in every row once a container was entered. */
  readonly containerColumn?: string;
  /** What its rows can be narrowed to; of the rest of a scope it shows all, and the crumbs say so. */
  readonly narrowedTo?: readonly (keyof Scope)[];
  /** Whether the row belongs to what was drilled into. */
  inScope?(row: Row, scope: Scope): boolean;
  /** Whose child a row is, where rows can stand as a tree. */
  readonly family?: Family<Row>;
  /** Where Enter leads. */
  drill?(row: Row, scope: Scope): Drill | undefined;
  /** The row's look, where it differs from the others'. */
  token?(row: Row): Token | undefined;
  /** What a share of the row is measured against, in %; 100 (one CPU) if undefined. */
  ceiling?(row: Row): number | undefined;
  /** How a row is called where it stands alone: details, crumbs. */
  name(row: Row, frame: Frame): string;
  /** What an empty table says. */
  readonly empty: string;
}

const containers: View<ContainerRow> = {
  id: 'containers',
  title: 'Containers',
  doc: 'CPU time of each container and of the host around them',
  table: tables.containers,
  trend: 'cpu_pct',
  drill: (row) => ({ view: 'processes', scope: { container: { key: row.key, name: row.name } } }),
  token: (row) => (row.isHost ? 'host' : row.ended === undefined ? undefined : 'muted'),
  ceiling: (row) => (row.limitCpus === undefined ? undefined : row.limitCpus * 100),
  name: (row) => row.name,
  empty:
    'No container has appeared yet. Start one; v shows other views, of them Quality what the trace lacks.',
};

const history: View<ContainerRow> = {
  ...containers,
  id: 'history',
  title: 'History',
  doc: 'Charts of containers over the kept time; ← → move the whole screen in time, x and y choose what is drawn',
  panel: { id: 'history', tableRows: (bodyRows) => Math.max(3, Math.min(10, Math.floor(bodyRows / 3))) },
  narrowedTo: ['container'],
  inScope: (row, scope) => scope.container === undefined || row.key === scope.container.key,
};

const waits: View<ContainerRow> = {
  ...containers,
  id: 'waits',
  title: 'Waits',
  doc: 'Where the time of threads went, and who had the CPUs that others waited for',
  panel: { id: 'waits', tableRows: (bodyRows) => Math.max(3, Math.ceil(bodyRows / 2) - 2) },
  narrowedTo: ['container'],
  inScope: (row, scope) => scope.container === undefined || row.key === scope.container.key,
};

const denials: View<DenialRow> = {
  id: 'denials',
  title: 'Denials',
  doc: 'What was refused, and why; errors of normal work are left to dump denials',
  table: tables.denials,
  containerColumn: 'container',
  narrowedTo: ['container', 'process'],
  inScope: (row, scope) =>
    row.expected === undefined &&
    (scope.container === undefined || row.container === scope.container.key) &&
    (scope.process === undefined || row.occurrences.some(({ pid }) => pid === scope.process!.pid)),
  drill: (row, scope) => ({
    view: 'occurrences',
    scope: {
      ...scope,
      container: { key: row.container, name: row.containerName },
      denial: { key: tables.denials.key(row), name: `${row.syscall} ${row.errno}` },
    },
  }),
  name: (row) => `${row.syscall} ${row.object ?? ''}`,
  empty: 'Nothing was refused in this interval. a goes to the next one in which something was.',
};

const occurrences: View<OccurrenceRow> = {
  id: 'occurrences',
  title: 'Occurrences',
  doc: 'Single refusals with evidence and remedy: of each kind the last eight of the interval',
  table: tables.occurrences,
  containerColumn: 'container',
  narrowedTo: ['container', 'process', 'denial'],
  inScope: ({ denial, pid }, scope) =>
    (scope.container === undefined || denial.container === scope.container.key) &&
    (scope.process === undefined || pid === scope.process.pid) &&
    (scope.denial === undefined || tables.denials.key(denial) === scope.denial.key),
  name: ({ denial }) => `${denial.syscall} ${denial.object ?? ''}`,
  empty: 'Nothing like it was refused in this interval.',
};

const syscalls: View<SyscallRow> = {
  id: 'syscalls',
  title: 'System calls',
  doc: 'Which calls of the kernel containers make, how long these take, and how many fail',
  table: tables.syscalls,
  containerColumn: 'container',
  narrowedTo: ['container'],
  inScope: (row, scope) => scope.container === undefined || row.container === scope.container.key,
  name: (row) => row.syscall,
  empty: 'No system call came back in this interval.',
};

const files: View<FileRow> = {
  id: 'files',
  title: 'Files',
  doc: 'Which files containers read and write',
  table: tables.files,
  containerColumn: 'container',
  narrowedTo: ['container'],
  inScope: (row, scope) => scope.container === undefined || row.container === scope.container.key,
  name: (row) => row.path ?? '',
  empty: 'No file was used in this interval.',
};

const connections: View<ConnectionRow> = {
  id: 'connections',
  title: 'Connections',
  doc: 'With whom containers are connected, and what goes through',
  table: tables.connections,
  containerColumn: 'container',
  narrowedTo: ['container', 'process'],
  inScope: (row, scope) =>
    (scope.container === undefined || row.container === scope.container.key) &&
    (scope.process === undefined || row.pid === scope.process.pid),
  name: (row) => `${row.protocol ?? ''} ${row.peer ?? ''}`,
  empty: 'No socket was used in this interval.',
};

const processes: View<ProcessRow> = {
  id: 'processes',
  title: 'Processes',
  doc: 'Processes, of all containers or of the one that was entered',
  table: tables.processes,
  containerColumn: 'container',
  narrowedTo: ['container'],
  inScope: (row, scope) => scope.container === undefined || row.container === scope.container.key,
  drill: (row) => ({
    view: 'threads',
    scope: {
      container: { key: row.container, name: row.containerName },
      process: { pid: row.pid, name: row.comm ?? String(row.pid) },
    },
  }),
  family: {
    column: 'comm',
    id: (row) => pidOnHost(row, row.pid),
    parent: (row) => (row.ppid === undefined ? undefined : pidOnHost(row, row.ppid)),
  },
  token: (row) => (row.ended === undefined ? undefined : 'muted'),
  name: (row) => `${row.comm ?? ''}[${row.pid}]`,
  empty: 'No process lived in this interval. ← and → go to others, Backspace goes back.',
};

/** Where several hosts were traced, keys of containers begin with the host's name. */
function pidOnHost({ container }: ProcessRow, pid: number): string {
  return `${container.slice(0, container.indexOf('/') + 1)}${pid}`;
}

const threads: View<ThreadRow> = {
  id: 'threads',
  title: 'Threads',
  doc: 'Threads and their states, of all containers or of what was entered',
  table: tables.threads,
  containerColumn: 'container',
  narrowedTo: ['container', 'process'],
  inScope: (row, scope) =>
    (scope.container === undefined || row.container === scope.container.key) &&
    (scope.process === undefined || row.pid === scope.process.pid),
  token: (row) => (row.ended === undefined ? undefined : 'muted'),
  name: (row) => `${row.comm ?? ''}[${row.tid}]`,
  empty: 'No thread lived in this interval. ← and → go to others, Backspace goes back.',
};

/** Each one's share of the CPU; a container looks the same on all of them. */
function runnerParts({ runners = [] }: CpuRow, { begin, end }: Frame): StripPart[] {
  return runners.map(({ container, name, ns }) => ({
    name,
    share: ns / (end - begin),
    token: container.endsWith('host') ? 'host' : seriesOf(container),
  }));
}

function seriesOf(key: string): Token {
  let hash = 0;
  for (const char of key) hash = (hash * 31 + char.codePointAt(0)!) % 65_521;
  return SERIES_TOKENS[hash % SERIES_TOKENS.length]!;
}

const cpus: View<CpuRow> = {
  id: 'cpus',
  title: 'CPUs',
  doc: 'Who had each CPU: containers, host, interrupts, idle',
  table: tables.cpus,
  strip: { column: 'top', parts: runnerParts },
  name: (row) => `CPU ${row.cpu}`,
  empty: 'The trace does not tell of CPUs.',
};

const devices: View<DeviceRow> = {
  id: 'devices',
  title: 'Devices',
  doc: 'Block devices: what was read and written, and how long it took',
  table: tables.devices,
  trend: 'busy_pct',
  name: (row) => row.device,
  empty: 'No block device was given anything to do yet. Quality (v) tells if the trace lacks its events.',
};

const quality: View<ReturnType<typeof tables.quality.rows>[number]> = {
  id: 'quality',
  title: 'Quality',
  doc: 'What the trace lost or lacks, and what to do about it',
  table: tables.quality,
  name: (row, frame) => String(tables.quality.columns.at(-1)?.value(row, frame) ?? ''),
  empty: 'Nothing was lost and nothing is missing in this interval.',
};

export const views: readonly View[] = [
  containers,
  history,
  waits,
  denials,
  occurrences,
  syscalls,
  files,
  connections,
  processes,
  threads,
  cpus,
  devices,
  quality,
].map((view) => view as unknown as View);

export function viewOf(id: ViewId): View {
  return views.find((view) => view.id === id)!;
}

/** From the innermost out. */
const SCOPES: readonly (keyof Scope)[] = ['denial', 'process', 'container'];

/** What the view shows beyond what was entered; undefined where it is narrowed to all of that. */
export function beyondScope({ narrowedTo = [] }: View, scope: Scope): string | undefined {
  const entered = SCOPES.filter((kind) => scope[kind] !== undefined);
  const untold = entered.find((kind) => !narrowedTo.includes(kind));
  if (untold === undefined) return undefined;
  const told = entered.find((kind) => narrowedTo.includes(kind));
  return told === undefined ? `not only of ${scope[untold]!.name}` : `of all of ${scope[told]!.name}`;
}

/** Columns that a screen may show: those with a priority that tell something there. */
export function screenColumns(view: View, scope: Scope): readonly Column<unknown>[] {
  return view.table.columns.filter(
    ({ id, priority }) =>
      priority !== undefined && !(scope.container !== undefined && id === view.containerColumn),
  );
}
