/**
 * Every view in every class of sizes, on a real recording (the demo, in its 13th second, when the noisy container begins), as
 * text that one can read: `goldens/VIEW-COLUMNSxROWS.txt`. `UPDATE_GOLDENS=1 node dist/test/tui/goldens.test.js` writes them
 * anew, for whoever has looked at what changed.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { analyze, Engine } from '../../analyzers/engine.js';
import type { Frame } from '../../analyzers/frame.js';
import { startReading } from '../../cli/reading.js';
import { unpackDemo } from '../../recordings/demo.js';
import { viewOf, views } from '../../tui/app/views.js';
import { textWidth } from '../../tui/text/width.js';
import { root } from '../native/recordings.js';
import { draw } from './drawing.js';
import { FakePlayer, SECOND, sessionOf } from './synthetic.js';

process.env.TZ = 'UTC';
const FOLDER = join(root, 'test/tui/goldens');
const SIZES = [
  [60, 15],
  [80, 24],
  [120, 40],
  [200, 50],
  [400, 120],
] as const;
const SECONDS = 14;
const SHOWN = 12;

describe('views on a real recording', () => {
  let frames: Frame[];
  let origin: bigint;
  before(async () => {
    const { source, inventory } = await startReading(await unpackDemo(), [], Engine.subscription());
    ({ origin } = source);
    frames = [];
    for await (const frame of analyze(source, { interval: SECOND, inventory, end: SECONDS * SECOND })) {
      frames.push(frame);
      if (frames.length === SECONDS) break;
    }
    await source.close();
    if (process.env.UPDATE_GOLDENS) mkdirSync(FOLDER, { recursive: true });
  });

  async function screenOf(
    view: (typeof views)[number]['id'],
    columns: number,
    rows: number,
  ): Promise<string[]> {
    const player = new FakePlayer(frames, origin);
    player.playing = false;
    player.index = SHOWN;
    const session = sessionOf(player, { columns, rows });
    session.update(() => session.showView(view));
    // What draws charts is loaded when it is needed.
    if (viewOf(view).panel !== undefined) await session.charts.load();
    const drawing = draw(session);
    await drawing.settle();
    const lines = drawing.lines();
    drawing.unmount();
    return lines;
  }

  for (const { id } of views) {
    for (const [columns, rows] of SIZES) {
      const name = `${id}-${columns}x${rows}.txt`;
      it(name, async () => {
        const lines = await screenOf(id, columns, rows);
        assert.equal(lines.length, rows);
        for (const line of lines) assert.ok(textWidth(line) <= columns);
        const text = `${lines.join('\n')}\n`;
        const file = join(FOLDER, name);
        if (process.env.UPDATE_GOLDENS) writeFileSync(file, text);
        assert.equal(text, readFileSync(file, 'utf8'));
      });
    }
  }

  it('has no golden of a view that went', () => {
    assert.ok(existsSync(FOLDER));
    const known = views.flatMap(({ id }) => SIZES.map(([columns, rows]) => `${id}-${columns}x${rows}.txt`));
    assert.deepEqual(
      readdirSync(FOLDER).filter((name) => !known.includes(name)),
      [],
    );
  });
});
