/** What the samples of a container's cgroup tell and the trace does not: memory, OOM kills, pids, and the limits. */
import type { CgroupLimits, CgroupSample, InventoryEntry } from './inventory.js';

export interface CgroupUse {
  /** At the end of the interval. */
  readonly memBytes: number | undefined;
  /** Processes that the kernel killed within the interval because the limit was reached. */
  readonly oomKills: number | undefined;
  /** Processes and threads in it at the end of the interval, as the pids controller counts them. */
  readonly pids: number | undefined;
  readonly limits: CgroupLimits | undefined;
}

/**
 * What the entry tells of [begin, end), ns since the epoch. OOM kills are what the counter grew by from the last sample
 * before the interval to the last one in it; a container that was made within it has a counter that began at 0.
 */
export function cgroupUse(entry: InventoryEntry | undefined, begin: bigint, end: bigint): CgroupUse {
  const samples = entry?.samples ?? [];
  const last = lastUpTo(samples, end);
  const before = lastUpTo(samples, begin) ?? samples[0];
  const isNew = entry?.startedAt !== undefined && entry.startedAt >= begin;
  const base = isNew ? 0 : before?.oomKills;
  const grown = last?.oomKills === undefined || base === undefined ? undefined : last.oomKills - base;
  return {
    memBytes: last?.memoryBytes,
    // A counter that went back is another cgroup's.
    oomKills: grown === undefined || grown < 0 ? undefined : grown,
    pids: last?.pids,
    limits: entry?.limits,
  };
}

/** The samples are in the order of time, and may be thousands. */
function lastUpTo(samples: readonly CgroupSample[], time: bigint): CgroupSample | undefined {
  let low = 0;
  let high = samples.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (samples[middle]!.time <= time) low = middle + 1;
    else high = middle;
  }
  return samples[low - 1];
}
