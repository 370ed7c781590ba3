import type { Container } from '../container.js';
import type { Target } from '../syscalls/target.js';

/** Why something was refused. `no such object`: it exists nowhere, so isolation has no part in it. */
export const causes = [
  'pid namespace',
  'mount namespace',
  'network namespace',
  'ipc namespace',
  'user namespace',
  'uts namespace',
  'cgroup namespace',
  'capability',
  'seccomp',
  'read-only mount',
  'file permissions',
  'device cgroup',
  'pids cgroup',
  'memory cgroup',
  'resource limit',
  'no such object',
  'unknown',
] as const;

export type Cause = (typeof causes)[number];

/**
 * `certain`: the trace or the inventory shows it. `likely`: it fits all that is known. `possible`: nothing speaks against
 * it, and nothing for it but what is usual.
 */
export type Confidence = 'certain' | 'likely' | 'possible';

/** What many equal failed calls have in common. */
export interface Refusal {
  readonly container: Container;
  /** Name of the thread that called. */
  readonly comm: string | undefined;
  /** Name of the system call, or of the signal that ended the process. */
  readonly call: string;
  /** `ENOENT`; for a signal its name. */
  readonly errno: string;
  readonly target: Target | undefined;
  /** It came back without having been let in: the kernel tells tracers of a call only after seccomp let it pass. */
  readonly atGate: boolean;
}

/** Calls that make what they name: what they find missing is the directory that it is to be in. */
const MAKERS: readonly string[] = 'mkdir mkdirat mknod mknodat symlink symlinkat link linkat creat'.split(
  ' ',
);

/** The path that the refusal is about: where nothing could be made, the directory. */
export function soughtPath({ call, errno, target }: Refusal): string | undefined {
  if (target?.kind !== 'path') return undefined;
  const { path } = target;
  if (errno !== 'ENOENT' || !MAKERS.includes(call)) return path;
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
