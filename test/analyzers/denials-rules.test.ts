/** Each rule, with as few events as it takes. */
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import type { Security } from '../../analyzers/inventory.js';
import type { Fields } from './batch.js';
import { BOX, DAEMON, Denied, OTHER } from './denied.js';

const EPERM = -1;
const ENOENT = -2;
const ESRCH = -3;
const EAGAIN = -11;
const ENOMEM = -12;
const EACCES = -13;
const EMFILE = -24;
const EFBIG = -27;
const EROFS = -30;
const ENOSYS = -38;
const EADDRNOTAVAIL = -99;
const ENETUNREACH = -101;
const ECONNREFUSED = -111;

const AT_FDCWD = -100;
const open = (filename: string): Fields => ({ dfd: AT_FDCWD, filename, flags: 0 });
const inet = (dport: number, address: readonly number[] = [127, 0, 0, 1]): Fields => ({
  family: 2,
  dport,
  v4addr: address,
  addrlen: 16,
});
const unix = (length: number): Fields => ({ family: 1, dport: 0, addrlen: length + 2 });
const key = (number: number): Fields => ({ key: number, shmflg: 0 });

interface Case {
  readonly name: string;
  readonly security?: Partial<Security>;
  /** The inventory tells nothing of what it may do. */
  readonly untold?: boolean;
  readonly play: (trace: Denied) => unknown;
  /** `rule cause confidence` of the last refusal of box, and its object. */
  readonly told: string;
  readonly object?: string;
}

const cases: readonly Case[] = [
  {
    name: 'a pid of the host',
    play: (t) => t.call(BOX, 'kill', { pid: DAEMON, sig: 0 }, ESRCH),
    told: 'pid-elsewhere: pid namespace, certain',
    object: 'pid 100',
  },
  {
    name: 'a pid of another container',
    play: (t) => t.call(BOX, 'ptrace', { pid: OTHER }, ESRCH),
    told: 'pid-elsewhere: pid namespace, certain',
  },
  {
    name: 'a pid of nobody',
    play: (t) => t.call(BOX, 'kill', { pid: 3999999, sig: 0 }, ESRCH),
    told: 'pid-nowhere: no such object, certain',
  },
  {
    name: 'a process of the host below /proc',
    play: (t) => t.call(BOX, 'openat', open('/proc/100/status'), ENOENT),
    told: 'procfs-pid-elsewhere: pid namespace, certain',
  },
  {
    name: 'a process of nobody below /proc',
    play: (t) => t.call(BOX, 'openat', open('/proc/3999999/status'), ENOENT),
    told: 'procfs-pid-nowhere: no such object, certain',
  },
  {
    name: 'a file that the host opened',
    play: (t) => t.call(DAEMON, 'openat', open('/data/x'), 3).call(BOX, 'openat', open('/data/x'), ENOENT),
    told: 'path-elsewhere: mount namespace, likely',
    object: '/data/x',
  },
  {
    name: 'a file that the host opens later',
    play: (t) => t.call(BOX, 'openat', open('/data/x'), ENOENT).call(DAEMON, 'openat', open('/data/x'), 3),
    told: 'path-elsewhere: mount namespace, likely',
  },
  {
    name: 'a file where hosts keep theirs',
    play: (t) => t.call(BOX, 'execve', { filename: '/opt/tool/run' }, ENOENT),
    told: 'path-elsewhere: mount namespace, possible, or no such object',
  },
  {
    name: 'a file in a directory that the container has',
    play: (t) => t.call(BOX, 'openat', open('/opt/tool'), 3).call(BOX, 'openat', open('/opt/tool/x'), ENOENT),
    told: 'path-nowhere: no such object, possible, or mount namespace',
  },
  {
    name: 'a file of nobody',
    play: (t) => t.call(BOX, 'newfstatat', { dfd: AT_FDCWD, filename: '/nowhere/x' }, ENOENT),
    told: 'path-nowhere: no such object, possible, or mount namespace',
  },
  {
    name: 'a device that only the host has',
    play: (t) => t.call(BOX, 'openat', open('/dev/kmsg'), ENOENT),
    told: 'device-elsewhere: mount namespace, likely',
  },
  {
    name: 'a unix socket',
    play: (t) => t.call(BOX, 'connect', unix(19), ENOENT),
    told: 'unix-path: mount namespace, possible, or no such object',
    object: 'unix socket, name of 19 bytes',
  },
  {
    name: 'a file of a read-only root',
    security: { readonlyRootfs: true },
    play: (t) => t.call(BOX, 'openat', open('/usr/new'), EROFS),
    told: 'read-only-root: read-only mount, certain',
  },
  {
    name: 'a limit in the cgroup file system',
    play: (t) => t.call(BOX, 'openat', open('/sys/fs/cgroup/cpu.max'), EROFS),
    told: 'read-only-cgroup: read-only mount, certain',
  },
  {
    name: 'a setting of the kernel',
    play: (t) => t.call(BOX, 'openat', open('/proc/sys/kernel/hostname'), EROFS),
    told: 'read-only-kernel: read-only mount, certain',
  },
  {
    name: 'a file of a read-only mount',
    play: (t) => t.call(BOX, 'mkdir', { pathname: '/ro/x' }, EROFS),
    told: 'read-only-mount: read-only mount, certain',
  },
  {
    name: 'a device file that it made',
    play: (t) =>
      t
        .call(BOX, 'mknod', { filename: '/tmp/blk', mode: 0o60600 }, 0)
        .call(BOX, 'openat', open('/tmp/blk'), EPERM),
    told: 'device-cgroup: device cgroup, certain',
  },
  {
    name: 'a device in /dev',
    play: (t) => t.call(BOX, 'openat', open('/dev/sda'), EPERM),
    told: 'device-cgroup: device cgroup, likely',
  },
  {
    name: 'a file of another owner',
    play: (t) => t.call(BOX, 'openat', open('/etc/secret'), EACCES),
    told: 'file-permissions: file permissions, likely',
  },
  {
    name: 'the mode of a file of another owner',
    play: (t) => t.call(BOX, 'chmod', { filename: '/etc/x', mode: 0 }, EPERM),
    told: 'capability: capability, certain',
  },
  {
    name: 'a port that answered in another network namespace',
    play: (t) => t.call(BOX, 'connect', inet(9999), ECONNREFUSED).call(DAEMON, 'connect', inet(9999), 0),
    told: 'listener-elsewhere: network namespace, likely',
    object: '127.0.0.1:9999',
  },
  {
    name: 'a port of nobody',
    play: (t) => t.call(BOX, 'connect', inet(9998), ECONNREFUSED).call(DAEMON, 'connect', inet(9999), 0),
    told: 'listener-nowhere: no such object, possible, or network namespace',
  },
  {
    name: 'a port of another machine',
    play: (t) => t.call(BOX, 'connect', inet(80, [10, 0, 0, 1]), ECONNREFUSED),
    told: 'listener-nowhere: no such object, likely',
  },
  {
    name: 'an abstract socket that answered in another network namespace',
    play: (t) => t.call(BOX, 'connect', unix(8), ECONNREFUSED).call(DAEMON, 'connect', unix(8), 0),
    told: 'unix-elsewhere: network namespace, likely',
  },
  {
    name: 'a unix socket of nobody',
    play: (t) => t.call(BOX, 'connect', unix(8), ECONNREFUSED),
    told: 'unix-nowhere: no such object, possible, or network namespace',
  },
  {
    name: 'an address without a route',
    play: (t) => t.call(BOX, 'connect', inet(80, [198, 51, 100, 7]), ENETUNREACH),
    told: 'no-route: network namespace, certain',
  },
  {
    name: 'an address of the host',
    untold: true,
    play: (t) => t.call(BOX, 'bind', { fd: 3 }, EADDRNOTAVAIL),
    told: 'foreign-address: network namespace, likely',
  },
  {
    name: 'an address that the host does not have',
    play: (t) => t.call(DAEMON, 'bind', { fd: 3 }, EADDRNOTAVAIL).call(BOX, 'kill', { pid: 7 }, ESRCH),
    told: 'pid-nowhere: no such object, certain',
  },
  {
    name: 'a key of the host',
    play: (t) => t.call(DAEMON, 'shmget', key(0x1234), 7).call(BOX, 'shmget', key(0x1234), ENOENT),
    told: 'key-elsewhere: ipc namespace, likely',
    object: 'key 0x1234',
  },
  {
    name: 'a key that others ask for too',
    play: (t) => t.call(OTHER, 'shmget', key(0x1234), ENOENT).call(BOX, 'shmget', key(0x1234), ENOENT),
    told: 'key-elsewhere: ipc namespace, possible, or no such object',
  },
  {
    name: 'a key of nobody',
    play: (t) => t.call(BOX, 'shmget', key(0x4321), ENOENT),
    told: 'ipc-nowhere: no such object, possible, or ipc namespace',
  },
  {
    name: 'a queue of the host',
    play: (t) => t.call(DAEMON, 'mq_open', { u_name: 'q' }, 3).call(BOX, 'mq_open', { u_name: 'q' }, ENOENT),
    told: 'queue-elsewhere: ipc namespace, likely',
    object: '/q',
  },
  {
    name: 'a key of another owner',
    play: (t) => t.call(BOX, 'shmget', key(1), EACCES),
    told: 'ipc-permissions: file permissions, likely',
  },
  {
    name: 'a call that the profile gives with a capability',
    play: (t) => t.gate(BOX, 'sethostname', EPERM),
    told: 'gate-capability: capability, certain',
  },
  {
    name: 'such a call where nobody tells the capabilities',
    untold: true,
    play: (t) => t.gate(BOX, 'sethostname', EPERM),
    told: 'gate-capability: capability, likely',
  },
  {
    name: 'a call that the profile gives to nobody',
    play: (t) => t.gate(BOX, 'add_key', EPERM),
    told: 'gate-seccomp: seccomp, certain',
  },
  {
    name: 'a call that LTTng knows by number only',
    play: (t) => t.gate(BOX, 'unknown', EPERM, { id: 321, args: [5, 0, 0, 0, 0, 0] }),
    told: 'gate-capability: capability, certain',
    object: 'command 5',
  },
  {
    name: 'the clock',
    untold: true,
    play: (t) => t.call(BOX, 'clock_settime', { which_clock: 0 }, EPERM),
    told: 'capability: capability, likely',
    object: 'CLOCK_REALTIME',
  },
  {
    name: 'a raw socket',
    security: { capabilities: [] },
    play: (t) => t.call(BOX, 'socket', { family: 2, type: 3 }, EPERM),
    told: 'capability: capability, certain',
    object: 'AF_INET SOCK_RAW',
  },
  {
    name: 'a higher priority',
    play: (t) => t.call(BOX, 'setpriority', { which: 0, who: 0 }, EACCES),
    told: 'capability: capability, certain',
    object: 'self',
  },
  {
    name: 'a higher limit',
    play: (t) => t.call(BOX, 'prlimit64', { pid: 0, resource: 7 }, EPERM),
    told: 'raise-limit: capability, certain',
    object: 'RLIMIT_NOFILE',
  },
  {
    name: 'a process too many for the cgroup',
    security: { pidsLimit: 2 },
    play: (t) => t.call(BOX, 'clone', { flags: 0x1200011 }, EAGAIN),
    told: 'pids-cgroup: pids cgroup, certain',
  },
  {
    name: 'a process too many for a cgroup that is not full',
    security: { pidsLimit: 1000 },
    play: (t) => t.call(BOX, 'clone', { flags: 0x1200011 }, EAGAIN),
    told: 'process-limit: resource limit, likely',
  },
  {
    name: 'a process too many for the user',
    play: (t) => t.call(BOX, 'clone', { flags: 0x1200011 }, EAGAIN),
    told: 'process-limit: resource limit, possible',
  },
  {
    name: 'locked memory',
    play: (t) => t.call(BOX, 'mlock', {}, ENOMEM),
    told: 'locked-memory: resource limit, likely',
  },
  {
    name: 'a file too many',
    play: (t) => t.call(BOX, 'openat', open('/x'), EMFILE),
    told: 'open-files: resource limit, certain',
  },
  {
    name: 'a file too large',
    play: (t) => t.call(BOX, 'write', {}, EFBIG),
    told: 'file-size: resource limit, likely',
  },
  {
    name: 'address space',
    play: (t) => t.call(BOX, 'mmap', {}, ENOMEM),
    told: 'address-space: resource limit, possible',
  },
  {
    name: 'memory beyond the cgroup’s limit',
    security: { memoryBytes: 2 ** 20 },
    play: (t) => t.event(BOX, 'signal_generate', { sig: 9, code: 0x80, pid: BOX }),
    told: 'oom-kill: memory cgroup, certain',
  },
  {
    name: 'a call that kills',
    play: (t) => t.event(BOX, 'signal_generate', { sig: 31, code: 1, pid: BOX }),
    told: 'seccomp-kill: seccomp, certain',
  },
  {
    name: 'what no rule knows',
    play: (t) => t.call(BOX, 'newuname', {}, -5),
    told: 'unexplained: unknown, possible',
  },
];

describe('what explains a refusal', () => {
  for (const { name, security, untold, play, told, object } of cases) {
    test(name, () => {
      const trace = new Denied(untold ? 'untold' : security);
      play(trace);
      const { last, told: found } = trace.lastOfBox();
      assert.equal(found, told);
      if (object !== undefined) assert.equal(last?.object, object);
      assert.ok((last?.evidence ?? '').length > 0);
      assert.ok((last?.sentence ?? '').length > 0);
    });
  }

  test('a newer call that a filter refuses is asked for and done without', () => {
    const rows = new Denied().gate(BOX, 'unknown', ENOSYS, { id: 435, args: [0] }).rows();
    assert.equal(rows[0]?.syscall, 'clone3');
    assert.match(rows[0]?.expected ?? '', /newer call/);
  });
});
