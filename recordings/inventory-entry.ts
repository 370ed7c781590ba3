/** Takes an inventory entry out of JSON that may be anybody's: a field of another type than expected counts as not told. */
import type {
  CgroupLimits,
  CgroupSample,
  InventoryEntry,
  NamespaceKind,
  Namespaces,
  Privileges,
} from '../analyzers/inventory.js';

const LONGEST_TEXT = 4096;
const MOST_LABELS = 1000;
const NAMESPACE_KINDS: readonly NamespaceKind[] = [
  'cgroup',
  'ipc',
  'mnt',
  'net',
  'pid',
  'time',
  'user',
  'uts',
];
const SECCOMP_MODES = ['disabled', 'strict', 'filter'] as const;

type Json = Readonly<Record<string, unknown>>;

/** Undefined where it has not even an id. */
export function parseEntry(value: unknown): InventoryEntry | undefined {
  const json = object(value);
  const id = text(json.id);
  if (id === undefined) return undefined;
  return {
    id,
    name: text(json.name) ?? id,
    runtime: text(json.runtime) ?? 'unknown',
    image: text(json.image),
    initPid: number(json.initPid),
    limitCpus: number(json.limitCpus),
    startedAt: integer(json.startedAt),
    finishedAt: integer(json.finishedAt),
    labels: labelsOf(json.labels),
    pod: text(json.pod),
    service: text(json.service),
    project: text(json.project),
    cgroupPath: text(json.cgroupPath),
    namespaces: isObject(json.namespaces) ? namespacesOf(json.namespaces) : undefined,
    privileges: isObject(json.privileges) ? privilegesOf(json.privileges) : undefined,
    limits: isObject(json.limits) ? limitsOf(json.limits) : undefined,
  };
}

/** Undefined where it has no time. */
export function parseSample(value: unknown): CgroupSample | undefined {
  const json = object(value);
  const time = integer(json.time);
  if (time === undefined) return undefined;
  return {
    time,
    cpuUsageUs: number(json.cpuUsageUs),
    cpuPeriods: number(json.cpuPeriods),
    cpuThrottledPeriods: number(json.cpuThrottledPeriods),
    cpuThrottledUs: number(json.cpuThrottledUs),
    memoryBytes: number(json.memoryBytes),
    oomKills: number(json.oomKills),
    pids: number(json.pids),
  };
}

function namespacesOf(json: Json): Namespaces {
  return Object.fromEntries(
    NAMESPACE_KINDS.flatMap((kind) => {
      const inode = number(json[kind]);
      return inode === undefined ? [] : [[kind, inode]];
    }),
  );
}

function privilegesOf(json: Json): Privileges {
  return {
    capEffective: integer(json.capEffective),
    capPermitted: integer(json.capPermitted),
    capBounding: integer(json.capBounding),
    capAmbient: integer(json.capAmbient),
    seccomp: SECCOMP_MODES.find((mode) => mode === json.seccomp),
    noNewPrivs: typeof json.noNewPrivs === 'boolean' ? json.noNewPrivs : undefined,
    uids: Array.isArray(json.uids) && json.uids.every(Number.isInteger) ? json.uids.slice(0, 4) : undefined,
  };
}

function limitsOf(json: Json): CgroupLimits {
  return {
    cpuQuotaUs: number(json.cpuQuotaUs),
    cpuPeriodUs: number(json.cpuPeriodUs),
    cpuBurstUs: number(json.cpuBurstUs),
    cpus: number(json.cpus),
    cpusSetBy: text(json.cpusSetBy),
    cpuWeight: number(json.cpuWeight),
    cpuShares: number(json.cpuShares),
    cpuset: text(json.cpuset),
    memoryBytes: number(json.memoryBytes),
    memorySetBy: text(json.memorySetBy),
    pids: number(json.pids),
  };
}

function labelsOf(value: unknown): Record<string, string> {
  const labels = Object.entries(object(value)).slice(0, MOST_LABELS);
  return Object.fromEntries(
    labels.flatMap(([key, label]) => (typeof label === 'string' ? [[cut(key), cut(label)]] : [])),
  );
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function object(value: unknown): Json {
  return isObject(value) ? value : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? cut(value) : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** A decimal string of up to 20 digits: a time in ns, or a mask. */
function integer(value: unknown): bigint | undefined {
  return typeof value === 'string' && /^\d{1,20}$/.test(value) ? BigInt(value) : undefined;
}

function cut(value: string): string {
  return value.slice(0, LONGEST_TEXT);
}
