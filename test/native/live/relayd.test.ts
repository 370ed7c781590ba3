/** The live client against a real relay daemon: what comes live is what the daemon stores. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { listSessions, open, type Source, type Subscription } from '../../../native/index.js';
import { UserSpaceTracer } from '../ust/tracer.js';

/** Every field of the test program's events, and the contexts of one channel. */
const COLUMNS: Subscription['columns'] = {
  'ctx.vtid': 'i32',
  'ctx.procname': 'string',
  i8: 'i32',
  u8: 'i32',
  i16: 'i32',
  u16: 'i32',
  i32: 'i32',
  u32: 'f64',
  i64: 'u64',
  u64: 'u64',
  port: 'i32',
  address: 'f64',
  single_precision: 'f64',
  double_precision: 'f64',
  array: 'list',
  array_text: 'string',
  array_network: 'list',
  sequence: 'list',
  sequence_text: 'string',
  string: 'string',
  as_int: 'i32',
  as_char: 'i32',
  as_long: 'f64',
  n: 'f64',
};
const ALL: Subscription = {
  columns: COLUMNS,
  selections: [{ events: ['*'], fields: Object.keys(COLUMNS) }],
};

/** One line an event: absolute time, name, CPU, and every column. */
async function lines(source: Source): Promise<string[]> {
  const out: string[] = [];
  for await (const batch of source) {
    for (let i = 0; i < batch.length; i++) {
      const cells = Object.entries(COLUMNS).map(([name, type]) => {
        const cell = (batch.columns[name] as Float64Array)[i]!;
        return type === 'string' ? batch.string(cell) : type === 'list' ? batch.list(cell)?.join(' ') : cell;
      });
      const time = source.origin + BigInt(batch.time[i]!);
      out.push(`${time} ${source.events[batch.event[i]!]} ${batch.cpu[i]} ${cells.join('|')}`);
    }
    for (const loss of batch.losses) assert.fail(loss.message);
  }
  return out;
}

it('events received live are those that the relay daemon stores, field by field', {
  timeout: 120_000,
}, async () => {
  const tracer = new UserSpaceTracer();
  try {
    await tracer.startSessionDaemon();
    const { control, data, live } = await tracer.startRelayDaemon();
    tracer.lttng(
      `create s --live=100000 --ctrl-url=tcp://127.0.0.1:${control} --data-url=tcp://127.0.0.1:${data}`,
    );
    tracer.lttng('enable-channel -u roomy --subbuf-size=1048576 --num-subbuf=8');
    tracer.lttng('enable-channel -u second --subbuf-size=1048576 --num-subbuf=8');
    tracer.lttng('add-context -u -c roomy -t vtid -t procname');
    tracer.lttng(
      'enable-event -u -c roomy boxtop_test:integers,boxtop_test:reals,boxtop_test:collections,boxtop_test:levels',
    );
    tracer.lttng('enable-event -u -c second boxtop_test:flood');
    tracer.lttng('start');
    // One run of the program lies before the attachment and one after it.
    await tracer.runProgram();
    await sleep(300);
    const [offered] = await listSessions(`net://127.0.0.1:${live}`);
    assert.equal(offered?.name, 's');
    assert.equal(offered.liveTimerUs, 100_000);
    const source = await open(offered.url, ALL);
    assert.equal(source.end, undefined);
    await assert.rejects(open(offered.url, ALL), /someone else is attached/);
    const reading = lines(source);
    await tracer.runProgram();
    await sleep(300);
    tracer.lttng('stop');
    tracer.lttng('destroy');
    // The session's end is the source's.
    const received = await reading;
    const stored = await lines(await open(join(tracer.home, 'relay'), ALL));
    assert.ok(stored.length > 10_000, `${stored.length} events`);
    assert.deepEqual(received.sort(), stored.sort());
  } finally {
    await tracer.stop();
    tracer.remove();
  }
});
