/**
 * A relay daemon that gives a recorded kernel trace live, over and over: `feed.js TRACE SPEED TIMER_MS`, the trace cut by
 * `recut` at SPEED × TIMER_MS. Prints the session's URL.
 */

import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { streamFiles } from '../../test/ctf/files.js';
import { EndlessStream, shiftOf } from '../../test/ctf/stretch.js';
import { type PacketList, ScriptedRelay } from '../../test/native/live/relay.js';

const [trace, speed, timerMs] = process.argv.slice(2) as [string, string, string];
const files = streamFiles(trace).map((path) => ({
  channel: basename(path),
  stream: new EndlessStream(readFileSync(join(trace, path))),
}));
const { shift, begin } = shiftOf(files.map(({ stream }) => stream));
const started = process.hrtime.bigint();
const now = (): bigint =>
  begin + BigInt(Math.round(Number(process.hrtime.bigint() - started) * Number(speed)));

/** The client asks for the index of a packet, often, before it asks for its bytes, once. */
function listOf(stream: EndlessStream): PacketList {
  let last = { number: -1, packet: undefined as ReturnType<EndlessStream['packet']> | undefined };
  return {
    length: stream.length,
    at(number) {
      if (last.number !== number) last = { number, packet: stream.packet(number, shift) };
      return last.packet;
    },
  };
}

const relay = new ScriptedRelay({
  metadata: readFileSync(join(trace, dirname(streamFiles(trace)[0]!), 'metadata')),
  streams: files.map(({ channel, stream }) => ({ channel, packets: listOf(stream) })),
  liveTimerUs: Number(timerMs) * 1000,
  clock: { now, period: BigInt(Math.round(Number(timerMs) * 1e6 * Number(speed))) },
});
console.log(await relay.listen());
