import type { CpuTimes, Frame } from '../frame.js';
import type { Column } from './column.js';

export const NO_SWITCHES = 'the trace has no sched_switch';
export const NO_SYSCALLS = 'the trace has no system calls';

/** Whose the row is; `doc` says how. */
export function containerColumn(
  doc: string,
  width: number,
  priority: number,
): Column<{ readonly containerName: string }> {
  return {
    id: 'container',
    title: 'CONTAINER',
    unit: 'text',
    doc,
    value: (row) => row.containerName,
    width,
    priority,
  };
}

/** CPU time, as containers, processes and threads have it; the columns are the same everywhere. */
export const timeColumns: readonly Column<CpuTimes>[] = [
  {
    id: 'cpu_ns',
    title: 'CPU',
    unit: 'duration',
    doc: 'Time on a CPU within the interval, with the time that interrupts took from it.',
    unknown: NO_SWITCHES,
    value: (row) => row.cpuNs,
    width: 7,
    priority: 5,
  },
  {
    id: 'cpu_pct',
    title: 'CPU%',
    unit: 'percent',
    doc: 'Time on a CPU as a share of the interval; 100 % is one CPU.',
    unknown: NO_SWITCHES,
    value: (row, frame) => cpuPercent(row, frame),
    width: 6,
    priority: 1,
  },
  {
    id: 'user_ns',
    title: 'USER',
    unit: 'duration',
    doc: 'Time in user mode within the interval.',
    unknown: 'the trace has no system calls, or none told yet in which mode it runs',
    value: (row) => row.userNs,
    width: 7,
    priority: 4,
  },
  {
    id: 'kernel_ns',
    title: 'KERNEL',
    unit: 'duration',
    doc: 'Time in system calls within the interval; all of the time of kernel threads.',
    unknown: 'the trace has no system calls, or none told yet in which mode it runs',
    value: (row) => row.kernelNs,
    width: 7,
    priority: 4,
  },
  {
    id: 'irq_ns',
    title: 'IRQ',
    unit: 'duration',
    doc: 'Time that hard and soft interrupts took from it within the interval; part of cpu_ns.',
    unknown: 'the trace has no interrupt events',
    value: (row) => row.irqNs,
    width: 7,
    priority: 6,
  },
  {
    id: 'runnable_ns',
    title: 'WAIT',
    unit: 'duration',
    doc: 'Time within the interval in which its threads could have run but had no CPU, summed over the threads.',
    unknown: NO_SWITCHES,
    value: (row) => row.runnableNs,
    width: 7,
    priority: 2,
  },
];

function cpuPercent(row: CpuTimes, frame: Frame): number | undefined {
  const duration = frame.end - frame.begin;
  return row.cpuNs === undefined || duration <= 0 ? undefined : (100 * row.cpuNs) / duration;
}

/** A time of a row as ns since the epoch. */
export function absolute(frame: Frame, time: number | undefined): bigint | undefined {
  return time === undefined ? undefined : frame.origin + BigInt(Math.round(time));
}

/** Begin of the interval: the first column of every table. */
export const timeColumn: Column<unknown> = {
  id: 'time',
  title: 'TIME',
  unit: 'time',
  doc: 'Beginning of the interval.',
  value: (_row, frame) => absolute(frame, frame.begin),
  width: 12,
};
