/** What `doctor` checks: one table. Each tells what it found, what does not work without it, and what mends it. */
import { missing } from '../../analyzers/missing.js';
import { CHANNELS, EVENT_GROUPS, type Missing, makePlan } from '../../host/session/plan.js';
import type { TraceInfo } from '../../native/types.js';
import type { Facts } from './facts.js';

export interface Check {
  readonly id: string;
  readonly title: string;
  /** Live view and recording need it; without the others something is unknown. */
  readonly required: boolean;
  look(facts: Facts): Finding;
}

export interface Finding {
  /** Undefined: it depends on something that is missing itself. */
  readonly ok: boolean | undefined;
  readonly found: string;
  /** What does not work. */
  readonly lacks?: string;
  /** What using it costs. */
  readonly costs?: string;
  /** A command, or what to do. */
  readonly remedy?: string;
}

const NOTHING_WORKS = 'no live view and no recording';
const INSTALL_TOOLS = 'sudo apt-get install lttng-tools';
const NOT_ASKED: Finding = { ok: undefined, found: 'cannot be asked: no session daemon traces this kernel' };
const MIB = 2 ** 20;
const FIRST_UNPROBED = [6, 18] as const;

export const CHECKS: readonly Check[] = [
  {
    id: 'versions',
    title: 'Versions',
    required: false,
    look: ({ boxtop, node, kernel }) => ({
      ok: true,
      found: `boxtop ${boxtop}, Node ${node}, Linux ${kernel}`,
    }),
  },
  {
    id: 'kernel-modules',
    title: 'LTTng kernel modules',
    required: true,
    look: ({ presence: { modules, kernel } }) =>
      modules
        ? { ok: true, found: `there for Linux ${kernel}` }
        : {
            ok: false,
            found: `none for Linux ${kernel}`,
            lacks: NOTHING_WORKS,
            remedy: 'sudo apt-get install lttng-modules-dkms linux-headers-$(uname -r)',
          },
  },
  {
    id: 'lttng',
    title: 'lttng command',
    required: true,
    look: ({ version }) =>
      version === undefined
        ? { ok: false, found: 'none', lacks: NOTHING_WORKS, remedy: INSTALL_TOOLS }
        : { ok: true, found: `version ${version.join('.')}` },
  },
  {
    id: 'sessiond',
    title: 'Session daemon',
    required: true,
    look: ({ presence, daemon }) => {
      if ('error' in daemon) {
        const remedy = presence.sessiond ? 'sudo boxtop doctor' : INSTALL_TOOLS;
        return { ok: false, found: daemon.error, lacks: NOTHING_WORKS, remedy };
      }
      if (!daemon.started) return { ok: true, found: 'runs' };
      return {
        ok: true,
        found: 'does not run, and can be started',
        costs: 'a second or two at each start; it is ended again afterwards',
        remedy: 'sudo systemctl enable --now lttng-sessiond',
      };
    },
  },
  {
    id: 'permission',
    title: 'Permission to trace',
    required: true,
    look: ({ isRoot, daemon }) => {
      if (isRoot) return { ok: true, found: 'root' };
      if (!('error' in daemon)) return { ok: true, found: 'the session daemon obeys this user' };
      return {
        ok: false,
        found: 'neither root nor a member of the group of a running session daemon',
        lacks: NOTHING_WORKS,
        remedy:
          'sudo boxtop; or sudo usermod -aG tracing $USER (who is in it can see what every process does)',
      };
    },
  },
  {
    id: 'tracer',
    title: 'Kernel tracer',
    required: true,
    look: ({ tracer }) => {
      if (tracer === undefined) return NOT_ASKED;
      if ('abilities' in tracer)
        return { ok: true, found: `${tracer.abilities.events.size} kinds of events` };
      return {
        ok: false,
        found: tracer.error,
        lacks: NOTHING_WORKS,
        remedy: 'sudo modprobe lttng-tracer && sudo systemctl restart lttng-sessiond',
      };
    },
  },
  {
    id: 'switches',
    title: 'Scheduler events',
    required: true,
    look: withTracer(({ events }) =>
      events.has('sched_switch')
        ? { ok: true, found: 'sched_switch is there' }
        : {
            ok: false,
            found: 'no sched_switch',
            lacks: 'no CPU time and no thread states',
            remedy: 'sudo modprobe lttng-probe-sched && sudo systemctl restart lttng-sessiond',
          },
    ),
  },
  {
    id: 'events',
    title: 'Other events',
    required: false,
    look: withMissing('event', 'all that boxtop records are there'),
  },
  {
    id: 'syscalls',
    title: 'System calls',
    required: false,
    look: withMissing('system calls', 'can be traced'),
  },
  {
    id: 'contexts',
    title: 'Namespace contexts',
    required: false,
    look: withTracer((abilities) => {
      const names = namesOf('context', abilities);
      if (names.length === 0) return { ok: true, found: 'all that boxtop records are there' };
      const vital = names.includes('pid_ns') || names.includes('cgroup_ns');
      return {
        ok: !vital,
        found: `no ${names.join(', ')}`,
        lacks: vital
          ? 'containers that begin later may count as the host'
          : 'that namespace is known only of containers that the host can still be asked about',
        remedy: 'build lttng-modules against the full kernel source, not only its headers',
      };
    }),
  },
  {
    id: 'kprobes',
    title: 'Throttling probes',
    required: false,
    look: withTracer((abilities, { kernel }) => {
      const names = namesOf('probe', abilities);
      if (names.length === 0)
        return { ok: true, found: 'throttle_cfs_rq can be probed: throttling is measured' };
      const [major = 0, minor = 0] = kernel.split('.').map((part) => Number.parseInt(part, 10));
      const isNew = major > FIRST_UNPROBED[0] || (major === FIRST_UNPROBED[0] && minor >= FIRST_UNPROBED[1]);
      return {
        ok: false,
        found: isNew ? `Linux ${kernel} throttles in another way` : `no ${names.join(', ')}`,
        lacks: 'throttled time is inferred, or taken from the cgroups’ own counters',
        ...(!isNew && {
          remedy: 'sudo sysctl kernel.kptr_restrict=0; a kernel with CONFIG_KPROBES and CONFIG_CFS_BANDWIDTH',
        }),
      };
    }),
  },
  {
    id: 'relayd',
    title: 'Relay daemon',
    required: true,
    look: ({ relayd }) =>
      relayd
        ? {
            ok: true,
            found: 'there',
            costs: 'while boxtop is live, any user of this machine can connect to its port on loopback',
          }
        : {
            ok: false,
            found: 'no lttng-relayd',
            lacks: 'no live view (recording works)',
            remedy: INSTALL_TOOLS,
          },
  },
  {
    id: 'memory',
    title: 'Memory',
    required: false,
    look: ({ processors, memory: { path, freeBytes } }) => {
      const buffers = CHANNELS.reduce((sum, { subbufKib, subbufs }) => sum + subbufKib * 1024 * subbufs, 0);
      const needed = buffers * processors;
      const ok = freeBytes >= needed;
      return {
        ok,
        found: `${Math.floor(freeBytes / MIB)} MB free in ${path}`,
        costs: `${Math.ceil(needed / MIB)} MB of buffers in the kernel (${buffers / MIB} MB for each of ${processors} CPUs), and at most a quarter of what is free in ${path}`,
        ...(!ok && { lacks: 'a live view may lose events', remedy: `sudo mount -o remount,size=1G ${path}` }),
      };
    },
  },
  {
    id: 'cgroups',
    title: 'Control groups',
    required: false,
    look: ({ inventory: { host } }) =>
      host.cgroup === undefined
        ? {
            ok: false,
            found: 'none mounted',
            lacks: 'limits and counters of containers',
            remedy: 'mount them',
          }
        : { ok: true, found: `version ${host.cgroup}` },
  },
  {
    id: 'runtimes',
    title: 'Container runtimes',
    required: false,
    look: ({ inventory: { runtimes, containers } }) => {
      if (runtimes.length === 0) {
        return { ok: true, found: 'none found: containers go by the ids that their cgroups have' };
      }
      const failed = runtimes.filter(({ state }) => state !== 'reached');
      const running = containers.filter(({ finishedAt }) => finishedAt === undefined).length;
      const names = runtimes.map(({ name, version, state, error }) =>
        state === 'reached' ? `${name} ${version ?? ''}`.trim() : `${name} (${error ?? 'does not answer'})`,
      );
      return {
        ok: failed.length === 0,
        found: `${names.join(', ')}; ${running} containers run`,
        ...(failed.length > 0 && {
          lacks: 'its containers may go by their ids',
          remedy: 'sudo boxtop doctor; or join the runtime’s group',
        }),
      };
    },
  },
];

function withTracer(look: (abilities: Abilities, facts: Facts) => Finding): (facts: Facts) => Finding {
  return (facts) =>
    facts.tracer !== undefined && 'abilities' in facts.tracer
      ? look(facts.tracer.abilities, facts)
      : NOT_ASKED;
}

type Abilities = Extract<Facts['tracer'], { abilities: unknown }>['abilities'];

/** What panels lack is told by the same table that tells it of a trace. */
function withMissing(kind: Missing['kind'], found: string): (facts: Facts) => Finding {
  return withTracer((abilities) => {
    const names = namesOf(kind, abilities);
    if (names.length === 0) return { ok: true, found };
    const lacks = missing([traceOf(abilities)]).map(({ message }) => message.replace(/^.*?: |\.$/g, ''));
    return {
      ok: false,
      found: `no ${names.join(', ')}`,
      ...(lacks.length > 0 && { lacks: lacks.join('; ') }),
      remedy: 'a kernel and lttng-modules that have them',
    };
  });
}

function namesOf(kind: Missing['kind'], abilities: Abilities): string[] {
  return makePlan(EVENT_GROUPS, abilities).missing.flatMap((gap) => (gap.kind === kind ? [gap.name] : []));
}

/** As a trace of such a kernel would declare it. */
function traceOf({ events, syscalls, contexts }: Abilities): TraceInfo {
  const names = [...events, ...(syscalls ? ['syscall_entry_read'] : [])];
  const context = [...contexts];
  return {
    paths: [],
    env: { domain: 'kernel' },
    uuid: '',
    declared: names.map((name) => ({ name, streamClass: 0, fields: [], context })),
  };
}
