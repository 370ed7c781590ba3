/**
 * `npm run bench:live`: how late, at what cost and in how much memory a live session is read. Real: a relay daemon of LTTng
 * with user-space events, which feed no kernel state. For the cost of the analyzers and the screen the demo's kernel trace
 * comes through a relay daemon by script, faster than it happened.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Heard, Sample } from './live/listen.js';
import { listenTo } from './live/listening.js';
import { LIVE_TIMER_MS, startFeed, watch } from './live/screen.js';
import { cpuOf, residentOf } from './measure.js';
import { type Bar, report } from './report.js';

const USUAL_RATE = 50_000;
const FLOOD_RATE = 1_000_000;
const USUAL_SECONDS = 20;
const FLOOD_SECONDS = 60;
const IDLE_SECONDS = 20;
const SCREEN_SECONDS = 30;
/** From a minute after its first picture on a live view collects its garbage sooner, which costs more. */
const SETTLING_MS = 65_000;
/** Below one event in all: the program is there, and its buffers. */
const IDLE_RATE = 1e-6;
const ALLOWED_MS = LIVE_TIMER_MS + 100;

const FIGURES = {
  usual_p99: { title: '50 000 events/s: event to analyzers, p99, ms', bar: ALLOWED_MS, better: 'less' },
  frame_p99: {
    title: '50 000 events/s: end of a frame to the frame, p99, ms',
    bar: ALLOWED_MS,
    better: 'less',
  },
  usual_lost: { title: '50 000 events/s: lost', bar: 0, better: 'less' },
  flood_rate: {
    title: '1 000 000 events/s, 60 s: events read a second',
    bar: 0.99 * FLOOD_RATE,
    better: 'more',
  },
  flood_p99: { title: '1 000 000 events/s, last quarter: p99, ms', bar: 1000, better: 'less' },
  flood_lost: { title: '1 000 000 events/s: lost', bar: 0, better: 'less' },
  flood_memory: { title: '1 000 000 events/s: resident memory, MiB', bar: 150, better: 'less' },
  screen_cpu: { title: 'kernel events, 50 000/s, 2 frames/s, 160×50: CPU, %', bar: 15, better: 'less' },
  idle_cpu: { title: 'an idle session: CPU, %', bar: 1, better: 'less' },
} as const satisfies Record<string, Bar>;

const scratch = mkdtempSync(join(tmpdir(), 'boxtop-bench-live-'));
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));

async function main(): Promise<number> {
  const usual = await listenTo(USUAL_RATE, USUAL_SECONDS);
  tell(`${USUAL_RATE} events/s`, usual);
  const flood = await listenTo(FLOOD_RATE, FLOOD_SECONDS);
  tell(`${FLOOD_RATE} events/s`, flood);
  const idle = await listenTo(IDLE_RATE, IDLE_SECONDS);
  const rest = restOf(idle.heard.samples);
  console.log(`idle: ${rest.cpu.toFixed(2)} % of CPU, asleep ${rest.sleeps.toFixed(0)} times a second`);
  const screen = await screenCost();
  console.log(
    `kernel events on the screen: ${screen.cpu.toFixed(1)} % of CPU, ${screen.resident.toFixed(0)} MiB\n`,
  );
  return report(
    FIGURES,
    {
      usual_p99: usual.heard.events_late.p99,
      frame_p99: usual.heard.frames_late.p99,
      usual_lost: usual.heard.lost,
      flood_rate: flood.heard.events / FLOOD_SECONDS,
      flood_p99: flood.heard.last_quarter.p99,
      flood_lost: flood.heard.lost,
      flood_memory: Math.max(...flood.heard.samples.map(({ resident }) => resident)),
      screen_cpu: screen.cpu,
      idle_cpu: rest.cpu,
    },
    { before: undefined, tolerance: 0 },
  );
}

function tell(name: string, { heard, written }: { heard: Heard; written: number }): void {
  const {
    events,
    lost,
    events_late: late,
    frames_late: frames,
    first_quarter,
    last_quarter,
    samples,
  } = heard;
  const of = ({ p50, p99, max }: Heard['events_late']): string => `p50 ${p50}, p99 ${p99}, max ${max} ms`;
  console.log(`${name} (${written} written, live timer ${LIVE_TIMER_MS} ms): ${events} read, ${lost} lost
  event to analyzers     ${of(late)}
  its first and last quarter of time (worst second): p99 ${first_quarter.p99} and ${last_quarter.p99} ms
  end of frame to frame  ${of(frames)}
  CPU ${restOf(samples).cpu.toFixed(1)} %, memory ${Math.max(...samples.map(({ resident }) => resident)).toFixed(0)} MiB`);
}

/** After two seconds, in which it starts; a second. */
function restOf(samples: readonly Sample[]): { cpu: number; sleeps: number } {
  const [from, to] = [samples[2]!, samples.at(-3)!];
  const seconds = samples.length - 5;
  return { cpu: (100 * (to.cpu - from.cpu)) / seconds, sleeps: (to.sleeps - from.sleeps) / seconds };
}

async function screenCost(): Promise<{ cpu: number; resident: number }> {
  const feed = await startFeed(USUAL_RATE, scratch);
  try {
    const shown = await watch(feed);
    try {
      await sleep(SETTLING_MS);
      const [begin, cpu] = [performance.now(), cpuOf(shown.pid)];
      await sleep(SCREEN_SECONDS * 1000);
      const seconds = (performance.now() - begin) / 1000;
      return {
        cpu: (100 * (cpuOf(shown.pid) - cpu)) / seconds,
        resident: residentOf(shown.pid) ?? Number.NaN,
      };
    } finally {
      shown.stop();
    }
  } finally {
    feed.stop();
  }
}

process.exitCode = await main();
