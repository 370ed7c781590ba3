import { gatingCapability, neededCapability } from '../capabilities.js';
import type { Case } from '../case.js';
import { hasCapability, isRoot } from '../rights.js';
import { list, type Rule, usual } from './rule.js';

/** Capabilities that are as good as being root on the host. */
const PRICES: Readonly<Record<string, string>> = {
  SYS_ADMIN: 'With CAP_SYS_ADMIN it may mount, enter namespaces and much more: as good as root on the host.',
  SYS_TIME: 'With CAP_SYS_TIME it sets the clock of the whole host: there is only one.',
  SYS_BOOT: 'With CAP_SYS_BOOT it may load another kernel and restart the host.',
  SYS_MODULE: 'With CAP_SYS_MODULE it loads code into the host’s kernel: it is root on the host.',
  SYS_NICE: 'With CAP_SYS_NICE it may take CPU time before all others on the host.',
  SYS_RESOURCE: 'With CAP_SYS_RESOURCE it lifts its own limits, quotas and reserves.',
  SYS_PTRACE: 'With CAP_SYS_PTRACE it reads and changes all processes that it sees.',
  SYS_RAWIO: 'With CAP_SYS_RAWIO it reaches ports and memory of the machine.',
  NET_RAW: 'With CAP_NET_RAW it forges and reads packets on the networks that it is connected to.',
  NET_ADMIN: 'With CAP_NET_ADMIN it changes interfaces, routes and filters of its network namespace.',
  PERFMON: 'With CAP_PERFMON it observes kernel and all processes of the host.',
  BPF: 'With CAP_BPF it loads programs into the host’s kernel.',
  DAC_READ_SEARCH:
    'With CAP_DAC_READ_SEARCH it reads any file of a mounted file system, also beyond its root.',
  MKNOD: 'With CAP_MKNOD it makes device files; the device cgroup still decides who may use them.',
};

/** Namespaces that own what a capability is about: it is needed there, and a container’s user namespace does not help. */
const INITIAL_ONLY = list(
  'SYS_TIME SYS_BOOT SYS_MODULE SYS_RAWIO SYSLOG PERFMON BPF SYS_PACCT DAC_READ_SEARCH SYS_NICE SYS_RESOURCE',
);

/** By the number of the request (`include/uapi/linux/sockios.h`, `fs.h`, `if_tun.h`, `asm-generic/ioctls.h`). */
const REQUESTS: readonly { readonly request: RegExp; readonly capability: string }[] = [
  { request: /^request 0x(89[0-9a-f]{2}|400454[c-d][0-9a-f])$/, capability: 'NET_ADMIN' },
  { request: /^request 0x40[0-9a-f]{2}66(02|20)$/, capability: 'LINUX_IMMUTABLE' },
  { request: /^request 0x(54[0-9a-f]{2}|4b[0-9a-f]{2}|56[0-9a-f]{2})$/, capability: 'SYS_TTY_CONFIG' },
];

const requestCapability = (request: string): string =>
  REQUESTS.find((known) => known.request.test(request))?.capability ?? 'SYS_ADMIN';

const capabilityOf = (facts: Case): string => {
  const { call, errno, atGate, target } = facts.refusal;
  const gating = atGate ? gatingCapability(call) : undefined;
  if (target?.kind === 'other') {
    if (call === 'socket' && /^AF_(?!PACKET).*SOCK_(STREAM|DGRAM)/.test(target.text)) return 'NET_ADMIN';
    if (call === 'ioctl') return requestCapability(target.text);
  }
  // Only ports are refused with EACCES; EPERM is for groups of netlink sockets.
  if (call === 'bind' && errno === 'EPERM') return 'NET_ADMIN';
  return gating ?? neededCapability(call) ?? 'SYS_ADMIN';
};

function userNamespace(facts: Case): string {
  if (INITIAL_ONLY.includes(capabilityOf(facts))) return 'in the initial user namespace';
  return facts.isolated('user')
    ? 'in the user namespace that owns the object'
    : 'in the initial user namespace, which the container has no other than';
}

const missing = (facts: Case): string | undefined => {
  const capability = capabilityOf(facts);
  if (hasCapability(facts.rights, capability) !== false) return undefined;
  const { user } = facts.rights;
  const who = isRoot(user) ? '' : ` (it runs as user ${user})`;
  return `CAP_${capability} is missing${who}; it is needed ${userNamespace(facts)}`;
};

const isGated = (facts: Case): boolean =>
  facts.refusal.atGate && gatingCapability(facts.refusal.call) !== undefined;

const hasFilter = (facts: Case): boolean =>
  facts.rights.seccomp !== 'unconfined' && facts.rights.privileged !== true;

const addCapability = (facts: Case): string => {
  return `--cap-add ${capabilityOf(facts)}${isRoot(facts.rights.user) ? '' : ', and run it as root (capabilities of other users are dropped)'}.`;
};

const capabilityPrice = (facts: Case): string =>
  PRICES[capabilityOf(facts)] ?? `With CAP_${capabilityOf(facts)} it may do this to everything that it sees.`;

/** Calls that take a user or a group. */
const ID_CALLS = list(
  'setuid setreuid setresuid setfsuid setgid setregid setresgid setfsgid setgroups chown lchown fchown fchownat',
);

/** Calls whose EACCES means a missing capability; elsewhere it means the file’s permissions. */
const EACCES_IS_PRIVILEGE = list('setpriority bind perf_event_open ioprio_set syslog seccomp');
const FILE_CALLS = list(
  'open openat openat2 creat execve execveat access faccessat faccessat2 chdir statfs readlink readlinkat mkdir mkdirat ' +
    'unlink unlinkat rmdir rename renameat renameat2 link linkat symlink symlinkat newstat newlstat newfstatat statx ' +
    'truncate shmget semget msgget',
);

const privileged = (facts: Case): boolean => {
  const { call, errno } = facts.refusal;
  if (FILE_CALLS.includes(call)) return false;
  return errno === 'EPERM' ? neededCapability(call) !== undefined : EACCES_IS_PRIVILEGE.includes(call);
};

/** Capabilities and seccomp filters. */
export const privilegeRules: readonly Rule[] = [
  {
    id: 'gate-capability',
    errnos: list('EPERM ENOSYS'),
    cause: 'capability',
    clues: [
      {
        confidence: 'certain',
        tell: (facts) => {
          const lack = isGated(facts) && hasFilter(facts) ? missing(facts) : undefined;
          return (
            lack && `${lack}, and the runtime’s seccomp profile refuses the call to whoever does not have it`
          );
        },
      },
      {
        confidence: 'likely',
        tell: (facts) =>
          isGated(facts) &&
          hasFilter(facts) &&
          facts.rights.seccomp !== 'custom' &&
          hasCapability(facts.rights, capabilityOf(facts)) === undefined
            ? `it was refused before the kernel looked at it; runtimes’ seccomp profiles let it pass with CAP_${capabilityOf(facts)}`
            : undefined,
      },
    ],
    sentence: (facts) => `may not without CAP_${capabilityOf(facts)}`,
    allow: addCapability,
    price: capabilityPrice,
  },
  {
    id: 'gate-seccomp',
    cause: 'seccomp',
    clues: [
      {
        confidence: 'certain',
        tell: (facts) =>
          facts.refusal.atGate && hasFilter(facts) && facts.isolated('mnt') !== false
            ? 'it was refused before the kernel looked at it, and no capability makes the usual profile let it pass'
            : undefined,
      },
      {
        confidence: 'likely',
        tell: (facts) =>
          facts.refusal.atGate && facts.isolated('mnt') === false
            ? 'it was refused before the kernel looked at it'
            : undefined,
      },
    ],
    sentence: 'was refused by the seccomp filter',
    allow: 'A profile that allows the call: --security-opt seccomp=PROFILE.json (not seccomp=unconfined).',
    price: 'A larger part of the kernel, with the faults that it may have, is open to the container.',
  },
  {
    id: 'unmapped-id',
    calls: ID_CALLS,
    errnos: list('EINVAL EPERM'),
    cause: 'user namespace',
    clues: [
      {
        confidence: 'likely',
        tell: (facts) =>
          facts.isolated('user') &&
          (facts.refusal.errno === 'EINVAL' || hasCapability(facts.rights, capabilityOf(facts)) === true)
            ? 'its user namespace has only the users and groups that are mapped into it (/proc/PID/uid_map, gid_map)'
            : undefined,
      },
    ],
    sentence: 'may use only users and groups of its own user namespace',
    allow: 'More ids for it: /etc/subuid and /etc/subgid, --uidmap and --gidmap; or --userns host.',
    price: 'Each id that is mapped into it is one more owner whose files it can reach.',
  },
  {
    id: 'initial-user-namespace',
    errnos: ['EPERM'],
    cause: 'user namespace',
    clues: [
      {
        confidence: 'likely',
        tell: (facts) =>
          facts.isolated('user') &&
          privileged(facts) &&
          hasCapability(facts.rights, capabilityOf(facts)) === true
            ? `it has CAP_${capabilityOf(facts)} in its own user namespace only; the kernel asks for it in that which owns the object`
            : undefined,
      },
    ],
    sentence: 'may not, because its capabilities count only in its own user namespace',
    allow: 'Run it without a user namespace of its own (rootful, --userns host).',
    price: 'Its root is then root of the host, held by capabilities only.',
  },
  {
    id: 'raise-limit',
    calls: list('setrlimit prlimit64'),
    errnos: ['EPERM'],
    cause: 'capability',
    clues: [
      { confidence: 'certain', tell: missing },
      usual('likely', 'only CAP_SYS_RESOURCE raises a hard limit'),
    ],
    sentence: 'may not raise a hard limit, or change another’s, without CAP_SYS_RESOURCE',
    allow: '--ulimit NAME=SOFT:HARD at its start, which needs no capability; or --cap-add SYS_RESOURCE.',
    price: '--ulimit gives only that much; CAP_SYS_RESOURCE lifts all limits and quotas.',
  },
  {
    id: 'capability',
    errnos: list('EPERM EACCES'),
    cause: 'capability',
    clues: [
      { confidence: 'certain', tell: (facts) => (privileged(facts) ? missing(facts) : undefined) },
      {
        confidence: 'likely',
        tell: (facts) =>
          privileged(facts) && hasCapability(facts.rights, capabilityOf(facts)) === undefined
            ? `the kernel asks for CAP_${capabilityOf(facts)}`
            : undefined,
      },
    ],
    sentence: (facts) => `may not without CAP_${capabilityOf(facts)}`,
    allow: addCapability,
    price: capabilityPrice,
  },
];
