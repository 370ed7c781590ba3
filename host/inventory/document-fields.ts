/** One container in the inventory's JSON, both ways. docs/inventory.md describes the fields. */
import type {
  CgroupLimits,
  CgroupSample,
  InventoryEntry,
  Mount,
  Privileges,
  Security,
} from '../../analyzers/inventory.js';
import { array, isObject, type Json, labels, number, object, positive, text } from './values.js';

const MOST_CAPABILITIES = 256;
const MOST_MOUNTS = 512;

/** Names in JSON by names in code; the values are numbers or texts. */
const LIMITS: Readonly<Record<keyof CgroupLimits, string>> = {
  cpuQuotaUs: 'cpu_quota_us',
  cpuPeriodUs: 'cpu_period_us',
  cpuBurstUs: 'cpu_burst_us',
  cpus: 'cpus',
  cpusSetBy: 'cpus_set_by',
  cpuWeight: 'cpu_weight',
  cpuShares: 'cpu_shares',
  cpuset: 'cpuset',
  memoryBytes: 'memory_bytes',
  memorySetBy: 'memory_set_by',
  pids: 'pids',
};
const TEXT_LIMITS = ['cpusSetBy', 'cpuset', 'memorySetBy'];
const COUNTERS: Readonly<Record<Exclude<keyof CgroupSample, 'time'>, string>> = {
  cpuUsageUs: 'cpu_usage_us',
  cpuPeriods: 'cpu_periods',
  cpuThrottledPeriods: 'cpu_throttled_periods',
  cpuThrottledUs: 'cpu_throttled_us',
  memoryBytes: 'memory_bytes',
  oomKills: 'oom_kills',
  pids: 'pids',
};
const SECURITY: Readonly<Record<keyof Security, string>> = {
  privileged: 'privileged',
  capabilities: 'capabilities',
  user: 'user',
  seccomp: 'seccomp',
  readonlyRootfs: 'readonly_rootfs',
  pidsLimit: 'pids_limit',
  memoryBytes: 'memory_bytes',
  devices: 'devices',
  networkMode: 'network_mode',
  ipcMode: 'ipc_mode',
  utsMode: 'uts_mode',
  usernsMode: 'userns_mode',
};
const CAPABILITIES = {
  capEffective: 'cap_effective',
  capPermitted: 'cap_permitted',
  capBounding: 'cap_bounding',
  capAmbient: 'cap_ambient',
} as const;

/** Everything but the samples. */
export function containerJson(entry: InventoryEntry): Record<string, unknown> {
  const { namespaces, privileges, limits, security, mounts } = entry;
  return {
    id: entry.id,
    runtime: entry.runtime,
    name: entry.name,
    image: entry.image ?? null,
    pod: entry.pod ?? null,
    service: entry.service ?? null,
    project: entry.project ?? null,
    init_pid: entry.initPid ?? null,
    started_at: entry.startedAt === undefined ? null : String(entry.startedAt),
    finished_at: entry.finishedAt === undefined ? null : String(entry.finishedAt),
    labels: entry.labels,
    cgroup_path: entry.cgroupPath ?? null,
    namespaces: namespaces ?? null,
    privileges: privileges === undefined ? null : privilegesJson(privileges),
    limit_cpus: entry.limitCpus ?? null,
    limits: limits === undefined ? null : written(LIMITS, limits),
    security: security === undefined ? null : written(SECURITY, security),
    mounts: mounts?.map(({ path, type, options }) => [path, type, ...options]) ?? null,
  };
}

function written(names: Readonly<Record<string, string>>, values: object): Record<string, unknown> {
  const told = values as Record<string, unknown>;
  return Object.fromEntries(Object.entries(names).map(([key, name]) => [name, told[key] ?? null]));
}

export function sampleJson(sample: CgroupSample) {
  return { time: String(sample.time), ...written(COUNTERS, sample) };
}

/** Capabilities as /proc writes them: 16 hexadecimal digits. */
export function privilegesJson(privileges: Privileges) {
  const masks = Object.entries(CAPABILITIES).map(([key, name]) => {
    const mask = privileges[key as keyof typeof CAPABILITIES];
    return [name, mask === undefined ? null : mask.toString(16).padStart(16, '0')];
  });
  return {
    ...Object.fromEntries(masks),
    seccomp: privileges.seccomp ?? null,
    no_new_privs: privileges.noNewPrivs ?? null,
    uids: privileges.uids ?? null,
  };
}

/** What another process wrote: a field of another type than expected counts as not told. */
export function entryFromJson(json: Json, samples: readonly CgroupSample[]): InventoryEntry {
  const id = text(json.id) ?? '';
  const optional = {
    pod: text(json.pod),
    service: text(json.service),
    project: text(json.project),
    cgroupPath: text(json.cgroup_path),
    namespaces: isObject(json.namespaces) ? namespacesOf(json.namespaces) : undefined,
    privileges: isObject(json.privileges) ? privilegesFromJson(json.privileges) : undefined,
    security: isObject(json.security) ? securityOf(json.security) : undefined,
    limits: isObject(json.limits) ? limitsOf(json.limits) : undefined,
    mounts: Array.isArray(json.mounts) ? mountsOf(json.mounts) : undefined,
    samples: samples.length > 0 ? samples : undefined,
  };
  return {
    id,
    name: text(json.name) ?? id.slice(0, 12),
    runtime: text(json.runtime) ?? 'oci',
    image: text(json.image),
    initPid: positive(json.init_pid),
    limitCpus: positive(json.limit_cpus),
    startedAt: timeFromJson(json.started_at),
    finishedAt: timeFromJson(json.finished_at),
    labels: labels(json.labels),
    ...(Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) as object),
  };
}

function namespacesOf(json: Json): Record<string, number> {
  const kinds = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'];
  return Object.fromEntries(
    kinds.flatMap((kind) => (positive(json[kind]) === undefined ? [] : [[kind, Number(json[kind])]])),
  );
}

export function privilegesFromJson(json: Json): Privileges {
  const mask = (name: string): bigint | undefined =>
    /^[0-9a-f]{1,16}$/i.test(text(json[name]) ?? '') ? BigInt(`0x${text(json[name])}`) : undefined;
  const uids = Array.isArray(json.uids) && json.uids.length === 4 && json.uids.every(Number.isInteger);
  const seccomp = (['disabled', 'strict', 'filter'] as const).find((mode) => mode === json.seccomp);
  return {
    capEffective: mask('cap_effective'),
    capPermitted: mask('cap_permitted'),
    capBounding: mask('cap_bounding'),
    capAmbient: mask('cap_ambient'),
    seccomp,
    noNewPrivs: typeof json.no_new_privs === 'boolean' ? json.no_new_privs : undefined,
    uids: uids ? (json.uids as number[]) : undefined,
  };
}

function securityOf(json: Json): Security {
  const names = array(json.capabilities).slice(0, MOST_CAPABILITIES);
  const seccomp = (['custom', 'unconfined'] as const).find((profile) => profile === json.seccomp);
  return {
    privileged: json.privileged === true,
    capabilities: names.flatMap((name) => text(name) ?? []),
    user: text(json.user),
    seccomp: seccomp ?? 'default',
    readonlyRootfs: json.readonly_rootfs === true,
    pidsLimit: positive(json.pids_limit),
    memoryBytes: positive(json.memory_bytes),
    devices: array(json.devices)
      .slice(0, MOST_CAPABILITIES)
      .flatMap((path) => text(path) ?? []),
    networkMode: text(json.network_mode),
    ipcMode: text(json.ipc_mode),
    utsMode: text(json.uts_mode),
    usernsMode: text(json.userns_mode),
  };
}

/** `[PATH, TYPE, OPTION…]` each. */
function mountsOf(json: readonly unknown[]): Mount[] {
  return json.slice(0, MOST_MOUNTS).flatMap((each) => {
    const [path, type, ...options] = array(each).map(text);
    if (path === undefined || type === undefined) return [];
    return [{ path, type, options: options.filter((option) => option !== undefined) }];
  });
}

function limitsOf(json: Json): CgroupLimits {
  const entries = Object.entries(LIMITS).map(([key, name]) => [
    key,
    TEXT_LIMITS.includes(key) ? text(json[name]) : number(json[name]),
  ]);
  return Object.fromEntries(entries) as CgroupLimits;
}

export function sampleFromJson(value: unknown): CgroupSample | undefined {
  const json = object(value);
  const time = timeFromJson(json.time);
  if (time === undefined) return undefined;
  const counters = Object.entries(COUNTERS).map(([key, name]) => [key, number(json[name])]);
  return { time, ...Object.fromEntries(counters) } as CgroupSample;
}

/** Times are texts, because JSON's numbers do not hold nanoseconds. */
export function timeFromJson(value: unknown): bigint | undefined {
  return typeof value === 'string' && /^-?\d{1,19}$/.test(value) ? BigInt(value) : undefined;
}
