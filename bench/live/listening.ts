/** A real relay daemon with a user-space session, and a listener to it in a process of its own. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { listSessions } from '../../native/index.js';
import { UserSpaceTracer } from '../../test/native/ust/tracer.js';
import type { Heard } from './listen.js';
import { LIVE_TIMER_MS } from './screen.js';

const INTERVAL_MS = 100;
/** What the relay daemon stores of each CPU's stream is bounded by its oldest making room. */
const STORED = '--tracefile-size=67108864 --tracefile-count=8';

/** Events at a rate (0: as many as can be written) for so long, as a listener that was attached before hears them. */
export async function listenTo(rate: number, seconds: number): Promise<{ heard: Heard; written: number }> {
  const tracer = new UserSpaceTracer();
  try {
    await tracer.startSessionDaemon();
    const { control, data, live } = await tracer.startRelayDaemon();
    tracer.lttng(
      `create s --live=${LIVE_TIMER_MS * 1000} --ctrl-url=tcp://127.0.0.1:${control} --data-url=tcp://127.0.0.1:${data}`,
    );
    tracer.lttng(`enable-channel -u c --subbuf-size=1048576 --num-subbuf=16 ${STORED}`);
    tracer.lttng('enable-event -u -c c boxtop_test:flood');
    tracer.lttng('start');
    const [session] = await listSessions(`net://127.0.0.1:${live}`);
    const program = fileURLToPath(new URL('listen.js', import.meta.url));
    const listener = spawn(process.execPath, [program, session!.url, String(INTERVAL_MS)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface(listener.stdout);
    await once(lines, 'line');
    const result = once(lines, 'line') as Promise<[string]>;
    const written = await tracer.flood(rate, seconds);
    // What is under way comes with the next ticks of the timer.
    await sleep(5 * LIVE_TIMER_MS);
    tracer.lttng('stop');
    tracer.lttng('destroy');
    return { heard: JSON.parse((await result)[0]) as Heard, written };
  } finally {
    await tracer.stop();
    tracer.remove();
  }
}
