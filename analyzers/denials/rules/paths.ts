/** What rules about files have in common. */
import type { Mount } from '../../inventory.js';
import type { Case } from '../case.js';
import { soughtPath } from '../refusal.js';
import { list } from './rule.js';

export const PSEUDO = /^\/(proc|sys)(\/|$)/;

export const pathOf = ({ refusal }: Case): string => soughtPath(refusal) ?? '';
export const isAbsolute = (facts: Case): boolean => pathOf(facts).startsWith('/');
export const isContained = (facts: Case): boolean => facts.isolated('mnt') !== false;

/** The mount that the path is on, as the container's init process sees it. */
export function mountOf(facts: Case): Mount | undefined {
  const path = pathOf(facts);
  let best: Mount | undefined;
  for (const mount of facts.refusal.container.entry?.mounts ?? []) {
    const isAbove = mount.path === '/' || path === mount.path || path.startsWith(`${mount.path}/`);
    if (isAbove && mount.path.length >= (best?.path.length ?? 0)) best = mount;
  }
  return isAbsolute(facts) ? best : undefined;
}

/** The mount that the path is on has the option. */
export function restricted(facts: Case, option: string): string | undefined {
  const mount = mountOf(facts);
  return mount?.options.includes(option)
    ? `${mount.path} (${mount.type}) is mounted ${option} in it`
    : undefined;
}

export const LOOKUPS = list(
  'open openat openat2 creat newstat newlstat newfstatat stat lstat statx access faccessat faccessat2 readlink readlinkat ' +
    'execve execveat chdir chroot statfs truncate inotify_add_watch mount umount umount2 pivot_root swapon swapoff acct mkdir ' +
    'mkdirat mknod mknodat symlink symlinkat link linkat rename renameat renameat2 chown lchown fchownat chmod fchmodat ' +
    'utime utimes utimensat futimesat getxattr lgetxattr setxattr lsetxattr listxattr llistxattr removexattr lremovexattr ' +
    'name_to_handle_at',
);
export const OPENS = list('open openat openat2 creat');
