/**
 * What the environment says about the terminal. Imports neither React nor Ink, because `prepareEnvironment` must run
 * before they are loaded.
 */
import type { ReadStream, WriteStream } from 'node:tty';

export type Environment = Record<string, string | undefined>;

/**
 * Sets what React and Ink read while they are being loaded: React's production build (the development build keeps a
 * performance entry for every render), Ink drawing even where `CI` is set, and no connection to developer tools.
 */
export function prepareEnvironment(env: Environment): void {
  env.NODE_ENV = 'production';
  env.CI = 'false';
  env.DEV = 'false';
}

/** The sentence to end with where no screen can be drawn; undefined where it can. */
export function terminalProblem(
  stdin: Pick<ReadStream, 'isTTY'>,
  stdout: Pick<WriteStream, 'isTTY'>,
  env: Environment,
): string | undefined {
  const use = 'use “boxtop dump” for output without one';
  if (!stdout.isTTY) return `standard output is not a terminal; ${use}`;
  if (!stdin.isTTY) return `standard input is not a terminal; ${use}`;
  if (env.TERM === undefined || env.TERM === '' || env.TERM === 'dumb') {
    return `the terminal (TERM=${env.TERM ?? ''}) cannot move its cursor; ${use}`;
  }
  return undefined;
}

export type ColorDepth = 'none' | '16' | '256';

/** How many colours to use: none under NO_COLOR (https://no-color.org), 256 where TERM or COLORTERM promise them. */
export function colorDepth(env: Environment): ColorDepth {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return 'none';
  const term = env.TERM ?? '';
  if (/mono|vt\d/.test(term)) return 'none';
  if (/truecolor|24bit|256/.test(env.COLORTERM ?? '') || /256|direct|kitty|alacritty|ghostty|foot/.test(term))
    return '256';
  return '16';
}

/** Whether the locale can show more than ASCII: LC_ALL before LC_CTYPE before LANG, as in locale(7). */
export function isUnicode(env: Environment): boolean {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== '');
  return /utf-?8/i.test(locale ?? '') && env.TERM !== 'linux';
}

/** Whether the terminal says that its background is light, as rxvt, Konsole and others do in COLORFGBG. */
export function hasLightBackground(env: Environment): boolean {
  const background = Number(/;(\d+)$/.exec(env.COLORFGBG ?? '')?.[1] ?? Number.NaN);
  return background === 7 || (background >= 9 && background <= 15);
}
