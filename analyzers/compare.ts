/** Two ranges of time compared: what got worse, container by container. */
import type { Unit, Value } from './columns/column.js';
import type { ContainerRow, Frame } from './frame.js';

/** One figure of one container in both ranges. */
export interface ComparisonRow {
  /** Key and name of the container. */
  readonly container: string;
  readonly name: string;
  readonly metric: Metric;
  /** Means over the range; undefined where it was not told there, or the container was not. */
  readonly before: number | undefined;
  readonly after: number | undefined;
  readonly change: number | undefined;
  /**
   * How much worse it got, so that unlike figures can be ordered: 1 is a point of a hundredth of the time. Negative: better;
   * 0: neither, or it cannot be said.
   */
  readonly worse: number;
  /** The container's foremost verdict of each range. */
  readonly whyBefore: string | undefined;
  readonly whyAfter: string | undefined;
}

export interface Metric {
  /** As the container's column of that name. */
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  /** What one unit more is worth as `worse`; 0 where more is neither better nor worse. */
  readonly weight: number;
  /** Of a frame; divided by its seconds where it is a rate. */
  value(row: ContainerRow): number | undefined;
  readonly is: 'share' | 'mean' | 'rate';
}

/** A wake-up that comes 10 ms later weighs as ten points, and so do a refusal a second, and 100 MiB. */
const PER_LATENCY_NS = 10 / 10e6;
const PER_REFUSAL = 10;
const PER_BYTE = 10 / (100 * 2 ** 20);
/** Changes of less weight are not worth a line. */
const LEAST_WEIGHT = 0.5;
/** What is neither good nor bad is told from this change on, as a share of the larger value. */
const LEAST_CHANGE = 0.2;

const share = (
  id: string,
  title: string,
  value: (row: ContainerRow) => number | undefined,
  weight = 1,
): Metric => ({
  id,
  title,
  unit: 'percent',
  weight,
  value,
  is: 'share',
});

export const metrics: readonly Metric[] = [
  share('cpu_pct', 'CPU%', (row) => row.cpuNs, 0),
  share('throttled_pct', 'THR%', (row) => row.queuesThrottledNs),
  share('contended_pct', 'CONT%', (row) => row.contendedNs),
  share('blocked_disk_pct', 'DISK%', (row) => row.blockedDiskNs),
  share('blocked_net_pct', 'NETWORK%', (row) => row.blockedNetNs),
  share('blocked_task_pct', 'OTHERS%', (row) => row.blockedTaskNs, 0),
  {
    id: 'wakeup_p99_ns',
    title: 'WAKE P99',
    unit: 'duration',
    weight: PER_LATENCY_NS,
    value: (row) => row.wakeupP99Ns,
    is: 'mean',
  },
  {
    id: 'denials_per_s',
    title: 'DENIED/s',
    unit: 'cpus',
    weight: PER_REFUSAL,
    value: (row) => row.denials,
    is: 'rate',
  },
  {
    id: 'mem_bytes',
    title: 'MEM',
    unit: 'bytes',
    weight: PER_BYTE,
    value: (row) => row.memBytes,
    is: 'mean',
  },
];

/**
 * Figures that changed enough to be told, by what got worse most. A range is one frame, or several that follow one another:
 * then means of percentiles are no percentiles, which is as near as frames come.
 */
export function compareRanges(before: readonly Frame[], after: readonly Frame[]): ComparisonRow[] {
  const [former, latter] = [sumUp(before), sumUp(after)];
  const keys = new Set([...former.keys(), ...latter.keys()]);
  const rows = [...keys].flatMap((key) => {
    const [a, b] = [former.get(key), latter.get(key)];
    return metrics.map((metric): ComparisonRow => {
      const [old, now] = [a?.mean(metric), b?.mean(metric)];
      const change = old === undefined || now === undefined ? undefined : now - old;
      return {
        container: key,
        name: (b ?? a)!.name,
        metric,
        before: old,
        after: now,
        change,
        worse: (change ?? 0) * metric.weight,
        whyBefore: a?.why,
        whyAfter: b?.why,
      };
    });
  });
  return rows.filter(isWorthTelling).sort((a, b) => b.worse - a.worse || size(b) - size(a));
}

function isWorthTelling({ metric, before, after, change, worse }: ComparisonRow): boolean {
  if (change === undefined) return metric.id === 'cpu_pct' && (before !== undefined || after !== undefined);
  if (metric.weight > 0) return Math.abs(worse) >= LEAST_WEIGHT;
  return Math.abs(change) >= Math.max(1, LEAST_CHANGE * Math.max(before!, after!));
}

function size({ change }: ComparisonRow): number {
  return Math.abs(change ?? 0);
}

interface Sum {
  readonly name: string;
  readonly why: string | undefined;
  mean(metric: Metric): number | undefined;
}

/** Each container over the frames; the host is not compared, because nothing holds it back but its containers. */
function sumUp(frames: readonly Frame[]): Map<string, Sum> {
  const rows = new Map<string, [ContainerRow, Frame][]>();
  for (const frame of frames) {
    for (const row of frame.containers) {
      if (row.isHost) continue;
      const there = rows.get(row.key);
      if (there === undefined) rows.set(row.key, [[row, frame]]);
      else there.push([row, frame]);
    }
  }
  const duration = frames.reduce((sum, { begin, end }) => sum + end - begin, 0);
  return new Map([...rows].map(([key, of]) => [key, sumOf(of, duration)]));
}

/** In frames where the container was not there it used nothing, and had no latencies. */
function sumOf(of: readonly (readonly [ContainerRow, Frame])[], duration: number): Sum {
  return {
    name: of.at(-1)![0].name,
    why: foremostVerdict(of.map(([row]) => row)),
    mean({ value, is }) {
      let [total, weight] = [0, 0];
      for (const [row, { begin, end }] of of) {
        const told = value(row);
        if (told === undefined) continue;
        total += is === 'mean' ? told * (end - begin) : told;
        weight += end - begin;
      }
      if (weight === 0 || duration === 0) return undefined;
      if (is === 'mean') return total / weight;
      return is === 'share' ? (100 * total) / duration : (1e9 * total) / duration;
    },
  };
}

/** Of one frame its own text, of several the kind that came most often. */
function foremostVerdict(rows: readonly ContainerRow[]): string | undefined {
  if (rows.length === 1) return rows[0]!.why?.text;
  const counts = new Map<string, number>();
  for (const { why } of rows) if (why !== undefined) counts.set(why.kind, (counts.get(why.kind) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/** A column of the comparison as `compare` writes it for programs and for people. */
export interface ComparisonColumn {
  readonly id: string;
  readonly title: string;
  readonly doc: string;
  /** undefined: the unit of the row's figure. */
  readonly unit: Unit | undefined;
  value(row: ComparisonRow): Value;
}

export const comparisonColumns: readonly ComparisonColumn[] = [
  { id: 'name', title: 'NAME', doc: 'Container.', unit: 'text', value: (row) => row.name },
  {
    id: 'metric',
    title: 'WHAT',
    doc: 'The figure: a share of the time, a latency, a rate, memory.',
    unit: 'text',
    value: (row) => row.metric.id,
  },
  {
    id: 'before',
    title: 'BEFORE',
    doc: 'Mean over the first range.',
    unit: undefined,
    value: (row) => row.before,
  },
  {
    id: 'after',
    title: 'AFTER',
    doc: 'Mean over the second range.',
    unit: undefined,
    value: (row) => row.after,
  },
  { id: 'change', title: 'CHANGE', doc: 'after − before.', unit: undefined, value: (row) => row.change },
  {
    id: 'worse',
    title: 'WORSE',
    doc: 'How much worse it got, in points of the time: later wake-ups by 10 ms, a refusal a second and 100 MiB count as ten points each; negative is better.',
    unit: 'percent',
    value: (row) => row.worse,
  },
  {
    id: 'why_before',
    title: 'WHY BEFORE',
    doc: 'Verdict of the first range.',
    unit: 'text',
    value: (row) => row.whyBefore,
  },
  {
    id: 'why_after',
    title: 'WHY AFTER',
    doc: 'Verdict of the second range.',
    unit: 'text',
    value: (row) => row.whyAfter,
  },
];
