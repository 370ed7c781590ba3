/** Compares CPU time and throttling of a recording with what the kernel accounted to the containers' cgroups meanwhile. */
import { readFileSync } from 'node:fs';
import { type ContainerFigures, containersOf, infoOf } from './boxtop.js';
import type { Checks } from './checks.js';

/** A cgroup's counters at one moment, as cpustat.mjs writes them: ns since the epoch, µs, and periods that were throttled. */
interface Look {
  readonly time: string;
  /** How long reading took, half of which the time may be wrong by. */
  readonly took_ns: number;
  readonly usage_us: number;
  readonly periods: number;
  readonly throttled_us: number;
}

/** By path of the cgroup. */
type Looks = Readonly<Record<string, Look>>;

/** What the kernel and boxtop tell of the time between the same two looks. */
export interface Comparison {
  readonly name: string;
  readonly kernel: { readonly cpuMs: number; readonly periods: number; readonly throttledMs: number };
  readonly traced: ContainerFigures | undefined;
}

/** Shares of less than this say nothing: a tick of the kernel's own accounting is as much. */
const LEAST_MS = 50;
/** Of so many looks at either end the quickest counts. */
const CANDIDATES = 6;
/** What ran when tracing began is known only once it was switched. */
const SETTLING_NS = 500_000_000n;

function readLooks(file: string): Looks[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** For each container, between a first and a last look at it (a file of cpustat.mjs) that lie within the trace. */
export function compare(recording: string, looksFile: string): Comparison[] {
  const looks = readLooks(looksFile);
  const info = infoOf(recording);
  const [begin, end] = [BigInt(info.begin_ns) + SETTLING_NS, BigInt(info.end_ns)];
  return containersOf(recording).flatMap(({ name, id }) => {
    const path = looks
      .flatMap(Object.keys)
      .find((cgroup) => cgroup.includes(id) || cgroup.endsWith(`.${name}`));
    const own = looks.flatMap((look) => (path !== undefined && look[path] ? [look[path]] : []));
    const within = own.filter(({ time }) => BigInt(time) > begin && BigInt(time) < end);
    const [first, last] = [quickest(within.slice(0, CANDIDATES)), quickest(within.slice(-CANDIDATES))];
    if (first === undefined || last === undefined) return [];
    const traced = containersOf(recording, '--from', `@${first.time}`, '--to', `@${last.time}`);
    const kernel = {
      cpuMs: (last.usage_us - first.usage_us) / 1e3,
      periods: last.periods - first.periods,
      throttledMs: (last.throttled_us - first.throttled_us) / 1e3,
    };
    return [{ name, kernel, traced: traced.find((row) => row.id === id) }];
  });
}

function quickest(looks: readonly Look[]): Look | undefined {
  return looks.toSorted((a, b) => a.took_ns - b.took_ns)[0];
}

const deviation = (traced: number, kernel: number): string =>
  kernel === 0 ? 'not by the kernel' : `${((traced / kernel - 1) * 100).toFixed(2)} %`;

/** Of those that mostly compute, and of those made of short processes and many switches. */
const COMPUTING_BAR = 0.01;
const SWITCHING_BAR = 0.03;

/** CPU time of each container within the bar; those in `computing` are held to the tighter one. */
export function checkCpuTime(
  comparisons: readonly Comparison[],
  computing: readonly string[],
  checks: Checks,
): void {
  for (const { name, kernel, traced } of comparisons) {
    if (kernel.cpuMs < LEAST_MS) continue;
    const bar = computing.includes(name) ? COMPUTING_BAR : SWITCHING_BAR;
    const tracedMs = (traced?.cpu_ns ?? 0) / 1e6;
    checks.check(
      `CPU time of ${name} within ${bar * 100} %: ${tracedMs.toFixed(1)} ms traced, ` +
        `${kernel.cpuMs.toFixed(1)} ms by the kernel, ${deviation(tracedMs, kernel.cpuMs)}`,
      Math.abs(tracedMs - kernel.cpuMs) <= bar * kernel.cpuMs,
    );
  }
}

const COUNT_BAR = 0.02;
const COUNT_SLACK = 3;
const TIME_BAR = 0.1;

/** Throttled periods and time of each container as its cgroup counted them; nothing is throttled where that counted none. */
export function checkThrottling(comparisons: readonly Comparison[], checks: Checks): void {
  for (const { name, kernel, traced } of comparisons) {
    const periods = traced?.throttled_count ?? Number.NaN;
    const basis = traced?.throttled_basis;
    checks.check(
      `throttled periods of ${name} (${basis}): ${periods} traced, ${kernel.periods} by the kernel, ${deviation(periods, kernel.periods)}`,
      Math.abs(periods - kernel.periods) <=
        (kernel.periods === 0 ? 0 : Math.max(COUNT_SLACK, COUNT_BAR * kernel.periods)),
    );
    const ms = (traced?.throttled_ns ?? Number.NaN) / 1e6;
    checks.check(
      `throttled time of ${name}: ${ms.toFixed(1)} ms traced, ${kernel.throttledMs.toFixed(1)} ms by the kernel, ` +
        deviation(ms, kernel.throttledMs),
      Math.abs(ms - kernel.throttledMs) <= TIME_BAR * kernel.throttledMs,
    );
  }
}
