import type { Mount } from '../../inventory.js';
import type { Case } from '../case.js';
import { soughtPath } from '../refusal.js';
import { hasCapability, isRoot } from '../rights.js';
import { list, type Rule, usual } from './rule.js';

/** Devices that every kernel has and that runtimes leave out of a container's /dev. */
const HOST_DEVICES =
  /^\/dev\/(kmsg|mem|kmem|port|kvm|fuse|loop-control|loop\d+|net\/tun|vfio\/|dri\/|snd\/|input\/|rtc\d*|hpet|nvram|mapper\/|sd[a-z]+\d*|vd[a-z]+\d*|xvd[a-z]+\d*|nvme\d|sr\d|md\d|dm-\d|tty\d|ttyS\d|ttyUSB\d|ttyACM\d|video\d|watchdog|uinput|vhost-net|nvidia)/;

/** Nothing of these is another's: they are made by the kernel for whoever looks. */
const CGROUP_ROOT = '/sys/fs/cgroup/';
const NETWORK_DEVICES = /^\/(sys\/class\/net|proc\/sys\/net\/ipv[46]\/(conf|neigh))\/./;

/** Where hosts keep what images do not have: add-on software, sockets and state of daemons, homes, mounted disks, the kernel's files. */
const HOST_PLACES = /^\/(opt|srv|mnt|media|home|boot|run|var\/run|lib\/modules|usr\/src)\/./;

const PSEUDO = /^\/(proc|sys)(\/|$)/;
const CGROUP = /^\/sys\/fs\/cgroup(\/|$)/;

const pathOf = ({ refusal }: Case): string => soughtPath(refusal) ?? '';
const isAbsolute = (facts: Case): boolean => pathOf(facts).startsWith('/');
const isContained = (facts: Case): boolean => facts.isolated('mnt') !== false;

/** The directories above the path, nearest first, without the root. */
function* parents(path: string): Generator<string> {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
    yield path.slice(0, end);
}

/** Somebody else has the very path: it is there, but not in this mount namespace. */
function openedElsewhere(facts: Case): string | undefined {
  if (!isContained(facts) || !isAbsolute(facts) || PSEUDO.test(pathOf(facts))) return undefined;
  const other = facts.elsewhere('path', pathOf(facts), 'mnt');
  return other?.isHost
    ? `${facts.nameOf(other)} has it: it was opened there within the recording`
    : undefined;
}

/** Somebody looked, and the very path is there, but not in this mount namespace. */
function foundElsewhere(facts: Case): string | undefined {
  const path = pathOf(facts);
  if (!isContained(facts) || !isAbsolute(facts) || PSEUDO.test(path)) return undefined;
  const who = facts.host.pathElsewhere(path);
  return who && `${who} has it: it was there when boxtop looked`;
}

/** It was not there yet, or is not any more: nobody hides it. */
function ownLater(facts: Case): string | undefined {
  const path = pathOf(facts);
  if (!isAbsolute(facts)) return undefined;
  if (facts.evidence.wasSeen('path', path, facts.refusal.container))
    return 'the container itself opened it at another time: then it was there';
  return facts.host.inOwnRoot(path)?.found == null
    ? undefined
    : 'it was in the container when boxtop looked: it came later';
}

const nowhere = (facts: Case): string | undefined =>
  isAbsolute(facts) && facts.host.isNowhere(pathOf(facts))
    ? 'neither the host nor another container had it when boxtop looked'
    : undefined;

function hostPlace(facts: Case): string | undefined {
  const path = pathOf(facts);
  if (!isContained(facts) || !HOST_PLACES.test(path) || facts.host.isNowhere(path)) return undefined;
  const { container } = facts.refusal;
  for (const parent of parents(path)) {
    if (facts.evidence.wasSeen('path', parent, container)) return undefined;
  }
  return `${/^\/(var\/run|lib\/modules|usr\/src|[^/]+)/.exec(path)![0]} is where hosts keep what images lack; the recording has no look at the host there`;
}

/** What a unix socket's name could have been is known. */
function knowsUnix({ host, refusal: { target } }: Case): boolean {
  return host.knowsListeners && target?.kind === 'unix' && target.length !== undefined;
}

/** The mount that the path is on, as the container's init process sees it. */
function mountOf(facts: Case): Mount | undefined {
  const path = pathOf(facts);
  let best: Mount | undefined;
  for (const mount of facts.refusal.container.entry?.mounts ?? []) {
    const isAbove = mount.path === '/' || path === mount.path || path.startsWith(`${mount.path}/`);
    if (isAbove && mount.path.length >= (best?.path.length ?? 0)) best = mount;
  }
  return isAbsolute(facts) ? best : undefined;
}

function restricted(facts: Case, option: string): string | undefined {
  const mount = mountOf(facts);
  return mount?.options.includes(option)
    ? `${mount.path} (${mount.type}) is mounted ${option} in it`
    : undefined;
}

const mountIt = (facts: Case): string =>
  `Mount it: -v ${pathOf(facts) || 'PATH'}:${pathOf(facts) || 'PATH'}:ro (without :ro if it is to write).`;

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
const CGROUP_OF_HOST = /^\/sys\/fs\/cgroup\/([a-z_,]+\/)?(system|user|init|machine)\.(slice|scope)(\/|$)/;

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

const LOOKUPS = list(
  'open openat openat2 creat newstat newlstat newfstatat stat lstat statx access faccessat faccessat2 readlink readlinkat ' +
    'execve execveat chdir chroot statfs truncate inotify_add_watch mount umount umount2 pivot_root swapon swapoff acct mkdir ' +
    'mkdirat mknod mknodat symlink symlinkat link linkat rename renameat renameat2 chown lchown fchownat chmod fchmodat ' +
    'utime utimes utimensat futimesat getxattr lgetxattr setxattr lsetxattr listxattr llistxattr removexattr lremovexattr ' +
    'name_to_handle_at',
);
const OPENS = list('open openat openat2 creat');

/** Files and directories. */
export const fileRules: readonly Rule[] = [
  {
    id: 'read-only-root',
    errnos: ['EROFS'],
    target: ['path'],
    cause: 'read-only mount',
    clues: [
      {
        confidence: 'certain',
        tell: (facts) =>
          facts.rights.readonlyRootfs && !PSEUDO.test(pathOf(facts))
            ? 'the container’s root file system is read-only (--read-only)'
            : undefined,
      },
      {
        confidence: 'certain',
        tell: (facts) => (mountOf(facts)?.path === '/' ? restricted(facts, 'ro') : undefined),
      },
    ],
    sentence: 'was to write where the container’s root is read-only',
    allow:
      'Start it without --read-only, or give it a place to write: --tmpfs DIRECTORY or -v VOLUME:DIRECTORY.',
    price:
      'A tmpfs or volume gives away only that directory; a writable root lets an intruder change the programs.',
  },
  {
    id: 'read-only-cgroup',
    errnos: ['EROFS'],
    target: ['path'],
    cause: 'read-only mount',
    clues: [
      {
        confidence: 'certain',
        tell: (facts) => (CGROUP.test(pathOf(facts)) ? 'runtimes mount /sys/fs/cgroup read-only' : undefined),
      },
    ],
    sentence: 'was to change the cgroup file system, which the runtime mounts read-only',
    allow:
      'Set limits from outside (docker update, podman update), or mount /sys/fs/cgroup writable: --privileged.',
    price: 'Who may write its own cgroup may lift its own limits; --privileged gives away the host.',
  },
  {
    id: 'read-only-kernel',
    errnos: ['EROFS'],
    target: ['path'],
    cause: 'read-only mount',
    clues: [
      {
        confidence: 'certain',
        tell: (facts) =>
          PSEUDO.test(pathOf(facts))
            ? 'runtimes mount /sys and the settings below /proc read-only'
            : undefined,
      },
    ],
    sentence: 'was to change a setting of the kernel, which the runtime mounts read-only',
    allow:
      'Settings of the container’s own namespaces: --sysctl NAME=VALUE. All others: change them on the host.',
    price:
      '--sysctl changes only the container’s own namespaces; --privileged would let it change the whole host.',
  },
  {
    id: 'read-only-mount',
    errnos: ['EROFS'],
    cause: 'read-only mount',
    clues: [
      { confidence: 'certain', tell: (facts) => restricted(facts, 'ro') },
      usual('certain', 'the error says so: the file system is mounted read-only'),
    ],
    sentence: 'was to write to a file system that is mounted read-only',
    allow: 'Mount that directory writable: -v SOURCE:DIRECTORY without :ro, or --tmpfs DIRECTORY.',
    price: 'What is mounted from the host can then be changed from within the container.',
  },
  {
    id: 'path-later',
    calls: LOOKUPS,
    errnos: ['ENOENT'],
    target: ['path'],
    cause: 'no such object',
    clues: [{ confidence: 'likely', tell: ownLater }],
    sentence: 'found no such file at that moment',
  },
  {
    id: 'cgroup-elsewhere',
    calls: LOOKUPS,
    errnos: ['ENOENT'],
    target: ['path'],
    cause: 'cgroup namespace',
    otherwise: 'no such object',
    clues: [
      {
        confidence: 'likely',
        tell: (facts) =>
          isContained(facts) &&
          pathOf(facts).startsWith(CGROUP_ROOT) &&
          facts.host.onHost(pathOf(facts))?.found
            ? 'the host has that cgroup; the container’s cgroup namespace shows only its own and those below'
            : undefined,
      },
      {
        confidence: 'possible',
        tell: (facts) =>
          isContained(facts) && CGROUP_OF_HOST.test(pathOf(facts)) && !facts.host.isNowhere(pathOf(facts))
            ? 'a cgroup of the host’s; the container’s cgroup namespace shows only its own and those below'
            : undefined,
      },
    ],
    sentence: 'found no such cgroup in the container’s cgroup namespace',
    allow: '--cgroupns host shows the host’s cgroups.',
    price:
      'The container sees all services and containers of the host by their cgroups; writing still needs a writable mount.',
  },
  {
    id: 'network-device-elsewhere',
    errnos: ['ENOENT'],
    target: ['path'],
    cause: 'network namespace',
    clues: [
      {
        confidence: 'likely',
        tell: (facts) =>
          facts.isolated('net') !== false &&
          NETWORK_DEVICES.test(pathOf(facts)) &&
          facts.host.onHost(pathOf(facts))?.found
            ? 'the host has that network interface; the container’s network namespace has its own'
            : undefined,
      },
    ],
    sentence: 'found no such network interface in the container’s network namespace',
    allow: '--network host.',
    price:
      'With --network host the container reaches everything that listens on the host’s loopback, and may listen on the host’s ports.',
  },
  {
    id: 'device-elsewhere',
    calls: LOOKUPS,
    errnos: ['ENOENT'],
    target: ['path'],
    cause: 'mount namespace',
    clues: [
      {
        confidence: 'likely',
        tell: (facts) =>
          isContained(facts) &&
          pathOf(facts).startsWith('/dev/') &&
          facts.host.onHost(pathOf(facts))?.found === 'device'
            ? 'the host had that device when boxtop looked; the runtime puts only a few harmless ones into a container’s /dev'
            : undefined,
      },
      {
        confidence: 'likely',
        tell: (facts) =>
          isContained(facts) && HOST_DEVICES.test(pathOf(facts)) && !facts.host.isNowhere(pathOf(facts))
            ? 'a device of the host; the runtime puts only a few harmless ones into a container’s /dev'
            : undefined,
      },
    ],
    sentence: 'found no such device in the container’s /dev',
    allow: (facts) => `Give it the device: --device ${pathOf(facts)}.`,
    price: 'The container speaks to the device itself; disks, memory and logs of the host come with it.',
  },
  {
    id: 'path-elsewhere',
    calls: LOOKUPS,
    errnos: ['ENOENT'],
    target: ['path'],
    cause: 'mount namespace',
    otherwise: 'no such object',
    clues: [
      { confidence: 'likely', tell: foundElsewhere },
      { confidence: 'likely', tell: openedElsewhere },
      { confidence: 'possible', tell: hostPlace },
    ],
    sentence: 'found no such file in the container’s mount namespace',
    allow: mountIt,
    price: 'The container reads (or changes) what is mounted, and what is put there later.',
  },
  {
    id: 'no-driver',
    errnos: list('ENODEV ENXIO ENOTBLK'),
    cause: 'no such object',
    clues: [usual('likely', 'the kernel has no such device, driver or file system')],
    sentence: 'found no such device or file system in the kernel',
  },
  {
    id: 'unix-path',
    calls: ['connect'],
    errnos: ['ENOENT'],
    target: ['unix'],
    cause: 'mount namespace',
    otherwise: 'no such object',
    clues: [
      {
        confidence: 'likely',
        tell: (facts) => {
          const { target } = facts.refusal;
          if (!isContained(facts) || target?.kind !== 'unix' || target.length === undefined) return undefined;
          const found = facts.host.unixElsewhere(target.length, false);
          return (
            found && `${found.who} has ${found.name}, whose name is as long; LTTng does not record names`
          );
        },
      },
      {
        confidence: 'possible',
        tell: (facts) =>
          isContained(facts) && !knowsUnix(facts)
            ? 'the socket’s path is not in the container; LTTng does not record which path it was'
            : undefined,
      },
    ],
    sentence: 'found no socket at that path in the container’s mount namespace',
    allow: 'Mount the socket, or better the directory that it is in: -v /run/NAME:/run/NAME.',
    price:
      'Whoever may speak to a daemon’s socket has what the daemon gives: with docker.sock that is the host.',
  },
  {
    id: 'unix-path-nowhere',
    calls: list('connect sendto sendmsg'),
    errnos: list('ENOENT ENOTDIR'),
    target: ['unix'],
    cause: 'no such object',
    otherwise: 'mount namespace',
    clues: [
      {
        confidence: 'likely',
        tell: (facts) =>
          knowsUnix(facts)
            ? 'nobody listened on a socket whose path is as long when boxtop looked'
            : isContained(facts)
              ? undefined
              : 'the host’s own processes see all of its files',
      },
      usual('possible', 'nobody was seen to have such a socket'),
    ],
    sentence: 'found no socket at that path: nothing tells of one anywhere',
  },
  {
    id: 'path-nowhere',
    errnos: list('ENOENT ENOTDIR'),
    cause: 'no such object',
    otherwise: 'mount namespace',
    clues: [
      { confidence: 'likely', tell: nowhere },
      {
        confidence: 'likely',
        tell: (facts) =>
          facts.isolated('mnt') === false ? 'the host’s own processes see all of its files' : undefined,
      },
      {
        confidence: 'possible',
        tell: (facts) =>
          facts.refusal.target?.kind === 'path'
            ? 'nobody was seen to open it, neither the host nor another container'
            : undefined,
      },
      {
        confidence: 'possible',
        tell: (facts) =>
          facts.refusal.target === undefined && LOOKUPS.includes(facts.refusal.call)
            ? 'the tracer does not record what this call looked for'
            : undefined,
      },
    ],
    sentence: 'found no such file: nothing tells of one anywhere',
  },
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
