import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import type { Frame } from '../../analyzers/frame.js';
import { type FormatName, formats } from '../../cli/formats/index.js';
import { Output } from '../../cli/output.js';
import type { View } from '../../cli/view.js';
import { writeFrames } from '../../cli/write-frames.js';
import { type FakeRow, fakeFrame, fakeRow, fakeTable } from './fake-table.js';

const wide = '容器';
const frames = [
  fakeFrame(0, [fakeRow('web', 1_234_567_890, 12.34567, 1_795_363_000_123_456_789n), fakeRow(wide, 0, 0)]),
  fakeFrame(1, [fakeRow(undefined)]),
];

async function* each(list: readonly Frame[]): AsyncGenerator<Frame> {
  yield* list;
}

async function text(format: FormatName, list = frames, columns = fakeTable.columns): Promise<string> {
  const stream = new PassThrough();
  const view: View<FakeRow> = {
    table: fakeTable,
    columns,
    sort: fakeTable.defaultSort,
    top: Number.POSITIVE_INFINITY,
    matches: undefined,
  };
  await writeFrames(each(list), view, formats[format](), new Output(stream));
  stream.end();
  return (await stream.toArray()).join('');
}

const named = (name: string) => [fakeFrame(0, [fakeRow(name)])];
const nameOnly = fakeTable.columns.filter(({ id }) => id === 'name');

describe('formats for programs', () => {
  const first = {
    time: '1795363895000000000',
    name: 'web',
    cpu_ns: 1234567890,
    cpu_pct: 12.346,
    started: '1795363000123456789',
  };

  it('json is an array of objects with times as strings and unknown as null', async () => {
    const rows = JSON.parse(await text('json'));
    assert.equal(rows.length, 3);
    assert.deepEqual(rows[0], first);
    assert.deepEqual(rows[2], {
      time: '1795363896000000000',
      name: null,
      cpu_ns: null,
      cpu_pct: null,
      started: null,
    });
  });

  it('json without rows is an empty array', async () => {
    assert.deepEqual(JSON.parse(await text('json', [])), []);
    assert.deepEqual(JSON.parse(await text('json', [fakeFrame(0, [])])), []);
  });

  it('jsonl has the same objects, one a line', async () => {
    const lines = (await text('jsonl')).trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)),
      JSON.parse(await text('json')),
    );
  });

  it('csv and tsv have the same values, unknown empty', async () => {
    const csv = await text('csv');
    assert.equal(csv.split('\r\n')[0], 'time,name,cpu_ns,cpu_pct,started');
    assert.equal(csv.split('\r\n')[1], Object.values(first).join(','));
    assert.equal(csv.split('\r\n')[3], '1795363896000000000,,,,');
    assert.equal((await text('tsv')).split('\n')[1], Object.values(first).join('\t'));
  });

  it('json escapes what could harm a terminal, without loss', async () => {
    const name = 'a\u001b[2J\u202eb"\\\u0085\n';
    const json = await text('jsonl', named(name));
    assert.match(json, /^[\x20-\x7e]+\n$/);
    assert.equal(JSON.parse(json).name, name);
  });

  it('csv quotes as RFC 4180 says, and takes the sting out of formulas and control characters', async () => {
    const cell = async (name: string) => (await text('csv', named(name), nameOnly)).slice('name\r\n'.length);
    assert.equal(await cell('a,b'), '"a,b"\r\n');
    assert.equal(await cell('say "hi"'), '"say ""hi"""\r\n');
    assert.equal(await cell('a\r\nb'), '"a\r\nb"\r\n');
    assert.equal(await cell('=1+2'), "'=1+2\r\n");
    assert.equal(await cell('-bash'), "'-bash\r\n");
    assert.equal(await cell('a\u001b[2J\u202e'), 'a\ufffd[2J\ufffd\r\n');
  });

  it('tsv escapes tabs, line ends, backslashes and control characters', async () => {
    const cell = (await text('tsv', named('a\tb\nc\rd\\e\u001bf\u202eg'), nameOnly)).slice('name\n'.length);
    assert.equal(cell, 'a\\tb\\nc\\rd\\\\e\\x1bf\\u202eg\n');
  });
});

describe('the table for people', () => {
  const columns = fakeTable.columns.filter(({ id }) => ['name', 'cpu_ns', 'cpu_pct'].includes(id));

  it('aligns columns, wide characters too, and shows unknown as a dash', async () => {
    assert.equal(
      await text('table', frames, columns),
      [
        'NAME    CPU  %CPU',
        'web   1.23s  12.3',
        `${wide}      0   0.0`,
        '',
        'NAME    CPU  %CPU',
        '–         –     –',
        '',
      ].join('\n'),
    );
  });

  it('strips control and bidirectional characters', async () => {
    const shown = await text('table', named('a\u001b[31mb\u202ec\nd'), nameOnly);
    assert.equal(shown, 'NAME\na[31mbcd\n');
  });
});

describe('back-pressure', () => {
  it('asks for the next frame only when the reader has taken the last', async () => {
    let made = 0;
    async function* many(): AsyncGenerator<Frame> {
      for (; made < 200; made++)
        yield fakeFrame(
          made,
          Array.from({ length: 100 }, (_, i) => fakeRow(`name-${i}`, i)),
        );
    }
    const stream = new PassThrough({ highWaterMark: 1 });
    const view: View<FakeRow> = {
      table: fakeTable,
      columns: fakeTable.columns,
      sort: fakeTable.defaultSort,
      top: 100,
      matches: undefined,
    };
    const done = writeFrames(many(), view, formats.jsonl(), new Output(stream));
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(made < 50, `${made} frames were made while nobody read`);
    stream.resume();
    await done;
    assert.equal(made, 200);
  });
});
