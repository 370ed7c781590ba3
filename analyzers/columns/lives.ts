import type { Lives } from '../frame.js';
import type { Column } from './column.js';

const NO_FORKS = 'the trace has no sched_process_fork';
const NO_EXITS = 'the trace has neither sched_process_exit nor sched_switch';

/** What began and ended within the interval: also what is too short to be seen at its end. */
export const livesColumns: readonly Column<Lives>[] = [
  {
    id: 'procs_started',
    title: 'PROCS+',
    unit: 'count',
    doc: 'Processes that were started within the interval, also those that are over.',
    unknown: NO_FORKS,
    value: (row) => row.procsStarted,
    width: 6,
    priority: 5,
  },
  {
    id: 'procs_ended',
    title: 'PROCS-',
    unit: 'count',
    doc: 'Processes that ended within the interval.',
    unknown: NO_EXITS,
    value: (row) => row.procsEnded,
    width: 6,
    priority: 6,
  },
  {
    id: 'threads_started',
    title: 'THREADS+',
    unit: 'count',
    doc: 'Threads that were started within the interval, also those that are over.',
    unknown: NO_FORKS,
    value: (row) => row.threadsStarted,
    width: 8,
  },
  {
    id: 'threads_ended',
    title: 'THREADS-',
    unit: 'count',
    doc: 'Threads that ended within the interval.',
    unknown: NO_EXITS,
    value: (row) => row.threadsEnded,
    width: 8,
  },
];
