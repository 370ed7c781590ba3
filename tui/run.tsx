/** The terminal interface on a player. Load this only after `prepareEnvironment`. */
import { setFlagsFromString } from 'node:v8';
import { type Instance, render } from 'ink';
import { type ReactElement, useSyncExternalStore } from 'react';
import { actions } from './app/actions.js';
import { dispatch } from './app/dispatch.js';
import { Keymap } from './app/keymap.js';
import { Session, type SessionOptions } from './app/session.js';
import { App } from './components/App.js';
import { BoardContext } from './components/Lines.js';
import { colorDepth, type Environment, hasLightBackground, isUnicode } from './environment.js';
import type { Player } from './player.js';
import type { Kept, ThemeName } from './preferences.js';
import { InkStdout } from './terminal/ink-stdout.js';
import { type Ending, Terminal, type TerminalIo, type TerminalListener } from './terminal/terminal.js';
import { glyphsFor, Painter, themeFor } from './theme.js';

/**
 * Frames become garbage all the time. By default V8 lets it grow to as much as the live heap before it collects it, makes room
 * for new objects by up to 32 MiB, and leaves holes: resident memory of a live view goes up and down by a quarter for tens of
 * minutes. Collected sooner, with room that does not grow again once it has shrunk, and compacted, it stays within a few percent,
 * for a fifth more CPU time (at 50 000 events/s 8 % of a core instead of 7 %).
 */
const COLLECT_SOONER = '--heap-growing-percent=20 --semi-space-growth-factor=1 --optimize-for-size';

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
  setFlagsFromString(COLLECT_SOONER);
  const env = options.env ?? process.env;
  const io = options.io ?? { stdin: process.stdin, stdout: process.stdout };
  const painterFor = painters(env);
  return new Promise<number>((resolve, reject) => {
    const listener: TerminalListener = {
      onKeys: (keys) => dispatch(session, keys),
      onResize: (columns, rows) => {
        stdout.resize(rows);
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
        // React draws after the current turn.
        for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
        return terminal.screen.snapshot();
      },
      onQuit: () => end({ exitCode: 0 }),
      onSuspend: () => terminal.suspend(),
      onRepaint: () => terminal.screen.repaint(),
    });
    const stdout = new InkStdout(size.rows, (frame) => terminal.screen.draw(frame));
    let hasEnded = false;
    let ink: Instance | undefined;
    const end = (ending: Ending): void => {
      if (hasEnded) return;
      hasEnded = true;
      terminal.close();
      stopWatching();
      ink?.unmount();
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
    ink = render(
      <BoardContext value={stdout.board}>
        <Themed session={session} painterFor={painterFor} />
      </BoardContext>,
      {
        stdout: stdout as unknown as NodeJS.WriteStream,
        stdin: io.stdin,
        debug: true,
        patchConsole: false,
        exitOnCtrlC: false,
        isScreenReaderEnabled: false,
      },
    );
    ink.waitUntilExit().catch((error: unknown) => end({ error }));
  });
}

interface ThemedProps {
  readonly session: Session;
  readonly painterFor: (theme: ThemeName) => Painter;
}

/** The screen in the colours that are chosen now. */
function Themed({ session, painterFor }: ThemedProps): ReactElement {
  const theme = useSyncExternalStore(session.subscribe, () => session.chosen.theme);
  return <App session={session} painter={painterFor(theme)} />;
}

/** One painter a theme. */
function painters(env: Environment): (theme: ThemeName) => Painter {
  const depth = colorDepth(env);
  const glyphs = glyphsFor(isUnicode(env), depth);
  const made = new Map<ThemeName, Painter>();
  return (theme) => {
    const painter = made.get(theme) ?? new Painter(themeFor(theme, depth, hasLightBackground(env)), glyphs);
    made.set(theme, painter);
    return painter;
  };
}
