import { MOST_CALLS, unknownCallName } from './numbers.js';

const SYSCALL = /^(?:compat_)?syscall_(entry|exit)_(.+)$/;

/** What LTTng calls system calls that it has no event for. */
export const UNKNOWN_CALL = 'unknown';

/** Stands for many different calls. */
export const MANY_CALLS = 0;

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

/** The events of calls: when they begin, and when they come back. */
export const entriesOf = (...calls: readonly string[]): string[] =>
  calls.flatMap((call) => [`syscall_entry_${call}`, `compat_syscall_entry_${call}`]);
export const exitsOf = (...calls: readonly string[]): string[] =>
  calls.flatMap((call) => [`syscall_exit_${call}`, `compat_syscall_exit_${call}`]);
/** The event of the exit that belongs to an entry's. */
export const exitOf = (entry: string): string => entry.replace('syscall_entry_', 'syscall_exit_');

/** Small numbers for the names of system calls. */
export class CallNames {
  private readonly ids = new Map<string, number>();
  private readonly names: string[] = ['…'];
  /** By index of event name; empty where the event tells of none. */
  private readonly byEvent: string[] = [];
  /** By number of the call, which is at most MOST_CALLS; -1: not asked for yet. */
  private readonly byNumber = new Int32Array(MOST_CALLS + 1).fill(-1);

  /** The next event name; gives its index. */
  addEvent(event: string): number {
    return this.byEvent.push(callEvent(event)?.name ?? '') - 1;
  }

  /** The name of the call that the event tells of. */
  ofEvent(event: number): string {
    return this.byEvent[event] ?? '';
  }

  idOf(name: string): number {
    let id = this.ids.get(name);
    if (id === undefined) {
      id = this.names.push(name) - 1;
      this.ids.set(name, id);
    }
    return id;
  }

  /** The call of this number, as an event of LTTng's `unknown` tells it. */
  numbered(number: number): number {
    const slot = number >= 0 && number < MOST_CALLS ? number : MOST_CALLS;
    const known = this.byNumber[slot]!;
    if (known >= 0) return known;
    const id = this.idOf(unknownCallName(number));
    this.byNumber[slot] = id;
    return id;
  }

  nameOf(id: number): string {
    return this.names[id] ?? '';
  }
}
