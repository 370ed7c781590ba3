import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Engine } from '../../analyzers/engine.js';
import type { Frame } from '../../analyzers/frame.js';
import { open, type Source } from '../../native/index.js';
import { Replay, type ReplayOptions } from '../../recordings/player.js';
import type { Player } from '../../tui/player.js';

/** Three seconds of a real recording. */
const TRACE = fileURLToPath(new URL('../../../test/data/shop', import.meta.url));
const INTERVAL = 1e7;

let player: Replay | undefined;
afterEach(() => player?.close());

async function replay(more: Partial<ReplayOptions> = {}): Promise<Player> {
  const reopen = () => open(TRACE, Engine.subscription());
  player = new Replay({
    source: await reopen(),
    reopen,
    title: 'shop',
    interval: INTERVAL,
    paused: true,
    ...more,
  });
  return player;
}

/** Waits until the player is as wanted. @throws the player's error */
async function until(shown: Player, holds: (player: Player) => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!holds(shown)) {
    const { error, frame, kept, reading } = shown.state();
    if (error !== undefined) throw error;
    if (Date.now() > end)
      throw new Error(`never came: ${JSON.stringify({ at: frame?.begin, kept, reading })}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const hasFrame = (shown: Player) => shown.state().frame !== undefined;
const isThere = (shown: Player) => hasFrame(shown) && shown.state().reading === undefined;
const beginOf = (shown: Player) => shown.state().frame?.begin;

describe('Replay', () => {
  it('shows the first interval, paused there if told so', async () => {
    const shown = await replay();
    assert.notEqual(shown.state().reading, undefined);
    await until(shown, hasFrame);
    assert.equal(beginOf(shown), 0);
    assert.deepEqual([shown.state().playing, shown.state().atEnd], [false, false]);
    assert.ok(shown.end! > 3e9);
  });

  it('reads ahead only so far', async () => {
    const source = await open(TRACE, Engine.subscription());
    const shown = await replay({ source, speed: 0.1 });
    await until(shown, hasFrame);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const ahead = shown.state().kept.end;
    assert.ok(ahead >= 8 * INTERVAL && ahead < 1e9, `read up to ${ahead}`);
    shown.seek(2e9);
    await until(shown, (it) => beginOf(it) === 2e9);
    assert.ok(shown.state().kept.end < 3e9);
  });

  it('reads on for a frame that is looked for, and back among those that are kept', async () => {
    const shown = await replay();
    await until(shown, hasFrame);
    let missed = 0;
    const find = (direction: 1 | -1, begin: number) =>
      shown.find(
        direction,
        (frame, before) => before.end === frame.begin && frame.begin === begin,
        () => missed++,
      );
    find(1, 1.5e9);
    assert.equal(beginOf(shown), 0);
    assert.equal(shown.state().reading?.goal, shown.end);
    await until(shown, (it) => beginOf(it) === 1.5e9);
    assert.equal(shown.state().playing, false);
    find(-1, 1e9);
    assert.equal(beginOf(shown), 1e9);
    find(-1, 1.2e9);
    assert.deepEqual([beginOf(shown), missed], [1e9, 1]);
    find(1, 1e12);
    await until(shown, () => missed === 2);
    assert.equal(beginOf(shown), 1e9);
  });

  it('stays where it was when a search is left, though what was kept has passed on', async () => {
    const shown = await replay({ keptBytes: 70_000 });
    await until(shown, hasFrame);
    let keptFrom = 0;
    const leave = () => {
      keptFrom = shown.keptFrames()[0]!.begin;
      shown.pause();
    };
    shown.find(
      1,
      (frame) => {
        if (frame.begin === 1e9) queueMicrotask(leave);
        return false;
      },
      () => assert.fail('the search was left'),
    );
    await until(shown, () => keptFrom > 0);
    await until(shown, isThere);
    assert.equal(beginOf(shown), 0);
    shown.step(1);
    await until(shown, (it) => beginOf(it) === INTERVAL);
  });

  it('reads ahead as far as memory allows where it is wanted', async () => {
    const shown = await replay();
    await until(shown, hasFrame);
    shown.readAhead(true);
    await until(shown, (it) => it.keptFrames().length > 250);
    assert.equal(shown.keptFrames()[0], shown.state().frame);
  });

  it('steps from interval to interval, and not beyond the ends', async () => {
    const shown = await replay();
    await until(shown, hasFrame);
    shown.step(1);
    await until(shown, isThere);
    assert.equal(beginOf(shown), INTERVAL);
    shown.step(50);
    await until(shown, isThere);
    assert.equal(beginOf(shown), 51 * INTERVAL);
    shown.step(-2);
    assert.equal(beginOf(shown), 49 * INTERVAL);
    shown.step(-1000);
    assert.equal(beginOf(shown), 0);
    shown.step(1_000_000);
    await until(shown, (it) => it.state().atEnd);
    assert.ok(shown.state().frame!.end === shown.end);
    shown.step(1);
    assert.equal(shown.state().atEnd, true);
  });

  it('plays, faster and slower, up to the end, and from the beginning again', async () => {
    const shown = await replay({ speed: 10, paused: false });
    await until(shown, hasFrame);
    const started = performance.now();
    await until(shown, (it) => it.state().atEnd);
    const seconds = (performance.now() - started) / 1000;
    assert.ok(seconds > 0.2 && seconds < 2, `3.2 s of trace took ${seconds} s`);
    assert.equal(shown.state().playing, false);
    shown.setSpeed(1);
    shown.play();
    assert.deepEqual([beginOf(shown), shown.state().playing, shown.state().speed], [0, true, 1]);
    await until(shown, (it) => beginOf(it)! > 0);
    shown.pause();
    const stopped = beginOf(shown);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(beginOf(shown), stopped);
  });

  it('tells at most about ten times a second while it plays', async () => {
    const shown = await replay({ speed: 1, paused: false });
    await until(shown, hasFrame);
    await new Promise((resolve) => setTimeout(resolve, 300));
    let told = 0;
    shown.subscribe(() => told++);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    assert.ok(told >= 4 && told <= 16, `told ${told} times`);
  });

  it('gives the frames that lead to the shown one', async () => {
    const shown = await replay({ at: 1e9 });
    await until(shown, isThere);
    const recent = shown.recent(10);
    assert.equal(recent.length, 10);
    assert.equal(recent.at(-1), shown.state().frame);
    for (const [index, frame] of recent.slice(1).entries()) assert.equal(frame.begin, recent[index]!.end);
    assert.ok(shown.recent(100_000).length >= 101);
  });

  it('keeps a bounded number of rows and reads again for what is gone', async () => {
    const frames = new Map<number, Frame>();
    const whole = await replay({ at: 3e9 });
    await until(whole, isThere);
    for (const frame of whole.recent(100_000)) frames.set(frame.begin, frame);
    await whole.close();

    const shown = await replay({ keptBytes: 1_000_000 });
    await until(shown, hasFrame);
    shown.seek(3e9);
    await until(shown, isThere);
    const { kept } = shown.state();
    assert.ok(kept.begin > 0, 'nothing was dropped');
    shown.seek(0.5e9);
    assert.equal(shown.state().reading?.goal, 0.5e9);
    await until(shown, (it) => isThere(it) && beginOf(it) === 0.5e9);
    assert.deepEqual(shown.state().frame, frames.get(0.5e9));
    shown.step(-20);
    await until(shown, (it) => isThere(it) && beginOf(it) === 0.3e9);
    assert.deepEqual(shown.state().frame, frames.get(0.3e9));
  });

  it('plays a part', async () => {
    const shown = await replay({ begin: 1e9, end: 1.5e9 });
    await until(shown, hasFrame);
    assert.equal(beginOf(shown), 1e9);
    shown.seek(Number.MAX_SAFE_INTEGER);
    await until(shown, (it) => it.state().atEnd);
    assert.equal(shown.state().frame?.end, 1.5e9);
  });

  it('takes many seeks at once and ends at the last', async () => {
    const shown = await replay({ keptBytes: 1_000_000 });
    for (const time of [3e9, 0, 2e9, 0.1e9, 2.5e9, 0.7e9]) {
      shown.seek(time);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    await until(shown, (it) => isThere(it) && beginOf(it) === 0.7e9);
  });

  it('can be closed while it reads', async () => {
    const shown = await replay();
    shown.seek(3e9);
    await shown.close();
    await shown.close();
  });

  it('tells why reading stopped, and shows what came before', async () => {
    const source = await open(TRACE, Engine.subscription());
    const broken: Source = {
      ...source,
      origin: source.origin,
      end: source.end,
      traces: source.traces,
      streams: source.streams,
      events: source.events,
      counters: () => source.counters(),
      eventCounts: () => source.eventCounts(),
      close: () => source.close(),
      async *[Symbol.asyncIterator]() {
        for await (const batch of source) {
          yield batch;
          if (batch.watermark > 1e9) throw new Error('the disk is gone');
        }
      },
    };
    const shown = await replay({ source: broken });
    shown.seek(3e9);
    await assert.rejects(
      until(shown, () => false),
      /the disk is gone/,
    );
    assert.equal(shown.state().error?.message, 'the disk is gone');
    assert.ok(beginOf(shown)! > 0.5e9);
    assert.equal(shown.state().reading, undefined);
  });
});
