/** What is sent to the terminal for a frame, the whole way from frames of containers to bytes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { render } from 'ink';
import { createElement } from 'react';
import type { ContainerRow } from '../../analyzers/frame.js';
import { App } from '../../tui/components/App.js';
import { BoardContext } from '../../tui/components/Lines.js';
import { InkStdout } from '../../tui/terminal/ink-stdout.js';
import { Screen } from '../../tui/terminal/screen.js';
import { glyphsFor, Painter, themes } from '../../tui/theme.js';
import { containerRow, FakePlayer, frameOf, randomNumbers, sessionOf, times } from './synthetic.js';

const SIZE = { columns: 120, rows: 40 };
const CONTAINERS = 200;

/** Frames in which of each container's changing cells about a tenth change. */
function framesWithChanges(count: number, share: number) {
  const random = randomNumbers(3);
  let rows: ContainerRow[] = Array.from({ length: CONTAINERS }, (_, i) =>
    containerRow(`container-${i}`, random() / 4),
  );
  return Array.from({ length: count }, (_, index) => {
    rows = rows.map((row) => (random() < share ? { ...row, ...times(random() / 4) } : row));
    return frameOf(index, rows);
  });
}

/** Bytes of each frame after the first ones. */
async function bytesOf(player: FakePlayer, sort: { column: string; descending: boolean }): Promise<number[]> {
  const screen = new Screen({ write: (_, done) => done(), writeNow: () => {} }, SIZE.columns, SIZE.rows);
  screen.enter();
  const session = sessionOf(player, SIZE, { sort });
  const painter = new Painter(themes['256'], glyphsFor(true, '256'));
  const stdout = new InkStdout(SIZE.rows, (frame) => screen.draw(frame));
  const ink = render(
    createElement(BoardContext, { value: stdout.board }, createElement(App, { session, painter })),
    {
      stdout: stdout as unknown as NodeJS.WriteStream,
      debug: true,
      patchConsole: false,
    },
  );
  const bytes: number[] = [];
  for (let index = 0; index < player.frames.length; index++) {
    const before = screen.counters.bytes;
    player.show(index);
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    bytes.push(screen.counters.bytes - before);
  }
  ink.unmount();
  return bytes.slice(30);
}

const mean = (numbers: readonly number[]) =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

describe(`bytes for ${CONTAINERS} containers at ${SIZE.columns}x${SIZE.rows}`, () => {
  const frames = framesWithChanges(130, 0.1);
  it('are at most 1 KB a frame in fixed order with a tenth changing', async (test) => {
    const bytes = await bytesOf(new FakePlayer(frames), { column: 'name', descending: false });
    test.diagnostic(`mean ${mean(bytes).toFixed(0)}, most ${Math.max(...bytes)}`);
    assert.ok(mean(bytes) <= 1024);
  });
  it('are at most 4 KB a frame when it is re-sorted', async (test) => {
    const bytes = await bytesOf(new FakePlayer(frames), { column: 'cpu_pct', descending: true });
    test.diagnostic(`mean ${mean(bytes).toFixed(0)}, most ${Math.max(...bytes)}`);
    assert.ok(mean(bytes) <= 4096);
  });
  it('are none where nothing changes', async () => {
    const frame = frames[0]!;
    const bytes = await bytesOf(new FakePlayer(Array.from({ length: 60 }, () => frame)), {
      column: 'name',
      descending: false,
    });
    // The last one says that it is the last.
    assert.ok(bytes.slice(0, -1).every((count) => count === 0));
  });
});
