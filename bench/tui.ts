/**
 * `npm run bench -- tui [PART…]`: what the screen itself costs, on made-up frames: how long a key takes to show, CPU for drawing, bytes at
 * the terminal, memory over many frames. Each part is a process in a terminal of its own (util-linux' `script`).
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** What `tui-part.ts` tells at its end, and what came out of the terminal. */
interface Part {
  readonly bytes: number;
  readonly [figure: string]: number;
}

interface Bar {
  readonly title: string;
  readonly part: string;
  readonly figure: (part: Part) => number;
  readonly bar: number;
  readonly unit: string;
}

const BARS: readonly Bar[] = [
  {
    title: 'a key shows, 1000 containers and 20 000 threads, 95th percentile',
    part: 'latency',
    figure: (part) => part.p95!,
    bar: 50,
    unit: 'ms',
  },
  {
    title: 'drawing, 200 containers at 160x50, 2 frames a second',
    part: 'cpu',
    figure: (part) => part.cpuShare! * 100,
    bar: 5,
    unit: '% of a core',
  },
  {
    title: '120x40, 200 containers in fixed order, a tenth changing',
    part: 'fixed',
    figure: (part) => part.bytes / part.frames!,
    bar: 1024,
    unit: 'bytes a frame',
  },
  {
    title: 'the same, sorted anew by CPU',
    part: 'sorted',
    figure: (part) => part.bytes / part.frames!,
    bar: 4096,
    unit: 'bytes a frame',
  },
  {
    title: 'an unchanged screen',
    part: 'still',
    figure: (part) => part.bytes / part.frames!,
    bar: 0,
    unit: 'bytes a frame',
  },
  {
    title: 'memory after 20 000 frames, more than after 5000',
    part: 'memory',
    figure: (part) => part.last! - part.early!,
    bar: 8,
    unit: 'MiB',
  },
];

/** Prints what was measured, of all parts or of some. Gives the exit code: 1 where a bar is missed. */
export async function benchTui(parts: readonly string[]): Promise<number> {
  let missed = 0;
  for (const { title, part, figure, bar, unit } of BARS) {
    if (parts.length > 0 && !parts.includes(part)) continue;
    const measured = await run(part, part === 'latency' ? typeKeys : undefined);
    const value = figure(measured);
    const holds = value <= bar;
    if (!holds) missed++;
    const details = Object.entries(measured).map(([name, number]) => `${name} ${Number(number.toFixed(2))}`);
    console.log(
      `${title.padEnd(68)} ${value.toFixed(value < 100 ? 2 : 0).padStart(8)} ${unit} (≤ ${bar}) ${holds ? 'ok' : 'MISSED'}  [${details.join(', ')}]`,
    );
  }
  return missed === 0 ? 0 : 1;
}

/** Runs a part in a terminal. Bytes count from when it says that it begins to when it says that it ends. */
async function run(
  part: string,
  meanwhile?: (child: Child) => Promise<Record<string, number>>,
): Promise<Part> {
  const folder = mkdtempSync(join(tmpdir(), 'boxtop-bench-'));
  const file = join(folder, 'figures.json');
  const child = spawn(
    'script',
    [
      '-qfc',
      `exec node '${fileURLToPath(new URL('tui-part.js', import.meta.url))}' ${part} '${file}'`,
      '/dev/null',
    ],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8', NODE_ENV: 'production' },
    },
  );
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString('latin1');
  });
  const more = await meanwhile?.(child);
  const status = await new Promise((resolve) => child.once('exit', resolve));
  try {
    if (status !== 0) throw new Error(`the part ${part} ended with ${status}: ${out.slice(-500)}`);
    const [, measured = ''] = out.split(/\x1b\]9;(?:begin|end)\x07/);
    return {
      ...(JSON.parse(readFileSync(file, 'utf8')) as Omit<Part, 'bytes'>),
      ...more,
      bytes: measured.length,
    } as Part;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Moves, sorts, filters, steps, drills, other views; what is typed after a line's key changes the line. */
const KEYS = [
  ...['j', 'k', 'G', 'g', 'I', '!', ']', '/', 'c', '9', '\r', '\x7f', '?', 'q'],
  ...[
    ':view threads',
    '\r',
    'j',
    'G',
    'I',
    ']',
    '/',
    '5',
    '\r',
    '\x7f',
    ':view containers',
    '\r',
    '\r',
    'j',
    '\x7f',
  ],
];
const ROUNDS = 4;
/** A key that has changed nothing by then changes nothing. */
const PATIENCE_MS = 500;

/** Types keys into the terminal and tells how long after each the first bytes came, in ms. */
async function typeKeys(child: Child): Promise<Record<string, number>> {
  const latencies: number[] = [];
  await sleep(4000);
  for (let round = 0; round < ROUNDS; round++) {
    for (const key of KEYS) {
      const begin = performance.now();
      const answered = new Promise<number>((resolve) =>
        child.stdout.once('data', () => resolve(performance.now() - begin)),
      );
      child.stdin.write(key);
      const latency = await Promise.race([answered, sleep(PATIENCE_MS, undefined)]);
      if (latency !== undefined) latencies.push(latency);
      await sleep(60);
    }
  }
  latencies.sort((a, b) => a - b);
  const quantile = (share: number): number => latencies[Math.floor(share * (latencies.length - 1))]!;
  signalPart(child.pid!);
  return { p50: quantile(0.5), p95: quantile(0.95), most: latencies.at(-1)!, keys: latencies.length };
}

/** Tells the part, which is the one child of `script`, that all is typed. */
function signalPart(script: number): void {
  const pid = Number(readFileSync(`/proc/${script}/task/${script}/children`, 'utf8').trim());
  process.kill(pid, 'SIGUSR2');
}
