/*
 * Tries one thing that a container may be refused: which, is told by the name that the program is called by, which is the
 * name of the process in the trace, too. Prints the name, a tab, and how it ended: OK or the name of the error.
 *
 * As `host` it makes on the host what the tries look for in vain: keys, queues, sockets and listeners, and waits.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/perf_event.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/ptrace.h>
#include <sys/quota.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { KEY = 0x1234, OTHER_KEY = 0x2345, NO_KEY = 0x4321, NO_PID = 3999999, PORT = 9999, PORT6 = 9997, HIDDEN_PORT = 9996, NO_PORT = 9998 };

/* Of a process of the host, which the container does not see. */
static int host_pid(void) { return atoi(getenv("HOST_PID") ?: "1"); }

static long inet(const char *address, int port, int binds) {
  int s = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, address, &to.sin_addr);
  return binds ? bind(s, (void *)&to, sizeof to) : connect(s, (void *)&to, sizeof to);
}

static long inet6(const char *address, int port, int listens) {
  int s = socket(AF_INET6, SOCK_STREAM, 0);
  struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  inet_pton(AF_INET6, address, &to.sin6_addr);
  if (!listens) return connect(s, (void *)&to, sizeof to);
  bind(s, (void *)&to, sizeof to);
  return listen(s, 4);
}

/* A name that begins with @ is an abstract one. */
static long unix_socket(const char *name, int listens) {
  int s = socket(AF_UNIX, SOCK_STREAM, 0);
  int is_abstract = name[0] == '@';
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  strcpy(to.sun_path, name);
  if (is_abstract) to.sun_path[0] = 0;
  socklen_t length = offsetof(struct sockaddr_un, sun_path) + strlen(name) + !is_abstract;
  if (!listens) return connect(s, (void *)&to, length);
  unlink(name);
  bind(s, (void *)&to, length);
  return listen(s, 4);
}

static long handle(void) {
  struct { struct file_handle h; char data[128]; } f = {.h = {.handle_bytes = 8, .handle_type = 1}};
  return open_by_handle_at(AT_FDCWD, &f.h, O_RDONLY);
}

static long drop_limit(int resource, rlim_t limit) {
  struct rlimit to = {limit, limit};
  return setrlimit(resource, &to);
}

static long many_forks(void) {
  pid_t children[100];
  int count = 0, error = 0;
  while (count < 60 && error == 0) {
    pid_t child = fork();
    if (child == 0) { pause(); _exit(0); }
    if (child < 0) error = errno; else children[count++] = child;
  }
  while (count > 0) kill(children[--count], SIGKILL);
  errno = error;
  return error ? -1 : 0;
}

static long much_memory(void) {
  size_t size = 256 << 20;
  char *at = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (size_t i = 0; i < size; i += 4096) at[i] = 1;
  return 0;
}

static long many_watches(void) {
  for (int i = 0; i < 1000; i++) if (inotify_init() < 0) return -1;
  return 0;
}

static long large_file(void) {
  signal(SIGXFSZ, SIG_IGN);
  drop_limit(RLIMIT_FSIZE, 10);
  return ftruncate(open("/tmp/large", O_RDWR | O_CREAT, 0600), 4096);
}

static long change_clock(void) { struct timex t = {.modes = ADJ_FREQUENCY}; return adjtimex(&t); }

#define TRIES(T) \
  T(kill_host, kill(host_pid(), 0)) \
  T(kill_none, kill(NO_PID, 0)) \
  T(tgkill_host, syscall(SYS_tgkill, host_pid(), host_pid(), 0)) \
  T(pidfd_host, syscall(SYS_pidfd_open, host_pid(), 0)) \
  T(pidfd_none, syscall(SYS_pidfd_open, NO_PID, 0)) \
  T(procfs_host, ({ char path[64]; sprintf(path, "/proc/%d/status", host_pid()); open(path, O_RDONLY); })) \
  T(ptrace_host, ptrace(PTRACE_ATTACH, host_pid(), 0, 0)) \
  T(vmread_host, ({ char c; struct iovec v = {&c, 1}; process_vm_readv(host_pid(), &v, 1, &v, 1, 0); })) \
  T(prio_host, setpriority(PRIO_PROCESS, host_pid(), 5)) \
  T(affinity_host, ({ cpu_set_t s; CPU_ZERO(&s); CPU_SET(0, &s); sched_setaffinity(host_pid(), sizeof s, &s); })) \
  T(sched_host, ({ cpu_set_t s; sched_getaffinity(host_pid(), sizeof s, &s); })) \
  T(prlimit_host, ({ struct rlimit r; prlimit(host_pid(), RLIMIT_NOFILE, NULL, &r); })) \
  T(open_hostfile, open("/opt/hostonly/secret.conf", O_RDONLY)) \
  T(open_etc, open("/etc/hostonly.conf", O_RDONLY)) \
  T(open_nowhere, open("/nowhere/at/all", O_RDONLY)) \
  T(opt_nowhere, open("/opt/nothing/like/it", O_RDONLY)) \
  T(stat_hostfile, ({ struct stat s; stat("/opt/hostonly/secret.conf", &s); })) \
  T(exec_hostbin, execl("/opt/hostonly/tool", "tool", NULL)) \
  T(exec_nowhere, execl("/nowhere/tool", "tool", NULL)) \
  T(chdir_host, chdir("/opt/hostonly")) \
  T(unix_hostsock, unix_socket("/run/hostonly-service.sock", 0)) \
  T(unix_none, unix_socket("/run/nobody-has-ever-had-a-socket-of-such-a-name.sock", 0)) \
  T(unix_abs_host, unix_socket("@hostonly-abstract", 0)) \
  T(unix_abs_none, unix_socket("@nobody-has-ever-had-an-abstract-socket-of-such-a-name", 0)) \
  T(tcp_hostsvc, inet("127.0.0.1", PORT, 0)) \
  T(tcp_hidden, inet("192.0.2.1", HIDDEN_PORT, 0)) \
  T(tcp6_hostsvc, inet6("::1", PORT6, 0)) \
  T(tcp_nobody, inet("127.0.0.1", NO_PORT, 0)) \
  T(tcp6_nobody, inet6("::1", NO_PORT, 0)) \
  T(tcp_unreach, inet("198.51.100.7", 80, 0)) \
  T(bind_hostip, inet("192.0.2.1", 7000, 1)) \
  T(bind_low, inet("0.0.0.0", 81, 1)) \
  T(shm_host, shmget(KEY, 0, 0600)) \
  T(shm_other, shmget(OTHER_KEY, 0, 0600)) \
  T(shm_none, shmget(NO_KEY, 0, 0600)) \
  T(sem_host, semget(KEY, 0, 0600)) \
  T(sem_none, semget(NO_KEY, 0, 0600)) \
  T(msg_host, msgget(KEY, 0600)) \
  T(msg_none, msgget(NO_KEY, 0600)) \
  T(mq_host, mq_open("/hostqueue", O_RDWR)) \
  T(mq_none, mq_open("/noqueue", O_RDWR)) \
  T(shmopen_host, shm_open("/hostshm", O_RDWR, 0600)) \
  T(shmopen_none, shm_open("/noshm", O_RDWR, 0600)) \
  T(sethostname, sethostname("x", 1)) \
  T(setdomainname, setdomainname("x", 1)) \
  T(mount_tmpfs, mount("t", "/tmp", "tmpfs", 0, "")) \
  T(umount_proc, umount2("/proc", MNT_DETACH)) \
  T(pivot, syscall(SYS_pivot_root, "/tmp", "/tmp")) \
  T(chroot, chroot("/tmp")) \
  T(unshare_mnt, unshare(CLONE_NEWNS)) \
  T(unshare_user, unshare(CLONE_NEWUSER)) \
  T(setns_self, setns(open("/proc/self/ns/mnt", O_RDONLY), CLONE_NEWNS)) \
  T(reboot, reboot(RB_DISABLE_CAD)) \
  T(settime, ({ struct timespec t; clock_gettime(CLOCK_REALTIME, &t); clock_settime(CLOCK_REALTIME, &t); })) \
  T(settimeofday, ({ struct timeval t; gettimeofday(&t, NULL); syscall(SYS_settimeofday, &t, NULL); })) \
  T(adjtime, change_clock()) \
  T(swapon, swapon("/tmp/none", 0)) \
  T(quota, quotactl(QCMD(Q_SYNC, USRQUOTA), "/dev/none", 0, NULL)) \
  T(acct, acct("/tmp/acct")) \
  T(iopl, syscall(SYS_iopl, 3)) \
  T(klog, klogctl(8, NULL, 1)) \
  T(handle, handle()) \
  T(fanotify, fanotify_init(FAN_CLASS_CONTENT, O_RDONLY)) \
  T(module, syscall(SYS_init_module, "x", 1, "")) \
  T(rmmod, syscall(SYS_delete_module, "none", 0)) \
  T(bpf, ({ char a[128] = {0}; syscall(SYS_bpf, 0, a, 72); })) \
  T(perf, ({ struct perf_event_attr a = {.size = sizeof a}; syscall(SYS_perf_event_open, &a, -1, 0, -1, 0); })) \
  T(keyring, syscall(SYS_add_key, "user", "k", "v", 1, -3)) \
  T(keyctl, syscall(SYS_keyctl, 0, -3, 1)) \
  T(userfault, syscall(SYS_userfaultfd, 0)) \
  T(mknod_blk, mknod("/tmp/blk", S_IFBLK | 0600, 254 << 8)) \
  T(open_blk, open("/tmp/blk", O_RDONLY)) \
  T(mknod_mem, mknod("/tmp/mem", S_IFCHR | 0600, (1 << 8) | 1)) \
  T(open_mem, open("/tmp/mem", O_RDONLY)) \
  T(dev_kmsg, open("/dev/kmsg", O_RDONLY)) \
  T(dev_mem, open("/dev/mem", O_RDONLY)) \
  T(dev_none, open("/dev/nothing", O_RDONLY)) \
  T(sysctl_ro, open("/proc/sys/kernel/hostname", O_WRONLY)) \
  T(sysctl_net, open("/proc/sys/net/ipv4/ip_forward", O_WRONLY)) \
  T(sysrq, open("/proc/sysrq-trigger", O_WRONLY)) \
  T(sysfs_ro, open("/sys/kernel/mm/ksm/run", O_WRONLY)) \
  T(cgroup_ro, open("/sys/fs/cgroup/cgroup.procs", O_WRONLY)) \
  T(cgroup_host, open("/sys/fs/cgroup/hostonly.slice/cgroup.procs", O_RDONLY)) \
  T(netdev_host, open("/sys/class/net/hostonly0/mtu", O_RDONLY)) \
  T(mkdir_ro, mkdir("/deny/new", 0700)) \
  T(unlink_ro, unlink("/deny/kill_host")) \
  T(rename_ro, rename("/deny/kill_host", "/deny/new")) \
  T(usr_ro, open("/usr/newfile", O_WRONLY | O_CREAT, 0600)) \
  T(root_only, open("/etc/rootonly", O_RDONLY)) \
  T(write_passwd, open("/etc/passwd", O_WRONLY)) \
  T(exec_plain, execl("/etc/passwd", "x", NULL)) \
  T(chown, chown("/etc/passwd", 1, 1)) \
  T(chmod, chmod("/etc/passwd", 0600)) \
  T(setuid, setuid(0)) \
  T(setgid, setgid(0)) \
  T(setgroups, syscall(SYS_setgroups, 1, (unsigned[]){0})) \
  T(raw_sock, socket(AF_INET, SOCK_RAW, 1)) \
  T(packet_sock, socket(AF_PACKET, SOCK_RAW, 0)) \
  T(nice_neg, setpriority(PRIO_PROCESS, 0, -5)) \
  T(fifo, ({ struct sched_param p = {1}; sched_setscheduler(0, SCHED_FIFO, &p); })) \
  T(rlimit, drop_limit(RLIMIT_NOFILE, 1 << 30)) \
  T(mlock, mlock(mmap(0, 64 << 20, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 64 << 20)) \
  T(files, (drop_limit(RLIMIT_NOFILE, 3), open("/etc/passwd", O_RDONLY))) \
  T(watches, many_watches()) \
  T(large_file, large_file()) \
  T(forkbomb, many_forks()) \
  T(oom, much_memory()) \
  T(ok_open, open("/etc/passwd", O_RDONLY)) \
  T(ok_tcp, socket(AF_INET, SOCK_STREAM, 0))

static void serve(void) {
  shmget(KEY, 4096, IPC_CREAT | 0600);
  semget(KEY, 1, IPC_CREAT | 0600);
  msgget(KEY, IPC_CREAT | 0600);
  struct mq_attr few = {.mq_maxmsg = 4, .mq_msgsize = 64};
  mq_open("/hostqueue", O_CREAT | O_RDWR, 0600, &few);
  shm_open("/hostshm", O_CREAT | O_RDWR, 0600);
  unix_socket("/run/hostonly-service.sock", 1);
  unix_socket("@hostonly-abstract", 1);
  inet6("::1", PORT6, 1);
  int ports[] = {PORT, HIDDEN_PORT};
  for (int i = 0; i < 2; i++) {
    int s = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(ports[i]), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    bind(s, (void *)&at, sizeof at);
    listen(s, 4);
  }
  pause();
}

int main(int count, char **arguments) {
  (void)count;
  const char *slash = strrchr(arguments[0], '/');
  const char *name = slash ? slash + 1 : arguments[0];
  if (strcmp(name, "host") == 0) serve();
  if (strcmp(name, "keeper") == 0) { shmget(OTHER_KEY, 4096, IPC_CREAT | 0600); pause(); }
  if (strcmp(name, "list") == 0) {
#define NAME(name, run) puts(#name);
    TRIES(NAME)
    return 0;
  }
  errno = 0;
  long result = -2;
#define RUN(each, run) if (strcmp(name, #each) == 0) result = (long)(run);
  TRIES(RUN)
  int error = errno;
  printf("%s\t%s\n", name, result == -1 ? strerrorname_np(error) : "OK");
  return 0;
}
