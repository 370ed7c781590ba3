/**
 * Draws what nobody sees. Code that has never run is slow: before the first picture of a live view V8 would find the shapes of
 * what is drawn, and compile, while events already come. Load this only after `prepareEnvironment`.
 */
import { actions } from './app/actions.js';
import { Keymap } from './app/keymap.js';
import { Session } from './app/session.js';
import type { Player } from './player.js';
import type { TopOptions } from './run.js';
import { draw, whenDrawn } from './stage.js';
import { Screen, type ScreenOutput } from './terminal/screen.js';

const NOWHERE: ScreenOutput = {
  write: (_bytes, done) => done(),
  writeNow: () => {},
};

/** As `runTop` shows the player, on a screen of the terminal's size, until it has come to its end. @throws what drawing throws */
export async function rehearseTop(options: TopOptions): Promise<void> {
  const { player, env = process.env, io = process } = options;
  const size = { columns: io.stdout.columns || 80, rows: io.stdout.rows || 24 };
  const screen = new Screen(NOWHERE, size.columns, size.rows);
  const session = new Session({
    ...options,
    size,
    keymap: new Keymap(actions, options.preferences?.keys),
    // Nobody presses a key.
    lendTerminal: async () => ({ exitCode: 0, output: '' }),
    screenshot: async () => screen.snapshot(),
    onQuit: () => {},
    onSuspend: () => {},
    onRepaint: () => {},
  });
  screen.enter();
  const { ink } = draw(session, screen, io.stdin, env);
  try {
    await Promise.race([whenAtEnd(player), ink.waitUntilExit()]);
    await whenDrawn();
  } finally {
    ink.unmount();
  }
}

function whenAtEnd(player: Player): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      const { atEnd, error } = player.state();
      if (atEnd || error !== undefined) resolve();
    };
    player.subscribe(look);
    look();
  });
}
