/** Frames and players made up for tests of the screen. */
import type { ContainerRow, CpuRow, CpuTimes, Frame, ProcessRow, ThreadRow } from '../../analyzers/frame.js';
import { nameMatcher } from '../../cli/match.js';
import { actions } from '../../tui/app/actions.js';
import { Keymap } from '../../tui/app/keymap.js';
import type { Size } from '../../tui/app/layout.js';
import type { SessionOptions } from '../../tui/app/session.js';
import { Session } from '../../tui/app/session.js';
import type { FrameTest, Player, PlayerState } from '../../tui/player.js';
import { Grid } from '../../tui/terminal/grid.js';

export const SECOND = 1e9;
/** 2026-11-22 15:12:00 UTC */
export const ORIGIN = 1_795_360_320_000_000_000n;

/** The same numbers for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What is not said here is unknown, as are the fields of analyzers that the screen's tests are not about. */
export function times(share: number): CpuTimes {
  const cpuNs = share * SECOND;
  return {
    cpuNs,
    userNs: cpuNs * 0.75,
    kernelNs: cpuNs * 0.25,
    irqNs: cpuNs * 0.01,
    runnableNs: cpuNs * 0.1,
  };
}

export function containerRow(name: string, share: number, more: Partial<ContainerRow> = {}): ContainerRow {
  return {
    ...({} as ContainerRow),
    key: `pid_ns:${name}`,
    isHost: false,
    host: undefined,
    name,
    id: name.padEnd(12, '0'),
    runtime: 'docker',
    image: `registry.local/${name}:1`,
    procs: 1,
    threads: 2,
    limitCpus: undefined,
    started: undefined,
    ended: undefined,
    ...times(share),
    ...more,
  };
}

export function processRow(container: ContainerRow, pid: number, share: number): ProcessRow {
  return {
    ...({} as ProcessRow),
    container: container.key,
    containerName: container.name,
    pid,
    vpid: pid % 1000,
    ppid: 1,
    comm: `proc-${pid}`,
    threads: 2,
    started: undefined,
    ended: undefined,
    ...times(share),
  };
}

export function threadRow(process: ProcessRow, tid: number, share: number): ThreadRow {
  return {
    ...({} as ThreadRow),
    container: process.container,
    containerName: process.containerName,
    pid: process.pid,
    tid,
    vtid: undefined,
    comm: process.comm,
    state: 'blocked',
    started: undefined,
    ended: undefined,
    ...times(share),
  };
}

function cpuRow(cpu: number, containers: number, host: number): CpuRow {
  const idle = SECOND * (1 - containers - host);
  return {
    host: undefined,
    cpu,
    containersNs: containers * SECOND,
    hostNs: host * SECOND,
    idleNs: idle,
    irqNs: 0.01 * SECOND,
    unknownNs: 0,
  };
}

/** Frame `index`, of one second, with these containers beside the host; two processes each, two threads each. */
export function frameOf(index: number, containers: readonly ContainerRow[], cpus = 2): Frame {
  const host = containerRow('host', 0.05, {
    key: 'host',
    isHost: true,
    runtime: undefined,
    image: undefined,
  });
  const all = [host, ...containers];
  const processes = all.flatMap((row, at) =>
    [0, 1].map((n) => processRow(row, 1000 + at * 10 + n, (row.cpuNs ?? 0) / SECOND / 2)),
  );
  return {
    ...({ waits: [], blockers: [] } as unknown as Frame),
    origin: ORIGIN,
    begin: index * SECOND,
    end: (index + 1) * SECOND,
    containers: all,
    processes,
    threads: processes.flatMap((process) =>
      [0, 1].map((n) => threadRow(process, process.pid * 10 + n, 0.01)),
    ),
    cpus: Array.from({ length: cpus }, (_, cpu) => cpuRow(cpu, 0.4, 0.1)),
    quality: { events: 36_500, discardedEvents: 0, lostPackets: 0, issues: [] },
  };
}

/** Frames of four containers that are told apart by name and CPU share. */
export function shopFrames(count: number): Frame[] {
  return Array.from({ length: count }, (_, index) =>
    frameOf(index, [
      containerRow('web', 0.3, { limitCpus: 0.3 }),
      containerRow('web-client', 0.1 + (index % 5) / 100),
      containerRow('db', 0.02),
      containerRow('batch', 0.25, { limitCpus: 0.25, image: undefined }),
    ]),
  );
}

/** Shows frames that are there already. */
export class FakePlayer implements Player {
  readonly mode = 'replay';
  readonly title = 'shop/trace';
  readonly origin: bigint;
  readonly begin = 0;
  readonly interval = SECOND;
  readonly frames: Frame[];
  readonly seeks: number[] = [];
  playing = true;
  speed = 1;
  index = 0;
  error: Error | undefined;
  behind: number | undefined;
  reading: PlayerState['reading'];
  #listeners = new Set<() => void>();

  constructor(frames: Frame[], origin: bigint = ORIGIN) {
    this.frames = frames;
    this.origin = origin;
  }

  get end(): number {
    return this.frames.length * SECOND;
  }

  state(): PlayerState {
    return {
      frame: this.frames[this.index],
      playing: this.playing,
      speed: this.speed,
      atEnd: this.index === this.frames.length - 1,
      reading: this.reading,
      kept: { begin: 0, end: this.end },
      error: this.error,
      behind: this.behind,
    };
  }

  recent(count: number): readonly Frame[] {
    return this.frames.slice(Math.max(0, this.index + 1 - count), this.index + 1);
  }

  keptFrames(): readonly Frame[] {
    return this.frames;
  }

  readAhead(_isWanted: boolean): void {}

  find(direction: 1 | -1, matches: FrameTest, onNone: () => void): void {
    for (let index = this.index + direction; index > 0 && index < this.frames.length; index += direction) {
      if (!matches(this.frames[index]!, this.frames[index - 1]!)) continue;
      this.show(index);
      return;
    }
    onNone();
  }

  play(): void {
    this.playing = true;
    this.tell();
  }

  pause(): void {
    this.playing = false;
    this.tell();
  }

  step(count: number): void {
    this.playing = false;
    this.show(this.index + count);
  }

  seek(time: number): void {
    this.seeks.push(time);
    this.show(Math.floor(time / SECOND));
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    this.tell();
  }

  show(index: number): void {
    this.index = Math.max(0, Math.min(this.frames.length - 1, index));
    this.tell();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(): void {
    for (const listener of this.#listeners) listener();
  }

  async close(): Promise<void> {}
}

export function sessionOf(player: Player, size: Size, more: Partial<SessionOptions> = {}): Session {
  return new Session({
    player,
    size,
    compilePattern: (pattern) => nameMatcher([pattern]),
    parseTime: (text, from) => {
      const seconds = Number(text.replace(/s$/, ''));
      if (Number.isNaN(seconds)) throw new Error(`${text} is no time`);
      return seconds * SECOND + (/^[+-]/.test(text) ? from : 0);
    },
    readRanges: async () => [],
    keymap: new Keymap(actions),
    actions: 'this is a test',
    recorder: 'this is a test',
    exporter: { table: () => '', write: async () => 'written' },
    screenshot: async () => new Grid(1, 1),
    lendTerminal: (work) => work(new AbortController().signal),
    onQuit: () => {},
    onSuspend: () => {},
    onRepaint: () => {},
    ...more,
  });
}
