import type { Case } from '../case.js';
import { hasCapability, isRoot } from '../rights.js';
import { isContained, LOOKUPS, OPENS, PSEUDO, pathOf, restricted } from './paths.js';
import { list, type Rule, usual } from './rule.js';

const device = (facts: Case): boolean => {
  const path = pathOf(facts);
  return (
    facts.evidence.wasSeen('device', path, facts.refusal.container) ||
    /^\/dev\/(?!shm|mqueue|pts)./.test(path)
  );
};

/** What the kernel shows only to who has a capability, whatever the mode of the file (`fs/proc`, `drivers/char`). */
const GUARDED: readonly { readonly path: RegExp; readonly capability: string }[] = [
  { path: /^\/proc\/kcore$|^\/dev\/(mem|kmem|port)$/, capability: 'SYS_RAWIO' },
  { path: /^\/proc\/kmsg$|^\/dev\/kmsg$/, capability: 'SYSLOG' },
  {
    path: /^\/proc\/(\d+|self)\/(task\/\d+\/)?(mem|environ|maps|smaps|auxv|pagemap|io|stack|syscall|fd|root|cwd|exe|ns)(\/|$)/,
    capability: 'SYS_PTRACE',
  },
];
const PROC_OF_PROCESS = /^\/proc\/(\d+|self|thread-self)\//;

const fileCapability = (facts: Case): string | undefined =>
  GUARDED.find(({ path }) => path.test(pathOf(facts)))?.capability;

/** The file is one that asks for a capability, and it is missing (false), or the inventory does not tell (undefined). */
function lacksFor(facts: Case, known: false | undefined): string | undefined {
  const capability = fileCapability(facts);
  if (capability === undefined || hasCapability(facts.rights, capability) !== known) return undefined;
  // A device that it was not given is refused by the device cgroup before.
  const { devices, privileged } = facts.rights;
  if (device(facts) && !privileged && !devices.includes(pathOf(facts))) return undefined;
  return known === false
    ? `CAP_${capability} is missing; the kernel asks for it when this file is opened`
    : `the kernel asks for CAP_${capability} when this file is opened`;
}

/** Owner and mode, as they were when somebody looked. */
function ownedByOthers(facts: Case): string | undefined {
  const look = facts.host.inOwnRoot(pathOf(facts));
  if (look?.mode === undefined || look.found == null) return undefined;
  const { user } = facts.rights;
  const who = isRoot(user) ? 'root without CAP_DAC_OVERRIDE' : `user ${user}`;
  if (hasCapability(facts.rights, 'DAC_OVERRIDE') === true) return undefined;
  return `it has mode ${look.mode.toString(8).padStart(4, '0')} and belongs to ${look.uid}:${look.gid}; the caller is ${who}`;
}

/** Files and devices that are there, but not for the caller. */
export const permissionRules: readonly Rule[] = [
  {
    id: 'user-namespace-file',
    calls: [...OPENS, ...list('chown fchown lchown fchownat chmod fchmod fchmodat mknod mknodat')],
    errnos: list('EACCES EPERM'),
    target: ['path'],
    cause: 'user namespace',
    clues: [
      {
        confidence: 'likely',
        tell: (facts) =>
          facts.isolated('user') && PSEUDO.test(pathOf(facts)) && !PROC_OF_PROCESS.test(pathOf(facts))
            ? 'the kernel’s files belong to root of the initial user namespace, which nobody is in its own one'
            : undefined,
      },
      {
        confidence: 'likely',
        tell: (facts) =>
          facts.isolated('user') &&
          /^mknod/.test(facts.refusal.call) &&
          hasCapability(facts.rights, 'MKNOD') === true
            ? 'devices are made only with CAP_MKNOD in the initial user namespace; it has it in its own'
            : undefined,
      },
    ],
    sentence: 'may not, because it is root only in its own user namespace',
    allow:
      'Run it without a user namespace of its own (rootful, --userns host), or give it what it needs by a mount.',
    price: 'Without a user namespace, root in the container is root of the host, held by capabilities only.',
  },
  {
    id: 'kernel-file-capability',
    calls: OPENS,
    errnos: list('EPERM EACCES'),
    target: ['path'],
    cause: 'capability',
    clues: [
      { confidence: 'certain', tell: (facts) => lacksFor(facts, false) },
      { confidence: 'likely', tell: (facts) => lacksFor(facts, undefined) },
    ],
    sentence: (facts) => `may not without CAP_${fileCapability(facts)}`,
    allow: (facts) => `--cap-add ${fileCapability(facts)}.`,
    price: 'Memory, log or other processes’ secrets are then read from within the container.',
  },
  {
    id: 'device-cgroup-node',
    calls: list('mknod mknodat'),
    errnos: ['EPERM'],
    target: ['path'],
    cause: 'device cgroup',
    clues: [
      {
        confidence: 'likely',
        tell: (facts) =>
          hasCapability(facts.rights, 'MKNOD') === true
            ? 'it has CAP_MKNOD, so that only its device cgroup can refuse to make the device'
            : undefined,
      },
    ],
    sentence: 'may not make the device: the container’s device cgroup does not list it',
    allow: "--device-cgroup-rule 'TYPE MAJOR:MINOR m'.",
    price: 'Who may make a device file may use it only if the device cgroup lists it for that, too.',
  },
  {
    id: 'device-cgroup',
    calls: OPENS,
    errnos: ['EPERM'],
    target: ['path'],
    cause: 'device cgroup',
    clues: [
      {
        confidence: 'certain',
        tell: (facts) =>
          facts.evidence.wasSeen('device', pathOf(facts), facts.refusal.container)
            ? 'the container made this device file itself, but its cgroup does not list the device'
            : undefined,
      },
      {
        confidence: 'likely',
        tell: (facts) =>
          device(facts) && isContained(facts) && facts.rights.privileged !== true
            ? 'the file is there, but the container’s cgroup does not list the device'
            : undefined,
      },
    ],
    sentence: 'may not use the device: the container’s device cgroup does not list it',
    allow: (facts) =>
      `Allow the device: --device ${pathOf(facts)}, or --device-cgroup-rule 'TYPE MAJOR:MINOR rwm'.`,
    price: 'The container reads and writes the device itself, past every file system’s permissions.',
  },
  {
    id: 'file-permissions',
    calls: [
      ...LOOKUPS,
      ...list(
        'bind chown fchown lchown fchownat chmod fchmod fchmodat mkdir mkdirat mknod mknodat unlink unlinkat rmdir rename renameat renameat2 link linkat symlink symlinkat',
      ),
    ],
    errnos: list('EACCES EPERM'),
    cause: 'file permissions',
    clues: [
      { confidence: 'likely', tell: ownedByOthers },
      {
        confidence: 'likely',
        tell: (facts) => (facts.refusal.call.startsWith('execve') ? restricted(facts, 'noexec') : undefined),
      },
      {
        confidence: 'likely',
        tell: (facts) =>
          facts.refusal.call.startsWith('execve') && hasCapability(facts.rights, 'DAC_OVERRIDE') === true
            ? 'nobody may execute it: no execute bit is set, and the mode does not stop CAP_DAC_OVERRIDE otherwise'
            : undefined,
      },
      {
        confidence: 'likely',
        tell: (facts) => (device(facts) ? restricted(facts, 'nodev') : undefined),
      },
      {
        confidence: 'likely',
        tell: (facts) =>
          facts.refusal.errno === 'EACCES' && hasCapability(facts.rights, 'DAC_OVERRIDE') === false
            ? 'owner and mode decide, because CAP_DAC_OVERRIDE is missing'
            : undefined,
      },
      usual('possible', 'owner and mode of the file or of a directory above it, or a security module'),
    ],
    sentence: 'may not, by owner and mode of the file',
    allow: 'Run it as a user that may (--user), or change owner or mode of the file.',
    price: 'Nothing beyond that file, unless many share the user.',
  },
];
