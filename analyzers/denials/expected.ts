import type { Target } from '../syscalls/target.js';

/** Errors that programs provoke in normal work. */
interface ExpectedRule {
  readonly errnos: readonly string[];
  /** Of these calls only; of all if undefined. */
  readonly calls?: readonly string[];
  readonly except?: readonly string[];
  /** Of these paths only. */
  readonly path?: RegExp;
  /** Of unix sockets only whose address is as long as it can be: so the C library asks for its daemons. */
  readonly unnamedSocket?: boolean;
  /** Of the host's own processes only, and whatever the object. */
  readonly host?: boolean;
  readonly reason: string;
}

const words = (text: string): readonly string[] => text.split(' ');

const FORKS = words('clone clone3 fork vfork');
/** Later tracers have events of these. */
const NEWER = words(
  'clone3 openat2 faccessat2 statx close_range rseq pidfd_open epoll_pwait2 futex_waitv fchmodat2 cachestat membarrier copy_file_range ' +
    'preadv2 pwritev2 memfd_create getrandom renameat2 seccomp execveat io_uring_setup io_uring_enter io_uring_register',
);
const LOOKUPS = words(
  'open openat openat2 newstat newlstat newfstatat stat lstat statx access faccessat faccessat2 readlink readlinkat',
);

/** The first that fits is the reason. What is not here is shown as refused. */
const rules: readonly ExpectedRule[] = [
  {
    errnos: ['EAGAIN'],
    except: [
      ...FORKS,
      ...words(
        'mlock mlock2 mlockall mmap mremap setuid setreuid setresuid timer_create rt_sigqueueinfo rt_tgsigqueueinfo io_setup',
      ),
    ],
    reason: 'would block',
  },
  {
    errnos: words('EINTR ERESTARTSYS ERESTARTNOINTR ERESTARTNOHAND ERESTART_RESTARTBLOCK'),
    reason: 'interrupted by a signal',
  },
  { errnos: words('EINPROGRESS EALREADY EISCONN'), reason: 'connection under way' },
  {
    errnos: ['ETIMEDOUT'],
    calls: words('futex futex_waitv semtimedop mq_timedsend mq_timedreceive rt_sigtimedwait'),
    reason: 'timed out',
  },
  { errnos: ['ECHILD'], reason: 'no child left to wait for' },
  { errnos: ['ENOTTY'], calls: ['ioctl'], reason: 'asks whether it is a terminal' },
  { errnos: words('ECONNRESET EPIPE ENOTCONN ESHUTDOWN'), reason: 'the other side has closed' },
  { errnos: ['ESPIPE'], reason: 'asks whether it can seek' },
  { errnos: ['EPERM'], calls: ['epoll_ctl'], reason: 'a file that is always ready cannot be polled' },
  {
    errnos: words('EEXIST ENOTEMPTY'),
    calls: words(
      'mkdir mkdirat rmdir unlinkat symlink symlinkat link linkat open openat mknod mknodat epoll_ctl add_key',
    ),
    reason: 'already there, or not empty',
  },
  {
    errnos: words('EISDIR ENOTDIR'),
    calls: words('unlink unlinkat rmdir'),
    reason: 'tries both ways to remove',
  },
  { errnos: ['EISDIR'], calls: words('read pread64'), reason: 'asks whether it is a directory' },
  { errnos: words('ENODATA EOPNOTSUPP'), reason: 'the object has no such attribute or operation' },
  { errnos: ['ENOENT'], calls: words('unlink unlinkat rmdir'), reason: 'already gone' },
  {
    errnos: words('EINVAL EFAULT EBADF ENOTSOCK EDESTADDRREQ ERANGE E2BIG EDOM ENOPROTOOPT EMSGSIZE ENXIO'),
    except: words(
      'mount umount umount2 fsconfig fsmount move_mount pivot_root unshare setns setuid setreuid setresuid setgid setregid ' +
        'setresgid setgroups chown lchown fchown fchownat',
    ),
    reason: 'the call does not fit the object',
  },
  {
    errnos: ['EXDEV'],
    calls: words('rename renameat renameat2 link linkat copy_file_range'),
    reason: 'on another file system: it is copied instead',
  },
  { errnos: ['ENOEXEC'], calls: words('execve execveat'), reason: 'no program: the shell reads it' },
  { errnos: ['ENOSYS'], reason: 'asks for a newer call and falls back' },
  {
    errnos: ['ENOENT'],
    calls: LOOKUPS,
    path: /^\/etc\/ld\.so\.|\.so(\.[\d.]+)?$|\/glibc-hwcaps\b|\/(lib|lib32|lib64|libx32)\/(x86_64-linux-gnu|tls|haswell|x86_64)(\/|$)/,
    reason: 'search for a library',
  },
  {
    errnos: ['ENOENT'],
    calls: [...LOOKUPS, 'execve', 'execveat'],
    path: /^\/(usr\/(local\/)?)?s?bin\/[^/]+$/,
    reason: 'search for a program',
  },
  {
    errnos: ['ENOENT'],
    calls: LOOKUPS,
    path: /\/(locale|locale-langpack|gconv|terminfo|zoneinfo|i18n)(\/|$)|^\/etc\/(localtime|TZ|nsswitch\.conf|host\.conf|gai\.conf|resolv\.conf|inputrc|terminfo|profile|default\/nss|suid-debug)$/,
    reason: 'optional configuration of the C library',
  },
  {
    errnos: ['ENOENT'],
    calls: ['connect'],
    unnamedSocket: true,
    reason: 'the C library asks for a cache daemon or log',
  },
  {
    errnos: ['ENOENT'],
    calls: LOOKUPS,
    path: /\.(pyc|pyi|pyo)$|\/__pycache__(\/|$)/,
    reason: 'search for a module',
  },
  { errnos: ['ENOENT'], host: true, reason: 'not there: nothing is hidden from the host’s processes' },
];

/** Rules for a call and error; those that ask for a path remember what they answered. */
interface Answers {
  readonly rules: readonly ExpectedRule[];
  /** The reason, if the object has no part in it: in containers, and on the host. */
  readonly whatever: string | undefined;
  readonly ofHost: string | undefined;
  /** null: none. */
  readonly byPath: Map<string, string | null>;
}

const REMEMBERED_PATHS = 1024;

/** By error, by call: names of both are few. */
const answers = new Map<string, Map<string, Answers>>();

/** Call and error decide first; only a rule that asks for a path needs the target. */
function answersFor(call: string, errno: string): Answers {
  let byCall = answers.get(errno);
  if (byCall === undefined) {
    byCall = new Map();
    answers.set(errno, byCall);
  }
  let found = byCall.get(call);
  if (found === undefined) {
    const fitting = rules.filter(
      ({ errnos, calls, except }) =>
        errnos.includes(errno) && (calls?.includes(call) ?? true) && !except?.includes(call),
    );
    const own = fitting.find(({ host }) => host);
    const whatever = fitting.length > 0 && isWhatever(fitting[0]!) ? fitting[0]!.reason : undefined;
    found = { rules: fitting, whatever, ofHost: own?.reason ?? whatever, byPath: new Map() };
    byCall.set(call, found);
  }
  return found;
}

/** The reason why the error is part of normal work; undefined where it is not. */
export function expectedReason(call: string, errno: string, target: Target | undefined): string | undefined {
  const { rules: fitting, byPath } = answersFor(call, errno);
  if (fitting.length === 0) return undefined;
  if (target?.kind !== 'path') return fitting.find((rule) => fits(rule, target))?.reason;
  const { path } = target;
  const known = byPath.get(path);
  if (known !== undefined) return known === null ? undefined : known;
  const reason = fitting.find((rule) => fits(rule, target))?.reason;
  if (byPath.size >= REMEMBERED_PATHS) byPath.clear();
  byPath.set(path, reason ?? null);
  return reason;
}

function fits({ path, unnamedSocket, host }: ExpectedRule, target: Target | undefined): boolean {
  if (host) return false;
  if (unnamedSocket) return target?.kind === 'unix' && target.length === undefined;
  return path === undefined || (target?.kind === 'path' && path.test(target.path));
}

/** The first of the calls that LTTng knows by number only which programs try and then do without (`statx`). */
const FIRST_NEWER_CALL = 332;

/** A filter says ENOSYS of newer calls, so that programs fall back; of an older one it is a refusal. */
export function isOldCall(call: string, number: number | undefined): boolean {
  return number === undefined ? !NEWER.includes(call) : number < FIRST_NEWER_CALL;
}

/** The reason, if the object has no part in it: then it need not be read. */
export function expectedWhatever(call: string, errno: string, isHost: boolean): string | undefined {
  const { whatever, ofHost } = answersFor(call, errno);
  return isHost ? ofHost : whatever;
}

function isWhatever({ path, unnamedSocket, host }: ExpectedRule): boolean {
  return path === undefined && !unnamedSocket && !host;
}
