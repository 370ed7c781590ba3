/**
 * Limits and counters of a cgroup from its files: version 2 (`Documentation/admin-guide/cgroup-v2.rst`) and version 1
 * (`cgroup-v1/`, `scheduler/sched-bwc.rst`), each controller by itself, so that hybrid hosts come out right.
 */
import { dirname } from 'node:path';
import type { CgroupLimits, CgroupSample } from '../../analyzers/inventory.js';
import { readKernelFile } from '../bounded-file.js';
import type { CgroupPaths, Controller, Hierarchies } from './hierarchies.js';

/** Text of one file of a cgroup, by its hierarchy, the cgroup's path and the file's name. */
export type ReadCgroupFile = (hierarchy: Controller, path: string, file: string) => string | undefined;

/** v1 writes "no limit" as the largest number of whole pages. */
const V1_UNLIMITED = 0x7fff_ffff_f000;
const MOST_LEVELS = 64;
const LONGEST_CPUSET = 1024;

export function readFrom(hierarchies: Hierarchies): ReadCgroupFile {
  return (hierarchy, path, file) => {
    const directory = hierarchies.directoryOf(hierarchy, path);
    return directory === undefined ? undefined : readKernelFile(`${directory}/${file}`);
  };
}

/** The files of one container's cgroups. */
export class CgroupFiles {
  /** The cgroup whose quota is the tightest, as `limits` found it last: throttling is counted there alone. */
  private cpusSetBy: string | undefined;

  constructor(
    private readonly hierarchies: Hierarchies,
    private readonly paths: CgroupPaths,
    private readonly read: ReadCgroupFile = readFrom(hierarchies),
  ) {}

  /** Counters as they are now, those of throttling where the quota is set; undefined where the cgroup is gone. */
  sample(time: bigint): CgroupSample | undefined {
    const cpu = this.isV1('cpu') ? this.cpuCountersV1() : this.cpuCountersV2();
    const memory = this.isV1('memory')
      ? { current: 'memory.usage_in_bytes', events: 'memory.oom_control' }
      : { current: 'memory.current', events: 'memory.events' };
    const sample = {
      time,
      ...cpu,
      memoryBytes: count(this.text('memory', memory.current)),
      oomKills: keyed(this.text('memory', memory.events), 'oom_kill'),
      pids: count(this.text('pids', 'pids.current')),
    };
    const { time: _, ...values } = sample;
    return Object.values(values).every((value) => value === undefined) ? undefined : sample;
  }

  limits(): CgroupLimits {
    const [cpus, cpusSetBy] = this.tightest('cpu', (path) => cpusOf(this.bandwidth(path)));
    this.cpusSetBy = cpusSetBy;
    const [memoryBytes, memorySetBy] = this.tightest('memory', (path) => this.memoryLimit(path));
    const [pids] = this.tightest('pids', (path) => limit(this.text('pids', 'pids.max', path)));
    const own = this.bandwidth();
    const isV1 = this.isV1('cpu');
    return {
      cpuQuotaUs: own.quota,
      cpuPeriodUs: own.period,
      cpuBurstUs: own.burst,
      cpus,
      cpusSetBy,
      cpuWeight: isV1 ? undefined : count(this.text('cpu', 'cpu.weight')),
      cpuShares: isV1 ? count(this.text('cpu', 'cpu.shares')) : undefined,
      cpuset: this.cpuset(),
      memoryBytes,
      memorySetBy,
      pids,
    };
  }

  private cpuCountersV2() {
    const stat = this.text('cpu', 'cpu.stat', this.cpusSetBy);
    return {
      cpuUsageUs: keyed(this.text('cpu', 'cpu.stat'), 'usage_usec'),
      cpuPeriods: keyed(stat, 'nr_periods'),
      cpuThrottledPeriods: keyed(stat, 'nr_throttled'),
      cpuThrottledUs: keyed(stat, 'throttled_usec'),
    };
  }

  /** v1 counts in nanoseconds, and usage is another controller's. */
  private cpuCountersV1() {
    const stat = this.text('cpu', 'cpu.stat', this.cpusSetBy);
    return {
      cpuUsageUs: micros(count(this.text('cpuacct', 'cpuacct.usage'))),
      cpuPeriods: keyed(stat, 'nr_periods'),
      cpuThrottledPeriods: keyed(stat, 'nr_throttled'),
      cpuThrottledUs: micros(keyed(stat, 'throttled_time')),
    };
  }

  private bandwidth(path?: string): Bandwidth {
    if (!this.isV1('cpu')) {
      const [quota, period] = (this.text('cpu', 'cpu.max', path) ?? '').trim().split(' ');
      return {
        quota: limit(quota),
        period: count(period),
        burst: positive(count(this.text('cpu', 'cpu.max.burst', path))),
      };
    }
    return {
      quota: positive(count(this.text('cpu', 'cpu.cfs_quota_us', path))),
      period: count(this.text('cpu', 'cpu.cfs_period_us', path)),
      burst: positive(count(this.text('cpu', 'cpu.cfs_burst_us', path))),
    };
  }

  private memoryLimit(path: string): number | undefined {
    if (!this.isV1('memory')) return limit(this.text('memory', 'memory.max', path));
    const bytes = count(this.text('memory', 'memory.limit_in_bytes', path));
    return bytes === undefined || bytes >= V1_UNLIMITED ? undefined : bytes;
  }

  private cpuset(): string | undefined {
    const isV1 = this.isV1('cpuset');
    const files = isV1 ? ['cpuset.effective_cpus', 'cpuset.cpus'] : ['cpuset.cpus.effective'];
    for (const file of files) {
      const list = this.text('cpuset', file)?.trim();
      if (list !== undefined && /^[\d,-]+$/.test(list)) return list.slice(0, LONGEST_CPUSET);
    }
    return undefined;
  }

  /** The smallest value of the cgroup and all above it, and which of them has it. */
  private tightest(
    controller: Controller,
    limitOf: (path: string) => number | undefined,
  ): [number | undefined, string | undefined] {
    let tightest: number | undefined;
    let setBy: string | undefined;
    let path = this.pathOf(controller);
    for (let level = 0; path !== undefined && level < MOST_LEVELS; level++) {
      const value = limitOf(path);
      if (value !== undefined && (tightest === undefined || value < tightest)) {
        tightest = value;
        setBy = path;
      }
      path = path === '/' ? undefined : dirname(path);
    }
    return [tightest, setBy];
  }

  private text(controller: Controller, file: string, path?: string): string | undefined {
    const hierarchy = this.hierarchies.hierarchyOf(controller);
    const own = path ?? this.pathOf(controller);
    return hierarchy === undefined || own === undefined ? undefined : this.read(hierarchy, own, file);
  }

  private pathOf(controller: Controller): string | undefined {
    const hierarchy = this.hierarchies.hierarchyOf(controller);
    return hierarchy === undefined ? undefined : this.paths.get(hierarchy);
  }

  private isV1(controller: Controller): boolean {
    return this.hierarchies.isV1(controller);
  }
}

interface Bandwidth {
  readonly quota: number | undefined;
  readonly period: number | undefined;
  readonly burst: number | undefined;
}

function cpusOf({ quota, period }: Bandwidth): number | undefined {
  return quota === undefined || period === undefined || period === 0 ? undefined : quota / period;
}

/** A number that may be `max`, which is no limit. */
function limit(text: string | undefined): number | undefined {
  return text?.trim() === 'max' ? undefined : count(text);
}

function count(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? '';
  return /^-?\d{1,20}$/.test(trimmed) ? Number(trimmed) : undefined;
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

/** One of the `KEY VALUE` lines. */
function keyed(text: string | undefined, key: string): number | undefined {
  const line = text?.split('\n').find((candidate) => candidate.startsWith(`${key} `));
  return count(line?.slice(key.length));
}

function micros(nanos: number | undefined): number | undefined {
  return nanos === undefined ? undefined : Math.round(nanos / 1000);
}
