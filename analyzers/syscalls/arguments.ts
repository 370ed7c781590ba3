import { type Batch, UNKNOWN_I32 } from '../../native/types.js';
import type { Columns } from '../analyzer.js';
import type { Directories } from './directories.js';
import { clockName, namespaceFlags, resourceName, socketName, unknownCallName } from './numbers.js';
import type { Target } from './target.js';

/** What a group of system calls records of its object: the columns, and how they make a target. */
interface Shape {
  readonly calls: readonly string[];
  readonly fields: Columns;
  readonly read: (args: Arguments, row: number) => Target | undefined;
}

/** Longer names are cut: no file system takes them, and what fails for it is told well enough by its beginning. */
export const LONGEST_TEXT = 512;
const AT_FDCWD = -100;
const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const IPC_CREAT = 0o1000;
const PRIO_PROCESS = 0;
const IOPRIO_WHO_PROCESS = 1;
/** `offsetof(struct sockaddr_un, sun_path)`, and the size of the whole, which tells nothing of the name's length. */
const UNIX_PATH_OFFSET = 2;
const UNIX_ADDRESS_SIZE = 110;

const at = (name: string) => ({ dfd: 'i32', [name]: 'string' }) as Columns;
const path =
  (name: string): Shape['read'] =>
  (args, row) =>
    args.path(name, AT_FDCWD, row);
const pathAt =
  (name: string): Shape['read'] =>
  (args, row) =>
    args.path(name, args.number('dfd', row), row);
const other = (text: string | undefined): Target | undefined =>
  text === undefined || text === '' ? undefined : { kind: 'other', text };
/** 0 is the caller itself, a negative number a group of processes. */
const process = (pid: number | undefined): Target | undefined => {
  if (pid === undefined) return undefined;
  if (pid === 0) return { kind: 'other', text: 'self' };
  return pid > 0 ? { kind: 'pid', pid } : { kind: 'other', text: `process group ${-pid}` };
};
const key: Shape['read'] = (args, row) => {
  const number = args.number('key', row);
  const flags = args.number('shmflg', row) ?? args.number('semflg', row) ?? args.number('msgflg', row) ?? 0;
  return number === undefined ? undefined : { kind: 'key', key: number, creates: (flags & IPC_CREAT) !== 0 };
};
const ofProcesses =
  (processes: number): Shape['read'] =>
  (args, row) =>
    args.number('which', row) === processes
      ? process(args.number('who', row))
      : other(`${args.number('which', row)} ${args.number('who', row)}`);

/** The objects of system calls, by the arguments that lttng-modules 2.13 records. */
const shapes: readonly Shape[] = [
  {
    calls:
      'open newstat newlstat stat lstat access chmod chown lchown chdir chroot mknod utime utimes execve'.split(
        ' ',
      ),
    fields: { filename: 'string' },
    read: path('filename'),
  },
  {
    calls: 'openat newfstatat faccessat fchmodat fchownat mknodat utimensat futimesat'.split(' '),
    fields: at('filename'),
    read: pathAt('filename'),
  },
  {
    calls: (
      'mkdir rmdir creat unlink statfs inotify_add_watch getxattr lgetxattr setxattr lsetxattr listxattr llistxattr ' +
      'removexattr lremovexattr'
    ).split(' '),
    fields: { pathname: 'string' },
    read: path('pathname'),
  },
  { calls: ['mkdirat', 'unlinkat', 'readlinkat'], fields: at('pathname'), read: pathAt('pathname') },
  { calls: ['readlink', 'truncate'], fields: { path: 'string' }, read: path('path') },
  { calls: ['rename', 'link', 'renameat', 'linkat'], fields: { oldname: 'string' }, read: path('oldname') },
  { calls: ['symlink', 'symlinkat'], fields: { newname: 'string' }, read: path('newname') },
  { calls: ['name_to_handle_at'], fields: at('name'), read: pathAt('name') },
  { calls: ['mount'], fields: { dir_name: 'string' }, read: path('dir_name') },
  { calls: ['umount', 'umount2', 'acct'], fields: { name: 'string' }, read: path('name') },
  { calls: ['pivot_root'], fields: { new_root: 'string' }, read: path('new_root') },
  { calls: ['swapon', 'swapoff'], fields: { specialfile: 'string' }, read: path('specialfile') },
  {
    calls: ['mq_open', 'mq_unlink'],
    fields: { u_name: 'string' },
    read: (args, row) => {
      const name = args.text('u_name', row);
      return name === undefined ? undefined : { kind: 'queue', name };
    },
  },
  {
    calls: (
      'kill tkill ptrace sched_getaffinity sched_setaffinity sched_setscheduler sched_getscheduler sched_setparam ' +
      'sched_getparam sched_rr_get_interval process_vm_readv process_vm_writev move_pages migrate_pages rt_sigqueueinfo ' +
      'getpgid setpgid getsid get_robust_list'
    ).split(' '),
    fields: { pid: 'i32' },
    read: (args, row) => process(args.number('pid', row)),
  },
  {
    calls: ['tgkill', 'rt_tgsigqueueinfo'],
    fields: { tgid: 'i32' },
    read: (args, row) => process(args.number('tgid', row)),
  },
  {
    calls: ['prlimit64'],
    fields: { pid: 'i32', resource: 'i32' },
    read: (args, row) =>
      args.number('pid', row) === 0
        ? other(resourceName(args.number('resource', row) ?? -1))
        : process(args.number('pid', row)),
  },
  {
    calls: ['setpriority', 'getpriority'],
    fields: { which: 'i32', who: 'i32' },
    read: ofProcesses(PRIO_PROCESS),
  },
  {
    calls: ['ioprio_set', 'ioprio_get'],
    fields: { which: 'i32', who: 'i32' },
    read: ofProcesses(IOPRIO_WHO_PROCESS),
  },
  {
    calls: ['connect'],
    fields: { fd: 'i32', family: 'i32', dport: 'i32', v4addr: 'list', v6addr: 'list', addrlen: 'i32' },
    read: (args, row) => args.socketAddress(row),
  },
  {
    calls: ['socket'],
    fields: { family: 'i32', type: 'i32' },
    read: (args, row) => other(socketName(args.number('family', row) ?? -1, args.number('type', row) ?? -1)),
  },
  { calls: ['shmget'], fields: { key: 'i32', shmflg: 'i32' }, read: key },
  { calls: ['semget'], fields: { key: 'i32', semflg: 'i32' }, read: key },
  { calls: ['msgget'], fields: { key: 'i32', msgflg: 'i32' }, read: key },
  {
    calls: ['unshare'],
    fields: { unshare_flags: 'i32' },
    read: (args, row) => other(namespaceFlags(args.number('unshare_flags', row) ?? 0)),
  },
  {
    calls: ['setns'],
    fields: { nstype: 'i32' },
    read: (args, row) => other(namespaceFlags(args.number('nstype', row) ?? 0)),
  },
  {
    calls: ['clone'],
    fields: { flags: 'i32' },
    read: (args, row) => other(namespaceFlags(args.number('flags', row) ?? 0)),
  },
  {
    calls: ['clock_settime', 'clock_adjtime'],
    fields: { which_clock: 'i32' },
    read: (args, row) => other(clockName(args.number('which_clock', row) ?? -1)),
  },
  {
    calls: ['setrlimit'],
    fields: { resource: 'i32' },
    read: (args, row) => other(resourceName(args.number('resource', row) ?? -1)),
  },
  {
    calls: ['setuid'],
    fields: { uid: 'i32' },
    read: (args, row) => other(`uid ${(args.number('uid', row) ?? 0) >>> 0}`),
  },
  {
    calls: ['setgid'],
    fields: { gid: 'i32' },
    read: (args, row) => other(`gid ${(args.number('gid', row) ?? 0) >>> 0}`),
  },
  {
    calls: ['ioctl'],
    fields: { cmd: 'i32' },
    read: (args, row) => other(`request 0x${((args.number('cmd', row) ?? 0) >>> 0).toString(16)}`),
  },
  {
    calls: ['setsockopt'],
    fields: { level: 'i32', optname: 'i32' },
    read: (args, row) => other(`level ${args.number('level', row)} option ${args.number('optname', row)}`),
  },
  {
    calls: ['sethostname', 'setdomainname'],
    fields: { name: 'string' },
    read: (args, row) => other(args.text('name', row)),
  },
  {
    calls: ['unknown'],
    fields: { id: 'i32', args: 'list' },
    read: (args, row) => args.unknownCall(row),
  },
];

/** Calls of `UNKNOWN_CALLS` whose first argument is a pid. */
const UNKNOWN_WITH_PID: readonly string[] = ['pidfd_open', 'sched_setattr', 'sched_getattr', 'kcmp'];

const shapeByCall = new Map(shapes.flatMap((shape) => shape.calls.map((call) => [call, shape] as const)));

const PREFIXES = ['syscall_entry_', 'compat_syscall_entry_'];

/** Which events have which columns. */
export const argumentFields: readonly { readonly events: readonly string[]; readonly fields: Columns }[] =
  shapes.map(({ calls, fields }) => ({
    events: calls.flatMap((call) => PREFIXES.map((prefix) => prefix + call)),
    fields,
  }));

/** Reads the arguments of system calls from the columns of a batch. */
export class Arguments {
  private batch!: Batch;

  constructor(private readonly directories: Directories) {}

  bind(batch: Batch): void {
    this.batch = batch;
  }

  /** What the call of this row is about. */
  target(call: string, row: number): Target | undefined {
    return shapeByCall.get(call)?.read(this, row);
  }

  number(column: string, row: number): number | undefined {
    const cell = (this.batch.columns[column] as Int32Array)[row]!;
    return cell === UNKNOWN_I32 ? undefined : cell;
  }

  text(column: string, row: number): string | undefined {
    return this.batch.string((this.batch.columns[column] as Uint32Array)[row]!)?.slice(0, LONGEST_TEXT);
  }

  list(column: string, row: number): readonly number[] | undefined {
    return this.batch.list((this.batch.columns[column] as Uint32Array)[row]!);
  }

  path(column: string, dfd: number | undefined, row: number): Target | undefined {
    const name = this.text(column, row);
    if (name === undefined) return undefined;
    if (name.startsWith('/')) return { kind: 'path', path: name };
    const base = this.directories.base(row, dfd ?? AT_FDCWD);
    if (base !== undefined) return { kind: 'path', path: join(base, name).slice(0, LONGEST_TEXT) };
    return { kind: 'path', path: dfd === undefined || dfd === AT_FDCWD ? name : `fd ${dfd}/${name}` };
  }

  socketAddress(row: number): Target | undefined {
    const family = this.number('family', row);
    const length = this.number('addrlen', row) ?? 0;
    if (family === AF_UNIX) {
      const known = length > UNIX_PATH_OFFSET && length < UNIX_ADDRESS_SIZE;
      return {
        kind: 'unix',
        length: known ? length - UNIX_PATH_OFFSET : undefined,
        fd: this.number('fd', row),
      };
    }
    const port = this.number('dport', row) ?? 0;
    if (family !== AF_INET && family !== AF_INET6) return undefined;
    const address = inetAddress(this.list(family === AF_INET ? 'v4addr' : 'v6addr', row) ?? []);
    return address === undefined ? undefined : { kind: 'inet', address, port };
  }

  unknownCall(row: number): Target | undefined {
    const name = unknownCallName(this.number('id', row) ?? -1);
    const first = this.list('args', row)?.[0];
    if (first === undefined) return undefined;
    if (UNKNOWN_WITH_PID.includes(name)) return process(first);
    return name === 'bpf' ? other(`command ${first}`) : undefined;
  }
}

/** Joins what is relative to a directory; `.` and `..` are taken out, as far as that goes without looking at links. */
export function join(base: string, name: string): string {
  if (!/(^|\/)(\.{0,2})(\/|$)/.test(name)) return base === '/' ? `/${name}` : `${base}/${name}`;
  const parts: string[] = [];
  for (const part of `${base}/${name}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** Batches give the same list for the same numbers again and again. */
const addresses = new WeakMap<readonly number[], string>();

/** An IPv4 address of four bytes, an IPv6 one of eight words; undefined for others. */
export function inetAddress(parts: readonly number[]): string | undefined {
  if (parts.length !== 4 && parts.length !== 8) return undefined;
  let address = addresses.get(parts);
  if (address === undefined) {
    address = parts.length === 4 ? parts.join('.') : ipv6(parts);
    addresses.set(parts, address);
  }
  return address;
}

/** Eight words of 16 bits, as RFC 5952 writes it: the longest run of zeros is `::`. */
function ipv6(words: readonly number[]): string {
  const groups = words.map((word) => word.toString(16));
  if (words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff) {
    const bytes = words.slice(6).flatMap((word) => [word >> 8, word & 0xff]);
    return `::ffff:${bytes.join('.')}`;
  }
  const text = groups.join(':');
  const runs = text.match(/(?:^|:)0(?::0)+(?=:|$)/g) ?? [];
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  return longest === ''
    ? text
    : text.replace(longest, longest.length === text.length ? '::' : ':').replace(/^:(?!:)|:$/g, '::');
}
