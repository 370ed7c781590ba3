/** Memory of a container from the samples of its cgroup's counters: the trace does not tell it. */
import type { CgroupSample, InventoryEntry } from './inventory.js';

export interface MemoryUse {
  /** At the end of the interval. */
  readonly memBytes: number | undefined;
  /** The tightest of its own cgroup and those above it. */
  readonly memLimitBytes: number | undefined;
  /** Processes that the kernel killed within the interval because the limit was reached. */
  readonly oomKills: number | undefined;
}

/**
 * What the entry tells of [begin, end), ns since the epoch. OOM kills are what the counter grew by from the last sample
 * before the interval to the last one in it; a container that was made within it has a counter that began at 0.
 */
export function memoryUse(entry: InventoryEntry | undefined, begin: bigint, end: bigint): MemoryUse {
  const samples = entry?.samples ?? [];
  const last = lastUpTo(samples, end);
  const before = lastUpTo(samples, begin) ?? samples[0];
  const isNew = entry?.startedAt !== undefined && entry.startedAt >= begin;
  const base = isNew ? 0 : before?.oomKills;
  const grown = last?.oomKills === undefined || base === undefined ? undefined : last.oomKills - base;
  return {
    memBytes: last?.memoryBytes,
    memLimitBytes: entry?.limits?.memoryBytes,
    // A counter that went back is another cgroup's.
    oomKills: grown === undefined || grown < 0 ? undefined : grown,
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
