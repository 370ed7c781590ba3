/** One part of `tui.ts`, in a terminal: `tui-part.js PART FILE` writes its figures to the file. */
import { writeFileSync, writeSync } from 'node:fs';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import type { ContainerRow, Frame } from '../analyzers/frame.js';
import { containerRow, FakePlayer, frameOf, randomNumbers, times } from '../test/tui/synthetic.js';
import { prepareEnvironment } from '../tui/environment.js';

const MIB = 2 ** 20;
/** A key is drawn by then, and the next one has not come. */
const SETTLED_MS = 45;

interface Figures {
  readonly [name: string]: number;
}

/** Of each container a tenth of the changing cells changes from frame to frame. */
function changingFrames(count: number, containers: number): Frame[] {
  const random = randomNumbers(3);
  let rows: ContainerRow[] = Array.from({ length: containers }, (_, index) =>
    containerRow(`container-${index}`, random() / 4),
  );
  return Array.from({ length: count }, (_, index) => {
    rows = rows.map((row) => (random() < 0.1 ? { ...row, ...times(random() / 4) } : row));
    return frameOf(index, rows);
  });
}

/** 1000 containers with 20 000 threads. */
function largeFrames(count: number): Frame[] {
  return changingFrames(count, 999).map((frame) => ({
    ...frame,
    threads: frame.processes.flatMap((process) =>
      Array.from({ length: 10 }, (_, index) => ({
        ...frame.threads[0]!,
        container: process.container,
        containerName: process.containerName,
        pid: process.pid,
        tid: process.pid * 100 + index,
        comm: `thread-${index}`,
        ...times(((process.pid * 7 + index * 13) % 100) / 400),
      })),
    ),
  }));
}

const PARTS: Readonly<Record<string, (run: Run) => Promise<Figures>>> = {
  latency: async (run) => {
    await run.show(largeFrames(4));
    // Whoever started this types, and ends it. Here the CPU time of each key counts, which a busy machine does not change.
    const costs: number[] = [];
    process.stdin.prependListener('data', () => {
      const before = process.cpuUsage();
      setTimeout(() => {
        const { user, system } = process.cpuUsage(before);
        costs.push((user + system) / 1000);
      }, SETTLED_MS);
    });
    await new Promise<void>((resolve) => process.once('SIGUSR2', resolve));
    costs.sort((a, b) => a - b);
    const quantile = (share: number): number => costs[Math.floor(share * (costs.length - 1))]!;
    return { cpuP50: quantile(0.5), cpuP95: quantile(0.95), cpuMost: costs.at(-1)!, rss: resident() };
  },
  cpu: async (run) => {
    const frames = changingFrames(60, 200);
    await run.play(frames.slice(0, 10), 50);
    const { cpu, frames: drawn } = await run.play(frames.slice(10), 100);
    // CPU of a frame does not depend on how often they come: at two a second it is this.
    return { cpuShare: (cpu / drawn) * 2, cpuMsAFrame: (cpu / drawn) * 1000 };
  },
  fixed: (run) => run.bytes({ column: 'name', descending: false }),
  sorted: (run) => run.bytes({ column: 'cpu_pct', descending: true }),
  still: async (run) => {
    const [frame] = changingFrames(1, 200);
    await run.show([frame!, frame!]);
    return run.counted(async () => {
      for (let index = 0; index < 40; index++) {
        run.player.tell();
        await sleep(20);
      }
      return 40;
    });
  },
  memory: async (run) => {
    const frames = changingFrames(200, 200);
    await run.show(frames);
    let early = 0;
    for (let index = 0; index < 20_000; index++) {
      run.player.show(index % frames.length);
      await turn();
      if (index === 5000) early = resident();
    }
    return { early, last: resident() };
  },
};

function resident(): number {
  global.gc?.();
  return process.memoryUsage().rss / MIB;
}

const SIZES: Readonly<Record<string, readonly [number, number]>> = { latency: [160, 50], cpu: [160, 50] };

class Run {
  player = new FakePlayer([]);
  #isShown = false;
  #sort = { column: 'cpu_pct', descending: true };

  async show(frames: Frame[]): Promise<void> {
    const { runTop } = await import('../tui/run.js');
    this.player = new FakePlayer(frames);
    this.player.playing = false;
    this.#isShown = true;
    void runTop({
      player: this.player,
      sort: this.#sort,
      compilePattern: () => () => true,
      parseTime: () => 0,
      readRanges: async () => [],
      actions: 'what is shown is made up',
      recorder: 'what is shown is made up',
      exporter: { table: () => '', write: async () => 'written' },
    });
    await sleep(500);
  }

  /** CPU seconds for showing these frames one after another. */
  async play(frames: Frame[], wait: number): Promise<{ readonly cpu: number; readonly frames: number }> {
    if (!this.#isShown) await this.show(frames);
    this.player.frames.splice(0, this.player.frames.length, ...frames);
    const before = process.cpuUsage();
    for (let index = 0; index < frames.length; index++) {
      this.player.show(index);
      await sleep(wait);
    }
    const { user, system } = process.cpuUsage(before);
    return { cpu: (user + system) / 1e6, frames: frames.length };
  }

  async bytes(sort: { column: string; descending: boolean }): Promise<Figures> {
    this.#sort = sort;
    const frames = changingFrames(130, 200);
    await this.show(frames);
    return this.counted(async () => {
      for (let index = 30; index < frames.length - 1; index++) {
        this.player.show(index);
        await sleep(15);
      }
      return frames.length - 31;
    });
  }

  /** Marks in what is written where the counting begins and ends. */
  async counted(work: () => Promise<number>): Promise<Figures> {
    await sleep(200);
    writeSync(1, '\x1b]9;begin\x07');
    const frames = await work();
    await sleep(200);
    writeSync(1, '\x1b]9;end\x07');
    return { frames };
  }
}

prepareEnvironment(process.env);
const [part = '', file = ''] = process.argv.slice(2);
const [columns, rows] = SIZES[part] ?? [120, 40];
Object.defineProperties(process.stdout, { columns: { get: () => columns }, rows: { get: () => rows } });
const figures = await PARTS[part]!(new Run());
writeFileSync(file, JSON.stringify(figures));
process.exit(0);
