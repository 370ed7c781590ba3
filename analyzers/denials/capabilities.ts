/** Which capability the kernel asks for (capabilities(7)), and what Docker's seccomp profile ties to one. */

const words = (text: string): readonly string[] => text.split(' ');

/** Calls that fail with EPERM (or EACCES where said) for want of a capability. */
const NEEDED: readonly { readonly capability: string; readonly calls: readonly string[] }[] = [
  {
    capability: 'SYS_ADMIN',
    calls: words(
      'mount umount umount2 pivot_root unshare setns clone clone3 sethostname setdomainname swapon swapoff quotactl ' +
        'quotactl_fd seccomp landlock_restrict_self setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr fsopen fsmount fsconfig fspick move_mount open_tree mount_setattr fanotify_init lookup_dcookie',
    ),
  },
  { capability: 'SYS_TIME', calls: words('clock_settime settimeofday stime adjtimex clock_adjtime') },
  { capability: 'SYS_BOOT', calls: words('reboot kexec_load kexec_file_load') },
  { capability: 'SYS_MODULE', calls: words('init_module finit_module delete_module') },
  { capability: 'BPF', calls: words('bpf') },
  { capability: 'PERFMON', calls: words('perf_event_open') },
  { capability: 'SYSLOG', calls: words('syslog') },
  { capability: 'SYS_RAWIO', calls: words('iopl ioperm') },
  { capability: 'SYS_CHROOT', calls: words('chroot') },
  { capability: 'SYS_PACCT', calls: words('acct') },
  { capability: 'SYS_TTY_CONFIG', calls: words('vhangup') },
  { capability: 'DAC_READ_SEARCH', calls: words('open_by_handle_at') },
  { capability: 'MKNOD', calls: words('mknod mknodat') },
  { capability: 'CHOWN', calls: words('chown fchown lchown fchownat') },
  { capability: 'FOWNER', calls: words('chmod fchmod fchmodat fchmodat2 utime utimes utimensat futimesat') },
  { capability: 'SETUID', calls: words('setuid setreuid setresuid setfsuid') },
  { capability: 'SETGID', calls: words('setgid setregid setresgid setfsgid setgroups') },
  { capability: 'SETPCAP', calls: words('capset prctl') },
  { capability: 'WAKE_ALARM', calls: words('timer_create timerfd_create') },
  {
    capability: 'SYS_NICE',
    calls: words(
      'setpriority sched_setscheduler sched_setparam sched_setattr sched_setaffinity ioprio_set migrate_pages ' +
        'move_pages mbind set_mempolicy get_mempolicy',
    ),
  },
  { capability: 'SYS_RESOURCE', calls: words('setrlimit prlimit64 fcntl') },
  {
    capability: 'SYS_PTRACE',
    calls: words(
      'ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd process_madvise userfaultfd get_robust_list',
    ),
  },
  {
    capability: 'KILL',
    calls: words('kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal'),
  },
  { capability: 'IPC_LOCK', calls: words('mlock mlock2 mlockall') },
  { capability: 'NET_RAW', calls: words('socket') },
  { capability: 'NET_BIND_SERVICE', calls: words('bind') },
  { capability: 'NET_ADMIN', calls: words('setsockopt getsockopt ioctl') },
];

const neededByCall = new Map(
  NEEDED.flatMap(({ capability, calls }) => calls.map((call) => [call, capability])),
);

/** The capability, without `CAP_`, for want of which the kernel refuses the call. */
export function neededCapability(call: string): string | undefined {
  return neededByCall.get(call);
}

/**
 * Calls that the default seccomp profile of Docker and Podman lets pass only with a capability (moby's
 * `profiles/seccomp/default.json`): who has it is let in. Other calls that a filter refuses stay refused with any capability.
 */
const GATED: readonly { readonly capability: string; readonly calls: readonly string[] }[] = [
  {
    capability: 'SYS_ADMIN',
    calls: words(
      'bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie mount mount_setattr move_mount open_tree ' +
        'perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog umount umount2 unshare',
    ),
  },
  { capability: 'DAC_READ_SEARCH', calls: words('open_by_handle_at') },
  { capability: 'SYS_BOOT', calls: words('reboot') },
  { capability: 'SYS_CHROOT', calls: words('chroot') },
  { capability: 'SYS_MODULE', calls: words('init_module finit_module delete_module') },
  { capability: 'SYS_PACCT', calls: words('acct') },
  {
    capability: 'SYS_PTRACE',
    calls: words('kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace'),
  },
  { capability: 'SYS_RAWIO', calls: words('iopl ioperm') },
  { capability: 'SYS_TIME', calls: words('settimeofday stime clock_settime clock_settime64') },
  { capability: 'SYS_TTY_CONFIG', calls: words('vhangup') },
  { capability: 'SYS_NICE', calls: words('get_mempolicy mbind set_mempolicy set_mempolicy_home_node') },
];

const gatedByCall = new Map(
  GATED.flatMap(({ capability, calls }) => calls.map((call) => [call, capability])),
);

export function gatingCapability(call: string): string | undefined {
  return gatedByCall.get(call);
}
