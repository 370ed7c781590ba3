import type { Case } from '../case.js';
import { hasCapability } from '../rights.js';
import { list, type Rule, usual } from './rule.js';

/** Devices that every kernel has and that runtimes leave out of a container's /dev. */
const HOST_DEVICES =
  /^\/dev\/(kmsg|mem|kmem|port|kvm|fuse|loop-control|loop\d+|net\/tun|vfio\/|dri\/|snd\/|input\/|rtc\d*|hpet|nvram|mapper\/|sd[a-z]+\d*|vd[a-z]+\d*|xvd[a-z]+\d*|nvme\d|sr\d|md\d|dm-\d|tty\d|ttyS\d|ttyUSB\d|ttyACM\d|video\d|watchdog|uinput|vhost-net|nvidia)/;

/** Where hosts keep what images do not have: add-on software, sockets and state of daemons, homes, mounted disks, the kernel's files. */
const HOST_PLACES = /^\/(opt|srv|mnt|media|home|boot|run|var\/run|lib\/modules|usr\/src)\/./;

const PSEUDO = /^\/(proc|sys)(\/|$)/;
const CGROUP = /^\/sys\/fs\/cgroup(\/|$)/;

const pathOf = ({ refusal: { target } }: Case): string => (target?.kind === 'path' ? target.path : '');
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

function hostPlace(facts: Case): string | undefined {
  const path = pathOf(facts);
  if (!isContained(facts) || !HOST_PLACES.test(path)) return undefined;
  const { container } = facts.refusal;
  for (const parent of parents(path)) {
    if (facts.evidence.wasSeen('path', parent, container)) return undefined;
  }
  return `${/^\/(var\/run|lib\/modules|usr\/src|[^/]+)/.exec(path)![0]} is where hosts keep what images lack; the recording has no look at the host there`;
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

const LOOKUPS = list(
  'open openat openat2 creat newstat newlstat newfstatat stat lstat statx access faccessat faccessat2 readlink readlinkat ' +
    'execve execveat chdir chroot statfs truncate inotify_add_watch',
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
    clues: [usual('certain', 'the error says so: the file system is mounted read-only')],
    sentence: 'was to write to a file system that is mounted read-only',
    allow: 'Mount that directory writable: -v SOURCE:DIRECTORY without :ro, or --tmpfs DIRECTORY.',
    price: 'What is mounted from the host can then be changed from within the container.',
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
          isContained(facts) && HOST_DEVICES.test(pathOf(facts))
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
      { confidence: 'likely', tell: openedElsewhere },
      { confidence: 'possible', tell: hostPlace },
    ],
    sentence: 'found no such file in the container’s mount namespace',
    allow: mountIt,
    price: 'The container reads (or changes) what is mounted, and what is put there later.',
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
        confidence: 'possible',
        tell: (facts) =>
          isContained(facts)
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
    id: 'path-nowhere',
    errnos: list('ENOENT ENOTDIR ENODEV'),
    cause: 'no such object',
    otherwise: 'mount namespace',
    clues: [
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
    ],
    sentence: 'found no such file: nothing tells of one anywhere',
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
          device(facts)
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
        'chown fchown lchown fchownat chmod fchmod fchmodat mkdir mkdirat mknod mknodat unlink unlinkat rmdir rename renameat renameat2 link linkat symlink symlinkat',
      ),
    ],
    errnos: list('EACCES EPERM'),
    cause: 'file permissions',
    clues: [
      {
        confidence: 'likely',
        tell: (facts) =>
          hasCapability(facts.rights, 'DAC_OVERRIDE') === false
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
