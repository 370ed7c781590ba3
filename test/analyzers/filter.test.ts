import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Column, Table } from '../../analyzers/columns/column.js';
import { tables } from '../../analyzers/columns/index.js';
import { unfinishedAt, writtenValue } from '../../analyzers/filter/complete.js';
import { parseFilter } from '../../analyzers/filter/filter.js';
import { columnNamed, shortName } from '../../analyzers/filter/names.js';
import { FilterError } from '../../analyzers/filter/tokens.js';
import type { Frame } from '../../analyzers/frame.js';
import { nameMatcher } from '../../cli/match.js';

interface Row {
  readonly name: string;
  readonly image?: string;
  readonly cpu?: number;
  readonly mem?: number;
  readonly lat?: number;
  readonly procs?: number;
  readonly pid?: number;
  readonly limit?: number;
  readonly started?: bigint;
}

const column = (
  id: string,
  unit: Column<Row>['unit'],
  value: Column<Row>['value'],
  more = {},
): Column<Row> => ({
  id,
  title: id.toUpperCase(),
  unit,
  doc: id,
  value,
  width: 8,
  priority: 1,
  ...more,
});

const table: Table<Row> = {
  id: 'things',
  title: 'Things',
  doc: '',
  defaultSort: { column: 'name', descending: false },
  searched: ['name', 'pid'],
  rows: () => [],
  key: ({ name }) => name,
  container: ({ name }) => name,
  columns: [
    column('name', 'text', (row) => row.name),
    column('image', 'text', (row) => row.image),
    column('cpu_ns', 'duration', (row) => (row.cpu === undefined ? undefined : row.cpu * 1e7)),
    column('cpu_pct', 'percent', (row) => row.cpu),
    column('mem_bytes', 'bytes', (row) => row.mem),
    column('wakeup_p99_ns', 'duration', (row) => row.lat, { alias: 'lat' }),
    column('procs', 'count', (row) => row.procs),
    column('pid', 'tid', (row) => row.pid),
    column('limit_cpus', 'cpus', (row) => row.limit),
    column('runnable_ns', 'duration', (row) => row.lat, { title: 'WAIT' }),
    column('started', 'time', (row) => row.started),
  ],
};

const G = 1024 ** 3;
/** 2026-11-22 12:03:10.5 local time */
const NOON = BigInt(new Date(2026, 10, 22, 12, 3, 10, 500).getTime()) * 1_000_000n;
const rows: readonly Row[] = [
  { name: 'web', image: 'nginx:1.25', cpu: 24.96, mem: 2 * G, lat: 7e6, procs: 5, pid: 101, limit: 0.5 },
  { name: 'web-client', image: 'curl', cpu: 3, mem: G / 2, lat: 1e6, procs: 2000, pid: 102, started: NOON },
  { name: 'db', image: 'Postgres:16', cpu: 80, mem: 3 * G, lat: 40e3, procs: 12, pid: 2101 },
  { name: 'pid_ns:4026', pid: 7 },
  { name: 'and (so) on', image: '/srv/a b', cpu: 0 },
];

const compile = (pattern: string) => nameMatcher([pattern]);
const frame = {} as Frame;

function found(text: string): string[] {
  const filter = parseFilter(text, table, compile);
  return rows.filter((row) => filter?.matches(row, frame) ?? true).map(({ name }) => name);
}

const ALL = rows.map(({ name }) => name);
const FOUND: readonly (readonly [string, readonly string[]])[] = [
  ['', ALL],
  ['   ', ALL],
  // Words alone.
  ['web', ['web', 'web-client']],
  ['WEB', []],
  ['w*b', ['web']],
  ['*b*', ['web', 'web-client', 'db']],
  ['[dw]?', ['db']],
  ['/^(web|db)$/', ['web', 'db']],
  ['/^WEB$/i', ['web']],
  ['/a b/', []],
  ['101', ['web', 'db']],
  ['"pid_ns:"', ['pid_ns:4026']],
  ['"and (so)"', ['and (so) on']],
  ["'so'", ['and (so) on']],
  ['nginx', []],
  // Texts.
  ['name=web', ['web']],
  ['name=web*', ['web', 'web-client']],
  ['name="web*"', []],
  ['name!=web', ['web-client', 'db', 'pid_ns:4026', 'and (so) on']],
  ['name~"web.*"', ['web', 'web-client']],
  ['name~^w', ['web', 'web-client']],
  ['name~/^W/i', ['web', 'web-client']],
  ['name!~e', ['db', 'pid_ns:4026', 'and (so) on']],
  ['image:nginx', ['web']],
  ['image:postgres', ['db']],
  ['image:POSTGRES', []],
  ['image=/srv/*', ['and (so) on']],
  ['image:/srv', ['and (so) on']],
  ['image~"/srv/a b"', ['and (so) on']],
  ['image = curl', ['web-client']],
  ['Image == curl', ['web-client']],
  // Numbers and their units.
  ['cpu>20', ['web', 'db']],
  ['cpu > 20%', ['web', 'db']],
  ['cpu=25', ['web']],
  ['cpu=25.0', ['web']],
  ['cpu=24.9', []],
  ['cpu!=25', ['web-client', 'db', 'and (so) on']],
  ['cpu<=0', ['and (so) on']],
  ['cpu_ns>=800ms', ['db']],
  ['mem>1G', ['web', 'db']],
  ['mem>=2GiB mem<2.5gb', ['web']],
  ['mem=512M', ['web-client']],
  ['lat>5ms', ['web']],
  ['lat<1ms', ['db']],
  ['lat=40us', ['db']],
  ['lat>0', ['web', 'web-client', 'db']],
  ['wait>=0.007s', ['web']],
  ['procs>1.5k', ['web-client']],
  ['pid=7', ['pid_ns:4026']],
  ['limit<1', ['web']],
  // Times.
  ['started>=12:03:10.5', ['web-client']],
  ['started>12:03:10.5', []],
  ['started<12:04', ['web-client']],
  [`started=@${NOON}`, ['web-client']],
  ['started>2026-11-01', ['web-client']],
  ['started<2026-11-01T00:00:00Z', []],
  // What is unknown fits nothing, and the opposite of nothing is everything.
  ['limit!=0', ['web']],
  ['image!~x', ['web-client', 'db', 'and (so) on']],
  ['not limit>=0', ['web-client', 'db', 'pid_ns:4026', 'and (so) on']],
  // Together.
  ['web cpu>20', ['web']],
  ['web and cpu>20', ['web']],
  ['name~"web.*" && cpu>20', ['web']],
  ['web or db', ['web', 'web-client', 'db']],
  ['db or web and cpu<10', ['web-client', 'db']],
  ['(db or web) and cpu<10', ['web-client']],
  ['image=curl or not image:nginx', ['web-client', 'db', 'pid_ns:4026', 'and (so) on']],
  ['!web !db', ['pid_ns:4026', 'and (so) on']],
  ['NOT (web || db) AND cpu>=0', ['and (so) on']],
  ['not not web', ['web', 'web-client']],
  ['((web))', ['web', 'web-client']],
];

const WRONG: readonly (readonly [string, number, RegExp])[] = [
  ['cpu>', 4, /a value is missing after >/],
  ['(cpu> )', 5, /a value is missing after >/],
  ['cpu>>20', 4, /cpu_pct is a number/],
  ['web cup>2', 4, /things have no column “cup”; did you mean cpu\?/],
  ['pid_ns:4026', 0, /no column “pid_ns”/],
  ['cpu~2', 3, /cpu_pct is a number: = != > >= < <= compare it/],
  ['name>a', 4, /name is a text: = != ~ !~ : compare it/],
  ['started:12', 7, /started is a time/],
  ['started>noon', 8, /“noon” is no time/],
  ['started>25:00', 8, /no time of day/],
  ['lat>5', 5, /wakeup_p99_ns is a duration: it needs a unit, like 5ms/],
  ['lat>5x', 5, /no duration ends in “x”/],
  ['mem>1Q', 5, /“Q” is no unit of mem_bytes/],
  ['cpu>20s', 6, /“s” is no unit of cpu_pct/],
  ['pid=1k', 5, /“k” is no unit of pid/],
  ['web and', 7, /something is missing here/],
  ['or web', 0, /something is missing before “or”/],
  ['web or and db', 7, /something is missing before “and”/],
  ['(web', 0, /this \( is not closed/],
  ['web)', 3, /this \) closes nothing/],
  ['()', 1, /something is missing before this \)/],
  ['not', 3, /something is missing here/],
  ['"web', 0, /has no " at its end/],
  ['name~"web', 5, /has no " at its end/],
  ['/web', 0, /a regular expression ends in \//],
  ['name~"("', 5, /nvalid regular expression/],
  ['web/(/', 5, /a regular expression ends in \//],
  ['=5', 0, /before = stands the name of a column/],
  ['name~(a|b)', 5, /a value with brackets goes in quotes/],
  [`${'('.repeat(200)}web${')'.repeat(200)}`, 100, /too much inside of each other/],
  [`${'not '.repeat(200)}web`, 400, /too much inside of each other/],
];

describe('filters', () => {
  for (const [text, expected] of FOUND) {
    it(`find with ${text || 'nothing'}`, () => assert.deepEqual(found(text), expected));
  }
  for (const [text, at, message] of WRONG) {
    it(`say where ${text.slice(0, 30)} is wrong`, () => {
      assert.throws(
        () => parseFilter(text, table, compile),
        (error) => {
          assert.ok(error instanceof FilterError);
          assert.match(error.message, message);
          if (text.length < 30) assert.equal(error.at, at);
          return true;
        },
      );
    });
  }
  it('say which columns they look at', () => {
    const of = (text: string) => parseFilter(text, table, compile)!.columns.map(({ id }) => id);
    assert.deepEqual(of('cpu>1 or not image:x'), ['cpu_pct', 'image']);
    assert.deepEqual(of('web'), ['name', 'pid']);
  });
  it('never fail otherwise, whatever is typed', () => {
    const pieces = [
      'web',
      'cpu',
      '>',
      '=',
      '~',
      '!',
      ':',
      '(',
      ')',
      '"',
      "'",
      '/',
      '[',
      '\\',
      ' ',
      '20',
      'ms',
      'and',
      'or',
      'not',
      '字',
    ];
    let state = 7;
    for (let run = 0; run < 20_000; run++) {
      let text = '';
      for (let i = 0; i < 8; i++) {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0;
        text += pieces[(state >>> 16) % pieces.length];
      }
      try {
        found(text);
      } catch (error) {
        assert.ok(error instanceof FilterError, `${text}: ${error}`);
        assert.ok(error.at >= 0 && error.at <= text.length, text);
      }
      unfinishedAt(text);
    }
  });
});

describe('names of columns', () => {
  it('are ids, ids without a unit, aliases, titles', () => {
    for (const [name, id] of [
      ['cpu', 'cpu_pct'],
      ['CPU_NS', 'cpu_ns'],
      ['mem', 'mem_bytes'],
      ['limit', 'limit_cpus'],
      ['lat', 'wakeup_p99_ns'],
      ['wait', 'runnable_ns'],
      ['why', 'why'],
      ['nothing', undefined],
    ] as const)
      assert.equal(columnNamed(tables.containers.columns, name)?.id, id);
  });
  it('lead back to their column in every table', () => {
    for (const { columns } of Object.values(tables) as Table<unknown>[]) {
      for (const candidate of columns) {
        assert.equal(columnNamed(columns, candidate.id), candidate);
        assert.equal(columnNamed(columns, shortName(columns, candidate)), candidate);
      }
    }
  });
  it('that are searched exist', () => {
    for (const { id, columns, searched = [] } of Object.values(tables) as Table<unknown>[]) {
      for (const name of searched)
        assert.ok(
          columns.some((candidate) => candidate.id === name),
          `${id} ${name}`,
        );
    }
  });
});

describe('a filter that is being typed', () => {
  for (const [text, expected] of [
    ['', { column: undefined, typed: '', at: 0 }],
    ['cp', { column: undefined, typed: 'cp', at: 0 }],
    ['web and (im', { column: undefined, typed: 'im', at: 9 }],
    ['not !im', { column: undefined, typed: 'im', at: 5 }],
    ['image=ng', { column: 'image', typed: 'ng', at: 6 }],
    ['web image : "a b', { column: 'image', typed: 'a b', at: 12 }],
    ['name~ng', undefined],
    ['"we', undefined],
  ] as const)
    it(`ends in what can be completed: ${text}`, () => assert.deepEqual(unfinishedAt(text), expected));
  it('gets values as they have to be written', () => {
    for (const value of ['nginx:1.25', 'a b', '/srv/*', 'say "hi"', '[x]', 'x(1)']) {
      const written = writtenValue(value);
      const row = { name: value };
      assert.ok(parseFilter(`name=${written}`, table, compile)!.matches(row, frame), written);
    }
  });
});
