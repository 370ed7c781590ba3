/**
 * Screens without colours, and as pictures, of a real recording (the demo), to be read by a person. After a change that is meant:
 * BOXTOP_UPDATE_SCREENS=1 node --test dist/test/tui/screens.test.js, and look at what git says.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Engine } from '../../analyzers/engine.js';
import type { Frame } from '../../analyzers/frame.js';
import { startReading } from '../../cli/reading.js';
import { svgOf } from '../../tui/export/svg.js';
import { Grid } from '../../tui/terminal/grid.js';
import { demoRecording } from '../cli/boxtop.js';
import { draw } from './drawing.js';
import { FakePlayer, SECOND, sessionOf } from './synthetic.js';

process.env.TZ = 'UTC';
const SCREENS = fileURLToPath(new URL('../../../test/data/screens/', import.meta.url));
/** Containers of all kinds are there, and the noisy one is at it. */
const SECONDS = 36;
const SHOWN = 31;

const VIEWS: Readonly<Record<string, readonly string[]>> = {
  history: ['y'],
  waits: [':', 'view waits', '\r'],
  'processes-tree': ['\x1b[15~'],
};

describe('screens of the demo', () => {
  let frames: Frame[];
  let demo: Awaited<ReturnType<typeof demoRecording>>;
  before(async () => {
    demo = await demoRecording();
    const { source, inventory } = await startReading(demo.path, [], Engine.subscription());
    const engine = new Engine(source, { interval: SECOND, inventory, end: SECONDS * SECOND });
    frames = [];
    for await (const batch of source) {
      frames.push(...engine.push(batch));
      if (engine.done) break;
    }
    frames.push(...engine.finish());
    await source.close();
  });
  after(() => demo.remove());

  async function screen(keys: readonly string[], columns: number, rows: number, isPlain: boolean) {
    const player = new FakePlayer(frames);
    Object.defineProperty(player, 'origin', { value: frames[0]!.origin });
    player.playing = false;
    player.index = SHOWN;
    const session = sessionOf(player, { columns, rows });
    await session.charts.load();
    const drawing = draw(session, isPlain ? { depth: 'none' } : {});
    for (const key of keys) await drawing.press(key);
    const grid = new Grid(columns, rows);
    grid.fill(drawing.frame());
    const text = `${drawing.text()}\n`;
    drawing.unmount();
    return { text, svg: svgOf(grid, 'boxtop') };
  }

  function compare(name: string, actual: string): void {
    const file = join(SCREENS, name);
    if (process.env.BOXTOP_UPDATE_SCREENS) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, actual);
    }
    assert.equal(actual, readFileSync(file, 'utf8'));
  }

  for (const [name, keys] of Object.entries(VIEWS)) {
    it(`${name} without colours, and as a picture`, async () => {
      compare(`${name}-plain.txt`, (await screen(keys, 80, 24, true)).text);
      compare(`${name}.svg`, (await screen(keys, 80, 24, false)).svg);
    });
  }
});
