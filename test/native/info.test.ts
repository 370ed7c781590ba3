/** What a source says of its traces and streams before anything is read. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { open } from '../../native/index.js';
import type { Source } from '../../native/types.js';
import { eventClass, LTTNG, packet, preamble, streamClass } from '../ctf/lttng.js';
import { type Files, stream, writeFiles } from '../ctf/writer.js';
import { temporary } from './oracle.js';
import { filesOf } from './traces/index.js';

const scratch = temporary('info');
after(scratch.remove);

let next = 0;
async function opened(files: Files): Promise<{ source: Source; path: string }> {
  const path = join(scratch.path, String(next++));
  writeFiles(path, files);
  return { path, source: await open(path, { columns: {}, selections: [{ events: ['*'] }] }) };
}

it('env: numbers in every base, escapes and other characters, as babeltrace2 reads them', async () => {
  const { source } = await opened(filesOf('metadata-escapes'));
  assert.deepEqual(
    { ...source.traces[0]!.env },
    {
      hostname: 'box',
      domain: 'kernel',
      quotes: 'say "hi" \\ back',
      control: 'tab\tnewline\nbell\x07AA',
      utf8: 'naïve ☃',
      empty: '',
      negative: -5,
      hex: 31,
      octal: 15,
      tracer_name: 'lttng-modules',
      tracer_major: 2,
      tracer_minor: 13,
      tracer_patchlevel: 9,
    },
  );
  assert.equal(source.traces[0]!.uuid, LTTNG.uuid);
  await source.close();
});

it('declared events: payload and context fields, by stream class, whether or not they occur', async () => {
  const { source } = await opened(filesOf('metadata-scopes'));
  const declared = source.traces[0]!.declared.map((event) => ({ ...event })).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  assert.deepEqual(declared, [
    { name: 'e0', streamClass: 0, fields: ['v', 'm'], context: ['ctx', 'pair.a', 'pair.b', 'own'] },
    { name: 'e7', streamClass: 7, fields: ['v'], context: [] },
    { name: 'no fields at all', streamClass: 7, fields: [], context: [] },
    { name: 'order of attributes', streamClass: 7, fields: ['s'], context: [] },
  ]);
  await source.close();
  const many = await opened(filesOf('metadata-many-classes'));
  assert.equal(many.source.traces[0]!.declared.length, 2000);
  await many.source.close();
});

it('streams: channel, CPU and files; unknown where the trace does not tell', async () => {
  const told = async (name: string): Promise<unknown[]> => {
    const { source, path } = await opened(filesOf(name));
    const streams = source.streams.map(({ trace, channel, cpu, files }) => [
      trace,
      channel,
      cpu,
      files.map((file) => file.replace(`${path}/`, '')).sort(),
    ]);
    await source.close();
    return streams.sort((a, b) => (String(a) < String(b) ? -1 : 1));
  };
  assert.deepEqual(await told('layout-le-packed-compact-new'), [
    [0, 'chan', 0, ['chan_0']],
    [0, 'chan', 1, ['chan_1']],
  ]);
  assert.deepEqual(await told('packets-tracefiles'), [
    [0, 'chan', 0, Array.from({ length: 12 }, (_, i) => `chan_0_${i}`).sort()],
    [0, 'chan', 1, ['chan_1_0', 'chan_1_1']],
  ]);
  assert.deepEqual(
    (await told('packets-chunks')).map((row) => (row as unknown[]).slice(1, 3)),
    [
      ['chan', 0],
      ['chan', 1],
    ],
  );
  assert.deepEqual(
    (await told('metadata-foreign')).map((row) => (row as unknown[])[2]),
    [undefined],
  );
});

it('names that mean something to JavaScript are names', async () => {
  const layout = {
    ...LTTNG,
    env: '__proto__ = "a"; constructor = "b"; hostname = "box"; tracer_name = "lttng-modules";',
  };
  const { source } = await opened({
    metadata:
      preamble(layout) +
      streamClass(layout) +
      eventClass(0, '__proto__', 'uint8_t _constructor;') +
      eventClass(1, 'toString', ''),
    chan_0: stream(
      packet(layout, { begin: 1, end: 9 }, (w) => w.event(0, 1).u8(5).event(0, 2).u8(6).event(1, 3)),
    ),
  });
  let rows = 0;
  for await (const batch of source) rows += batch.length;
  assert.equal(rows, 3);
  assert.deepEqual(Object.entries(source.eventCounts()).sort(), [
    ['__proto__', 2],
    ['toString', 1],
  ]);
  assert.deepEqual(Object.keys(source.traces[0]!.env).sort(), [
    '__proto__',
    'constructor',
    'hostname',
    'tracer_name',
  ]);
});
