/**
 * Reads a live session to its end and measures: `listen.js URL INTERVAL_MS`. Prints `attached`, then JSON. How late an event
 * is counts from its timestamp until the analyzers have it and its frame's interval is cut, as far as it is over.
 */

import { Engine } from '../../analyzers/engine.js';
import { open } from '../../native/index.js';
import { cpuOf, residentOf, sleepsOf } from '../measure.js';

export interface Heard {
  readonly events: number;
  readonly lost: number;
  /** ms, from an event's timestamp until it was analyzed: of all events, of those of the first and of the last quarter of time. */
  readonly events_late: Percentiles;
  readonly first_quarter: Percentiles;
  readonly last_quarter: Percentiles;
  /** ms, from the end of a frame's interval until the frame was there. */
  readonly frames_late: Percentiles;
  /** Each second. */
  readonly samples: readonly Sample[];
}

export interface Sample {
  /** MiB. */
  readonly resident: number;
  /** Seconds of CPU so far. */
  readonly cpu: number;
  /** How often its threads have slept so far. */
  readonly sleeps: number;
}

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Counts of whole ms, so that a million events a second cost nothing to count. */
class Histogram {
  private readonly counts = new Float64Array(120_001);

  add(ms: number): void {
    this.counts[Math.min(this.counts.length - 1, Math.max(0, Math.ceil(ms)))]!++;
  }

  percentiles(): Percentiles {
    const total = this.counts.reduce((sum, count) => sum + count, 0);
    const at = (share: number): number => {
      let seen = 0;
      for (let ms = 0; ms < this.counts.length; ms++) {
        seen += this.counts[ms]!;
        if (seen >= share * total) return ms;
      }
      return Number.NaN;
    };
    return { p50: at(0.5), p99: at(0.99), max: at(1) };
  }
}

const [url, intervalMs] = process.argv.slice(2) as [string, string];
const own = Engine.subscription();
const source = await open(url, {
  columns: { ...own.columns, n: 'f64' },
  selections: [...own.selections, { events: ['boxtop_test:flood'], fields: ['n'] }],
});
console.log('attached');
const engine = new Engine(source, { interval: Number(intervalMs) * 1e6 });
const frames = new Histogram();
/** Of each second. */
const seconds: Histogram[] = [];
const all = new Histogram();
const samples: Sample[] = [];
const sampler = setInterval(() => {
  const { pid } = process;
  samples.push({ resident: residentOf(pid) ?? Number.NaN, cpu: cpuOf(pid), sleeps: sleepsOf(pid) });
}, 1000);
let events = 0;
let firstAt: number | undefined;
for await (const batch of source) {
  const cut = [...engine.push(batch)];
  const now = performance.timeOrigin + performance.now();
  // From here on ms since the origin: the differences are small and exact.
  const since = now - Number(source.origin) / 1e6;
  for (const frame of cut) frames.add(since - frame.end / 1e6);
  if (batch.length === 0) continue;
  firstAt ??= now;
  const second = Math.floor((now - firstAt) / 1000);
  while (seconds.length <= second) seconds.push(new Histogram());
  const histogram = seconds[second]!;
  for (let row = 0; row < batch.length; row++) {
    const late = since - batch.time[row]! / 1e6;
    all.add(late);
    histogram.add(late);
  }
  events += batch.length;
}
clearInterval(sampler);
const { discardedEvents, lostPackets } = source.counters();
const quarter = Math.max(1, Math.floor(seconds.length / 4));
const merged = (part: readonly Histogram[]): Percentiles => {
  const each = part.map((histogram) => histogram.percentiles());
  const most = (key: keyof Percentiles): number => Math.max(...each.map((one) => one[key]));
  return { p50: most('p50'), p99: most('p99'), max: most('max') };
};
const heard: Heard = {
  events,
  lost: discardedEvents + lostPackets,
  events_late: all.percentiles(),
  first_quarter: merged(seconds.slice(0, quarter)),
  last_quarter: merged(seconds.slice(-quarter)),
  frames_late: frames.percentiles(),
  samples,
};
console.log(JSON.stringify(heard));
