/** Mounts as a process sees them: /proc/PID/mountinfo (proc(5)). */
import type { Mount } from '../../analyzers/inventory.js';
import { readWhole } from './read.js';

const RESTRICTIONS: readonly string[] = ['ro', 'noexec', 'nodev', 'nosuid'];

/** A process with more mounts than fit is known by the first of them. */
const LARGEST = 4 * 1024 * 1024;

/** In the order in which they were made: of two at one path the later one is seen. undefined where it is gone. */
export async function mountsOf(pid: number | 'self'): Promise<readonly Mount[] | undefined> {
  const text = await readWhole(`/proc/${pid}/mountinfo`, LARGEST);
  return text === undefined ? undefined : parseMounts(text);
}

/** @param text of a mountinfo */
export function parseMounts(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [own = '', filesystem = ''] = line.split(' - ');
    const [, , , , path, options] = own.split(' ');
    const [type, , superOptions] = filesystem.split(' ');
    if (path === undefined || options === undefined || type === undefined) return [];
    const all = `${options},${superOptions ?? ''}`.split(',');
    return [{ path: unescaped(path), type, options: RESTRICTIONS.filter((option) => all.includes(option)) }];
  });
}

/** The kernel writes space, tab, newline and backslash as three octal digits. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/**
 * File systems whose answers come from elsewhere: from another machine, or from a process that may be hostile and never
 * answer. Merely looking at a path there can make the kernel mount something (autofs).
 */
const ELSEWHERE =
  /^(autofs|nfs|nfs4|cifs|smb3|smbfs|9p|ceph|afs|glusterfs|lustre|coda|ncpfs|fuse(\..*)?|fuseblk)$/;

/** Where one must not look. */
export function answeredElsewhere(mounts: readonly Mount[]): ReadonlySet<string> {
  return new Set(mounts.filter(({ type }) => ELSEWHERE.test(type)).map(({ path }) => path));
}
