import type { Case } from '../case.js';
import { list, type Rule, usual } from './rule.js';

const FORKS = list('clone clone3 fork vfork');
/** Threads that come and go while it is counted. */
const SLACK = 2;

function pidsFull(facts: Case): string | undefined {
  const limit = facts.rights.pidsLimit;
  if (limit === undefined) return undefined;
  return facts.threads >= limit - SLACK
    ? `it had ${facts.threads} threads of at most ${limit} (--pids-limit)`
    : undefined;
}

const pidsLimit = (facts: Case): string | undefined =>
  facts.rights.pidsLimit === undefined
    ? undefined
    : `it may have at most ${facts.rights.pidsLimit} threads (--pids-limit)`;

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;

/** Limits: of the container’s cgroup, and of the process. */
export const limitRules: readonly Rule[] = [
  {
    id: 'pids-cgroup',
    calls: FORKS,
    errnos: ['EAGAIN'],
    cause: 'pids cgroup',
    clues: [
      { confidence: 'certain', tell: pidsFull },
      { confidence: 'likely', tell: pidsLimit },
      {
        confidence: 'possible',
        tell: (facts) =>
          !facts.rights.told && facts.isolated('mnt') !== false
            ? 'no other limit refuses a fork that often; the inventory does not tell the container’s'
            : undefined,
      },
    ],
    sentence: 'may make no more processes: the container has as many as its pids cgroup allows',
    allow: '--pids-limit N with a larger N (docker update does it while it runs).',
    price: 'A fork bomb in the container then takes more of the host’s processes.',
  },
  {
    id: 'process-limit',
    calls: FORKS,
    errnos: ['EAGAIN'],
    cause: 'resource limit',
    clues: [usual('possible', 'RLIMIT_NPROC of the user, or the limit of the whole host')],
    sentence: 'may make no more processes',
    allow: '--ulimit nproc=SOFT:HARD.',
    price: 'The limit counts the user’s processes in all containers together.',
  },
  {
    id: 'locked-memory',
    calls: list('mlock mlock2 mlockall mmap shmctl'),
    errnos: list('ENOMEM EPERM EAGAIN'),
    cause: 'resource limit',
    clues: [
      {
        confidence: 'likely',
        tell: ({ refusal: { call } }) =>
          call.startsWith('mlock')
            ? 'RLIMIT_MEMLOCK bounds what a process without CAP_IPC_LOCK may lock'
            : undefined,
      },
    ],
    sentence: 'may lock no more memory: RLIMIT_MEMLOCK',
    allow: '--ulimit memlock=BYTES:BYTES, or --cap-add IPC_LOCK.',
    price:
      'Locked memory cannot be swapped: the container takes it from all others (its memory limit still holds).',
  },
  {
    id: 'open-files',
    errnos: list('EMFILE ENFILE'),
    cause: 'resource limit',
    clues: [
      {
        confidence: 'certain',
        tell: ({ refusal: { call, errno } }) =>
          errno === 'ENFILE'
            ? 'the host’s table of open files is full'
            : call.startsWith('inotify')
              ? 'the user has as many inotify instances as fs.inotify.max_user_instances allows'
              : 'the process has as many open files as RLIMIT_NOFILE allows',
      },
    ],
    sentence: 'may open no more files',
    allow: '--ulimit nofile=SOFT:HARD; for inotify raise fs.inotify.max_user_instances on the host.',
    price: 'Open files take kernel memory, which the container’s memory limit counts.',
  },
  {
    id: 'file-size',
    errnos: ['EFBIG'],
    cause: 'resource limit',
    clues: [usual('likely', 'RLIMIT_FSIZE, or the largest file that the file system takes')],
    sentence: 'may write no larger file',
    allow: '--ulimit fsize=BYTES:BYTES.',
    price: 'It may fill the disk that its files are on.',
  },
  {
    id: 'oom-kill',
    calls: ['SIGKILL'],
    cause: 'memory cgroup',
    clues: [
      {
        confidence: 'certain',
        tell: ({ rights }) =>
          rights.memoryBytes === undefined
            ? undefined
            : `the kernel killed it, and the container’s limit is ${mebibytes(rights.memoryBytes)}`,
      },
      usual('likely', 'the kernel itself killed it, as it does where memory is short'),
    ],
    sentence: 'was killed because its cgroup’s memory limit was reached',
    allow: '--memory BYTES with a larger limit (docker update does it while it runs).',
    price: 'The container takes that memory from all others on the host.',
  },
  {
    id: 'seccomp-kill',
    calls: ['SIGSYS'],
    cause: 'seccomp',
    clues: [usual('certain', 'SIGSYS is how a seccomp filter ends a process')],
    sentence: 'was killed by its seccomp filter',
    allow: 'A profile that allows the call: --security-opt seccomp=PROFILE.json.',
    price: 'A larger part of the kernel, with the faults that it may have, is open to the container.',
  },
  {
    id: 'address-space',
    calls: list('mmap brk mremap'),
    errnos: ['ENOMEM'],
    cause: 'resource limit',
    clues: [usual('possible', 'RLIMIT_AS, or vm.overcommit_memory of the host')],
    sentence: 'got no more address space',
    allow: '--ulimit as=BYTES:BYTES, or vm.overcommit_memory=1 on the host.',
    price: 'Memory that is promised but not there ends in out-of-memory kills.',
  },
];
