/** Draws the whole interface as text, without a terminal. */
import { render } from 'ink-testing-library';
import { createElement } from 'react';
import { dispatch } from '../../tui/app/dispatch.js';
import type { Session } from '../../tui/app/session.js';
import { App } from '../../tui/components/App.js';
import type { ColorDepth } from '../../tui/environment.js';
import { Grid } from '../../tui/terminal/grid.js';
import { KeyDecoder } from '../../tui/terminal/keys.js';
import { glyphsFor, Painter, themes } from '../../tui/theme.js';

export interface Drawing {
  /** The screen's lines without their looks. */
  lines(): string[];
  text(): string;
  /** With escape sequences. */
  frame(): string;
  /** Bytes as a keyboard sends them; an ESC at their end is the key. */
  press(bytes: string): Promise<void>;
  /** React draws after the current turn. */
  settle(): Promise<void>;
  unmount(): void;
}

export function draw(session: Session, { depth = '256' as ColorDepth, isUnicode = true } = {}): Drawing {
  const painter = new Painter(themes[depth], glyphsFor(isUnicode, depth));
  const { lastFrame, unmount } = render(createElement(App, { session, painter }));
  const settle = async () => {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  const frame = () => lastFrame() ?? '';
  const lines = () => {
    const { columns, rows } = session.size;
    const grid = new Grid(columns, rows);
    grid.fill(frame());
    return Array.from({ length: rows }, (_, row) =>
      grid.text
        .slice(row * columns, (row + 1) * columns)
        .join('')
        .trimEnd(),
    );
  };
  return {
    lines,
    text: () => lines().join('\n'),
    frame,
    settle,
    async press(bytes) {
      const decoder = new KeyDecoder();
      dispatch(session, [...decoder.push(Buffer.from(bytes)), ...decoder.flush()]);
      await settle();
    },
    unmount,
  };
}
