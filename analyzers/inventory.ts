/** Who the containers are, as the host tells it. `host/` fills it; the analyzers join it to what the trace shows. */
export interface InventoryEntry {
  /** Full id as the runtime has it. */
  readonly id: string;
  readonly name: string;
  readonly runtime: string;
  readonly image: string | undefined;
  /** pid of the init process as the host sees it; undefined while not running. */
  readonly initPid: number | undefined;
  /** CPU quota in CPUs, the tightest of its own cgroup and those above it; undefined where there is none. */
  readonly limitCpus: number | undefined;
  /** ns since the Unix epoch. */
  readonly startedAt: bigint | undefined;
  readonly finishedAt: bigint | undefined;
  readonly labels: Readonly<Record<string, string>>;

  /** Kubernetes pod as `NAMESPACE/NAME` (its uid where nobody told the name), ECS task, Podman pod. */
  readonly pod?: string | undefined;
  /** Compose or Swarm service, ECS container, container of a Kubernetes pod: what its instances have in common. */
  readonly service?: string | undefined;
  /** Compose project, Swarm stack, Kubernetes namespace, ECS task family. */
  readonly project?: string | undefined;
  /** Path of its cgroup below the root of the hierarchy (of the cpu controller, where each has its own). */
  readonly cgroupPath?: string | undefined;
  /** Inodes of the init process's namespaces. */
  readonly namespaces?: Namespaces | undefined;
  /** What the init process may do. */
  readonly privileges?: Privileges | undefined;
  /** What the container was asked to be allowed. */
  readonly security?: Security | undefined;
  readonly limits?: CgroupLimits | undefined;
  /** What its init process sees mounted where; of two at one path the last one is seen. */
  readonly mounts?: readonly Mount[] | undefined;
  /** Counters of its cgroup over time, oldest first. */
  readonly samples?: readonly CgroupSample[] | undefined;
}

export type Inventory = readonly InventoryEntry[];

export type NamespaceKind = 'cgroup' | 'ipc' | 'mnt' | 'net' | 'pid' | 'time' | 'user' | 'uts';
export type Namespaces = Readonly<Partial<Record<NamespaceKind, number>>>;

/** From `/proc/PID/status` of the init process (proc(5)); capability sets are bit masks by the numbers of capability.h. */
export interface Privileges {
  readonly capEffective: bigint | undefined;
  readonly capPermitted: bigint | undefined;
  readonly capBounding: bigint | undefined;
  readonly capAmbient: bigint | undefined;
  readonly seccomp: 'disabled' | 'strict' | 'filter' | undefined;
  readonly noNewPrivs: boolean | undefined;
  /** Real, effective, saved and file system user id, as the host sees them. */
  readonly uids: readonly number[] | undefined;
}

export interface Mount {
  readonly path: string;
  /** `overlay`, `tmpfs`, `proc`. */
  readonly type: string;
  /** Of `ro`, `noexec`, `nodev`, `nosuid` those that it has. */
  readonly options: readonly string[];
}

/** What the runtime was asked for: what a container may do before anybody looks at its processes. */
export interface Security {
  readonly privileged: boolean;
  /** Given to a process that runs as root, without `CAP_`; all of them where it is privileged. */
  readonly capabilities: readonly string[];
  /** `USER[:GROUP]`; undefined is root. */
  readonly user: string | undefined;
  readonly seccomp: 'default' | 'custom' | 'unconfined';
  readonly readonlyRootfs: boolean;
  readonly pidsLimit: number | undefined;
  readonly memoryBytes: number | undefined;
  /** Device files that it was given (`--device`), as it sees them. */
  readonly devices: readonly string[];
  /** `none`, `host`, `container:ID`, name of a network; the others alike. */
  readonly networkMode: string | undefined;
  readonly ipcMode: string | undefined;
  readonly utsMode: string | undefined;
  readonly usernsMode: string | undefined;
}

/** What its cgroup may use. Undefined is "no limit, or nobody told". */
export interface CgroupLimits {
  /** Of its own cgroup: µs of CPU time in each period, length of the period, and what may be saved up. */
  readonly cpuQuotaUs: number | undefined;
  readonly cpuPeriodUs: number | undefined;
  readonly cpuBurstUs: number | undefined;
  /** Tightest quota of its own cgroup and all above it, in CPUs, and the cgroup that sets it. */
  readonly cpus: number | undefined;
  readonly cpusSetBy: string | undefined;
  /** cgroup v2: 1…10000, 100 by default; v1: shares, 1024 by default. */
  readonly cpuWeight: number | undefined;
  readonly cpuShares: number | undefined;
  /** CPUs that it may run on, as the kernel writes lists: `0-3,8`. */
  readonly cpuset: string | undefined;
  /** Tightest of its own cgroup and all above it, and the cgroup that sets it. */
  readonly memoryBytes: number | undefined;
  readonly memorySetBy: string | undefined;
  readonly pids: number | undefined;
}

/** Counters of a cgroup at one moment; those of time and events are since the cgroup was made. */
export interface CgroupSample {
  /** ns since the Unix epoch. */
  readonly time: bigint;
  readonly cpuUsageUs: number | undefined;
  readonly cpuPeriods: number | undefined;
  readonly cpuThrottledPeriods: number | undefined;
  readonly cpuThrottledUs: number | undefined;
  readonly memoryBytes: number | undefined;
  readonly oomKills: number | undefined;
  readonly pids: number | undefined;
}
