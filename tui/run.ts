/** The terminal interface on a player. Load this only after `prepareEnvironment`. */
import { setFlagsFromString } from 'node:v8';
import { actions } from './app/actions.js';
import { dispatch } from './app/dispatch.js';
import { Keymap } from './app/keymap.js';
import { Session, type SessionOptions } from './app/session.js';
import type { Environment } from './environment.js';
import type { Player } from './player.js';
import type { Kept } from './preferences.js';
import { draw, type Stage, whenDrawn } from './stage.js';
import { type Ending, Terminal, type TerminalIo, type TerminalListener } from './terminal/terminal.js';

/**
 * Frames become garbage all the time. By default V8 lets it grow to as much as the live heap before it collects it, makes room
 * for new objects by up to 32 MiB, and leaves holes: resident memory of a live view goes up and down by a quarter for tens of
 * minutes. Collected sooner, with room that does not grow again once it has shrunk, and compacted, it stays within a few percent,
 * for a fifth more CPU time (at 50 000 events/s 8 % of a core instead of 7 %).
 */
const COLLECT_SOONER = '--heap-growing-percent=20 --semi-space-growth-factor=1 --optimize-for-size';
/** How long after the first picture of a live view. */
const SETTLING_MS = 60_000;

export interface TopOptions
  extends Pick<
    SessionOptions,
    | 'names'
    | 'sort'
    | 'filter'
    | 'bookmarks'
    | 'readRanges'
    | 'preferences'
    | 'kept'
    | 'actions'
    | 'recorder'
    | 'exporter'
    | 'compilePattern'
    | 'parseTime'
  > {
  /** Closed by whoever opened it. */
  readonly player: Player;
  readonly io?: TerminalIo;
  readonly env?: Environment;
  /** Told at the end what is to be kept for the next time. */
  keep?(kept: Kept): Promise<void>;
}

/**
 * Shows the player until the user quits. Resolves to the exit code: 0, or 128 + N after signal N. Rejects with what went
 * wrong, the terminal given back already, so that it can be told: a fault, or a source of which not even a first frame
 * could be read.
 */
export async function runTop(options: TopOptions): Promise<number> {
  collectSooner(options.player);
  const env = options.env ?? process.env;
  const io = options.io ?? { stdin: process.stdin, stdout: process.stdout };
  return new Promise<number>((resolve, reject) => {
    const listener: TerminalListener = {
      onKeys: (keys) => dispatch(session, keys),
      onResize: (columns, rows) => {
        stage?.resize(rows);
        session.update(() => {
          session.size = { columns, rows };
        });
      },
      onEnd: (ending) => end(ending),
    };
    const terminal = new Terminal(io, listener, options.preferences?.mouse ?? true);
    const size = { columns: terminal.columns, rows: terminal.rows };
    const session = new Session({
      ...options,
      size,
      keymap: new Keymap(actions, options.preferences?.keys),
      lendTerminal: (work, stays) => terminal.lend(work, stays),
      screenshot: async () => {
        await whenDrawn();
        return terminal.screen.snapshot();
      },
      onQuit: () => end({ exitCode: 0 }),
      onSuspend: () => terminal.suspend(),
      onRepaint: () => terminal.screen.repaint(),
    });
    let hasEnded = false;
    let stage: Stage | undefined;
    const end = (ending: Ending): void => {
      if (hasEnded) return;
      hasEnded = true;
      terminal.close();
      stopWatching();
      stage?.ink.unmount();
      const settle = (): void => {
        if ('error' in ending) reject(ending.error);
        else resolve(ending.exitCode);
      };
      const keeping = options.keep?.(session.chosen.kept());
      if (keeping === undefined) settle();
      else keeping.finally(settle);
    };
    const endIfUnreadable = (): void => {
      const { error, frame } = options.player.state();
      if (error !== undefined && frame === undefined) end({ error });
    };
    const stopWatching = options.player.subscribe(endIfUnreadable);
    endIfUnreadable();
    if (hasEnded) return;
    terminal.open();
    if (hasEnded) return;
    stage = draw(session, terminal.screen, io.stdin, env);
    stage.ink.waitUntilExit().catch((error: unknown) => end({ error }));
  });
}

/**
 * On the way to the first picture little has become garbage. Live, V8 then still learns what the code does, and the frames of
 * the first minute are kept: to collect takes time that nobody has on a slow machine, for memory that soon is used. A replay
 * may have read all by then.
 */
function collectSooner(player: Player): void {
  let stop: (() => void) | undefined;
  const look = (): void => {
    if (player.state().frame === undefined) return;
    if (player.mode === 'live') setTimeout(setFlagsFromString, SETTLING_MS, COLLECT_SOONER).unref();
    else setFlagsFromString(COLLECT_SOONER);
    stop?.();
  };
  stop = player.subscribe(look);
  look();
}
