/** Compares the CPU time of a recording with what the kernel accounted to the containers' cgroups meanwhile. */
import { readFileSync } from 'node:fs';

/** A line of cpustat.mjs. */
interface CpuStat {
  readonly time: bigint;
  /** µs by cgroup path. */
  readonly usage: Readonly<Record<string, number>>;
}

export interface Comparison {
  readonly name: string;
  readonly kernelMs: number;
  readonly tracedMs: number;
  readonly deviationPct: number;
}

/** Shares of less than this say nothing: a tick of the kernel's own accounting is as much. */
const LEAST_MS = 50;

export function readCpuStat(file: string): CpuStat[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { wall: string; usage: Record<string, number> })
    .map(({ wall, usage }) => ({ time: BigInt(wall), usage }));
}

/** Between the first and the last look that lie within the trace. `boxtop` runs it and gives what it wrote. */
export function compareCpuTime(
  recording: string,
  stats: readonly CpuStat[],
  trace: { readonly begin_ns: string; readonly end_ns: string },
  boxtop: (...args: string[]) => string,
): Comparison[] {
  const [begin, end] = [BigInt(trace.begin_ns), BigInt(trace.end_ns)];
  const within = stats.filter(({ time }) => time > begin + 500_000_000n && time < end);
  const [first, last] = [within[0], within.at(-1)];
  if (first === undefined || last === undefined)
    throw new Error('no look at the cgroups lies within the trace');
  const range = ['--from', `@${first.time}`, '--to', `@${last.time}`];
  const rows: { name: string; id: string; cpu_ns: number }[] = JSON.parse(
    boxtop('dump', 'containers', recording, '--total', '-f', 'json', ...range),
  );
  return rows.flatMap(({ name, id, cpu_ns }) => {
    const path = Object.keys(last.usage).find((cgroup) => cgroup.includes(id) || cgroup.endsWith(`.${name}`));
    if (path === undefined || first.usage[path] === undefined) return [];
    const kernelMs = (last.usage[path]! - first.usage[path]!) / 1e3;
    const tracedMs = cpu_ns / 1e6;
    if (kernelMs < LEAST_MS) return [];
    return [{ name, kernelMs, tracedMs, deviationPct: (tracedMs / kernelMs - 1) * 100 }];
  });
}
