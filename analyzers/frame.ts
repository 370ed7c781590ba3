import type { Cause, Confidence } from './denials/refusal.js';
import type { CgroupLimits } from './inventory.js';

/**
 * The frame: an immutable, plain-data picture of one interval of event time. Every panel, dump and export is a projection
 * of it. Durations are nanoseconds within the interval; times are nanoseconds since `origin`. What the trace does not
 * tell is undefined, never zero.
 */
export interface Frame {
  /** Time 0, in ns since the Unix epoch. */
  readonly origin: bigint;
  /** The interval [begin, end), ns since origin. */
  readonly begin: number;
  readonly end: number;
  /** The host comes first (one per traced host), then containers in the order they appeared. */
  readonly containers: readonly ContainerRow[];
  readonly processes: readonly ProcessRow[];
  readonly threads: readonly ThreadRow[];
  readonly cpus: readonly CpuRow[];
  /** Who had the CPUs that others were runnable on: contended time, victim by culprit. */
  readonly waits?: readonly PairRow[];
  /** For whom threads were blocked: the time until somebody woke them up, victim by waker. */
  readonly blockers?: readonly PairRow[];
  /** What was refused within the interval: failed system calls and kernel kills, equal ones as one row. */
  readonly denials?: readonly DenialRow[];
  /** Disks that have been given something to do since the trace's beginning. */
  readonly devices?: readonly DeviceRow[];
  /** Who read from and wrote to them within the interval. */
  readonly block?: readonly BlockRow[];
  /** System calls by container and name. */
  readonly syscalls?: readonly SyscallRow[];
  /** Files and sockets that were used within the interval. */
  readonly files?: readonly FileRow[];
  readonly connections?: readonly ConnectionRow[];
  readonly quality: Quality;
}

/** What is known of an interval that goes on, and is not in the frame before it. */
export interface Changes {
  /** Who has come, with what there is up to now of what they used. */
  readonly arrived: readonly ContainerRow[];
  /** By key of a container that has ended since: when, ns since origin. */
  readonly ended: ReadonlyMap<string, number>;
}

/**
 * Where the thread time of a container, process or thread went within the interval. At each moment a thread is in one
 * state: on a CPU (`cpuNs`), runnable and throttled or contended, blocked, stopped, or nothing told. These add up to the
 * time that its threads existed.
 */
export interface CpuTimes {
  /**
   * Time on a CPU, with the time that interrupts stole from it (as the kernel's cgroup accounting does); undefined where the trace
   * has no switches.
   */
  readonly cpuNs: number | undefined;
  /** In user mode; undefined where the trace has no system calls. Time before a thread's first system call counts in neither. */
  readonly userNs: number | undefined;
  /** In system calls, and kernel threads. */
  readonly kernelNs: number | undefined;
  /** Hard and soft interrupts that ran on its back; undefined where the trace has no interrupt events. */
  readonly irqNs: number | undefined;
  /** Runnable but not on a CPU; undefined where the trace has no switches, or waits are not over. */
  readonly runnableNs: number | undefined;
  /** The part of `runnableNs` in which the quota of its cgroup was used up; undefined where nothing tells throttling. */
  readonly throttledNs?: number | undefined;
  /** The part of `runnableNs` in which others had the CPU. */
  readonly contendedNs?: number | undefined;
  /** Blocked, by what ended the wait; undefined where the trace has no wake-ups or no interrupts. */
  readonly blockedDiskNs?: number | undefined;
  readonly blockedNetNs?: number | undefined;
  readonly blockedTimerNs?: number | undefined;
  /** Until another thread woke it up, or sent it a packet on this host. */
  readonly blockedTaskNs?: number | undefined;
  /** Blocked by something that is not told. */
  readonly blockedUnknownNs?: number | undefined;
  readonly stoppedNs?: number | undefined;
  /** Nothing told what it did: before the first event that does, and across losses. */
  readonly unknownNs?: number | undefined;
}

/** What the system calls of a container, process or thread did that came back within the interval. */
export interface CallTimes {
  /** undefined where the trace has no system calls, or nobody asked for them. */
  readonly syscalls?: number | undefined;
  readonly errors?: number | undefined;
  /** Bytes of files, as the results of reads and writes tell; of devices and pipes none. */
  readonly fileReadBytes?: number | undefined;
  readonly fileWriteBytes?: number | undefined;
  /** Bytes of sockets other than unix and netlink ones; also of those of which nothing told what they are. */
  readonly netRxBytes?: number | undefined;
  readonly netTxBytes?: number | undefined;
  /** Bytes read and written through descriptors of which nothing told what they are. */
  readonly untoldBytes?: number | undefined;
}

/** How throttling is told: by kprobes, by counters of the cgroup, or by the pattern of switches. */
export type ThrottledBasis = 'measured' | 'sampled' | 'inferred';

/** The verdict on a container and interval: the strongest reason why it is not faster. */
export interface Why {
  /** `waiting`: for another container or a process of the host that it asked for something. */
  readonly kind: 'quota' | 'crowded out' | 'disk' | 'network' | 'waiting' | 'idle' | 'ok';
  /** Names of who crowds it out or lets it wait, foremost first. */
  readonly by: readonly string[];
  /** Time that it cost (for idle and ok: time on a CPU) as a share of the interval, 1 for one thread all the time. */
  readonly share: number;
  /** One short sentence with the figure: `crowded out by hog1: 34%`. */
  readonly text: string;
}

/** Time that one spent waiting for another. */
export interface PairRow {
  readonly host: string | undefined;
  /** Key and name of the container that waited. */
  readonly victim: string;
  readonly victimName: string;
  /**
   * For whom: key and name of a container; or a process of the host (`host/NAME`), `idle` (a CPU that had not begun to run
   * it yet), `unknown`.
   */
  readonly culprit: string;
  readonly culpritName: string;
  readonly ns: number;
}

/** What somebody read from and wrote to block devices; undefined where the trace does not tell of these. */
export interface BlockTraffic {
  readonly blockReadBytes?: number | undefined;
  readonly blockWriteBytes?: number | undefined;
  /** Mean time from the driver to the completion of a read or write; undefined, too, where there was none. */
  readonly blockLatencyNs?: number | undefined;
}

/** Starts and ends within the interval, also of processes and threads that did not see its end. */
export interface Lives {
  /** undefined where the trace does not show forks. */
  readonly procsStarted?: number | undefined;
  readonly threadsStarted?: number | undefined;
  /** undefined where the trace shows neither exits nor switches. */
  readonly procsEnded?: number | undefined;
  readonly threadsEnded?: number | undefined;
}

export interface ContainerRow extends CpuTimes, BlockTraffic, CallTimes, Lives {
  /** Stable over the trace: 'host', or the namespace that makes it (`pid_ns:4026532220`). With several hosts, `HOST/` before it. */
  readonly key: string;
  readonly isHost: boolean;
  readonly host: string | undefined;
  /** Name from the inventory; else the id. */
  readonly name: string;
  readonly id: string;
  /**
   * Who told the id: the inventory; a directory that the runtime's own process made just before it started the container
   * (inferred from the trace); or only its namespace.
   */
  readonly idBasis?: 'inventory' | 'announced' | 'namespace';
  readonly runtime: string | undefined;
  readonly image: string | undefined;
  /** Where an orchestrator put it; undefined where it is none's, or nobody told. `InventoryEntry` has their meaning. */
  readonly pod?: string | undefined;
  readonly service?: string | undefined;
  readonly project?: string | undefined;
  /** Alive at the end of the interval. */
  readonly procs: number;
  readonly threads: number;
  /** CPU quota in CPUs, the tightest of its own cgroup and those above; undefined where there is none or nobody told. */
  readonly limitCpus: number | undefined;
  /**
   * Memory and pids (processes and threads, as the cgroup counts them) at the end of the interval, and OOM kills within it;
   * undefined where nobody sampled them.
   */
  readonly memBytes?: number | undefined;
  readonly pids?: number | undefined;
  readonly oomKills?: number | undefined;
  /** What its cgroup may use; undefined where nobody told. */
  readonly limits?: CgroupLimits | undefined;
  /** Time in which its run queues were throttled, summed over the CPUs as the kernel's `throttled_usec` is. */
  readonly queuesThrottledNs?: number | undefined;
  /** Periods in which its quota was used up, as the kernel's `nr_throttled` counts them. */
  readonly throttledCount?: number | undefined;
  readonly throttledBasis?: ThrottledBasis | undefined;
  /** Who had the CPUs most while its threads were runnable: name of a container other than itself or of a host's process. */
  readonly contendedBy?: string | undefined;
  /** From a wake-up to the CPU, over all wake-ups of its threads; undefined where there were none. */
  readonly wakeupP50Ns?: number | undefined;
  readonly wakeupP99Ns?: number | undefined;
  readonly wakeupMaxNs?: number | undefined;
  /** How often one of its threads got another CPU's queue. */
  readonly migrations?: number | undefined;
  /** Why it is not faster; undefined for the host, and where the trace has no switches. */
  readonly why?: Why | undefined;
  /** Refusals within the interval that are not part of normal work; undefined where the trace has no system calls. */
  readonly denials?: number | undefined;
  /** Cause of the last refusal of the interval; undefined where there was none. */
  readonly deniedBy?: Cause | undefined;
  /** When it began, ns since origin (negative: before the trace); undefined where unknown. */
  readonly started: number | undefined;
  /** When its last thread ended; undefined while it lives. */
  readonly ended: number | undefined;
}

export interface ProcessRow extends CpuTimes, BlockTraffic, CallTimes {
  readonly container: string;
  readonly containerName: string;
  readonly pid: number;
  /** pid in its own pid namespace. */
  readonly vpid: number | undefined;
  readonly ppid: number | undefined;
  readonly comm: string | undefined;
  readonly threads: number;
  readonly started: number | undefined;
  readonly ended: number | undefined;
}

export type ThreadState = 'running' | 'runnable' | 'blocked' | 'stopped' | 'dead';

export interface ThreadRow extends CpuTimes, CallTimes {
  readonly container: string;
  readonly containerName: string;
  readonly pid: number | undefined;
  readonly tid: number;
  readonly vtid: number | undefined;
  readonly comm: string | undefined;
  /** At the end of the interval; undefined before the first event that tells it. */
  readonly state: ThreadState | undefined;
  readonly started: number | undefined;
  readonly ended: number | undefined;
}

/** Equal system calls of one container within the interval. */
export interface SyscallRow {
  readonly host: string | undefined;
  readonly container: string;
  readonly containerName: string;
  /** `…` where a trace has so many different ones that they are not told apart. */
  readonly syscall: string;
  /** Calls that came back within the interval; `exit`, `exit_group` and `rt_sigreturn`: that began. */
  readonly count: number;
  readonly errors: number;
  /** Of those whose begin was seen, from begin to end; undefined where there were none. */
  readonly totalNs: number | undefined;
  readonly meanNs: number | undefined;
  readonly p99Ns: number | undefined;
  readonly maxNs: number | undefined;
  /** Under way at the end of the interval, and how long the first of them has been. */
  readonly open: number;
  readonly openNs: number | undefined;
}

/** What a container did with a file or device within the interval. */
export interface FileRow {
  readonly host: string | undefined;
  readonly container: string;
  readonly containerName: string;
  /** undefined where it was not told; `…` for all beyond the limit of rows. */
  readonly path: string | undefined;
  readonly opens: number;
  readonly reads: number;
  readonly writes: number;
  readonly readBytes: number;
  readonly writeBytes: number;
  /** Time of the calls that opened, read, wrote and synced it. */
  readonly ns: number;
  /** How many of these failed, once it was open. */
  readonly errors: number;
}

export type ConnectionState = 'connecting' | 'connected' | 'failed' | 'listening' | 'closed';

/** A socket that was used within the interval. */
export interface ConnectionRow {
  readonly host: string | undefined;
  readonly container: string;
  readonly containerName: string;
  /** Of the thread that used it first. */
  readonly pid: number | undefined;
  readonly comm: string | undefined;
  /** Tells it from others over the trace; undefined for all beyond the limit of rows. */
  readonly id: number | undefined;
  readonly protocol: string | undefined;
  /** Addresses with their ports. */
  readonly local: string | undefined;
  readonly peer: string | undefined;
  readonly direction: 'in' | 'out' | 'listening' | undefined;
  /** At the end of the interval, as system calls tell it. */
  readonly state: ConnectionState | undefined;
  readonly rxBytes: number;
  readonly txBytes: number;
  /** 1, or how many are beyond the limit. */
  readonly count: number;
}

/** Equal refusals within the interval: of one container, thread name, call, object and error. */
export interface DenialRow {
  readonly host: string | undefined;
  readonly container: string;
  readonly containerName: string;
  /** undefined where it was not told, or where a container was refused so many different things that only calls are counted. */
  readonly comm: string | undefined;
  /** Of the last one. */
  readonly pid: number | undefined;
  readonly tid: number;
  /** Name of the call; of the signal, where the kernel ended the process instead. */
  readonly syscall: string;
  /** Path, address, pid, key or what else the call names; undefined where its arguments are not recorded. */
  readonly object: string | undefined;
  readonly errno: string;
  readonly count: number;
  /** First and last one of the interval, ns since origin. */
  readonly first: number;
  readonly last: number;
  /** The last few, oldest first. */
  readonly occurrences: readonly {
    readonly time: number;
    readonly pid: number | undefined;
    readonly tid: number;
  }[];
  /** Why the error is part of normal work; then nothing below is told. */
  readonly expected?: string;
  /** Id of the rule that explains it. */
  readonly rule?: string;
  readonly cause?: Cause;
  readonly confidence?: Confidence;
  /** Where the cause is only possible: what it would be instead. */
  readonly otherwise?: Cause;
  /** What speaks for the cause. */
  readonly evidence?: string;
  /** What happened, as the end of a sentence. */
  readonly sentence?: string;
  /** What would allow it, and what that gives away; undefined where nothing is to be allowed. */
  readonly allow?: string | undefined;
  readonly price?: string | undefined;
}

export interface CpuRow {
  readonly host: string | undefined;
  readonly cpu: number;
  /** Time within the interval: containers' and host's tasks, idle; the rest is unknown. */
  readonly containersNs: number;
  readonly hostNs: number;
  readonly idleNs: number;
  readonly irqNs: number | undefined;
  readonly unknownNs: number;
  /** Who had it, longest first. */
  readonly runners?: readonly Runner[];
}

/** One who had a CPU within the interval. */
export interface Runner {
  /** Key and name of a container, of the host; `others` for all that had it for less than a thousandth of the time. */
  readonly container: string;
  readonly name: string;
  readonly ns: number;
}

/** One disk within the interval. A request counts where it is completed. */
export interface DeviceRow {
  readonly host: string | undefined;
  /** `vda`; without a statedump `MAJOR:MINOR`. */
  readonly device: string;
  readonly reads: number | undefined;
  readonly writes: number | undefined;
  /** Without those of failed requests. */
  readonly readBytes: number | undefined;
  readonly writeBytes: number | undefined;
  readonly discards: number | undefined;
  readonly discardBytes: number | undefined;
  readonly flushes: number | undefined;
  /** Requests, or parts of them, that failed. */
  readonly errors: number | undefined;
  /** From the driver to the completion of reads and writes: mean, what 99 % do not exceed, longest. undefined: there were none. */
  readonly latencyNs: number | undefined;
  readonly latencyP99Ns: number | undefined;
  readonly latencyMaxNs: number | undefined;
  /** Mean time from the scheduler's queue (where it has none: from the bio) to the driver. */
  readonly queueNs: number | undefined;
  /** Mean time that a flush took. */
  readonly flushNs: number | undefined;
  /** Requests that the driver has at the end of the interval; undefined after a loss within it. */
  readonly inFlight: number | undefined;
  /** Time within the interval in which it had at least one. */
  readonly busyNs: number | undefined;
}

/** What one container, the host's own processes, or the kernel on behalf of others read from and wrote to one disk. */
export interface BlockRow {
  readonly host: string | undefined;
  readonly device: string;
  /** Key and name of a container; `writeback`: threads of the kernel; `unknown`: nothing tells who. */
  readonly container: string;
  readonly containerName: string;
  /** Requests that it had a part in. */
  readonly reads: number;
  readonly writes: number;
  readonly readBytes: number;
  readonly writeBytes: number;
  readonly latencyNs: number | undefined;
}

/** How far the picture can be trusted. */
export interface Quality {
  /** Events of the interval, and rows that somebody analyzed. */
  readonly events: number;
  /** Since the beginning. */
  readonly discardedEvents: number;
  readonly lostPackets: number;
  /** Problems of this interval (losses), and of the whole trace (missing events and contexts). */
  readonly issues: readonly QualityIssue[];
}

export interface QualityIssue {
  /** Stable: `discarded-events`, `lost-packets`, `truncated-packet`, `corrupt-packet`, `missing-event`, `missing-context`, … */
  readonly id: string;
  readonly severity: 'info' | 'loss' | 'error';
  readonly host: string | undefined;
  readonly stream: string | undefined;
  readonly cpu: number | undefined;
  readonly count: number | undefined;
  readonly begin: number;
  readonly end: number;
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
}
