/** Numbers of the Linux ABI and their names (`include/uapi/asm-generic/errno*.h`, `arch/x86/entry/syscalls/syscall_64.tbl`). */

const ERRNO_NAMES: readonly string[] = (
  '- EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY EEXIST EXDEV ' +
  'ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE EDEADLK ' +
  'ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP - ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG EUNATCH ENOCSI EL2HLT ' +
  'EBADE EBADR EXFULL ENOANO EBADRQC EBADSLT - EBFONT ENOSTR ENODATA ETIME ENOSR ENONET ENOPKG EREMOTE ENOLINK EADV ESRMNT ' +
  'ECOMM EPROTO EMULTIHOP EDOTDOT EBADMSG EOVERFLOW ENOTUNIQ EBADFD EREMCHG ELIBACC ELIBBAD ELIBSCN ELIBMAX ELIBEXEC EILSEQ ' +
  'ERESTART ESTRPIPE EUSERS ENOTSOCK EDESTADDRREQ EMSGSIZE EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP ' +
  'EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ENOBUFS EISCONN ' +
  'ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY EINPROGRESS ESTALE EUCLEAN ENOTNAM ' +
  'ENAVAIL EISNAM EREMOTEIO EDQUOT ENOMEDIUM EMEDIUMTYPE ECANCELED ENOKEY EKEYEXPIRED EKEYREVOKED EKEYREJECTED EOWNERDEAD ' +
  'ENOTRECOVERABLE ERFKILL EHWPOISON'
).split(' ');

/** Results that only the kernel sees: the call begins anew or ends in EINTR (`include/linux/errno.h`). */
const INTERNAL: Readonly<Record<number, string>> = {
  512: 'ERESTARTSYS',
  513: 'ERESTARTNOINTR',
  514: 'ERESTARTNOHAND',
  515: 'ENOIOCTLCMD',
  516: 'ERESTART_RESTARTBLOCK',
  517: 'EPROBE_DEFER',
  524: 'ENOTSUPP',
  529: 'EIOCBQUEUED',
};

/** The name of an error number; `E` and the number where there is none. */
export function errnoName(number: number): string {
  const name = number < ERRNO_NAMES.length ? ERRNO_NAMES[number]! : '-';
  return name === '-' ? (INTERNAL[number] ?? `E${number}`) : name;
}

/** `lseek` and its like give numbers of 64 bits, of which the column keeps 32: only these can be errors of theirs. */
export const FEW_ERRORS: Readonly<Record<string, readonly number[]>> = {
  lseek: [6, 9, 22, 29, 75],
  mmap: [1, 9, 11, 12, 13, 19, 22, 23, 75, 17, 26],
  mremap: [11, 12, 14, 22],
  brk: [],
  time: [14],
  times: [14],
  rt_sigreturn: [],
  shmat: [12, 13, 22, 43],
};

/** x86-64 calls that lttng-modules 2.13 has no event of its own for and records as `unknown` with their number. */
const UNKNOWN_CALLS: Readonly<Record<number, string>> = {
  15: 'rt_sigreturn',
  57: 'fork',
  58: 'vfork',
  61: 'wait4',
  125: 'capget',
  126: 'capset',
  134: 'uselib',
  158: 'arch_prctl',
  172: 'iopl',
  173: 'ioperm',
  246: 'kexec_load',
  250: 'keyctl',
  306: 'syncfs',
  312: 'kcmp',
  314: 'sched_setattr',
  315: 'sched_getattr',
  316: 'renameat2',
  317: 'seccomp',
  318: 'getrandom',
  319: 'memfd_create',
  320: 'kexec_file_load',
  321: 'bpf',
  322: 'execveat',
  323: 'userfaultfd',
  324: 'membarrier',
  325: 'mlock2',
  326: 'copy_file_range',
  327: 'preadv2',
  328: 'pwritev2',
  329: 'pkey_mprotect',
  330: 'pkey_alloc',
  331: 'pkey_free',
  332: 'statx',
  333: 'io_pgetevents',
  334: 'rseq',
  424: 'pidfd_send_signal',
  425: 'io_uring_setup',
  426: 'io_uring_enter',
  427: 'io_uring_register',
  428: 'open_tree',
  429: 'move_mount',
  430: 'fsopen',
  431: 'fsconfig',
  432: 'fsmount',
  433: 'fspick',
  434: 'pidfd_open',
  435: 'clone3',
  436: 'close_range',
  437: 'openat2',
  438: 'pidfd_getfd',
  439: 'faccessat2',
  440: 'process_madvise',
  441: 'epoll_pwait2',
  442: 'mount_setattr',
  443: 'quotactl_fd',
  444: 'landlock_create_ruleset',
  445: 'landlock_add_rule',
  446: 'landlock_restrict_self',
  447: 'memfd_secret',
  448: 'process_mrelease',
  449: 'futex_waitv',
  450: 'set_mempolicy_home_node',
  451: 'cachestat',
  452: 'fchmodat2',
};

/** No kernel has as many calls. */
export const MOST_CALLS = 1024;

/** The name of a call by its number; what no kernel has a call for is `unknown`, so that names stay few. */
export function unknownCallName(number: number): string {
  const numbered = number >= 0 && number < MOST_CALLS;
  return UNKNOWN_CALLS[number] ?? (numbered ? `syscall_${number}` : 'unknown');
}

const CLONE_FLAGS: readonly (readonly [number, string])[] = [
  [0x00020000, 'CLONE_NEWNS'],
  [0x02000000, 'CLONE_NEWCGROUP'],
  [0x04000000, 'CLONE_NEWUTS'],
  [0x08000000, 'CLONE_NEWIPC'],
  [0x10000000, 'CLONE_NEWUSER'],
  [0x20000000, 'CLONE_NEWPID'],
  [0x40000000, 'CLONE_NEWNET'],
  [0x00000080, 'CLONE_NEWTIME'],
];

/** The namespaces that clone, unshare or setns are to make or enter. */
export function namespaceFlags(flags: number): string | undefined {
  const names = CLONE_FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
  return names.length === 0 ? undefined : names.join('|');
}

const CLOCKS: readonly string[] = ['CLOCK_REALTIME', 'CLOCK_MONOTONIC', 'CLOCK_PROCESS_CPUTIME_ID'];

export function clockName(clock: number): string {
  return CLOCKS[clock] ?? `clock ${clock}`;
}

const RESOURCES: readonly string[] =
  'CPU FSIZE DATA STACK CORE RSS NPROC NOFILE MEMLOCK AS LOCKS SIGPENDING MSGQUEUE NICE RTPRIO RTTIME'.split(
    ' ',
  );

export function resourceName(resource: number): string {
  const name = RESOURCES[resource];
  return name === undefined ? `resource ${resource}` : `RLIMIT_${name}`;
}

const FAMILIES: Readonly<Record<number, string>> = {
  1: 'AF_UNIX',
  2: 'AF_INET',
  10: 'AF_INET6',
  16: 'AF_NETLINK',
  17: 'AF_PACKET',
  31: 'AF_BLUETOOTH',
  38: 'AF_ALG',
  40: 'AF_VSOCK',
};
const SOCKET_TYPES: Readonly<Record<number, string>> = {
  1: 'SOCK_STREAM',
  2: 'SOCK_DGRAM',
  3: 'SOCK_RAW',
  5: 'SOCK_SEQPACKET',
  10: 'SOCK_PACKET',
};

export function socketName(family: number, type: number): string {
  const kind = type & 0xf;
  return `${FAMILIES[family] ?? `AF_${family}`} ${SOCKET_TYPES[kind] ?? `type ${kind}`}`;
}
