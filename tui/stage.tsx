/** The interface on a screen, whichever that is: a terminal's, or one that nobody sees. */
import { type Instance, render } from 'ink';
import { type ReactElement, useSyncExternalStore } from 'react';
import type { Session } from './app/session.js';
import { App } from './components/App.js';
import { BoardContext } from './components/Lines.js';
import { colorDepth, type Environment, hasLightBackground, isUnicode } from './environment.js';
import type { ThemeName } from './preferences.js';
import { InkStdout } from './terminal/ink-stdout.js';
import type { Screen } from './terminal/screen.js';
import { glyphsFor, Painter, themeFor } from './theme.js';

export interface Stage {
  readonly ink: Instance;
  resize(rows: number): void;
}

/** Draws the session, and again whenever it changes, until `ink` is unmounted. */
export function draw(session: Session, screen: Screen, stdin: NodeJS.ReadStream, env: Environment): Stage {
  const stdout = new InkStdout(session.size.rows, (frame) => screen.draw(frame));
  const ink = render(
    <BoardContext value={stdout.board}>
      <Themed session={session} painterFor={painters(env)} />
    </BoardContext>,
    {
      stdout: stdout as unknown as NodeJS.WriteStream,
      stdin,
      debug: true,
      patchConsole: false,
      exitOnCtrlC: false,
      isScreenReaderEnabled: false,
    },
  );
  return { ink, resize: (rows) => stdout.resize(rows) };
}

/** Resolves when all that has changed is drawn: React does so after the current turn. */
export async function whenDrawn(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
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
