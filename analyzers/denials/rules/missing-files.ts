import type { Case } from '../case.js';
import { isAbsolute, isContained, LOOKUPS, PSEUDO, pathOf } from './paths.js';
import { list, type Rule, usual } from './rule.js';

/** Devices that every kernel has and that runtimes leave out of a container's /dev. */
const HOST_DEVICES =
  /^\/dev\/(kmsg|mem|kmem|port|kvm|fuse|loop-control|loop\d+|net\/tun|vfio\/|dri\/|snd\/|input\/|rtc\d*|hpet|nvram|mapper\/|sd[a-z]+\d*|vd[a-z]+\d*|xvd[a-z]+\d*|nvme\d|sr\d|md\d|dm-\d|tty\d|ttyS\d|ttyUSB\d|ttyACM\d|video\d|watchdog|uinput|vhost-net|nvidia)/;

/** Nothing of these is another's: they are made by the kernel for whoever looks. */
const CGROUP_ROOT = '/sys/fs/cgroup/';
const NETWORK_DEVICES = /^\/(sys\/class\/net|proc\/sys\/net\/ipv[46]\/(conf|neigh))\/./;

/** Where hosts keep what images do not have: add-on software, sockets and state of daemons, homes, mounted disks, the kernel's files. */
const HOST_PLACES = /^\/(opt|srv|mnt|media|home|boot|run|var\/run|lib\/modules|usr\/src)\/./;
const CGROUP_OF_HOST = /^\/sys\/fs\/cgroup\/([a-z_,]+\/)?(system|user|init|machine)\.(slice|scope)(\/|$)/;

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

/** Where everybody has files of his own under the same names: what others have there is not what was asked for. */
const PRIVATE = /^\/(tmp|var\/tmp|run|var\/run|dev|root)\//;

/** Somebody looked, and the very path is there, but not in this mount namespace. */
function foundElsewhere(facts: Case): string | undefined {
  const path = pathOf(facts);
  if (!isContained(facts) || !isAbsolute(facts) || PSEUDO.test(path)) return undefined;
  const who = facts.host.pathElsewhere(path, PRIVATE.test(path));
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
  isAbsolute(facts) && facts.host.isNotOnHost(pathOf(facts))
    ? 'the host did not have it when boxtop looked'
    : undefined;

function hostPlace(facts: Case): string | undefined {
  const path = pathOf(facts);
  if (!isContained(facts) || !HOST_PLACES.test(path) || facts.host.isNotOnHost(path)) return undefined;
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

const mountIt = (facts: Case): string =>
  `Mount it: -v ${pathOf(facts) || 'PATH'}:${pathOf(facts) || 'PATH'}:ro (without :ro if it is to write).`;

/** Paths, devices and sockets that are not there. */
export const missingFileRules: readonly Rule[] = [
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
          isContained(facts) && CGROUP_OF_HOST.test(pathOf(facts)) && !facts.host.isNotOnHost(pathOf(facts))
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
          isContained(facts) && HOST_DEVICES.test(pathOf(facts)) && !facts.host.isNotOnHost(pathOf(facts))
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
    id: 'stale',
    errnos: ['ESTALE'],
    cause: 'no such object',
    clues: [usual('likely', 'the file that the handle stands for is not there any more')],
    sentence: 'has a handle of a file that is gone',
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
];
