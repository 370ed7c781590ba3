/** What /proc tells of a container's init process: its namespaces, what it may do, since when it runs. */
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import type { NamespaceKind, Namespaces, Privileges } from '../analyzers/inventory.js';
import { readKernelFile } from './bounded-file.js';

const KINDS: readonly NamespaceKind[] = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'];
/** The kernel counts process times in these on every architecture (USER_HZ). */
const TICKS_PER_SECOND = 100n;

/** Inodes of its namespaces; undefined where it is gone or may not be looked at. */
export function namespacesOf(pid: number | 'self'): Namespaces | undefined {
  const found: Partial<Record<NamespaceKind, number>> = {};
  for (const kind of KINDS) {
    try {
      const inode = /^\w+:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/ns/${kind}`))?.[1];
      if (inode !== undefined) found[kind] = Number(inode);
    } catch {
      // An older kernel has no such namespace, or the process is gone.
    }
  }
  return Object.keys(found).length === 0 ? undefined : found;
}

export function privilegesOf(pid: number): Privileges | undefined {
  const status = readKernelFile(`/proc/${pid}/status`);
  return status === undefined ? undefined : parsePrivileges(status);
}

/** @param status text of /proc/PID/status */
export function parsePrivileges(status: string): Privileges {
  const fields = new Map(
    status.split('\n').flatMap((line) => {
      const colon = line.indexOf(':');
      return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()] as const];
    }),
  );
  const mask = (name: string): bigint | undefined => {
    const hex = fields.get(name);
    return hex !== undefined && /^[0-9a-f]{1,16}$/i.test(hex) ? BigInt(`0x${hex}`) : undefined;
  };
  const uids = fields.get('Uid')?.split(/\s+/).map(Number);
  const noNewPrivs = fields.get('NoNewPrivs');
  return {
    capEffective: mask('CapEff'),
    capPermitted: mask('CapPrm'),
    capBounding: mask('CapBnd'),
    capAmbient: mask('CapAmb'),
    seccomp: (['disabled', 'strict', 'filter'] as const)[Number(fields.get('Seccomp') ?? Number.NaN)],
    noNewPrivs: noNewPrivs === undefined ? undefined : noNewPrivs === '1',
    uids: uids?.length === 4 && uids.every(Number.isInteger) ? uids : undefined,
  };
}

export function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}

/** pid in the innermost of its pid namespaces; 1 is a container's init. */
export function innermostPid(pid: number): number | undefined {
  const status = readKernelFile(`/proc/${pid}/status`);
  const pids = /^NSpid:\s*(.+)$/m.exec(status ?? '')?.[1]?.split(/\s+/);
  return pids === undefined ? undefined : Number(pids.at(-1));
}

/** Programs that are in a container's cgroup before its own is: for a while, or beside it all the time (systemd-nspawn). */
const RUNTIMES: readonly string[] = ['runc', 'crun', 'youki', 'systemd-nspawn'];

/** Whether it is a runtime on its way to a container's program; whatever it calls itself, its arguments stay. */
export function isRuntime(pid: number): boolean {
  const program = (readKernelFile(`/proc/${pid}/cmdline`) ?? '').split('\0')[0]!;
  return RUNTIMES.includes(program.slice(program.lastIndexOf('/') + 1));
}

/** Whether it is in a user namespace that has this user in it (user_namespaces(7)), as rootless runtimes make them. */
export function isMappedTo(pid: number | undefined, uid: number): boolean {
  const map = pid === undefined ? '' : (readKernelFile(`/proc/${pid}/uid_map`) ?? '');
  return map.split('\n').some((line) => {
    const [, outside, count] = line.trim().split(/\s+/).map(Number);
    return outside === uid && count === 1;
  });
}

export function membershipOf(pid: number): string | undefined {
  return readKernelFile(`/proc/${pid}/cgroup`);
}

/** When it was forked, ns since the Unix epoch, to a hundredth of a second. */
export function startOf(pid: number): bigint | undefined {
  const stat = readKernelFile(`/proc/${pid}/stat`);
  // The name is in parentheses and may have any character; the 22nd field is the 20th after it (proc(5)).
  const ticks = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  if (ticks === undefined || !/^\d{1,18}$/.test(ticks)) return undefined;
  return bootTime() + (BigInt(ticks) * 1_000_000_000n) / TICKS_PER_SECOND;
}

let booted: bigint | undefined;

/** From the clock that runs on in suspend, which process times use, and the time of day. */
function bootTime(): bigint {
  if (booted === undefined) {
    const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
    booted = BigInt(Math.round(Date.now() - uptime * 1000)) * 1_000_000n;
  }
  return booted;
}
