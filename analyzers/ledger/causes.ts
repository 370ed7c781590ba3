/**
 * Why a blocked thread goes on: told by what its waker was doing, as the execution graph does (Giraldeau and Dagenais,
 * "Wait analysis of distributed systems using kernel tracing", IEEE TPDS 2016).
 */
import { callEvent } from '../syscalls/call-names.js';

/** Nothing told. */
export const CAUSE_UNKNOWN = 0;
export const CAUSE_DISK = 1;
export const CAUSE_NET = 2;
export const CAUSE_TIMER = 3;
/** Another thread: the waker, or whoever sent the packet that arrived. */
export const CAUSE_TASK = 4;
/** Only as a guess, for system calls that wait for several things: whatever ended its last wait. */
export const CAUSE_AS_BEFORE = 5;

/** By softirq vector (`include/linux/interrupt.h`): HI, TIMER, NET_TX, NET_RX, BLOCK, IRQ_POLL, TASKLET, SCHED, HRTIMER, RCU. */
const softirqCauses: readonly number[] = [
  CAUSE_UNKNOWN,
  CAUSE_TIMER,
  CAUSE_NET,
  CAUSE_NET,
  CAUSE_DISK,
  CAUSE_DISK,
  CAUSE_UNKNOWN,
  CAUSE_UNKNOWN,
  CAUSE_TIMER,
  CAUSE_UNKNOWN,
];

export function causeOfSoftirq(vector: number): number {
  return softirqCauses[vector] ?? CAUSE_UNKNOWN;
}

/**
 * What a system call waits for, by name without its prefix. It is only used for a wait that has not ended when a frame is
 * cut: then nobody has woken the thread yet.
 */
const syscallCauses: Readonly<Record<string, number>> = {
  nanosleep: CAUSE_TIMER,
  clock_nanosleep: CAUSE_TIMER,
  wait4: CAUSE_TASK,
  waitid: CAUSE_TASK,
  waitpid: CAUSE_TASK,
  futex: CAUSE_TASK,
  vfork: CAUSE_TASK,
  flock: CAUSE_TASK,
  semop: CAUSE_TASK,
  semtimedop: CAUSE_TASK,
  msgrcv: CAUSE_TASK,
  fsync: CAUSE_DISK,
  fdatasync: CAUSE_DISK,
  sync: CAUSE_DISK,
  syncfs: CAUSE_DISK,
  sync_file_range: CAUSE_DISK,
  msync: CAUSE_DISK,
  pread64: CAUSE_DISK,
  pwrite64: CAUSE_DISK,
};

/** Name of the system call whose entry the event is; undefined if it is another event. */
export function syscallName(event: string): string | undefined {
  const call = callEvent(event);
  return call?.isEntry ? call.name : undefined;
}

/** What the event, the entry of a system call, lets a thread wait for; of most, what it waited for before. */
export function causeOfSyscall(event: string): number {
  const name = syscallName(event);
  return name === undefined ? CAUSE_UNKNOWN : (syscallCauses[name] ?? CAUSE_AS_BEFORE);
}

export function isConnecting(call: string | undefined): boolean {
  return call === 'connect';
}

const servingCalls: ReadonlySet<string | undefined> = new Set([
  'accept',
  'accept4',
  'epoll_wait',
  'epoll_pwait',
  'epoll_pwait2',
]);

/** Whether servers wait for requests in the call. */
export function isServing(call: string | undefined): boolean {
  return servingCalls.has(call);
}
