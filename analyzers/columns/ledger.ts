import type { ContainerRow, CpuTimes, Frame, ProcessRow, ThreadRow } from '../frame.js';
import type { Column } from './column.js';
import { NO_SWITCHES } from './times.js';

const NO_CAUSES = 'the trace has no sched_switch, no wake-ups or no interrupts';
const NO_THROTTLING = 'the trace has neither the kprobes nor hrtimer events that tell throttling';

function share(frame: Frame, ns: number | undefined): number | undefined {
  const duration = frame.end - frame.begin;
  return ns === undefined || duration <= 0 ? undefined : (100 * ns) / duration;
}

const contended: readonly Column<CpuTimes>[] = [
  {
    id: 'contended_ns',
    title: 'CONTENDED',
    unit: 'duration',
    doc: 'Part of runnable_ns in which others had the CPU.',
    unknown: NO_SWITCHES,
    value: (row) => row.contendedNs,
    width: 9,
    priority: 5,
  },
  {
    id: 'contended_pct',
    title: 'CONT%',
    unit: 'percent',
    doc: 'contended_ns as a share of the interval; 100 % is one thread that waits all the time.',
    unknown: NO_SWITCHES,
    value: (row, frame) => share(frame, row.contendedNs),
    width: 6,
    priority: 3,
  },
];

const blocked: readonly Column<CpuTimes>[] = [
  {
    id: 'blocked_disk_ns',
    title: 'DISK',
    unit: 'duration',
    doc: 'Time blocked until a disk was done, summed over the threads.',
    unknown: NO_CAUSES,
    value: (row) => row.blockedDiskNs,
    width: 7,
    priority: 4,
  },
  {
    id: 'blocked_net_ns',
    title: 'NETWORK',
    unit: 'duration',
    doc: 'Time blocked until a packet came from outside of the host, or one was sent.',
    unknown: NO_CAUSES,
    value: (row) => row.blockedNetNs,
    width: 7,
    priority: 4,
  },
  {
    id: 'blocked_timer_ns',
    title: 'TIMER',
    unit: 'duration',
    doc: 'Time blocked until a timer ran out: sleeps and timeouts.',
    unknown: NO_CAUSES,
    value: (row) => row.blockedTimerNs,
    width: 7,
    priority: 6,
  },
  {
    id: 'blocked_task_ns',
    title: 'OTHERS',
    unit: 'duration',
    doc: 'Time blocked until another thread on this host woke it up or sent it a packet.',
    unknown: NO_CAUSES,
    value: (row) => row.blockedTaskNs,
    width: 7,
    priority: 6,
  },
  {
    id: 'blocked_unknown_ns',
    title: 'BLOCKED ?',
    unit: 'duration',
    doc: 'Time blocked of which nothing tells what for.',
    unknown: NO_SWITCHES,
    value: (row) => row.blockedUnknownNs,
    width: 9,
  },
  {
    id: 'stopped_ns',
    title: 'STOPPED',
    unit: 'duration',
    doc: 'Time stopped by a signal or a debugger.',
    unknown: NO_SWITCHES,
    value: (row) => row.stoppedNs,
    width: 7,
  },
  {
    id: 'unknown_ns',
    title: 'UNKNOWN',
    unit: 'duration',
    doc: 'Time of which nothing tells what the threads did: before the first event that does, and across losses.',
    unknown: NO_SWITCHES,
    value: (row) => row.unknownNs,
    width: 7,
  },
  {
    id: 'thread_ns',
    title: 'THREAD TIME',
    unit: 'duration',
    doc: 'Time that its threads existed: the sum of cpu_ns, runnable_ns, the blocked_…_ns, stopped_ns and unknown_ns.',
    unknown: NO_SWITCHES,
    value: threadTime,
    width: 11,
  },
];

/** The sum of all states. */
export function threadTime(row: CpuTimes): number | undefined {
  if (row.cpuNs === undefined || row.runnableNs === undefined) return undefined;
  const blockedNs =
    (row.blockedDiskNs ?? 0) +
    (row.blockedNetNs ?? 0) +
    (row.blockedTimerNs ?? 0) +
    (row.blockedTaskNs ?? 0) +
    (row.blockedUnknownNs ?? 0);
  return row.cpuNs + row.runnableNs + blockedNs + (row.stoppedNs ?? 0) + (row.unknownNs ?? 0);
}

/** Of processes and threads. */
export const ledgerColumns: readonly Column<ProcessRow | ThreadRow>[] = [
  {
    id: 'throttled_ns',
    title: 'THROTTLED',
    unit: 'duration',
    doc: 'Part of runnable_ns in which the quota of its cgroup was used up.',
    unknown: NO_THROTTLING,
    value: (row) => row.throttledNs,
    width: 9,
    priority: 4,
  },
  ...contended,
  ...blocked,
];

/** Of containers, which have queues on several CPUs, and who took these from them. */
export const containerLedgerColumns: readonly Column<ContainerRow>[] = [
  {
    id: 'why',
    title: 'WHY',
    unit: 'text',
    doc: 'Why it is not faster: quota, crowded out by others, disk, network, waiting for others, idle or ok, with its share of the interval.',
    unknown: 'it is the host, or the trace has no sched_switch',
    value: (row) => row.why?.text,
    width: 48,
    least: 22,
    priority: 3,
  },
  {
    id: 'throttled_ns',
    title: 'THROTTLED',
    unit: 'duration',
    doc: 'Time in which its queues were throttled because its quota was used up, summed over the CPUs, as throttled_usec in cpu.stat. Below a slice or pod with the quota: the queues of all below it, as long as its own threads wait for them too.',
    unknown: NO_THROTTLING,
    value: (row) => row.queuesThrottledNs,
    width: 9,
    priority: 4,
  },
  {
    id: 'throttled_pct',
    title: 'THR%',
    unit: 'percent',
    doc: 'throttled_ns as a share of the interval; 100 % is the queue of one CPU all the time.',
    unknown: NO_THROTTLING,
    value: (row, frame) => share(frame, row.queuesThrottledNs),
    width: 6,
    priority: 3,
  },
  {
    id: 'throttled_count',
    title: 'THR#',
    unit: 'count',
    doc: 'Periods in which its quota was used up, as nr_throttled in cpu.stat.',
    unknown: NO_THROTTLING,
    value: (row) => row.throttledCount,
    width: 5,
    priority: 5,
  },
  {
    id: 'throttled_basis',
    title: 'THR BY',
    unit: 'text',
    doc: 'How throttling is told: measured (kprobes), sampled (cpu.stat) or inferred (from the pattern of switches).',
    unknown: NO_THROTTLING,
    value: (row) => row.throttledBasis,
    width: 8,
    priority: 6,
  },
  {
    id: 'throttled_threads_ns',
    title: 'THR THREADS',
    unit: 'duration',
    doc: 'Part of runnable_ns in which its threads waited in throttled queues, summed over the threads.',
    unknown: NO_THROTTLING,
    value: (row) => row.throttledNs,
    width: 11,
  },
  ...contended,
  {
    id: 'contended_by',
    title: 'BY',
    unit: 'text',
    doc: 'Who had the CPUs most while its threads were runnable: another container or a process of the host.',
    unknown: 'nobody else had them',
    value: (row) => row.contendedBy,
    width: 16,
    priority: 4,
  },
  ...blocked,
  {
    id: 'wakeup_p50_ns',
    title: 'WAKE P50',
    unit: 'duration',
    doc: 'Time from a wake-up to the CPU that half of the wake-ups do not exceed (to 3 %).',
    unknown: 'no thread of it was woken up and ran',
    value: (row) => row.wakeupP50Ns,
    width: 8,
  },
  {
    id: 'wakeup_p99_ns',
    alias: 'lat',
    title: 'WAKE P99',
    unit: 'duration',
    doc: 'Time from a wake-up to the CPU that 99 % of the wake-ups do not exceed (to 3 %).',
    unknown: 'no thread of it was woken up and ran',
    value: (row) => row.wakeupP99Ns,
    width: 8,
    priority: 5,
  },
  {
    id: 'wakeup_max_ns',
    title: 'WAKE MAX',
    unit: 'duration',
    doc: 'Longest time from a wake-up to the CPU.',
    unknown: 'no thread of it was woken up and ran',
    value: (row) => row.wakeupMaxNs,
    width: 8,
  },
  {
    id: 'migrations',
    title: 'MIGRATIONS',
    unit: 'count',
    doc: 'How often one of its threads was moved to another CPU.',
    unknown: 'the trace has no sched_migrate_task',
    value: (row) => row.migrations,
    width: 10,
  },
];
