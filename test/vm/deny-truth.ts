/** What the tries of guest/tries.c are refused by, and whether boxtop tells it. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../native/recordings.js';
import { boxtop } from './boxtop.js';
import type { Checks } from './checks.js';

/** Causes by try; where several are true each is right. What is refused differently in a container, or with another error, is named with it. */
const CAUSES: Readonly<Record<string, string>> = {
  'kill_host tgkill_host pidfd_host procfs_host ptrace_host vmread_host prio_host affinity_host sched_host prlimit_host':
    'pid namespace',
  'kill_none pidfd_none open_nowhere opt_nowhere exec_nowhere unix_none unix_abs_none tcp_nobody tcp6_nobody':
    'no such object',
  'shm_none sem_none msg_none mq_none shmopen_none dev_none': 'no such object',
  'open_hostfile open_etc stat_hostfile exec_hostbin chdir_host unix_hostsock dev_kmsg dev_mem':
    'mount namespace',
  shmopen_host: 'mount namespace, ipc namespace',
  'unix_abs_host tcp_hostsvc tcp6_hostsvc tcp_hidden tcp_unreach bind_hostip netdev_host':
    'network namespace',
  'shm_host shm_other sem_host msg_host mq_host': 'ipc namespace',
  cgroup_host: 'cgroup namespace',
  'sethostname setdomainname mount_tmpfs umount_proc unshare_mnt setns_self quota fanotify acct iopl klog handle':
    'capability, seccomp',
  'pivot swapon module rmmod bpf perf unshare_user reboot settimeofday': 'capability, seccomp',
  'settime adjtime nice_neg fifo rlimit chroot setuid setgid setgroups raw_sock packet_sock': 'capability',
  'chown chmod mknod_blk mknod_mem': 'capability',
  'keyring keyctl userfault': 'seccomp',
  'open_blk open_mem': 'device cgroup',
  'sysctl_ro sysctl_net sysrq sysfs_ro cgroup_ro mkdir_ro unlink_ro rename_ro usr_ro': 'read-only mount',
  'root_only write_passwd exec_plain': 'file permissions',
  'limited write_passwd': 'read-only mount',
  // By the profile of older Docker.
  'vmread_host EPERM': 'capability, seccomp',
  // IPv6 is switched off in its network namespace; the loopback of the other is not up.
  'tcp6_hostsvc EADDRNOTAVAIL': 'network namespace',
  'tcp6_nobody EADDRNOTAVAIL': 'network namespace',
  'tcp_nobody ENETUNREACH': 'network namespace',
  // The directory belongs to root.
  'mknod_blk EACCES': 'file permissions',
  // Nothing could be made there before.
  'open_blk ENOENT': 'no such object',
  // Other containers have it.
  'root_only ENOENT': 'mount namespace',
  'handle ESTALE': 'no such object',
  'mlock files watches large_file': 'resource limit',
  forkbomb: 'pids cgroup',
  oom: 'memory cgroup',
  'killed sethostname': 'seccomp',
  'killed swapon': 'seccomp',
};
/** Share of the refusals. */
const RIGHT = 0.98;

const causesByTry = new Map(
  Object.entries(CAUSES).flatMap(([names, causes]) =>
    /^(limited|killed) |E[A-Z]{3}/.test(names)
      ? [[names, causes.split(', ')] as const]
      : names.split(' ').map((name) => [name, causes.split(', ')] as const),
  ),
);

function causesOf(container: string, name: string, error: string): readonly string[] {
  const names = [`${container} ${name}`, `${name} ${error}`, name];
  return names.map((each) => causesByTry.get(each)).find((causes) => causes !== undefined) ?? [];
}

/** A row of `dump denials`. */
interface Row {
  readonly container: string;
  readonly comm: string | null;
  readonly errno: string;
  readonly object: string | null;
  readonly cause: string | null;
  readonly confidence: string | null;
  readonly evidence: string | null;
  readonly expected: string | null;
}

/** The machine has no compiler; it needs the tries when its containers are made, half a minute after its start. */
export async function compileTries(share: string): Promise<void> {
  const source = join(root, 'test/vm/guest/tries.c');
  execFileSync('gcc', ['-O1', '-static', '-o', join(share, 'tries'), source, '-lrt']);
}

/** `tries.txt` has what the tries printed: `# CONTAINER`, then lines `TRY\tRESULT`. */
export function verifyDenials(share: string, checks: Checks): void {
  const rows: Row[] = JSON.parse(
    boxtop('dump', 'denials', join(share, 'recording'), '--total', '-f', 'json'),
  );
  let container = '';
  let tried = 0;
  let right = 0;
  for (const line of readFileSync(join(share, 'tries.txt'), 'utf8').split('\n')) {
    if (line.startsWith('# ')) container = line.slice(2);
    const [name = '', result] = line.split('\t');
    if (result === undefined) continue;
    const told = rows.filter(
      (row) => row.container === container && row.comm === name && row.expected === null,
    );
    if (result === 'OK') {
      if (told.length > 0) console.log(`   ${container} ${name} succeeded: ${JSON.stringify(told)}`);
      checks.check(`${container} ${name}: succeeded, and nothing is told`, told.length === 0);
      continue;
    }
    const causes = causesOf(container, name, result);
    tried++;
    const row = told.find(({ errno }) => errno === result);
    const isRight =
      row?.cause != null && causes.includes(row.cause) && row.confidence !== 'possible' && told.length === 1;
    if (isRight) right++;
    else console.log(`   ${container} ${name} ${result}, ${causes.join(' or ')}: ${JSON.stringify(told)}`);
  }
  for (const [name, errno] of [
    ['oom', 'SIGKILL'],
    ['sethostname', 'SIGSYS'],
  ] as const) {
    const where = errno === 'SIGSYS' ? 'killed' : 'limited';
    const row = rows.find((each) => each.container === where && each.comm === name && each.errno === errno);
    const causes = causesOf(where, name, errno);
    checks.check(
      `${where} ${name}: ${row?.errno} ${row?.cause}`,
      row?.cause != null && causes.includes(row.cause),
    );
  }
  checks.check(
    `${right} of ${tried} refusals are told with the right cause`,
    tried > 150 && right >= RIGHT * tried,
  );
}
