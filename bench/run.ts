/**
 * `npm run bench`: how fast and how large, as ratios to babeltrace2 in the same run on the same machine, so that they mean
 * the same everywhere. Each trial is a process of its own, after one that warms the page cache; medians are told.
 * `baseline.json` has what was measured last; `npm run bench -- --update` writes it anew.
 */

import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unpackDemo } from '../recordings/demo.js';
import { streamFiles } from '../test/ctf/files.js';
import { stretch } from '../test/ctf/stretch.js';
import { recording, root } from '../test/native/recordings.js';
import { writeCrowd } from './crowd.js';
import { median, outputOf, peakMemory, timed } from './measure.js';
import { type Replay, replay } from './replay.js';
import { type Bar, report } from './report.js';
import { benchTui } from './tui.js';

const TRIALS = 3;
const BASELINE = join(root, 'bench/baseline.json');

interface Baseline {
  /** The trace that was measured. */
  readonly trace: string;
  /** How far a figure may be on the wrong side of the one below, as a share of it. */
  readonly tolerance: number;
  readonly figures: Record<string, number>;
}

/**
 * What is held to a bar. Ratios are to `babeltrace2 -o dummy` on the same trace; their bars are for `shop`, whose events carry
 * ten contexts: where events are smaller, babeltrace2 takes less time for each.
 */
const FIGURES = {
  batches_times_faster: { title: 'events to batches, CPU time, times faster', bar: 20, better: 'more' },
  dump_times_faster: { title: 'dump containers --total, wall clock, times faster', bar: 6, better: 'more' },
  first_screen_ms: { title: 'replay: first screen, ms', bar: 1000, better: 'less' },
  first_screen_long_ms: {
    title: 'replay of four times the trace: first screen, ms',
    bar: 1000,
    better: 'less',
  },
  memory_mib: { title: 'replay to the end: resident memory, MiB', bar: 250, better: 'less' },
  memory_long_mib: { title: 'replay of four times the trace to the end, MiB', bar: 250, better: 'less' },
  memory_again_mib: { title: 'replay of the same files four times over, MiB', bar: 250, better: 'less' },
  first_memory_ratio: {
    title: 'first screen: memory, four times the trace to once',
    bar: 1.05,
    better: 'less',
  },
  containers_cost_ratio: {
    title: 'cost of an event: 1000 containers to 10',
    bar: 2,
    better: 'less',
  },
  threads_cost_ratio: {
    title: 'cost of an event: 100 000 threads, most asleep, to 100',
    bar: 2,
    better: 'less',
  },
} as const satisfies Record<string, Bar>;
type Figure = keyof typeof FIGURES;

const scratch = mkdtempSync(join(tmpdir(), 'boxtop-bench-'));
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));
const boxtop = (...args: string[]): string[] => [process.execPath, join(root, 'bin/boxtop.js'), ...args];
const trials = async <T>(measure: () => T | Promise<T>): Promise<T[]> => {
  const results: T[] = [];
  for (let i = 0; i < TRIALS; i++) results.push(await measure());
  return results;
};

/** Each stream file four times over, as it is: time goes back, packets come again. */
function repeatFiles(from: string, into: string): void {
  for (const path of streamFiles(from)) {
    mkdirSync(dirname(join(into, path)), { recursive: true });
    copyFileSync(join(from, dirname(path), 'metadata'), join(into, dirname(path), 'metadata'));
    const bytes = readFileSync(join(from, path));
    for (let i = 0; i < 4; i++) writeFileSync(join(into, path), bytes, { flag: 'a' });
  }
}

/** Made-up hosts, by what is compared. */
const CROWDS = {
  fewContainers: { containers: 10, threads: 1000 },
  manyContainers: { containers: 1000, threads: 1000 },
  fewThreads: { containers: 100, threads: 100 },
  manyThreads: { containers: 100, threads: 100_000 },
};

/** What an event costs on each of them, in ns of CPU; in turn, too. */
async function costsOfCrowds(): Promise<Record<keyof typeof CROWDS, number>> {
  const names = Object.keys(CROWDS) as (keyof typeof CROWDS)[];
  const directoryOf = (name: string) => join(scratch, `crowd-${name}`);
  for (const name of names) writeCrowd(directoryOf(name), { ...CROWDS[name], seconds: 8, turns: 20_000 });
  const frames = fileURLToPath(new URL('frames.js', import.meta.url));
  const costOf = (name: string) =>
    (JSON.parse(outputOf([process.execPath, frames, directoryOf(name)])) as { ns: number }).ns;
  const rounds = await trials(async () => names.map(costOf));
  for (const name of names) rmSync(directoryOf(name), { recursive: true });
  const costs = names.map((name, i) => [name, median(rounds.map((round) => round[i]!))]);
  return Object.fromEntries(costs) as Record<keyof typeof CROWDS, number>;
}

async function main(): Promise<number> {
  const { isBundled } = createRequire(import.meta.url)('../../bin/bundle.js');
  if (!isBundled()) {
    console.error('bench: the modules are newer than the bundle that users run: run “npm run build” first');
    return 1;
  }
  const shop = recording('shop');
  let trace = shop;
  let name = 'shop';
  if (!trace) {
    trace = join(scratch, 'demo');
    stretch(await unpackDemo(), trace, 5);
    name = 'the demo recording, five times over in time (../shared/traces/shop is not there)';
  }
  console.log(`trace: ${name}`);

  const babeltrace = ['babeltrace2', '-o', 'dummy', trace];
  const batches = [process.execPath, fileURLToPath(new URL('batches.js', import.meta.url)), trace];
  const dump = boxtop('dump', 'containers', '--total', '--format', 'json');
  timed(babeltrace);
  // In turn, so that what else the machine does meets all of them alike.
  const rounds = await trials(async () => ({
    oracle: timed(babeltrace),
    decoded: JSON.parse(outputOf(batches)) as { cpu: number; rows: number; events: number },
    dumped: timed([...dump, trace]),
    replayed: await replay(boxtop('replay', trace)),
  }));
  const oracleCpu = median(rounds.map(({ oracle }) => oracle.cpu));
  const oracleWall = median(rounds.map(({ oracle }) => oracle.wall));
  const decodeCpu = median(rounds.map(({ decoded }) => decoded.cpu));
  const dumpWall = median(rounds.map(({ dumped }) => dumped.wall));
  const dumpCpu = median(rounds.map(({ dumped }) => dumped.cpu));
  const replayed = rounds.map((round) => round.replayed);
  const { rows, events } = rounds[0]!.decoded;

  const long = join(scratch, 'long');
  stretch(trace, long, 4);
  const replayedLong = await trials(() => replay(boxtop('replay', long)));
  const dumpMemory = await peakMemory([...dump, trace]);
  const dumpMemoryLong = await peakMemory([...dump, long]);
  rmSync(long, { recursive: true });

  const again = join(scratch, 'again');
  repeatFiles(trace, again);
  const replayedAgain = await replay(boxtop('replay', again));

  const costs = await costsOfCrowds();

  const of = (list: readonly Replay[], key: keyof Replay): number => median(list.map((one) => one[key]));
  const figures: Record<Figure, number> = {
    batches_times_faster: oracleCpu / decodeCpu,
    dump_times_faster: oracleWall / dumpWall,
    first_screen_ms: of(replayed, 'firstScreen'),
    first_screen_long_ms: of(replayedLong, 'firstScreen'),
    memory_mib: of(replayed, 'memoryAtEnd'),
    memory_long_mib: of(replayedLong, 'memoryAtEnd'),
    memory_again_mib: replayedAgain.memoryAtEnd,
    first_memory_ratio: of(replayedLong, 'memoryAtFirst') / of(replayed, 'memoryAtFirst'),
    containers_cost_ratio: costs.manyContainers / costs.fewContainers,
    threads_cost_ratio: costs.manyThreads / costs.fewThreads,
  };
  const million = (count: number, seconds: number): string =>
    `${(count / seconds / 1e6).toFixed(2)} million events/s`;
  console.log(`
babeltrace2 -o dummy       ${oracleCpu.toFixed(2)} s of CPU, ${oracleWall.toFixed(2)} s, ${million(events, oracleCpu)} of CPU
events to batches          ${decodeCpu.toFixed(3)} s of CPU, ${million(events, decodeCpu)} of CPU (${events} events, ${rows} of them rows)
dump containers --total    ${dumpWall.toFixed(2)} s, ${dumpCpu.toFixed(2)} s of CPU
memory at the first screen ${of(replayed, 'memoryAtFirst').toFixed(0)} MiB; four times the trace ${of(replayedLong, 'memoryAtFirst').toFixed(0)} MiB
memory at the end          ${of(replayed, 'memoryAtEnd').toFixed(0)} MiB; four times the trace ${of(replayedLong, 'memoryAtEnd').toFixed(0)} MiB (the history that can be stepped back into)
cost of an event           ${costs.fewContainers.toFixed(0)} ns, 10 containers; ${costs.manyContainers.toFixed(0)} ns, 1000; ${costs.fewThreads.toFixed(0)} ns, 100 threads; ${costs.manyThreads.toFixed(0)} ns, 100 000
memory of dump             ${dumpMemory.toFixed(0)} MiB; four times the trace ${dumpMemoryLong.toFixed(0)} MiB
`);
  return conclude(figures, name);
}

/** Prints the table; writes the baseline where asked to. Returns the exit code: 1 where a bar is missed. */
function conclude(figures: Record<Figure, number>, trace: string): number {
  const baseline = JSON.parse(readFileSync(BASELINE, 'utf8')) as Baseline;
  const { tolerance } = baseline;
  const code = report(FIGURES, figures, {
    before: baseline.trace === trace ? baseline.figures : undefined,
    tolerance,
    holds: (id) => trace === 'shop' || !id.endsWith('_times_faster'),
  });
  if (process.argv.includes('--update')) {
    const rounded = Object.fromEntries(
      Object.entries(figures).map(([id, value]) => [id, Number(value.toPrecision(3))]),
    );
    writeFileSync(
      BASELINE,
      `${JSON.stringify({ trace, tolerance, figures: rounded } satisfies Baseline, undefined, 2)}\n`,
    );
  }
  return code;
}

process.exitCode = process.argv[2] === 'tui' ? await benchTui(process.argv.slice(3)) : await main();
