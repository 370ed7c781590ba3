/**
 * Keeps the newest part of a trace: the tracer closes a piece of it now and then (a "trace chunk", which can be read
 * alone), and the oldest pieces are removed.
 */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sizeOf } from './size.js';

/** More pieces keep more of what is allowed, and each costs a statedump. */
const PIECES = 8;
const ARCHIVES = 'archives';

/**
 * Called now and then while the trace is written. `rotate` closes the piece that is being written. All pieces together
 * have at most `maxBytes`, but for what comes in between two calls.
 */
export async function keepNewest(
  trace: string,
  maxBytes: number,
  rotate: () => Promise<void>,
): Promise<void> {
  const current = await removeOldest(trace, maxBytes * (1 - 1 / PIECES));
  if (current >= maxBytes / PIECES) await rotate();
}

/**
 * Removes closed pieces, the oldest first, until the whole trace has at most `maxBytes`; the newest stays in any case. Gives
 * the size of what is not closed yet.
 */
export async function removeOldest(trace: string, maxBytes: number): Promise<number> {
  const archives = join(trace, ARCHIVES);
  // Their names begin with the time, and end with a number that goes up.
  const pieces = (await readdir(archives).catch(() => [])).sort(byNumber);
  const sizes = await Promise.all(pieces.map((piece) => sizeOf(join(archives, piece))));
  let closed = sizes.reduce((total, size) => total + size, 0);
  const current = (await sizeOf(trace)) - closed;
  for (let oldest = 0; oldest < pieces.length - 1 && closed + current > maxBytes; oldest++) {
    await rm(join(archives, pieces[oldest]!), { recursive: true });
    closed -= sizes[oldest]!;
  }
  return current;
}

function byNumber(a: string, b: string): number {
  const numberOf = (name: string) => Number(/-(\d+)$/.exec(name)?.[1] ?? -1);
  return numberOf(a) - numberOf(b);
}
