const SYSCALL = /^(?:compat_)?syscall_(entry|exit)_(.+)$/;

/** What LTTng calls system calls that it has no event for. */
export const UNKNOWN_CALL = 'unknown';

/** What an event tells of a system call. */
export interface CallEvent {
  readonly isEntry: boolean;
  /** `openat` of `syscall_entry_openat` and `compat_syscall_exit_openat`. */
  readonly name: string;
}

/** What the event tells of a system call; undefined where it is another kind of event. */
export function callEvent(event: string): CallEvent | undefined {
  const parts = SYSCALL.exec(event);
  return parts === null ? undefined : { isEntry: parts[1] === 'entry', name: parts[2]! };
}
