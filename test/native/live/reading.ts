/** What the tests of the live client share: a trace of ticks as a session, and reading it to its end. */

import assert from 'node:assert/strict';
import { type Loss, type OpenOptions, open, SourceError, type Subscription } from '../../../native/index.js';
import { LTTNG } from '../../ctf/lttng.js';
import { packetize } from '../../ctf/writer.js';
import { chain, metadata } from '../traces/ticks.js';
import { type Script, ScriptedRelay } from './relay.js';

export const TICKS: Subscription = {
  columns: { n: 'i32' },
  selections: [{ events: ['tick'], fields: ['n'] }],
};
export const META = packetize(metadata(), { uuid: LTTNG.uuid });
export const STREAMS = [
  {
    channel: 'chan_0',
    packets: chain([{ count: 5 }, { count: 0 }, { count: 7 }, { count: 900 }].map((p) => ({ ...p, cpu: 0 }))),
  },
  { channel: 'chan_1', packets: chain([{ count: 40 }, { count: 3 }].map((p) => ({ ...p, cpu: 1 }))) },
];
/** Events of both streams. */
export const ALL = 955;
export const SCRIPT: Script = { metadata: META, streams: STREAMS };
export const DONE = { timeout: 60_000 };

export interface Read {
  rows: string[];
  /** Their rows count from the first batch on. */
  losses: Loss[];
  error?: string;
  /** Each trouble that it told of while it read. */
  troubles: string[];
}

/** Everything that a source gives: `time cpu n`, absolute. */
export async function read(paths: string | readonly string[], options: OpenOptions = {}): Promise<Read> {
  const found: Read = { rows: [], losses: [], troubles: [] };
  try {
    const source = await open(paths, TICKS, options);
    const look = setInterval(() => {
      const { trouble } = source.counters();
      if (trouble !== undefined && trouble !== found.troubles.at(-1)) found.troubles.push(trouble);
    }, 10);
    try {
      for await (const batch of source) {
        const n = batch.columns.n as Int32Array;
        const former = found.rows.length;
        for (let i = 0; i < batch.length; i++)
          found.rows.push(`${source.origin + BigInt(batch.time[i]!)} ${batch.cpu[i]} ${n[i]}`);
        for (const loss of batch.losses) found.losses.push({ ...loss, row: former + loss.row });
      }
    } finally {
      clearInterval(look);
    }
  } catch (error) {
    assert.ok(error instanceof SourceError, `${error}`);
    return { ...found, error: error.message };
  }
  return found;
}

export async function play(script: Script, options?: OpenOptions): Promise<Read & { relay: ScriptedRelay }> {
  const relay = new ScriptedRelay(script);
  try {
    return { ...(await read(await relay.listen(), options)), relay };
  } finally {
    await relay.close();
  }
}
