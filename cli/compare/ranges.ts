/** Ranges of time as one types them, and what a recording has of them. */
import { Engine, type EngineOptions } from '../../analyzers/engine.js';
import type { Frame } from '../../analyzers/frame.js';
import type { Source } from '../../native/types.js';
import { CommandError, UsageError } from '../errors.js';
import { sinceOrigin } from '../reading.js';
import { formatTime, parseTime, resolveTime, type Span, type Time } from '../time.js';

export interface Range {
  readonly from: Time;
  readonly to: Time;
}

/** `12:01-12:02`, or with `..` between them; times may have a `-` of their own. @throws UsageError for what is no range */
export function parseRange(text: string): Range {
  const dots = text.indexOf('..');
  const cuts =
    dots > 0
      ? [[text.slice(0, dots), text.slice(dots + 2)] as const]
      : [...text.matchAll(/-/g)].map(({ index }) => [text.slice(0, index), text.slice(index + 1)] as const);
  for (const [from, to] of cuts) {
    try {
      return { from: parseTime(from), to: parseTime(to) };
    } catch {
      // The next dash may be the one between the two.
    }
  }
  throw new UsageError(`“${text}” is no range: use two TIMEs like 12:01-12:02 or +10s..+20s`);
}

/** The range in ns since the trace's origin. @throws CommandError where nothing of the trace lies in it */
export function resolveRange({ from, to }: Range, span: Span): { begin: number; end: number } {
  const [begin, end] = [resolveTime(from, span), resolveTime(to, span)];
  if (begin >= end) throw new CommandError(`${formatTime(begin)} is not before ${formatTime(end)}`);
  if (begin > span.end || end <= span.begin) {
    throw new CommandError(
      `nothing was traced from ${formatTime(begin)} to ${formatTime(end)}: the trace goes from ${formatTime(span.begin)} to ${formatTime(span.end)}`,
    );
  }
  return { begin: sinceOrigin(begin, span), end: sinceOrigin(end, span) };
}

/** One frame for each range, by one reading of the trace. */
export async function readRanges(
  source: Source,
  ranges: readonly { readonly begin: number; readonly end: number }[],
  options: Pick<EngineOptions, 'inventory' | 'analyses' | 'lists'>,
): Promise<Frame[][]> {
  const engines = ranges.map((range) => new Engine(source, { ...options, ...range, interval: 'total' }));
  const frames: Frame[][] = engines.map(() => []);
  for await (const batch of source) {
    for (const [index, engine] of engines.entries()) frames[index]!.push(...engine.push(batch));
    if (engines.every(({ done }) => done)) break;
  }
  for (const [index, engine] of engines.entries()) frames[index]!.push(...engine.finish());
  return frames;
}

/** The frames that lie in the range as a whole. @throws CommandError where there is none */
export function framesWithin(
  frames: readonly Frame[],
  { begin, end }: { readonly begin: number; readonly end: number },
): readonly Frame[] {
  const within = frames.filter((frame) => frame.begin >= begin && frame.end <= end);
  if (within.length === 0) throw new CommandError('a range has no whole interval that is kept');
  return within;
}
