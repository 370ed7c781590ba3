import { BlockUse } from '../block/use.js';
import type { Announcement, Container } from '../container.js';
import { keepAsDoubles } from '../doubles.js';
import type { FileTable } from '../files/open-file.js';
import type { ProcessRow, ThreadRow, ThreadState } from '../frame.js';
import { CAUSE_UNKNOWN } from '../ledger/causes.js';
import type { Counterparts, Uncontained } from '../ledger/counterparts.js';
import { Call } from '../syscalls/call.js';
import { Usage } from '../usage.js';
import type { Cpu } from './cpu.js';

/** Where a thread is: what the scheduler's events told last. */
export const UNKNOWN = 0;
export const RUNNING = 1;
export const RUNNABLE = 2;
export const BLOCKED = 3;
export const STOPPED = 4;
export const DEAD = 5;
export const stateNames: readonly (ThreadState | undefined)[] = [
  undefined,
  'running',
  'runnable',
  'blocked',
  'stopped',
  'dead',
];

/** In which mode a thread runs when it runs and no interrupt is on its CPU. */
export const MODE_UNKNOWN = 0;
export const MODE_USER = 1;
export const MODE_KERNEL = 2;

/**
 * State of the thread that a sched_switch takes from its CPU, by `prev_state`. From Linux 4.14 on that is the state that
 * /proc reports: 0 runnable; 0x100 runnable too, preempted within the kernel; 1, 2 blocked (0x80: an idle kernel thread);
 * 4, 8 stopped; 0x10, 0x20 dead; 0x40 parked. Before 4.14 a kernel preemption sets a bit above these, and 0x40 is dead,
 * which only a thread whose exit was seen can be.
 */
export function stateAfterSwitch(prevState: number, exited: boolean): number {
  if ((prevState & 0x30) !== 0 || (exited && (prevState & 0x40) !== 0)) return DEAD;
  if ((prevState & 0x03) !== 0) return BLOCKED;
  if ((prevState & 0x4c) !== 0) return STOPPED;
  return (prevState & 0x80) !== 0 ? BLOCKED : RUNNABLE;
}

/** No time: a number, so that the field never has to hold anything else. */
export const NOT_WOKEN = -1;

/** A thread of the traced kernel. tid 0 stands for a CPU's idle loop. */
export class Thread {
  static {
    keepAsDoubles(new Thread(0), 'since', 'wokenAt', 'pidNs', 'cgroupNs', 'started', 'ended', 'vtid');
  }

  tid: number;
  /** tid in its own pid namespace. */
  vtid: number | undefined = undefined;
  comm: string | undefined = undefined;
  process: Process | undefined = undefined;
  isKernelThread = false;

  state = UNKNOWN;
  /** Up to when its time is credited, unless it runs. */
  since = 0;
  mode = MODE_UNKNOWN;
  /** The entry of the system call that it was seen in last: index of event name; -1 before the first. */
  syscall = -1;

  /** The CPU that it waits for while it is runnable, where that is known; and its neighbours among those who wait. */
  queue: Cpu | undefined = undefined;
  nextWaiter: Thread | undefined = undefined;
  previousWaiter: Thread | undefined = undefined;
  /** When it was woken up to what it waits for now; NOT_WOKEN if it waits because it lost its CPU. */
  wokenAt = NOT_WOKEN;
  /** Its blocked state is the uninterruptible one. */
  isUninterruptible = false;
  /** What ended its last blocked wait. */
  lastCause = CAUSE_UNKNOWN;
  /** The other container whose thread did, if one did. */
  lastWaker: Container | undefined = undefined;
  /** Whom it waited for while its container was not known. */
  contention: Counterparts | undefined = undefined;
  /** As whom it counts among the host's processes (`Parties`), and the name and when that was made of. */
  party: Uncontained | undefined = undefined;
  partyOf: string | undefined = undefined;
  partyGeneration = 0;

  /** The system call that it is in, or was in last. */
  readonly call = new Call();

  /** Inode of the pid namespace that it was born in, which never changes; 0 while unknown. */
  pidNs = 0;
  /** Depth of that namespace; -1 while unknown. */
  pidNsLevel = -1;
  /** Inode of the cgroup namespace; 0 while unknown. */
  cgroupNs = 0;
  /** The container; undefined while nothing told. */
  container: Container | undefined = undefined;
  /** The container whose namespaces are all the host's, so that only descent tells it. */
  tree: Container | undefined = undefined;
  /** The runtime's process that started it, already in the cgroup of what it starts. */
  launcher: Thread | undefined = undefined;
  /** A runtime's process on its way into a container that is not yet told. */
  launching = false;

  /** Fork and exit, ns since origin; undefined where the trace does not show them. */
  started: number | undefined = undefined;
  ended: number | undefined = undefined;

  /** Time that is not yet credited to its process and container. */
  readonly pending = new Usage();
  /** Time of the interval. */
  readonly interval = new Usage();
  /** The row of the previous frame, used again when nothing changed. */
  row: ThreadRow | undefined = undefined;
  /** Of that row in `Tasks.threadRows`. */
  place = -1;
  /** The last interval, by number, throughout which it was blocked. */
  idleIn = -1;
  /** It sleeps (`Tasks.putToSleep`): where among its process's sleepers, and for what. */
  isAsleep = false;
  bed = -1;
  sleepCause = CAUSE_UNKNOWN;
  /** The string id that `comm` had, and in which batch. */
  commId = 0;
  commBatch = -1;

  constructor(tid: number) {
    this.tid = tid;
  }
}

export class Process {
  readonly pid: number;
  vpid: number | undefined = undefined;
  ppid: number | undefined = undefined;
  leader: Thread | undefined = undefined;
  /** Threads that have not ended. */
  alive = 0;
  /** The container that it was seen in last. */
  container: Container | undefined = undefined;
  started: number | undefined = undefined;
  ended: number | undefined = undefined;
  comm: string | undefined = undefined;
  /** Its descriptors and its working directory; undefined while nothing has told of any. */
  files: FileTable | undefined = undefined;
  cwd: string | undefined = undefined;
  /** The container that it made a directory for and is about to start. */
  announced: Announcement | undefined = undefined;
  readonly interval = new Usage();
  readonly block = new BlockUse();
  row: ProcessRow | undefined = undefined;
  /** Of that row in `Tasks.processRows`. */
  place = -1;
  isAsleep = false;
  /** Its threads that sleep; and how many for which cause, undefined before the first. */
  readonly sleepers: Thread[] = [];
  asleep: number[] | undefined = undefined;
  /** The last interval, by number, in which one of its threads did something. */
  activeIn = -1;

  constructor(pid: number) {
    this.pid = pid;
  }
}
