import type { CgroupSample } from '../inventory.js';

/** Throttling within an interval as the cgroup's own counters tell it. */
export interface SampledThrottling {
  readonly ns: number;
  readonly periods: number;
}

/**
 * What the counters grew by within [begin, end), ns since the epoch; between two samples they grow evenly. Undefined where
 * the samples do not reach from one end to the other, or a counter went back because the cgroup is another one.
 */
export function sampledThrottling(
  samples: readonly CgroupSample[] | undefined,
  begin: bigint,
  end: bigint,
): SampledThrottling | undefined {
  if (samples === undefined) return undefined;
  const us = growth(samples, begin, end, (sample) => sample.cpuThrottledUs);
  const periods = growth(samples, begin, end, (sample) => sample.cpuThrottledPeriods);
  return us === undefined || periods === undefined
    ? undefined
    : { ns: us * 1e3, periods: Math.round(periods) };
}

function growth(
  samples: readonly CgroupSample[],
  begin: bigint,
  end: bigint,
  counter: (sample: CgroupSample) => number | undefined,
): number | undefined {
  const before = valueAt(samples, begin, counter);
  const after = valueAt(samples, end, counter);
  return before === undefined || after === undefined || after < before ? undefined : after - before;
}

function valueAt(
  samples: readonly CgroupSample[],
  time: bigint,
  counter: (sample: CgroupSample) => number | undefined,
): number | undefined {
  let low = 0;
  let high = samples.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (samples[middle]!.time < time) low = middle + 1;
    else high = middle;
  }
  const next = samples[low];
  const last = samples[low - 1];
  if (next?.time === time) return counter(next);
  if (last === undefined || next === undefined) return undefined;
  const from = counter(last);
  const to = counter(next);
  if (from === undefined || to === undefined) return undefined;
  return from + ((to - from) * Number(time - last.time)) / Number(next.time - last.time);
}
