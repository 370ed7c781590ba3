import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { render } from 'ink';
import { createElement } from 'react';
import { App } from '../../tui/components/App.js';
import { BoardContext } from '../../tui/components/Lines.js';
import { Grid } from '../../tui/terminal/grid.js';
import { InkStdout } from '../../tui/terminal/ink-stdout.js';
import { LineBoard } from '../../tui/terminal/line-board.js';
import { glyphsFor, Painter, themes } from '../../tui/theme.js';
import { draw } from './drawing.js';
import { FakePlayer, sessionOf, shopFrames } from './synthetic.js';

describe('LineBoard', () => {
  it('puts lines back in their places, once', () => {
    const board = new LineBoard();
    const frame = `${board.place('\x1b[31mone\x1b[0m')}\n\n${board.place('two \u{f0000}')}`;
    assert.equal(frame.length, 6);
    assert.equal(board.resolve(frame), '\x1b[31mone\x1b[0m\n\ntwo \u{f0000}');
    assert.equal(board.resolve(frame), '\n\n');
  });

  it('makes the same screen as Ink does with the lines themselves', async () => {
    const size = { columns: 120, rows: 30 };
    const player = new FakePlayer(shopFrames(20));
    const session = sessionOf(player, size);
    let frame = '';
    const stdout = new InkStdout(size.rows, (text) => {
      frame = text;
    });
    const app = createElement(App, { session, painter: new Painter(themes['256'], glyphsFor(true, '256')) });
    const ink = render(createElement(BoardContext, { value: stdout.board }, app), {
      stdout: stdout as unknown as NodeJS.WriteStream,
      debug: true,
      patchConsole: false,
    });
    const drawing = draw(session);
    for (const keys of ['', 'j', '\x1b[17~', '\x1b', '?', '\x1b', '\r', '/pro']) {
      await drawing.press(keys);
      const [direct, boarded] = [new Grid(size.columns, size.rows), new Grid(size.columns, size.rows)];
      direct.fill(drawing.frame());
      boarded.fill(frame);
      assert.deepEqual(boarded.text, direct.text);
      assert.deepEqual(boarded.style, direct.style);
    }
    drawing.unmount();
    ink.unmount();
  });
});
