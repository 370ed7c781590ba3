/** Records a user-space trace of every type of field, with discarded events and lost packets in it. */

import { join } from 'node:path';
import { UserSpaceTracer } from './tracer.js';

/** Contexts on a roomy channel; floods into two that are too small: one that discards events, one that overwrites packets. */
const SESSION = [
  'enable-channel -u roomy --subbuf-size=262144 --num-subbuf=8',
  'enable-channel -u tight --subbuf-size=4096 --num-subbuf=2',
  'enable-channel -u over --overwrite --subbuf-size=4096 --num-subbuf=2',
  'add-context -u -c roomy -t vpid -t vtid -t procname -t pthread_id',
  'enable-event -u -c roomy boxtop_test:integers,boxtop_test:reals,boxtop_test:collections,boxtop_test:levels',
  'enable-event -u -c tight boxtop_test:flood',
  'enable-event -u -c over boxtop_test:flood',
  'start',
];

/** Returns the trace's directory, which `remove` removes. */
export async function recordUserSpace(): Promise<{ trace: string; remove: () => void }> {
  const tracer = new UserSpaceTracer();
  const trace = join(tracer.home, 'trace');
  try {
    await tracer.startSessionDaemon();
    tracer.lttng(`create test --output=${trace}`);
    for (const command of SESSION) tracer.lttng(command);
    await tracer.runProgram();
    tracer.lttng('stop');
    tracer.lttng('destroy');
  } finally {
    await tracer.stop();
  }
  return { trace, remove: () => tracer.remove() };
}
