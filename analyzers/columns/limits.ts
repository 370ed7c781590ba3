import type { ContainerRow } from '../frame.js';
import type { Column } from './column.js';

const NO_LIMIT = 'there is no limit, or the inventory does not have this container';

/** A time that the kernel tells in microseconds. */
function nanos(us: number | undefined): number | undefined {
  return us === undefined ? undefined : us * 1e3;
}

/** What a container's cgroup may use, and its pids, which only have a meaning beside their limit. */
export const limitColumns: readonly Column<ContainerRow>[] = [
  {
    id: 'pids',
    title: 'PIDS',
    unit: 'count',
    doc: 'Processes and threads in its cgroup at the end of the interval, as pids.current counts them.',
    unknown: 'the inventory has no samples of its cgroup',
    value: (row) => row.pids,
    width: 6,
    priority: 6,
  },
  {
    id: 'pids_limit',
    title: 'PIDLIM',
    unit: 'count',
    doc: 'Most processes and threads that it may have, the tightest of its own cgroup and those above it.',
    unknown: NO_LIMIT,
    value: (row) => row.limits?.pids,
    width: 6,
    priority: 7,
  },
  {
    id: 'limit_cpus_by',
    title: 'LIMIT OF',
    unit: 'text',
    doc: 'Path of the cgroup that sets limit_cpus: its own, or that of its pod or slice.',
    unknown: NO_LIMIT,
    value: (row) => row.limits?.cpusSetBy,
    width: 30,
  },
  {
    id: 'cpu_quota_ns',
    title: 'QUOTA',
    unit: 'duration',
    doc: 'Time on CPUs that its own cgroup may have in each period.',
    unknown: NO_LIMIT,
    value: (row) => nanos(row.limits?.cpuQuotaUs),
    width: 7,
  },
  {
    id: 'cpu_period_ns',
    title: 'PERIOD',
    unit: 'duration',
    doc: 'Length of a period of its own cgroup’s quota.',
    unknown: 'the inventory does not have this container’s cgroup',
    value: (row) => nanos(row.limits?.cpuPeriodUs),
    width: 7,
  },
  {
    id: 'cpu_burst_ns',
    title: 'BURST',
    unit: 'duration',
    doc: 'Unused quota that its own cgroup may save up.',
    unknown: NO_LIMIT,
    value: (row) => nanos(row.limits?.cpuBurstUs),
    width: 7,
  },
  {
    id: 'cpu_weight',
    title: 'WEIGHT',
    unit: 'count',
    doc: 'Its share of CPUs that are contended, as cgroup version 2 has it: 1 to 10000, 100 by default.',
    unknown: 'the host’s CPU controller is of version 1, or the inventory does not have this container',
    value: (row) => row.limits?.cpuWeight,
    width: 6,
  },
  {
    id: 'cpu_shares',
    title: 'SHARES',
    unit: 'count',
    doc: 'Its share of CPUs that are contended, as cgroup version 1 has it: 1024 by default.',
    unknown: 'the host’s CPU controller is of version 2, or the inventory does not have this container',
    value: (row) => row.limits?.cpuShares,
    width: 6,
  },
  {
    id: 'cpuset',
    title: 'CPUSET',
    unit: 'text',
    doc: 'CPUs that it may run on: 0-3,8.',
    unknown: 'the inventory does not have this container’s cgroup',
    value: (row) => row.limits?.cpuset,
    width: 10,
  },
];
