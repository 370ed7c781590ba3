import type { TraceInfo } from '../native/types.js';
import { matches } from './analyzer.js';
import type { QualityIssue } from './frame.js';

/** A gap in what a trace can tell, and what the panels lack because of it. */
export type MissingIssue = Pick<QualityIssue, 'id' | 'severity' | 'host' | 'message' | 'remedy'> & {
  /** The event or context that is missing. */
  readonly what: string;
  /** Panels that lack something: ids of tables. */
  readonly panels: readonly string[];
};

interface Need {
  readonly id: 'missing-event' | 'missing-context';
  readonly what: string;
  /** Met if one of these events is declared … */
  readonly events?: readonly string[];
  /** … or an event with this context. */
  readonly context?: string;
  readonly severity: QualityIssue['severity'];
  readonly panels: readonly string[];
  readonly lacks: string;
  readonly remedy: string;
}

const enable = (events: string): string => `Enable them when recording: lttng enable-event -k ${events}.`;

/** What the panels need of a kernel trace, and what they lack without it. */
const needs: readonly Need[] = [
  {
    id: 'missing-event',
    what: 'sched_switch',
    events: ['sched_switch'],
    severity: 'error',
    panels: ['containers', 'processes', 'threads', 'cpus'],
    lacks: 'no CPU time, no run-queue wait and no thread state can be told',
    remedy: enable('sched_switch'),
  },
  {
    id: 'missing-event',
    what: 'sched_wakeup',
    events: ['sched_waking', 'sched_wakeup'],
    severity: 'info',
    panels: ['containers', 'processes', 'threads'],
    lacks:
      'runnable_ns counts only the wait after a preemption, not the wait after a wake-up, and nothing tells what blocked threads wait for',
    remedy: enable('sched_waking,sched_wakeup,sched_wakeup_new'),
  },
  {
    id: 'missing-event',
    what: 'sched_process_fork',
    events: ['sched_process_fork'],
    severity: 'error',
    panels: ['containers', 'processes', 'threads'],
    lacks: 'processes that began after the trace have neither container nor parent',
    remedy: enable('sched_process_fork'),
  },
  {
    id: 'missing-event',
    what: 'sched_process_exec',
    events: ['sched_process_exec'],
    severity: 'info',
    panels: ['containers', 'processes'],
    lacks: 'a container that shares the host’s pid namespace is told late or not at all',
    remedy: enable('sched_process_exec'),
  },
  {
    id: 'missing-event',
    what: 'sched_process_exit',
    events: ['sched_process_exit'],
    severity: 'info',
    panels: ['containers', 'processes', 'threads'],
    lacks: 'the end of threads is seen only where they leave their CPU',
    remedy: enable('sched_process_exit,sched_process_free'),
  },
  {
    id: 'missing-event',
    what: 'lttng_statedump_process_state',
    events: ['lttng_statedump_process_state'],
    severity: 'error',
    panels: ['containers', 'processes', 'threads'],
    lacks:
      'processes that were there before the trace have no pid, and no container until a context tells it',
    remedy: enable("'lttng_statedump_*'"),
  },
  {
    id: 'missing-event',
    what: 'syscall_entry_*',
    events: ['syscall_entry_*'],
    severity: 'info',
    panels: ['containers', 'processes', 'threads', 'denials', 'syscalls', 'files', 'connections'],
    lacks: 'user_ns, kernel_ns, system calls and what they moved are unknown, and what was refused',
    remedy: 'Enable them when recording: lttng enable-event -k --syscall -a.',
  },
  {
    id: 'missing-event',
    what: 'irq_handler_entry, irq_softirq_entry',
    events: ['irq_handler_entry', 'irq_softirq_entry'],
    severity: 'info',
    panels: ['containers', 'processes', 'threads', 'cpus'],
    lacks: 'irq_ns is unknown, and what blocked threads wait for',
    remedy: enable('irq_handler_entry,irq_handler_exit,irq_softirq_entry,irq_softirq_exit'),
  },
  {
    id: 'missing-event',
    what: 'timer_hrtimer_expire_entry',
    events: ['timer_hrtimer_expire_entry'],
    severity: 'info',
    panels: ['containers', 'processes', 'threads'],
    lacks: 'throttling is unknown, and threads that a timer wakes up seem to wait for whoever it interrupts',
    remedy: enable('timer_hrtimer_expire_entry,timer_hrtimer_expire_exit'),
  },
  {
    id: 'missing-event',
    what: 'sched_migrate_task',
    events: ['sched_migrate_task'],
    severity: 'info',
    panels: ['containers', 'waits'],
    lacks: 'threads that are moved while they wait are charged to those who have their former CPU',
    remedy: enable('sched_migrate_task'),
  },
  {
    id: 'missing-event',
    what: 'signal_generate',
    events: ['signal_generate'],
    severity: 'info',
    panels: ['denials'],
    lacks: 'processes that the kernel kills, for want of memory or by a seccomp filter, are not told',
    remedy: enable('signal_generate'),
  },
  {
    id: 'missing-event',
    what: 'block_rq_complete',
    events: ['block_rq_complete'],
    severity: 'info',
    panels: ['containers', 'processes', 'threads', 'devices', 'block'],
    lacks:
      'nothing tells what was read from and written to devices, and blocked_disk_ns has only the waits that a softirq of block devices ends',
    remedy: enable('block_rq_complete'),
  },
  {
    id: 'missing-event',
    what: 'block_rq_issue',
    events: ['block_rq_issue'],
    severity: 'info',
    panels: ['containers', 'processes', 'devices', 'block'],
    lacks: 'nothing tells who read and wrote, how long devices took, and how busy they were',
    remedy: enable('block_rq_issue'),
  },
  {
    id: 'missing-event',
    what: 'block_bio_queue',
    events: ['block_bio_queue'],
    severity: 'info',
    panels: ['containers', 'processes', 'block'],
    lacks:
      'reads and writes count for whoever gave them to the driver, which often is a worker of the kernel',
    remedy: enable('block_bio_queue'),
  },
  {
    id: 'missing-event',
    what: 'net_dev_queue, net_if_receive_skb',
    events: ['net_dev_queue'],
    severity: 'info',
    panels: ['containers', 'blockers', 'connections'],
    lacks:
      'connections have no address of their own, and who waits for a packet from another container seems to wait for the network',
    remedy: enable('net_dev_queue,net_if_receive_skb'),
  },
  {
    id: 'missing-context',
    what: 'pid_ns',
    events: ['lttng_statedump_process_pid_ns', 'sched_process_fork'],
    context: 'pid_ns',
    severity: 'error',
    panels: ['containers'],
    lacks: 'no container can be told from the host',
    remedy:
      'Add it to the channel of sched_process_fork and exec: lttng add-context -k -c CHANNEL -t pid_ns.',
  },
  {
    id: 'missing-context',
    what: 'cgroup_ns',
    context: 'cgroup_ns',
    severity: 'info',
    panels: ['containers'],
    lacks: 'containers that begin after the trace and share the host’s pid namespace count as the host',
    remedy:
      'Add it to the channel of sched_process_fork and exec: lttng add-context -k -c CHANNEL -t cgroup_ns.',
  },
];

/** What the traces do not declare, and what the panels lack because of it; user-space traces feed no panel. */
export function missing(traces: readonly TraceInfo[]): MissingIssue[] {
  const kernels = new Map<string, TraceInfo[]>();
  for (const trace of traces) {
    if (trace.env.domain === 'ust') continue;
    const host = String(trace.env.hostname ?? '');
    kernels.set(host, [...(kernels.get(host) ?? []), trace]);
  }
  const issues: MissingIssue[] = [];
  for (const [host, own] of kernels) {
    const declared = own.flatMap((trace) => trace.declared);
    for (const need of needs) {
      const met = declared.some(
        ({ name, context }) =>
          matches(need.events ?? [], name) || (need.context !== undefined && context.includes(need.context)),
      );
      if (met) continue;
      issues.push({
        id: need.id,
        what: need.what,
        panels: need.panels,
        severity: need.severity,
        host: kernels.size > 1 ? host : undefined,
        message: `The trace has no ${need.what}: ${need.lacks}.`,
        remedy: need.remedy,
      });
    }
  }
  return issues;
}
