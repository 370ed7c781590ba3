/** Compares the CPU time of a recording with what the kernel accounted to the containers' cgroups meanwhile. */
import { readFileSync } from 'node:fs';

/** A line of cpustat.mjs: by cgroup path the time of the look in ns, and µs of CPU time. */
type CpuStat = Readonly<Record<string, readonly [time: string, micros: number]>>;

export interface Comparison {
  readonly name: string;
  readonly kernelMs: number;
  readonly tracedMs: number;
  readonly deviationPct: number;
}

/** Shares of less than this say nothing: a tick of the kernel's own accounting is as much. */
const LEAST_MS = 50;
/** What ran when tracing began is known only once it was switched. */
const SETTLING_NS = 500_000_000n;

export function readCpuStat(file: string): CpuStat[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/**
 * For each container, between the first and the last look at it that lie within the trace. `boxtop` runs it and gives what
 * it wrote.
 */
export function compareCpuTime(
  recording: string,
  stats: readonly CpuStat[],
  trace: { readonly begin_ns: string; readonly end_ns: string },
  boxtop: (...args: string[]) => string,
): Comparison[] {
  const [begin, end] = [BigInt(trace.begin_ns) + SETTLING_NS, BigInt(trace.end_ns)];
  const rows = (...range: string[]): { name: string; id: string; cpu_ns: number }[] =>
    JSON.parse(boxtop('dump', 'containers', recording, '--total', '-f', 'json', ...range));
  return rows().flatMap(({ name, id }) => {
    const path = stats
      .flatMap(Object.keys)
      .find((cgroup) => cgroup.includes(id) || cgroup.endsWith(`.${name}`));
    const looks = stats.flatMap((stat) => (path !== undefined && stat[path] ? [stat[path]] : []));
    const within = looks.filter(([time]) => BigInt(time) > begin && BigInt(time) < end);
    const [first, last] = [within[0], within.at(-1)];
    if (first === undefined || last === undefined) return [];
    const kernelMs = (last[1] - first[1]) / 1e3;
    if (kernelMs < LEAST_MS) return [];
    const traced = rows('--from', `@${first[0]}`, '--to', `@${last[0]}`).find((row) => row.id === id);
    const tracedMs = (traced?.cpu_ns ?? 0) / 1e6;
    return [{ name, kernelMs, tracedMs, deviationPct: (tracedMs / kernelMs - 1) * 100 }];
  });
}
