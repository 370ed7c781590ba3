/** A recorded kernel trace as a live session that never ends. */

import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { streamFiles } from '../../ctf/files.js';
import { EndlessStream, paceOf } from '../../ctf/stretch.js';
import type { PacketList, Script } from './relay.js';

/** The trace over and over, so many times faster than it happened; its packets cut (recut) at SPEED × TIMER_MS, or longer. */
export function endless(trace: string, speed: number, timerMs: number): Script {
  const paths = streamFiles(trace);
  const streams = paths.map((path) => new EndlessStream(readFileSync(join(trace, path))));
  const { shift, begin } = paceOf(streams);
  const started = performance.now();
  return {
    metadata: readFileSync(join(trace, dirname(paths[0]!), 'metadata')),
    streams: streams.map((stream, i) => ({ channel: basename(paths[i]!), packets: listOf(stream, shift) })),
    liveTimerUs: timerMs * 1000,
    clock: {
      now: () => begin + BigInt(Math.round((performance.now() - started) * 1e6 * speed)),
      period: BigInt(Math.round(timerMs * 1e6 * speed)),
    },
  };
}

/** The client asks for the index of a packet, often, before it asks for its bytes, once. */
function listOf(stream: EndlessStream, shift: bigint): PacketList {
  let last: { readonly number: number; readonly packet: ReturnType<EndlessStream['packet']> } | undefined;
  return {
    length: stream.length,
    at(number) {
      if (last?.number !== number) last = { number, packet: stream.packet(number, shift) };
      return last.packet;
    },
  };
}
