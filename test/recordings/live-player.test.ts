import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Engine } from '../../analyzers/engine.js';
import type { Frame } from '../../analyzers/frame.js';
import type { InventoryEntry } from '../../analyzers/inventory.js';
import { open } from '../../native/index.js';
import type { Batch, Counters, Source } from '../../native/types.js';
import { type LiveOptions, LivePlayer } from '../../recordings/live-player.js';
import type { Player } from '../../tui/player.js';
import { HandTrace } from '../analyzers/batch.js';

/** Three seconds of a real recording. */
const TRACE = fileURLToPath(new URL('../../../test/data/shop', import.meta.url));
const INTERVAL = 1e7;
/** Previews come no closer than a tenth of a second. */
const LOOK_MS = 110;
const BOX_NS = 4026532000;

/** A recorded trace that comes as a live one would: batch by batch, when the test lets it. */
class Feed {
  trouble: string | undefined;
  #allowed = 0;
  /** A live source knows its origin from its first event on. */
  #isBegun = false;
  #wake: (() => void) | undefined;

  constructor(private readonly recorded: Source) {}

  let(batches: number): void {
    this.#allowed += batches;
    this.#wake?.();
  }

  /** One batch, and time to look at it. */
  async next(): Promise<void> {
    this.let(1);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }

  get source(): Source {
    const { recorded } = this;
    const isBegun = (): boolean => this.#isBegun;
    const counters = (): Counters => ({
      ...recorded.counters(),
      bytesTotal: undefined,
      trouble: this.trouble,
    });
    return {
      get origin() {
        return isBegun() ? recorded.origin : 0n;
      },
      end: undefined,
      traces: recorded.traces,
      streams: recorded.streams,
      events: recorded.events,
      counters,
      eventCounts: () => recorded.eventCounts(),
      close: async () => {
        this.let(Number.POSITIVE_INFINITY);
        await recorded.close();
      },
      [Symbol.asyncIterator]: () => this.#batches(),
    };
  }

  async *#batches(): AsyncGenerator<Batch> {
    for await (const batch of this.recorded) {
      while (this.#allowed < 1) await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#allowed--;
      this.#isBegun = true;
      yield batch;
    }
  }
}

let player: LivePlayer | undefined;
afterEach(() => player?.close());

interface Followed {
  readonly feed: Feed;
  readonly shown: Player & LivePlayer;
}

async function live(more: Partial<LiveOptions> = {}, trace = TRACE): Promise<Followed> {
  return follow(await open(trace, Engine.subscription()), more);
}

/** A trace written by hand, event by event. */
function byHand(trace: HandTrace): Source {
  return {
    ...trace.info(),
    counters: () => ({
      ...{ events: 0, rows: 0, packets: 0, bytesRead: 0, discardedEvents: 0, lostPackets: 0 },
      ...{ bytesTotal: undefined, trouble: undefined, position: undefined },
    }),
    eventCounts: () => ({}),
    close: async () => {},
    async *[Symbol.asyncIterator]() {
      yield* trace.batches(1);
    },
  };
}

function follow(recorded: Source, more: Partial<LiveOptions> = {}): Followed {
  const feed = new Feed(recorded);
  player = new LivePlayer({ source: feed.source, title: 'here', interval: INTERVAL, history: 60e9, ...more });
  return { feed, shown: player };
}

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!holds()) {
    assert.ok(Date.now() < end, 'never came');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const newest = (shown: Player) => shown.state().kept.end;

describe('LivePlayer', () => {
  it('shows what is newest as it comes', async () => {
    const { feed, shown } = await live();
    assert.equal(shown.state().frame, undefined);
    feed.let(3);
    await until(() => shown.state().frame !== undefined);
    const before = newest(shown);
    feed.let(3);
    await until(() => newest(shown) > before);
    assert.equal(shown.state().frame?.end, newest(shown));
    assert.deepEqual([shown.mode, shown.end, shown.state().playing], ['live', undefined, true]);
  });

  it('shows what there is of the first frame before that is complete, and keeps only the frame', async () => {
    const { feed, shown } = await live({ interval: 2e9 });
    const seen: (readonly [number, number])[] = [];
    shown.subscribe(() => {
      const { frame, kept } = shown.state();
      if (frame !== undefined && frame.end !== seen.at(-1)?.[0]) seen.push([frame.end, kept.end]);
    });
    for (let batches = 0; batches < 1000 && !seen.some(([end]) => end >= 2e9); batches++) {
      await feed.next();
    }
    const previews = seen.filter(([end]) => end < 2e9);
    assert.ok(previews.length > 1, `${seen}`);
    for (const [end, kept] of previews) assert.ok(end >= 250e6 && kept === 0, `${end} ${kept}`);
    assert.equal(shown.keptFrames()[0]?.end, 2e9);
  });

  it('shows who has come since the newest frame, and keeps frames as they are', async () => {
    const { feed, shown } = await live({ interval: 250e6 }, join(TRACE, '../deny'));
    let greeted: Frame | undefined;
    shown.subscribe(() => {
      const { frame } = shown.state();
      const kept = shown.keptFrames().at(-1);
      if (frame === undefined || kept === undefined || frame === kept || frame.end !== kept.end) return;
      assert.deepEqual(frame.containers.slice(0, kept.containers.length), kept.containers);
      const known = new Set(kept.containers.map(({ key }) => key));
      const newcomers = frame.containers.slice(kept.containers.length);
      assert.ok(
        newcomers.length > 0 && newcomers.every(({ key, why }) => !known.has(key) && why === undefined),
      );
      assert.deepEqual(shown.recent(3).at(-1), frame);
      assert.equal(shown.recent(3).length, Math.min(3, shown.keptFrames().length));
      greeted ??= frame;
    });
    for (let batches = 0; batches < 20 && greeted === undefined; batches++) {
      await feed.next();
    }
    assert.ok(greeted, 'nobody came');
  });

  it('marks in the newest frame who has ended since, and keeps the frame as it is', async () => {
    const trace = new HandTrace()
      .declare('sched_waking')
      .dumped(0, 7, { name: 'app', pidNs: BOX_NS, vtid: 1 })
      .dumped(0, 8, {})
      .at(1, 0, 'lttng_statedump_end')
      .at(INTERVAL, 0, 'sched_waking', { tid: 8, target_cpu: 0 })
      .at(INTERVAL + 5, 0, 'sched_process_exit', { tid: 7, comm: 'app' })
      .at(INTERVAL + 9, 0, 'sched_waking', { tid: 8, target_cpu: 0 });
    const { feed, shown } = follow(byHand(trace));
    const box = () => shown.state().frame?.containers.find(({ isHost }) => !isHost);
    while (newest(shown) === 0) await feed.next();
    const before = box();
    await feed.next();
    await until(() => box()?.ended !== undefined);
    assert.deepEqual([before?.procs, before?.ended, newest(shown)], [1, undefined, INTERVAL]);
    assert.deepEqual(box(), { ...before, ended: INTERVAL + 5 });
    assert.equal(shown.keptFrames()[0]?.containers.at(-1), before);
    // Who looks back to it later sees it as it was.
    feed.let(Number.POSITIVE_INFINITY);
    await until(() => shown.state().atEnd);
    shown.seek(0);
    assert.equal(box(), before);
  });

  it('shows what there is of the first frame to who steps before it is complete, and goes on from there', async () => {
    const { feed, shown } = await live({ interval: 2e9 });
    while (shown.state().frame === undefined) {
      await feed.next();
    }
    const preview = shown.state().frame;
    shown.step(-1);
    assert.equal(shown.state().frame, preview);
    feed.let(Number.POSITIVE_INFINITY);
    await until(() => newest(shown) >= 2e9);
    shown.step(1);
    assert.equal(shown.state().frame?.end, 2e9);
  });

  it('stands still when paused, reads on meanwhile, and returns to now', async () => {
    const { feed, shown } = await live();
    feed.let(3);
    await until(() => shown.state().frame !== undefined);
    shown.pause();
    const { frame } = shown.state();
    feed.let(6);
    await until(() => newest(shown) > frame!.end);
    assert.equal(shown.state().frame, frame);
    shown.seek(Number.MAX_SAFE_INTEGER);
    assert.equal(shown.state().frame?.end, newest(shown));
    assert.ok(shown.state().playing);
  });

  it('steps and jumps within what is kept', async () => {
    const { feed, shown } = await live();
    feed.let(Number.POSITIVE_INFINITY);
    await until(() => shown.state().atEnd);
    const last = shown.state().frame!;
    shown.step(-1);
    assert.equal(shown.state().frame?.end, last.begin);
    shown.step(1);
    assert.equal(shown.state().frame, last);
    shown.step(1);
    assert.equal(shown.state().frame, last);
    shown.seek(1e9);
    assert.equal(shown.state().frame?.begin, 1e9);
    assert.ok(!shown.state().playing);
    assert.equal(shown.recent(5).length, 5);
    shown.seek(-1);
    assert.equal(shown.state().frame?.begin, shown.begin);
  });

  it('keeps so much of the past and no more', async () => {
    const { feed, shown } = await live({ history: 5e8 });
    feed.let(Number.POSITIVE_INFINITY);
    await until(() => shown.state().atEnd);
    const { kept } = shown.state();
    assert.ok(kept.end - kept.begin <= 5e8 + 2 * INTERVAL, `${kept.end - kept.begin} ns`);
    const few = await live({ keptBytes: 170_000 });
    few.feed.let(Number.POSITIVE_INFINITY);
    await until(() => few.shown.state().atEnd);
    assert.ok(few.shown.recent(1000).length < 60);
  });

  it('goes on showing a frame that is no longer kept', async () => {
    const { feed, shown } = await live({ history: 1e8 });
    feed.let(3);
    await until(() => shown.state().frame !== undefined);
    shown.pause();
    const frame = shown.state().frame!;
    feed.let(Number.POSITIVE_INFINITY);
    await until(() => shown.state().kept.begin > frame.end);
    assert.deepEqual(shown.recent(10), [frame]);
  });

  it('finds what the host tells by the time of the first event, which is not known when reading begins', async () => {
    const trace = new HandTrace()
      .declare('sched_waking')
      .dumped(0, 7, { name: 'app', pidNs: BOX_NS, vtid: 1 })
      .at(1, 0, 'lttng_statedump_end')
      .at(INTERVAL, 0, 'sched_waking', { tid: 7, target_cpu: 0 });
    const sample = {
      ...{ cpuUsageUs: undefined, cpuPeriods: undefined, cpuThrottledPeriods: undefined },
      ...{ cpuThrottledUs: undefined, oomKills: undefined, pids: undefined },
    };
    const entry: InventoryEntry = {
      ...{ id: 'b0b0', name: 'box', runtime: 'docker', image: undefined, initPid: 7, limitCpus: undefined },
      ...{ startedAt: undefined, finishedAt: undefined, labels: {}, namespaces: { pid: BOX_NS } },
      samples: [{ ...sample, time: trace.origin + 5n, memoryBytes: 4096 }],
    };
    const { feed, shown } = follow(byHand(trace), { inventory: [entry] });
    feed.let(Number.POSITIVE_INFINITY);
    await until(() => newest(shown) === INTERVAL);
    const { name, memBytes } = shown.keptFrames()[0]!.containers.find(({ isHost }) => !isHost)!;
    assert.deepEqual([name, memBytes], ['box', 4096]);
  });

  it('tells while it has to connect again, and that the session has ended', async () => {
    const { feed, shown } = await live();
    feed.let(1);
    feed.trouble = 'connecting again';
    await until(() => shown.state().trouble === 'connecting again');
    feed.trouble = undefined;
    await until(() => shown.state().trouble === undefined);
    assert.equal(shown.title, 'here');
    feed.let(Number.POSITIVE_INFINITY);
    await until(() => shown.title === 'here (ended)');
    assert.ok(!shown.state().playing);
  });

  it('tells how far it is behind the clock of the host, until it has caught up', async () => {
    let clock = 0n;
    const { feed, shown } = await live({ now: () => clock, liveTimer: 2e8 });
    const since = (ns: number) => shown.origin + BigInt(Math.round(ns));
    feed.let(3);
    await until(() => shown.state().frame !== undefined);
    clock = since(newest(shown) + INTERVAL + 2e8 + 12.7e9);
    await until(() => shown.state().behind !== undefined);
    assert.equal(shown.state().behind, 12e9);
    shown.pause();
    assert.equal(shown.state().behind, undefined);
    shown.play();
    assert.equal(shown.state().behind, 12e9);
    clock = since(newest(shown) + INTERVAL + 2e8 + 1.9e9);
    await until(() => shown.state().behind === undefined);
    clock = since(newest(shown) + 1e10);
    await until(() => shown.state().behind !== undefined);
    const before = newest(shown);
    clock = since(before + INTERVAL + 2e9 + 2e8);
    feed.let(6);
    await until(() => newest(shown) > before);
    assert.equal(shown.state().behind, undefined);
    feed.let(Number.POSITIVE_INFINITY);
    clock = since(1e12);
    await until(() => shown.state().atEnd);
    assert.equal(shown.state().behind, undefined);
  });

  it('tells nothing of lateness where the clock is not known', async () => {
    const { feed, shown } = await live();
    feed.let(3);
    await until(() => shown.state().frame !== undefined);
    feed.trouble = 'looked at';
    await until(() => shown.state().trouble !== undefined);
    assert.equal(shown.state().behind, undefined);
  });

  it('ends where the session breaks, with what was seen still there', async () => {
    let fail: (why: Error) => void = () => {};
    const broken = new Promise<Error>((resolve) => (fail = resolve));
    const { feed, shown } = await live({ broken });
    feed.let(6);
    await until(() => shown.state().frame !== undefined);
    fail(new Error('the daemon is gone'));
    await until(() => shown.state().error !== undefined);
    assert.equal(shown.state().error?.message, 'the daemon is gone');
    assert.equal(shown.title, 'here (ended)');
    const last = shown.state().frame!;
    shown.step(-1);
    assert.equal(shown.state().frame?.end, last.begin);
    assert.ok(!shown.state().playing);
  });

  it('tells what it means that a session of our own ends by itself', async () => {
    const { feed, shown } = await live({ whyEnded: () => new Error('stopped from outside') });
    feed.let(Number.POSITIVE_INFINITY);
    await until(() => shown.title === 'here (ended)');
    assert.equal(shown.state().error?.message, 'stopped from outside');
    assert.notEqual(shown.state().frame, undefined);
  });

  it('is there before its source is', async () => {
    const feed = new Feed(await open(TRACE, Engine.subscription()));
    let arrive = (_: Source): void => {};
    const source = new Promise<Source>((resolve) => (arrive = resolve));
    player = new LivePlayer({ source, title: 'here', interval: INTERVAL, history: 60e9 });
    const { kept, error, playing } = player.state();
    assert.deepEqual([player.origin, kept.end, error, playing], [0n, 0, undefined, true]);
    feed.let(3);
    arrive(feed.source);
    await until(() => player!.state().frame !== undefined);
    assert.equal(player.origin, feed.source.origin);
  });

  it('tells why its source could not be opened', async () => {
    const source = Promise.reject(new Error('nobody there'));
    player = new LivePlayer({ source, title: 'here', interval: INTERVAL, history: 60e9 });
    await until(() => player!.state().error !== undefined);
    assert.equal(player.state().error?.message, 'nobody there');
  });

  it('closes a source that comes after its own end', async () => {
    const { source } = new Feed(await open(TRACE, Engine.subscription()));
    let isClosed = false;
    const late = new Promise<Source>((resolve) => {
      const close = async () => {
        isClosed = true;
        await source.close();
      };
      setImmediate(() => resolve({ ...source, close }));
    });
    player = new LivePlayer({ source: late, title: 'here', interval: INTERVAL, history: 60e9 });
    await player.close();
    await until(() => isClosed);
  });

  it('finds frames among those that are kept, and stands still there', async () => {
    const { feed, shown } = await live();
    feed.let(Number.POSITIVE_INFINITY);
    await until(() => shown.state().atEnd);
    let missed = 0;
    const find = (direction: 1 | -1, begin: number) =>
      shown.find(
        direction,
        (frame) => frame.begin === begin,
        () => missed++,
      );
    find(-1, 1e9);
    assert.equal(shown.state().frame?.begin, 1e9);
    assert.equal(shown.state().playing, false);
    find(1, 1.5e9);
    assert.equal(shown.state().frame?.begin, 1.5e9);
    find(1, 1e9);
    assert.deepEqual([shown.state().frame?.begin, missed], [1.5e9, 1]);
    assert.ok(shown.keptFrames().length > 250);
  });

  it('names containers as soon as the inventory knows them', async () => {
    const { feed, shown } = await live();
    feed.let(4);
    await until(() => shown.state().frame !== undefined);
    const row = () => shown.state().frame?.containers.find(({ key }) => key.startsWith('pid_ns:'));
    const before = row()!;
    const pid = Number(before.key.split(':')[1]);
    assert.equal(before.name, before.key);
    const entry: InventoryEntry = {
      id: 'f00',
      name: 'named later',
      runtime: 'docker',
      image: 'tiny:1',
      initPid: undefined,
      limitCpus: 0.5,
      startedAt: undefined,
      finishedAt: undefined,
      labels: {},
      namespaces: { pid },
    };
    shown.learn([entry]);
    feed.let(4);
    await until(() => shown.state().frame?.containers.some(({ name }) => name === 'named later') ?? false);
    const named = shown.state().frame?.containers.find(({ key }) => key === before.key);
    assert.deepEqual([named?.id, named?.image, named?.limitCpus], ['f00', 'tiny:1', 0.5]);
  });
});
