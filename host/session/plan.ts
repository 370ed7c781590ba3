/**
 * What boxtop records: one table of channels, events, probes and contexts. A plan is that part of it that somebody chose
 * and the kernel has; from a plan come both the commands that boxtop runs and those that it prints.
 */

/** What `--events` chooses from. Threads, containers and CPU time (`sched`) are always recorded. */
export const EVENT_GROUPS = ['sched', 'syscall', 'block', 'net', 'irq'] as const;
export type EventGroup = (typeof EVENT_GROUPS)[number];

interface ChannelSpec {
  readonly name: string;
  readonly group: EventGroup;
  /** Sub-buffers of each CPU: size in KiB, and how many. */
  readonly subbufKib: number;
  readonly subbufs: number;
  /** Tracepoints; one that ends in `*` means every one whose name begins so. */
  readonly events: readonly string[];
  /** Kernel functions whose entry is recorded, as event `probe_NAME`. */
  readonly probes?: readonly string[];
  readonly contexts?: readonly string[];
  /** All system calls, entry and exit. */
  readonly syscalls?: true;
}

/**
 * Contexts and the width of event headers belong to a channel. Events that come often have channels without contexts, with
 * so few kinds of events that headers are short: half the data of one channel with everything.
 */
export const CHANNELS: readonly ChannelSpec[] = [
  {
    name: 'sched',
    group: 'sched',
    subbufKib: 512,
    subbufs: 8,
    events: [
      'sched_switch',
      'sched_wakeup',
      'sched_wakeup_new',
      'sched_waking',
      'sched_migrate_task',
      'signal_generate',
    ],
    probes: ['throttle_cfs_rq', 'unthrottle_cfs_rq'],
  },
  {
    name: 'life',
    group: 'sched',
    subbufKib: 512,
    subbufs: 4,
    events: [
      'sched_process_fork',
      'sched_process_exec',
      'sched_process_exit',
      'sched_process_free',
      'lttng_statedump_*',
    ],
    contexts: ['pid_ns', 'cgroup_ns', 'mnt_ns', 'net_ns', 'ipc_ns', 'uts_ns', 'user_ns'],
  },
  { name: 'syscall', group: 'syscall', subbufKib: 512, subbufs: 8, events: [], syscalls: true },
  {
    name: 'block',
    group: 'block',
    subbufKib: 256,
    subbufs: 4,
    events: [
      'block_bio_queue',
      'block_bio_remap',
      'block_rq_insert',
      'block_rq_issue',
      'block_rq_requeue',
      'block_rq_complete',
    ],
  },
  {
    name: 'net',
    group: 'net',
    subbufKib: 256,
    subbufs: 4,
    events: ['net_dev_queue', 'net_dev_xmit', 'net_if_receive_skb'],
  },
  {
    name: 'irq',
    group: 'irq',
    subbufKib: 512,
    subbufs: 4,
    events: [
      'irq_handler_entry',
      'irq_handler_exit',
      'irq_softirq_entry',
      'irq_softirq_exit',
      'timer_hrtimer_expire_entry',
      'timer_hrtimer_expire_exit',
    ],
  },
];

/** What a kernel's tracer can record. */
export interface TracerAbilities {
  /** Names of tracepoints. */
  readonly events: ReadonlySet<string>;
  readonly syscalls: boolean;
  readonly contexts: ReadonlySet<string>;
  /** Kernel functions that can be probed. */
  readonly probes: ReadonlySet<string>;
  /** Traces are CTF 2 unless told otherwise (LTTng ≥ 2.15). */
  readonly writesCtf2: boolean;
}

export interface Plan {
  readonly channels: readonly ChannelSpec[];
  /** What the table has and this kernel has not. */
  readonly missing: readonly Missing[];
  readonly writesCtf2: boolean;
}

export interface Missing {
  readonly channel: string;
  readonly kind: 'event' | 'probe' | 'context' | 'system calls';
  readonly name: string;
}

/** Leaves out what was not chosen and what the kernel has not; without `abilities` everything is planned. */
export function makePlan(groups: readonly EventGroup[], abilities?: TracerAbilities): Plan {
  const chosen = CHANNELS.filter(({ group }) => group === 'sched' || groups.includes(group));
  if (abilities === undefined) return { channels: chosen, missing: [], writesCtf2: false };
  const { events, probes, contexts, syscalls, writesCtf2 } = abilities;
  const missing: Missing[] = [];
  const keep = (
    channel: string,
    kind: Missing['kind'],
    names: readonly string[],
    has: (name: string) => boolean,
  ) =>
    names.filter((name) => {
      if (!has(name)) missing.push({ channel, kind, name });
      return has(name);
    });
  const channels = chosen.flatMap((spec): ChannelSpec[] => {
    const { name } = spec;
    if (spec.syscalls && !syscalls) {
      missing.push({ channel: name, kind: 'system calls', name: 'system calls' });
      return [];
    }
    const kept = keep(name, 'event', spec.events, (event) => hasEvent(events, event));
    if (kept.length === 0 && !spec.syscalls) return [];
    return [
      {
        ...spec,
        events: kept,
        ...(spec.probes && { probes: keep(name, 'probe', spec.probes, (probe) => probes.has(probe)) }),
        ...(spec.contexts && {
          contexts: keep(name, 'context', spec.contexts, (type) => contexts.has(type)),
        }),
      },
    ];
  });
  return { channels, missing, writesCtf2 };
}

function hasEvent(events: ReadonlySet<string>, name: string): boolean {
  if (!name.endsWith('*')) return events.has(name);
  const prefix = name.slice(0, -1);
  return [...events].some((event) => event.startsWith(prefix));
}
