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

/** Threads of a process that just failed to fork may have ended before it was looked at. */
function pidsNearlyFull(facts: Case): string | undefined {
  const limit = facts.rights.pidsLimit;
  if (limit === undefined || facts.threads < limit / 2) return undefined;
  return `it may have at most ${limit} threads (--pids-limit), and had ${facts.threads}`;
}

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
      { confidence: 'likely', tell: pidsNearlyFull },
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
    clues: [
      {
        confidence: 'likely',
        tell: ({ rights, threads }) =>
          rights.told && rights.pidsLimit !== undefined
            ? `its pids cgroup had room (${threads} of ${rights.pidsLimit}), so it is RLIMIT_NPROC of the user`
            : undefined,
      },
      usual('possible', 'RLIMIT_NPROC of the user, or the limit of the whole host'),
    ],
    sentence: 'may make no more processes',
    allow: '--ulimit nproc=SOFT:HARD.',
    price: 'The limit counts the user’s processes in all containers together.',
  },
  {
    id: 'locked-memory',
    calls: list('mlock mlock2 mlockall mmap mremap shmctl'),
    errnos: list('ENOMEM EPERM EAGAIN'),
    cause: 'resource limit',
    clues: [
      {
        confidence: 'likely',
        tell: ({ refusal: { call, errno } }) =>
          call.startsWith('mlock') || (errno === 'EAGAIN' && call !== 'shmctl')
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
              : call === 'mq_open'
                ? 'the user’s message queues have as many bytes as RLIMIT_MSGQUEUE allows'
                : 'the process has as many open files as RLIMIT_NOFILE allows',
      },
    ],
    sentence: 'may open no more files',
    allow: '--ulimit nofile=SOFT:HARD; for inotify raise fs.inotify.max_user_instances on the host.',
    price: 'Open files take kernel memory, which the container’s memory limit counts.',
  },
  {
    id: 'namespaces-full',
    calls: list('unshare clone clone3'),
    errnos: list('ENOSPC EUSERS'),
    cause: 'resource limit',
    clues: [
      usual(
        'likely',
        'the user has as many namespaces as user.max_*_namespaces allows, or they nest too deep',
      ),
    ],
    sentence: 'may make no more namespaces',
    allow: 'Raise user.max_*_namespaces on the host.',
    price: 'More of the kernel is open to who makes namespaces.',
  },
  {
    id: 'watches-full',
    calls: list('inotify_add_watch fanotify_mark'),
    errnos: ['ENOSPC'],
    cause: 'resource limit',
    clues: [
      usual(
        'likely',
        'the user has as many watches as fs.inotify.max_user_watches allows, in all containers together',
      ),
    ],
    sentence: 'may watch no more files',
    allow: 'Raise fs.inotify.max_user_watches on the host.',
    price: 'Watches take kernel memory.',
  },
  {
    id: 'ipc-full',
    calls: list('shmget semget msgget mq_open'),
    errnos: list('ENOSPC ENOMEM'),
    cause: 'resource limit',
    clues: [
      usual(
        'likely',
        'kernel.shmmni, shmall, sem, msgmni or fs.mqueue.queues_max of its IPC namespace is reached',
      ),
    ],
    sentence: 'may make no more of these in its IPC namespace',
    allow: '--sysctl kernel.shmmni=N (and its like) for the container’s own namespace.',
    price: 'What it makes takes memory, which the container’s memory limit counts.',
  },
  {
    id: 'timers-full',
    calls: list('timer_create rt_sigqueueinfo rt_tgsigqueueinfo io_setup'),
    errnos: ['EAGAIN'],
    cause: 'resource limit',
    clues: [
      {
        confidence: 'likely',
        tell: ({ refusal: { call } }) =>
          call === 'io_setup'
            ? 'all together have as many requests as fs.aio-max-nr of the host allows'
            : 'the user has as many pending signals and timers as RLIMIT_SIGPENDING allows',
      },
    ],
    sentence: 'may have no more of these',
    allow: '--ulimit sigpending=SOFT:HARD; for asynchronous I/O raise fs.aio-max-nr on the host.',
    price: 'They take kernel memory.',
  },
  {
    id: 'keys-full',
    errnos: ['EDQUOT'],
    cause: 'resource limit',
    clues: [usual('likely', 'a quota: of the disk for the user, or of kernel.keys for keyrings')],
    sentence: 'has used up its quota',
    allow: 'Raise the quota on the host (setquota, kernel.keys.maxkeys).',
    price: 'The user takes more of what all share.',
  },
  {
    id: 'disk-full',
    errnos: ['ENOSPC'],
    cause: 'resource limit',
    clues: [
      {
        confidence: 'likely',
        tell: ({ refusal: { target } }) =>
          target?.kind === 'path' && target.path.startsWith('/dev/shm/')
            ? 'the container’s /dev/shm is full (--shm-size, 64 MB by default)'
            : 'the file system is full, or the size or number of files of a tmpfs',
      },
    ],
    sentence: 'found no room left',
    allow: '--shm-size BYTES, --tmpfs DIRECTORY:size=BYTES, or more room on the disk.',
    price: 'A tmpfs takes memory, which the container’s memory limit counts.',
  },
  {
    id: 'fork-memory',
    calls: FORKS,
    errnos: ['ENOMEM'],
    cause: 'memory cgroup',
    otherwise: 'resource limit',
    clues: [
      {
        confidence: 'likely',
        tell: ({ rights }) =>
          rights.memoryBytes === undefined
            ? undefined
            : `a new process takes memory, and the container’s limit is ${mebibytes(rights.memoryBytes)}`,
      },
      usual('possible', 'a new process takes memory, and its cgroup or the host had none'),
    ],
    sentence: 'got no memory for a new process',
    allow: '--memory BYTES with a larger limit (docker update does it while it runs).',
    price: 'The container takes that memory from all others on the host.',
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
      {
        confidence: 'certain',
        tell: ({ refusal: { container } }) => {
          const kills = container.entry?.samples?.at(-1)?.oomKills ?? 0;
          return kills > 0
            ? `the kernel killed it, and its cgroup counts ${kills} kills for want of memory`
            : undefined;
        },
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
