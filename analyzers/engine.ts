import type { Batch, Loss, Source, Subscription } from '../native/types.js';
import { mergeSubscriptions } from './analyzer.js';
import { HostLooks } from './denials/looks.js';
import type { Changes, Frame, Quality } from './frame.js';
import { Host, type HostSection } from './host.js';
import type { Inventory } from './inventory.js';
import { type Overflow, QualityLog } from './quality.js';
import type { Scope } from './scope.js';

export interface EngineOptions extends Scope {
  /** Length of an interval in ns of event time; 'total': the whole range is one. */
  readonly interval: number | 'total';
  readonly inventory?: Inventory;
  /** More than one host is read, whether or not all have told of themselves when the first does: rows tell whose they are. */
  readonly severalHosts?: boolean;
  /** What was looked up on the host; where somebody looks live, it is asked. */
  readonly looks?: HostLooks;
  /** Only [begin, end) is accounted, in ns since origin; the state is built from the trace's beginning. */
  readonly begin?: number;
  readonly end?: number;
}

/** What the engine needs to know of a source. */
export type SourceInfo = Pick<Source, 'origin' | 'traces' | 'streams' | 'events' | 'end'>;

/**
 * After so many intervals in a row without any event the rest of the gap is one frame: a jump of the clock by hours makes
 * no flood of equal frames.
 */
const MAX_EMPTY_FRAMES = 120;

/** Losses whose end is still ahead: each stream has one at a time, but a damaged trace may have any number. */
const MAX_OPEN_LOSSES = 4096;

/** Marks streams whose events feed no kernel state (user-space traces). */
const NO_HOST = -1;

/**
 * Feeds batches to the analyzers of each traced host and cuts a frame at each interval of event time, exactly at the
 * boundary: what runs then is credited to both sides.
 */
export class Engine {
  private readonly hosts: Host[] = [];
  private readonly hostByName = new Map<string, number>();
  /** By stream: index of its host, or NO_HOST. */
  private readonly hostOfStream: number[] = [];
  /** All streams are of the first one. */
  private isOneHost = true;
  private readonly quality: QualityLog;
  private readonly looks: HostLooks;
  private inventory: Inventory;
  /** Begin of the current interval and where it ends; before `options.begin` nothing is accounted. */
  private begin: number;
  private boundary: number;
  private accounting: boolean;
  private finished = false;
  private events = 0;
  private frames = 0;
  /** Latest time that is known to have been reached. */
  private reached = 0;
  /** Ends of losses that are still ahead. */
  private readonly openLosses: Loss[] = [];

  /** What the analyzers of the scope read. */
  static subscription(scope: Scope = {}): Subscription {
    return mergeSubscriptions(Host.interests(scope));
  }

  constructor(
    private readonly source: SourceInfo,
    private readonly options: EngineOptions,
  ) {
    const { interval, begin = 0 } = options;
    if (interval !== 'total' && !(interval > 0)) throw new RangeError('interval must be positive');
    this.inventory = options.inventory ?? [];
    this.looks = options.looks ?? new HostLooks();
    this.begin = begin;
    this.accounting = begin <= 0;
    this.boundary = this.accounting ? this.nextBoundary() : begin;
    this.quality = new QualityLog(source);
    // What is known already is learnt while nothing is waited for but the first event.
    this.learnStreams();
  }

  /** The inventory has changed: from the next frame on containers are named as it tells. */
  learn(inventory: Inventory): void {
    this.inventory = inventory;
    for (const host of this.hosts) host.learnInventory(inventory);
  }

  /** Nothing more will be accounted: the end of the range has been reached. */
  get done(): boolean {
    return this.finished;
  }

  /**
   * Takes the batch and yields the frames that end within it. Frames are cut while they are taken: take all of them before
   * the source is asked for the next batch.
   */
  *push(batch: Batch): Generator<Frame> {
    if (this.finished) return;
    this.learnStreams();
    for (const host of this.hosts) host.bind(batch);
    let row = 0;
    for (const loss of batch.losses) {
      yield* this.advance(batch, row, loss.row);
      if (this.finished) return;
      row = loss.row;
      const next = row < batch.length ? batch.time[row]! : batch.watermark;
      const time = Math.min(loss.begin, next);
      yield* this.settle(time);
      if (this.finished) return;
      this.lose(loss, Math.max(this.reached, time));
    }
    yield* this.advance(batch, row, batch.length);
    for (const host of this.hosts) host.release();
    if (batch.watermark > this.reached) this.reached = batch.watermark;
    if (this.source.end !== undefined) return;
    // Live, what is over is shown without waiting for an event that comes after it.
    yield* this.settle(this.reached);
  }

  /** Yields the last frames: up to the range's or the source's end. */
  *finish(): Generator<Frame> {
    if (this.finished) return;
    const end = Math.min(this.options.end ?? Number.POSITIVE_INFINITY, this.source.end ?? this.reached);
    yield* this.settle(end);
    // A trace of a single moment still has a picture.
    const isLeft = end > this.begin || (this.frames === 0 && end === this.begin && this.events > 0);
    if (!this.finished && this.accounting && isLeft) yield this.cut(end);
    this.finished = true;
  }

  private *advance(batch: Batch, from: number, to: number): Generator<Frame> {
    let row = from;
    while (row < to) {
      const stop = Math.min(this.boundary, this.openLosses[0]?.end ?? Number.POSITIVE_INFINITY);
      row = this.dispatch(batch, row, to, stop);
      if (row === to) return;
      yield* this.settle(batch.time[row]!);
      if (this.finished) return;
    }
  }

  /** Handles rows up to the first one at or after `stop`; returns that one. */
  private dispatch(batch: Batch, from: number, to: number, stop: number): number {
    const end = firstAtOrAfter(batch.time, from, to, stop);
    for (let row = from; row < end; ) {
      const host = this.hostOfStream[batch.stream[row]!]!;
      const next = this.endOfHost(batch, row, end);
      if (host !== NO_HOST) this.hosts[host]!.routes.run(batch, row, next);
      row = next;
    }
    if (this.accounting) this.events += end - from;
    if (end > from) this.reached = batch.time[end - 1]!;
    return end;
  }

  /** Where the rows of another host begin. */
  private endOfHost({ stream }: Batch, from: number, to: number): number {
    const { hostOfStream } = this;
    if (this.isOneHost) return to;
    const host = hostOfStream[stream[from]!];
    let row = from + 1;
    while (row < to && hostOfStream[stream[row]!] === host) row++;
    return row;
  }

  /** What ends at or before the time, one after the other: losses, and frames. */
  private *settle(time: number): Generator<Frame> {
    while (!this.finished && this.openLosses.length > 0 && this.openLosses[0]!.end <= time) {
      const loss = this.openLosses[0]!;
      yield* this.cutUpTo(loss.end);
      if (this.finished) return;
      this.openLosses.shift();
      this.forget(loss, Number.NEGATIVE_INFINITY, loss.end);
    }
    yield* this.cutUpTo(time);
  }

  /** Cuts all frames that end at or before the time. */
  private *cutUpTo(time: number): Generator<Frame> {
    let empty = 0;
    while (!this.finished && this.boundary <= time) {
      if (!this.accounting) {
        for (const host of this.hosts) host.discard(this.begin);
        this.accounting = true;
        this.boundary = this.nextBoundary();
        continue;
      }
      if (empty++ === MAX_EMPTY_FRAMES) this.skipIntervals(time);
      yield this.cut(this.boundary);
      this.finished = this.begin === this.options.end;
      this.boundary = this.nextBoundary();
    }
  }

  /** The interval grows by whole intervals up to the last boundary before the time. */
  private skipIntervals(time: number): void {
    const { interval, end = Number.POSITIVE_INFINITY } = this.options;
    if (interval === 'total') return;
    const last = this.begin + Math.floor((time - this.begin) / interval) * interval;
    this.boundary = Math.max(this.boundary, Math.min(last, end));
  }

  private nextBoundary(): number {
    const { interval, end = Number.POSITIVE_INFINITY } = this.options;
    return interval === 'total' ? end : Math.min(this.begin + interval, end);
  }

  /** The trace has told of all threads that lived when it began. */
  get isComplete(): boolean {
    return this.hosts.length > 0 && this.hosts.every((host) => host.isComplete);
  }

  /**
   * What there is of the first interval while it goes on, from `from` ns since origin on: nobody waits for a whole one to see
   * who is there. undefined before that, and once a frame was cut. Nothing that is read is changed by looking.
   */
  preview(from: number): Frame | undefined {
    const { begin, reached } = this;
    if (this.frames > 0 || !this.accounting || this.finished || reached < from || reached <= begin) {
      return undefined;
    }
    const sections = this.hosts.map((host) => host.preview(begin, reached));
    return this.frameOf(sections, begin, reached, this.quality.soFar(this.events));
  }

  /** Who has come and gone since the last frame, while the interval goes on. As `preview`, it changes nothing. */
  changes(): Changes {
    const { begin, reached } = this;
    if (this.frames === 0 || this.finished || reached <= begin) return { arrived: [], ended: new Map() };
    const changes = this.hosts.map((host) => host.changes(begin, reached));
    return {
      arrived: changes.flatMap(({ arrived }) => arrived),
      ended: new Map(changes.flatMap(({ ended }) => [...ended])),
    };
  }

  private cut(end: number): Frame {
    const { begin } = this;
    const sections = this.hosts.map((host) => host.cut(begin, end));
    const quality = this.quality.cut(begin, end, this.events, this.overflow());
    const frame = this.frameOf(sections, begin, end, quality);
    this.events = 0;
    this.frames++;
    this.begin = end;
    return frame;
  }

  private frameOf(sections: readonly HostSection[], begin: number, end: number, quality: Quality): Frame {
    const containers = joined(sections, 'containers');
    return {
      origin: this.source.origin,
      begin,
      end,
      containers: [...containers.filter((row) => row.isHost), ...containers.filter((row) => !row.isHost)],
      processes: joined(sections, 'processes'),
      threads: joined(sections, 'threads'),
      cpus: joined(sections, 'cpus'),
      waits: joined(sections, 'waits'),
      blockers: joined(sections, 'blockers'),
      denials: joined(sections, 'denials'),
      devices: joined(sections, 'devices'),
      block: joined(sections, 'block'),
      syscalls: joined(sections, 'syscalls'),
      files: joined(sections, 'files'),
      connections: joined(sections, 'connections'),
      quality,
    };
  }

  private overflow(): Overflow {
    let untracked = 0;
    let unreported = 0;
    for (const { tasks } of this.hosts) {
      untracked += tasks.untracked;
      unreported += tasks.unreported;
    }
    return { untracked, unreported };
  }

  /** Routes new streams to their hosts, and new event names to their handlers. */
  private learnStreams(): void {
    const { streams, traces, events } = this.source;
    while (this.hostOfStream.length < streams.length) {
      const trace = traces[streams[this.hostOfStream.length]!.trace]!;
      const host = trace.env.domain === 'ust' ? NO_HOST : this.hostFor(String(trace.env.hostname ?? ''));
      this.hostOfStream.push(host);
      if (host !== 0) this.isOneHost = false;
    }
    for (const [index, host] of this.hosts.entries()) {
      for (const trace of traces) {
        if (trace.env.domain === 'ust') continue;
        if (this.hostByName.get(String(trace.env.hostname ?? '')) === index) host.addTrace(trace);
      }
      while (host.routes.length < events.length) host.addEvent(events[host.routes.length]!);
    }
  }

  private hostFor(name: string): number {
    const known = this.hostByName.get(name);
    if (known !== undefined) return known;
    const names = new Set(
      this.source.traces.filter(({ env }) => env.domain !== 'ust').map(({ env }) => env.hostname),
    );
    const label = names.size > 1 || this.options.severalHosts ? name : undefined;
    this.hosts.push(new Host(label, this.source, this.inventory, this.looks, this.options));
    this.hostByName.set(name, this.hosts.length - 1);
    return this.hosts.length - 1;
  }

  /**
   * What was lost lies anywhere in [begin, end): what ran at its beginning is unknown from there on, and what runs when
   * its end comes is unknown again. `time`, ns since origin, is its beginning, or now where that is over.
   */
  private lose(loss: Loss, time: number): void {
    this.quality.add(loss);
    this.forget(loss, loss.begin, time);
    if (loss.end <= time || this.openLosses.length >= MAX_OPEN_LOSSES) return;
    this.openLosses.push(loss);
    this.openLosses.sort((a, b) => a.end - b.end);
  }

  private forget(loss: Loss, begin: number, time: number): void {
    const stream = this.source.streams[loss.stream];
    const host = this.hosts[this.hostOfStream[loss.stream] ?? NO_HOST];
    if (stream === undefined || host === undefined) return;
    const carries = (event: string): boolean =>
      this.source.traces[stream.trace]!.declared.some(
        ({ name, streamClass }) => name === event && streamClass === stream.streamClass,
      );
    if (carries('sched_switch')) host.lose(stream.cpu, begin, time);
    if (carries('block_rq_complete')) host.loseBlock(time);
  }
}

/** One part of all hosts' sections; there is mostly one host, which may have many rows. */
function joined<Part extends keyof HostSection>(
  sections: readonly HostSection[],
  part: Part,
): HostSection[Part] {
  const [first, ...others] = sections;
  if (first !== undefined && others.length === 0) return first[part];
  return sections.flatMap((section) => section[part] as unknown[]) as HostSection[Part];
}

/** Of the rows [from, to), which are in the order of time: the first at or after `stop`, or `to`. */
function firstAtOrAfter(time: Float64Array, from: number, to: number, stop: number): number {
  let low = from;
  let high = to;
  if (to > from && time[to - 1]! < stop) return to;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (time[middle]! < stop) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Runs the engine over a source; `begun` is given the engine first. Closes nothing: the source is its owner's. */
export async function* analyze(
  source: Source,
  options: EngineOptions,
  begun?: (engine: Engine) => void,
): AsyncGenerator<Frame> {
  const engine = new Engine(source, options);
  begun?.(engine);
  for await (const batch of source) {
    yield* engine.push(batch);
    if (engine.done) return;
  }
  yield* engine.finish();
}
