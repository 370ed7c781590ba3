/** More kinds of refusals, and what must not be taken for one: each call with the errors that it can have. */
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import type { InventoryEntry, Security } from '../../analyzers/inventory.js';
import type { Fields } from './batch.js';
import { BOX, DAEMON, Denied } from './denied.js';

const ERRNO: Readonly<Record<string, number>> = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  ENOEXEC: 8,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EBUSY: 16,
  EXDEV: 18,
  ENODEV: 19,
  EINVAL: 22,
  EMFILE: 24,
  ENOSPC: 28,
  EROFS: 30,
  ENOSYS: 38,
  EAFNOSUPPORT: 97,
  EADDRINUSE: 98,
  ENETUNREACH: 101,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
  EDQUOT: 122,
};

const path = (filename: string): Fields => ({ dfd: -100, filename, flags: 0 });
const inet = (address: readonly number[], dport: number): Fields => ({
  family: 2,
  dport,
  v4addr: address,
  addrlen: 16,
});
/** A call that LTTng knows by its number only. */
const numbered = (id: number, ...args: number[]): Fields => ({ id, args });

const NONE: Partial<Security> = { capabilities: [] };
const ALL: Partial<Security> = { privileged: true, seccomp: 'unconfined' };
const ROOTLESS: Partial<InventoryEntry> = {
  privileges: {
    capEffective: (1n << 41n) - 1n,
    capPermitted: undefined,
    capBounding: undefined,
    capAmbient: undefined,
    seccomp: 'disabled',
    noNewPrivs: false,
    uids: undefined,
  },
};

interface Kind {
  readonly call: string;
  readonly error: string;
  readonly fields?: Fields;
  readonly security?: Partial<Security>;
  /** It is root in a user namespace of its own, with all capabilities there. */
  readonly rootless?: boolean;
  /** What a seccomp filter refuses. */
  readonly gate?: boolean;
  /** Cause and confidence. */
  readonly told: string;
  readonly evidence?: RegExp;
}

const lacks = (capability: string, security: Partial<Security> = NONE) => ({
  security,
  told: 'capability, certain',
  evidence: new RegExp(`CAP_${capability} is missing`),
});

const kinds: readonly Kind[] = [
  // capabilities(7)
  { call: 'mount', error: 'EPERM', fields: { dir_name: '/mnt' }, ...lacks('SYS_ADMIN') },
  { call: 'umount', error: 'EPERM', fields: { name: '/proc' }, ...lacks('SYS_ADMIN') },
  { call: 'pivot_root', error: 'EPERM', fields: { new_root: '/x' }, ...lacks('SYS_ADMIN') },
  { call: 'unshare', error: 'EPERM', fields: { unshare_flags: 0x20000 }, ...lacks('SYS_ADMIN') },
  { call: 'setns', error: 'EPERM', fields: { nstype: 0x40000000 }, ...lacks('SYS_ADMIN') },
  { call: 'clone', error: 'EPERM', fields: { flags: 0x40000000 }, ...lacks('SYS_ADMIN') },
  { call: 'sethostname', error: 'EPERM', fields: { name: 'x' }, ...lacks('SYS_ADMIN') },
  { call: 'setdomainname', error: 'EPERM', fields: { name: 'x' }, ...lacks('SYS_ADMIN') },
  { call: 'swapon', error: 'EPERM', fields: { specialfile: '/swap' }, ...lacks('SYS_ADMIN') },
  { call: 'quotactl', error: 'EPERM', ...lacks('SYS_ADMIN') },
  { call: 'fanotify_init', error: 'EPERM', ...lacks('SYS_ADMIN') },
  { call: 'setxattr', error: 'EPERM', fields: { pathname: '/x' }, ...lacks('SYS_ADMIN') },
  { call: 'unknown', error: 'EPERM', fields: numbered(321, 0), ...lacks('BPF') },
  { call: 'perf_event_open', error: 'EACCES', ...lacks('PERFMON') },
  { call: 'syslog', error: 'EPERM', ...lacks('SYSLOG') },
  { call: 'reboot', error: 'EPERM', ...lacks('SYS_BOOT') },
  { call: 'unknown', error: 'EPERM', fields: numbered(246, 0), ...lacks('SYS_BOOT') },
  { call: 'init_module', error: 'EPERM', ...lacks('SYS_MODULE') },
  { call: 'delete_module', error: 'EPERM', ...lacks('SYS_MODULE') },
  { call: 'clock_settime', error: 'EPERM', fields: { which_clock: 0 }, ...lacks('SYS_TIME') },
  { call: 'settimeofday', error: 'EPERM', ...lacks('SYS_TIME') },
  { call: 'adjtimex', error: 'EPERM', ...lacks('SYS_TIME') },
  { call: 'chroot', error: 'EPERM', fields: { filename: '/x' }, ...lacks('SYS_CHROOT') },
  { call: 'acct', error: 'EPERM', fields: { name: '/x' }, ...lacks('SYS_PACCT') },
  { call: 'vhangup', error: 'EPERM', ...lacks('SYS_TTY_CONFIG') },
  { call: 'unknown', error: 'EPERM', fields: numbered(172, 3), ...lacks('SYS_RAWIO') },
  { call: 'mknod', error: 'EPERM', fields: { filename: '/x', mode: 0o60600 }, ...lacks('MKNOD') },
  { call: 'chown', error: 'EPERM', fields: { filename: '/x' }, ...lacks('CHOWN') },
  { call: 'fchmodat', error: 'EPERM', fields: path('/x'), ...lacks('FOWNER') },
  { call: 'setuid', error: 'EPERM', fields: { uid: 0 }, ...lacks('SETUID') },
  { call: 'setgroups', error: 'EPERM', ...lacks('SETGID') },
  { call: 'unknown', error: 'EPERM', fields: numbered(126, 0), ...lacks('SETPCAP') },
  { call: 'prctl', error: 'EPERM', ...lacks('SETPCAP') },
  { call: 'setpriority', error: 'EACCES', fields: { which: 0, who: 0 }, ...lacks('SYS_NICE') },
  { call: 'sched_setscheduler', error: 'EPERM', fields: { pid: 0 }, ...lacks('SYS_NICE') },
  { call: 'sched_setaffinity', error: 'EPERM', fields: { pid: BOX }, ...lacks('SYS_NICE') },
  { call: 'ioprio_set', error: 'EPERM', fields: { which: 1, who: 0 }, ...lacks('SYS_NICE') },
  { call: 'setrlimit', error: 'EPERM', fields: { resource: 7 }, ...lacks('SYS_RESOURCE') },
  { call: 'prlimit64', error: 'EPERM', fields: { pid: 0, resource: 7 }, ...lacks('SYS_RESOURCE') },
  { call: 'fcntl', error: 'EPERM', ...lacks('SYS_RESOURCE') },
  { call: 'ptrace', error: 'EPERM', fields: { pid: BOX }, ...lacks('SYS_PTRACE') },
  { call: 'process_vm_readv', error: 'EPERM', fields: { pid: BOX }, ...lacks('SYS_PTRACE') },
  { call: 'kill', error: 'EPERM', fields: { pid: 1, sig: 9 }, ...lacks('KILL') },
  { call: 'tgkill', error: 'EPERM', fields: { tgid: 1 }, ...lacks('KILL') },
  { call: 'socket', error: 'EPERM', fields: { family: 2, type: 3 }, ...lacks('NET_RAW') },
  { call: 'socket', error: 'EPERM', fields: { family: 17, type: 2 }, ...lacks('NET_RAW') },
  { call: 'bind', error: 'EACCES', ...lacks('NET_BIND_SERVICE') },
  { call: 'bind', error: 'EPERM', ...lacks('NET_ADMIN') },
  { call: 'setsockopt', error: 'EPERM', fields: { level: 0, optname: 64 }, ...lacks('NET_ADMIN') },
  { call: 'getsockopt', error: 'EPERM', ...lacks('NET_ADMIN') },
  { call: 'ioctl', error: 'EPERM', fields: { cmd: 0x8914 }, ...lacks('NET_ADMIN') },
  { call: 'ioctl', error: 'EPERM', fields: { cmd: 0x40086602 }, ...lacks('LINUX_IMMUTABLE') },
  { call: 'ioctl', error: 'EPERM', fields: { cmd: 0x4c00 }, ...lacks('SYS_ADMIN') },
  { call: 'timer_create', error: 'EPERM', ...lacks('WAKE_ALARM') },
  { call: 'openat', error: 'EPERM', fields: path('/proc/kcore'), ...lacks('SYS_RAWIO') },
  { call: 'openat', error: 'EACCES', fields: path('/proc/1/environ'), ...lacks('SYS_PTRACE') },
  {
    call: 'openat',
    error: 'EPERM',
    fields: path('/dev/kmsg'),
    ...lacks('SYSLOG', { capabilities: [], devices: ['/dev/kmsg'] }),
  },

  // What a filter refuses: who has the capability, too, is refused by the profile alone.
  { call: 'unknown', error: 'EPERM', fields: numbered(250, 0), gate: true, told: 'seccomp, certain' },
  { call: 'add_key', error: 'EPERM', gate: true, told: 'seccomp, certain' },
  { call: 'add_key', error: 'ENOSYS', gate: true, told: 'seccomp, certain' },
  { call: 'unknown', error: 'ENOSYS', fields: numbered(250, 0), gate: true, told: 'seccomp, certain' },
  { call: 'unknown', error: 'EPERM', fields: numbered(323, 0), gate: true, told: 'seccomp, certain' },
  { call: 'bind', error: 'EACCES', gate: true, security: ALL, told: 'file permissions, possible' },
  { call: 'mount', error: 'EPERM', gate: true, ...lacks('SYS_ADMIN') },
  {
    call: 'open_by_handle_at',
    error: 'EPERM',
    gate: true,
    security: { capabilities: ['DAC_READ_SEARCH'] },
    told: 'seccomp, certain',
  },

  // A user namespace of its own: capabilities in it do not count outside.
  { call: 'clock_settime', error: 'EPERM', rootless: true, told: 'user namespace, likely' },
  { call: 'init_module', error: 'EPERM', rootless: true, told: 'user namespace, likely' },
  {
    call: 'mount',
    error: 'EPERM',
    fields: { dir_name: '/m' },
    rootless: true,
    told: 'user namespace, likely',
  },
  {
    call: 'mknod',
    error: 'EPERM',
    fields: { filename: '/x', mode: 0o60600 },
    rootless: true,
    told: 'user namespace, likely',
  },
  {
    call: 'chown',
    error: 'EINVAL',
    fields: { filename: '/x' },
    rootless: true,
    told: 'user namespace, likely',
  },
  { call: 'setuid', error: 'EINVAL', fields: { uid: 70000 }, rootless: true, told: 'user namespace, likely' },
  { call: 'setgroups', error: 'EPERM', rootless: true, told: 'user namespace, likely' },
  {
    call: 'openat',
    error: 'EACCES',
    fields: path('/proc/sys/kernel/x'),
    rootless: true,
    told: 'user namespace, likely',
  },
  { call: 'chown', error: 'EINVAL', fields: { filename: '/x' }, told: 'unknown, possible' },

  // Devices
  {
    call: 'mknod',
    error: 'EPERM',
    fields: { filename: '/x', mode: 0o60600 },
    security: { capabilities: ['MKNOD'] },
    told: 'device cgroup, likely',
  },
  { call: 'openat', error: 'EPERM', fields: path('/dev/kmsg'), told: 'device cgroup, likely' },
  { call: 'openat', error: 'ENODEV', fields: path('/dev/x'), told: 'no such object, likely' },
  { call: 'mount', error: 'ENODEV', fields: { dir_name: '/m' }, told: 'no such object, likely' },

  // Files
  {
    call: 'openat',
    error: 'EACCES',
    fields: path('/secret'),
    security: NONE,
    told: 'file permissions, likely',
  },
  {
    call: 'execve',
    error: 'EACCES',
    fields: { filename: '/etc/passwd' },
    security: NONE,
    told: 'file permissions, likely',
  },
  { call: 'openat', error: 'EPERM', fields: path('/immutable'), told: 'file permissions, possible' },
  {
    call: 'connect',
    error: 'EACCES',
    fields: { family: 1, addrlen: 20, fd: 3 },
    told: 'file permissions, likely',
  },
  {
    call: 'unlinkat',
    error: 'EROFS',
    fields: { dfd: -100, pathname: '/ro/x' },
    told: 'read-only mount, certain',
  },
  {
    call: 'openat',
    error: 'EROFS',
    fields: path('/proc/sys/net/ipv4/ip_forward'),
    told: 'read-only mount, certain',
  },
  {
    call: 'openat',
    error: 'ENOENT',
    fields: path('/sys/fs/cgroup/system.slice/x'),
    told: 'cgroup namespace, possible',
  },
  { call: 'unknown', error: 'ENOENT', fields: numbered(332, 0), told: 'no such object, possible' },

  // Networks
  {
    call: 'connect',
    error: 'ENETUNREACH',
    fields: inet([8, 8, 8, 8], 53),
    told: 'network namespace, certain',
  },
  {
    call: 'connect',
    error: 'EHOSTUNREACH',
    fields: inet([172, 17, 0, 99], 53),
    security: { networkMode: 'bridge' },
    told: 'no such object, possible',
  },
  {
    call: 'connect',
    error: 'ETIMEDOUT',
    fields: inet([10, 0, 0, 1], 53),
    security: { networkMode: 'bridge' },
    told: 'no such object, possible',
  },
  { call: 'bind', error: 'EADDRINUSE', told: 'unknown, likely' },
  { call: 'socket', error: 'EAFNOSUPPORT', fields: { family: 38, type: 5 }, told: 'no such object, likely' },
  { call: 'sendto', error: 'EPERM', told: 'network namespace, possible' },
  { call: 'recvfrom', error: 'ECONNREFUSED', told: 'no such object, possible' },

  // Limits
  { call: 'unshare', error: 'ENOSPC', fields: { unshare_flags: 0x10000000 }, told: 'resource limit, likely' },
  { call: 'inotify_add_watch', error: 'ENOSPC', fields: { pathname: '/x' }, told: 'resource limit, likely' },
  { call: 'inotify_init1', error: 'EMFILE', told: 'resource limit, certain' },
  { call: 'shmget', error: 'ENOSPC', fields: { key: 5, shmflg: 0o1000 }, told: 'resource limit, likely' },
  {
    call: 'mq_open',
    error: 'EMFILE',
    fields: { u_name: 'q' },
    told: 'resource limit, certain',
    evidence: /MSGQUEUE/,
  },
  { call: 'timer_create', error: 'EAGAIN', told: 'resource limit, likely' },
  { call: 'mmap', error: 'EAGAIN', told: 'resource limit, likely' },
  { call: 'write', error: 'ENOSPC', told: 'resource limit, likely' },
  { call: 'write', error: 'EDQUOT', told: 'resource limit, likely' },
  { call: 'setuid', error: 'EAGAIN', fields: { uid: 5 }, told: 'unknown, possible' },
  {
    call: 'clone',
    error: 'ENOMEM',
    fields: { flags: 0 },
    security: { memoryBytes: 1 << 20 },
    told: 'memory cgroup, likely',
  },
];

function trace({ call, error, fields = {}, security, rootless, gate }: Kind): Denied {
  const denied = new Denied(
    rootless ? 'untold' : security,
    rootless ? { ownUsers: true, entry: ROOTLESS } : {},
  );
  return gate
    ? denied.gate(BOX, call, -ERRNO[error]!, fields)
    : withNumber(denied, call, -ERRNO[error]!, fields);
}

/** The number of a call that LTTng does not know is in its exit, too. */
function withNumber(denied: Denied, call: string, ret: number, fields: Fields): Denied {
  denied.event(BOX, `syscall_entry_${call}`, fields);
  return denied.event(BOX, `syscall_exit_${call}`, { ret, ...(call === 'unknown' && fields) });
}

describe('kinds of refusals', () => {
  for (const [index, kind] of kinds.entries()) {
    const how = `${kind.rootless ? ', rootless' : ''}${kind.gate ? ', by a filter' : ''}`;
    test(`${index} ${kind.call} ${kind.error}${how}`, () => {
      const { last, told } = trace(kind).lastOfBox();
      assert.equal(told.replace(/^[^:]*: |, or .*$/g, ''), kind.told, `${told}: ${last?.evidence}`);
      if (kind.evidence !== undefined) assert.match(last?.evidence ?? '', kind.evidence);
      for (const words of [last?.sentence, last?.evidence]) assert.doesNotMatch(words ?? '-', /undefined|^$/);
      assert.doesNotMatch(`${last?.allow} ${last?.price}`, /CAP_undefined|undefined (in|of|is)/);
    });
  }
});

describe('what isolation has no part in', () => {
  const isolation = /namespace|cgroup|capability|seccomp/;
  for (const [call, error, fields] of [
    ['kill', 'ESRCH', { pid: 77, sig: 0 }],
    ['openat', 'ENOENT', path('/opt/x')],
    ['openat', 'EACCES', path('/secret')],
    ['connect', 'ECONNREFUSED', inet([127, 0, 0, 1], 9)],
    ['connect', 'ENETUNREACH', inet([10, 0, 0, 1], 9)],
    ['shmget', 'ENOENT', { key: 7, shmflg: 0 }],
    ['clone', 'EAGAIN', { flags: 0 }],
    ['bind', 'EADDRNOTAVAIL', {}],
  ] as const) {
    test(`the host’s own ${call} ${error}`, () => {
      const ret = -(ERRNO[error] ?? 99);
      const rows = new Denied().call(DAEMON, call, fields as Fields, ret).rows();
      const row = rows.find(({ containerName }) => containerName === 'host');
      assert.ok(row !== undefined);
      assert.ok(
        row.expected !== undefined || !isolation.test(row.cause ?? ''),
        `${row.cause}: ${row.evidence}`,
      );
      assert.equal(row.allow, undefined);
    });
  }

  for (const [call, error, fields] of [
    ['rename', 'EXDEV', { oldname: '/a' }],
    ['execve', 'ENOEXEC', { filename: '/a' }],
    ['read', 'EAGAIN', {}],
    ['umount', 'EINTR', { name: '/a' }],
  ] as const) {
    test(`${call} ${error} is part of normal work`, () => {
      const ret = -ERRNO[error]!;
      const rows = new Denied().call(BOX, call, fields, ret).rows();
      assert.equal(rows.length, 1);
      assert.ok(rows[0]?.expected !== undefined);
    });
  }

  test('a pid of its own that is not traced', () => {
    const { told } = new Denied().call(BOX, 'ptrace', { pid: 1 }, -ERRNO.ESRCH!).lastOfBox();
    assert.equal(told, 'pid-own: no such object, likely');
  });

  test('a socket of the C library’s, and one of the program’s own', () => {
    const whole: Fields = { fd: 3, family: 1, dport: 0, addrlen: 110 };
    const library = new Denied()
      .call(BOX, 'socket', { family: 1, type: 0o2004001 }, 3)
      .call(BOX, 'connect', whole, -ERRNO.ENOENT!);
    assert.match(library.rows()[0]?.expected ?? '', /C library/);
    const own = new Denied()
      .call(BOX, 'socket', { family: 1, type: 1 }, 3)
      .call(BOX, 'connect', whole, -ERRNO.ENOENT!);
    assert.equal(own.lastOfBox().told, 'unix-path: mount namespace, possible, or no such object');
  });
});
