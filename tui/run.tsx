/** The terminal interface on a player. Load this only after `prepareEnvironment`. */
import { setFlagsFromString } from 'node:v8';
import { type Instance, render } from 'ink';
import { dispatch } from './app/dispatch.js';
import { Session, type SessionOptions } from './app/session.js';
import { App } from './components/App.js';
import { BoardContext } from './components/Lines.js';
import { colorDepth, type Environment, isUnicode } from './environment.js';
import type { Player } from './player.js';
import { InkStdout } from './terminal/ink-stdout.js';
import { type Ending, Terminal, type TerminalIo } from './terminal/terminal.js';
import { glyphsFor, Painter, themes } from './theme.js';

/**
 * By default V8 lets garbage grow to as much as the live heap before it collects it; frames become garbage all the time, so
 * that a long recording would take far more memory than a short one.
 */
const COLLECT_SOONER = '--heap-growing-percent=20';

export interface TopOptions
  extends Pick<
    SessionOptions,
    'names' | 'sort' | 'filter' | 'bookmarks' | 'readRanges' | 'compilePattern' | 'parseTime'
  > {
  /** Closed by whoever opened it. */
  readonly player: Player;
  readonly io?: TerminalIo;
  readonly env?: Environment;
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
  const depth = colorDepth(env);
  const painter = new Painter(themes[depth], glyphsFor(isUnicode(env), depth));
  return new Promise<number>((resolve, reject) => {
    const terminal = new Terminal(io, {
      onKeys: (keys) => dispatch(session, keys),
      onResize: (columns, rows) => {
        stdout.resize(columns, rows);
        session.update(() => {
          session.size = { columns, rows };
        });
      },
      onEnd: (ending) => end(ending),
    });
    const size = { columns: terminal.columns, rows: terminal.rows };
    const session = new Session({
      ...options,
      size,
      onQuit: () => end({ exitCode: 0 }),
      onSuspend: () => terminal.suspend(),
      onRepaint: () => terminal.screen.repaint(),
    });
    const stdout = new InkStdout(size.columns, size.rows, (frame) => terminal.screen.draw(frame));
    let hasEnded = false;
    let ink: Instance | undefined;
    const end = (ending: Ending): void => {
      if (hasEnded) return;
      hasEnded = true;
      terminal.close();
      stopWatching();
      ink?.unmount();
      if ('error' in ending) reject(ending.error);
      else resolve(ending.exitCode);
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
        <App session={session} painter={painter} />
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
