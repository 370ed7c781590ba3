import type { InventoryEntry, Privileges } from '../inventory.js';

/** What a container may do, as the inventory tells: by its init process where that was looked at, else by what was asked for. */
export interface Rights {
  /** The inventory knows the container. */
  readonly told: boolean;
  readonly privileged: boolean | undefined;
  /** Capabilities that its processes have, without `CAP_`. */
  readonly capabilities: readonly string[] | undefined;
  readonly user: string | undefined;
  readonly seccomp: 'default' | 'custom' | 'unconfined' | undefined;
  readonly readonlyRootfs: boolean | undefined;
  readonly pidsLimit: number | undefined;
  readonly memoryBytes: number | undefined;
  /** Device files that it was given. */
  readonly devices: readonly string[];
  readonly networkMode: string | undefined;
}

/** By number: `include/uapi/linux/capability.h`. */
const CAPABILITIES: readonly string[] = (
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST ' +
  'NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE ' +
  'SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM ' +
  'BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'
).split(' ');

/** @param process what the very process may do, where somebody looked at it while it lived */
export function rightsOf(entry: InventoryEntry | undefined, process?: Privileges): Rights {
  const { security, limits } = entry ?? {};
  const privileges = process ?? entry?.privileges;
  const user = process?.uids?.[1]?.toString() ?? security?.user ?? privileges?.uids?.[1]?.toString();
  const mask = privileges?.capEffective;
  const asked = security?.privileged ? CAPABILITIES : security?.capabilities;
  return {
    told: entry !== undefined,
    privileged: security?.privileged,
    capabilities:
      mask !== undefined
        ? CAPABILITIES.filter((_, number) => ((mask >> BigInt(number)) & 1n) === 1n)
        : asked && (isRoot(user) ? asked : []),
    user,
    seccomp: security?.seccomp ?? (privileges?.seccomp === 'disabled' ? 'unconfined' : undefined),
    readonlyRootfs: security?.readonlyRootfs,
    pidsLimit: limits?.pids ?? security?.pidsLimit,
    memoryBytes: limits?.memoryBytes ?? security?.memoryBytes,
    devices: security?.devices ?? [],
    networkMode: security?.networkMode,
  };
}

/** Whether the container's processes have the capability; undefined where the inventory does not tell. */
export function hasCapability({ capabilities }: Rights, capability: string): boolean | undefined {
  return capabilities?.includes(capability);
}

/** `USER[:GROUP]` as runtimes take it; none is root. */
export function isRoot(user: string | undefined): boolean {
  return user === undefined || /^(0|root)(:|$)/.test(user);
}
