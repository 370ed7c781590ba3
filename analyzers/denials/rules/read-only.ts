import { mountOf, PSEUDO, pathOf, restricted } from './paths.js';
import { type Rule, usual } from './rule.js';

const CGROUP = /^\/sys\/fs\/cgroup(\/|$)/;

/** What was to be written where it is mounted read-only. */
export const readOnlyRules: readonly Rule[] = [
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
];
