import type { CpuRow, Frame, Runner } from '../frame.js';
import type { Column, Table } from './column.js';
import { timeColumn } from './times.js';

const hostColumn: Column<Pick<CpuRow, 'host'>> = {
  id: 'host',
  title: 'HOST',
  unit: 'text',
  doc: 'Host that the CPU is of, where several were traced.',
  unknown: 'only one host was traced',
  value: (row) => row.host,
  width: 16,
  priority: 6,
};

const cpuColumn: Column<Pick<CpuRow, 'cpu'>> = {
  id: 'cpu',
  title: 'CPU',
  unit: 'count',
  doc: 'Number of the CPU.',
  value: (row) => row.cpu,
  width: 5,
  priority: 1,
};

/** So many are named in one cell. */
const NAMED = 3;

function whoHad({ runners = [] }: CpuRow, { begin, end }: Frame): string | undefined {
  if (runners.length === 0 || end <= begin) return undefined;
  return runners
    .slice(0, NAMED)
    .map(({ name, ns }) => `${name} ${Math.round((100 * ns) / (end - begin))}%`)
    .join(', ');
}

export const cpus: Table<CpuRow> = {
  id: 'cpus',
  title: 'CPUs',
  doc: 'The CPUs of the traced hosts: who had them.',
  searched: ['cpu', 'host'],
  defaultSort: { column: 'cpu', descending: false },
  rows: (frame) => frame.cpus,
  key: (row) => `${row.host ?? ''}/${row.cpu}`,
  container: () => undefined,
  columns: [
    timeColumn,
    hostColumn,
    cpuColumn,
    {
      id: 'top',
      title: 'WHO',
      unit: 'text',
      doc: 'Containers, or the host, that had it longest, with their shares of the interval.',
      unknown: 'nobody was seen to have it',
      value: whoHad,
      width: 60,
      priority: 2,
    },
    {
      id: 'containers_ns',
      title: 'CONTAINERS',
      unit: 'duration',
      doc: 'Time within the interval in which threads of containers had it.',
      value: (row) => row.containersNs,
      width: 10,
      priority: 1,
    },
    {
      id: 'host_ns',
      title: 'HOST TIME',
      unit: 'duration',
      doc: 'Time within the interval in which the host’s own threads had it.',
      value: (row) => row.hostNs,
      width: 9,
      priority: 1,
    },
    {
      id: 'idle_ns',
      title: 'IDLE',
      unit: 'duration',
      doc: 'Time within the interval in which no thread had it, with the interrupts that came meanwhile.',
      value: (row) => row.idleNs,
      width: 7,
      priority: 1,
    },
    {
      id: 'irq_ns',
      title: 'IRQ',
      unit: 'duration',
      doc: 'Time of hard and soft interrupts within the interval, whoever was interrupted.',
      unknown: 'the trace has no interrupt events',
      value: (row) => row.irqNs,
      width: 7,
      priority: 2,
    },
    {
      id: 'unknown_ns',
      title: 'UNKNOWN',
      unit: 'duration',
      doc: 'Time within the interval of which the trace does not tell who had it: before the first switch, after a loss, or a thread that nothing told of.',
      value: (row) => row.unknownNs,
      width: 7,
      priority: 3,
    },
  ],
};

/** One who had one CPU. */
interface Run extends Runner {
  readonly host: string | undefined;
  readonly cpu: number;
}

export const runners: Table<Run> = {
  id: 'runners',
  title: 'Runners',
  doc: 'Who ran where: time that each container, or the host, had each CPU.',
  defaultSort: { column: 'ns', descending: true },
  rows: (frame) =>
    frame.cpus.flatMap(({ host, cpu, runners: all = [] }) => all.map((runner) => ({ ...runner, host, cpu }))),
  key: (row) => `${row.host ?? ''}/${row.cpu} ${row.container}`,
  container: (row) => row.name,
  columns: [
    timeColumn,
    hostColumn,
    cpuColumn,
    {
      id: 'container',
      title: 'CONTAINER',
      unit: 'text',
      doc: 'Container, or host; others: all that had it for less than a thousandth of the time.',
      value: (row) => row.name,
      width: 24,
      priority: 1,
    },
    {
      id: 'ns',
      title: 'TIME ON IT',
      unit: 'duration',
      doc: 'How long its threads had the CPU within the interval.',
      value: (row) => row.ns,
      width: 10,
      priority: 1,
    },
  ],
};
