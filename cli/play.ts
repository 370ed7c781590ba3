/** Puts a recording on the screen: the one place where reading, playing and drawing meet. */
import { Engine } from '../analyzers/engine.js';
import { openBookmarks } from '../recordings/bookmarks.js';
import { Replay } from '../recordings/player.js';
import { terminalProblem } from '../tui/environment.js';
import { parseRange, readRanges, resolveRange } from './compare/ranges.js';
import { loadScreenSettings } from './config/load.js';
import { CommandError } from './errors.js';
import { type LookOptions, lookOf } from './look.js';
import { DEFAULT_INTERVAL_NS } from './options.js';
import { jumpTo, momentOf, partOf, spanOf, startReading } from './reading.js';
import type { Time } from './time.js';

export interface PlayOptions extends LookOptions {
  readonly path: string;
  /** What the screen calls it. */
  readonly title: string;
  readonly inventory: readonly string[];
  readonly from?: Time | undefined;
  readonly to?: Time | undefined;
  /** Stand still here. */
  readonly at?: Time | undefined;
  readonly speed?: number | undefined;
  /** Length of a frame, ns. */
  readonly interval?: number | undefined;
}

/**
 * Plays until the user quits. Gives the exit code: 0, or 128 + N after signal N. @throws CommandError where there is no
 * screen to draw on, UsageError for a column that is not there, and what opening the recording throws.
 */
export async function play(options: PlayOptions): Promise<number> {
  requireTerminal();
  const screen = await loadScreenSettings(process.env);
  const look = lookOf(options, screen, 'what is shown is a recording');
  const { settings, keep } = screen;
  const { source, inventory, looks, directory, reopen } = await startReading(
    options.path,
    options.inventory,
    Engine.subscription(),
  );
  const span = spanOf(source);
  try {
    const player = new Replay({
      source,
      reopen,
      title: options.title,
      interval: options.interval ?? settings.interval ?? DEFAULT_INTERVAL_NS,
      inventory,
      looks,
      ...partOf(source, options.from, options.to),
      at: options.at && momentOf(source, options.at),
      paused: options.at !== undefined,
      speed: options.speed,
    });
    try {
      // React and Ink are loaded only now, because the other commands do without them.
      const { runTop } = await import('../tui/run.js');
      return await runTop({
        ...look,
        player,
        keep,
        bookmarks: await openBookmarks(options.path, directory),
        recorder: 'this is a recording already',
        readRanges: async (texts) => {
          const ranges = texts.map((text) => resolveRange(parseRange(text), span));
          const again = await reopen();
          return readRanges(again, ranges, { inventory }).finally(() => again.close());
        },
        parseTime: (text, from) => jumpTo(text, from, span),
      });
    } finally {
      await player.close();
    }
  } finally {
    await source.close();
  }
}

/** @throws CommandError with one sentence that says what to use instead. */
export function requireTerminal(): void {
  const problem = terminalProblem(process.stdin, process.stdout, process.env);
  if (problem !== undefined) throw new CommandError(problem);
}
