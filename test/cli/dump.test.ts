import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import yargs from 'yargs';
import { tables } from '../../analyzers/columns/index.js';
import { analyses } from '../../analyzers/scope.js';
import {
  type DumpArguments,
  dumpCommand,
  runDump,
  scopeOf,
  type TableName,
  viewOf,
} from '../../cli/commands/dump.js';

import { PARSING } from '../../cli/options.js';
import { bin, boxtop, demoRecording, output } from './boxtop.js';

/** The command line as yargs gives it to the command's handler. */
async function parsed(args: readonly string[]): Promise<DumpArguments> {
  let seen: DumpArguments | undefined;
  const handler = (found: DumpArguments) => {
    seen = found;
  };
  await yargs([...args])
    .parserConfiguration(PARSING)
    .command({ ...dumpCommand, handler })
    .strict()
    .parseAsync();
  assert.ok(seen);
  return seen;
}

/** Columns of containers that the first version had; more may stand between them. */
const STABLE_COLUMNS =
  'time name id runtime image procs threads cpu_ns cpu_pct user_ns kernel_ns irq_ns runnable_ns limit_cpus started ended'.split(
    ' ',
  );

const TSV_ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', '\\': '\\' };

function readTsv(text: string): string[][] {
  const unescaped = (cell: string) =>
    cell.replace(/\\(?:x(..)|u(....)|(.))/g, (_, byte?: string, unit?: string, name = '') =>
      byte || unit ? String.fromCharCode(Number.parseInt((byte ?? unit)!, 16)) : TSV_ESCAPES[name]!,
    );
  const lines = text.replace(/\n$/, '').split('\n');
  return lines.map((line) => line.split('\t').map(unescaped));
}

/** RFC 4180, and the ' before what a spreadsheet would run. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)!.push((quoted?.replaceAll('""', '"') ?? plain).replace(/^'(?=[=+\-@\t\r])/, ''));
    if (end !== ',') rows.push([]);
  }
  return rows.slice(0, -1);
}

type Row = Record<string, string | number | null>;

const TABLES = Object.keys(tables) as (keyof typeof tables)[];

describe('boxtop dump', () => {
  let demo: string;
  let remove: () => Promise<void>;
  before(async () => {
    ({ path: demo, remove } = await demoRecording());
  });
  after(() => remove());

  /** Runs the command in this process, which is quicker. */
  const dumped = async (table: string, ...options: string[]): Promise<string> => {
    const stream = new PassThrough({ encoding: 'utf8' });
    const args = await parsed(['dump', table, demo, ...options]);
    const [chunks] = await Promise.all([stream.toArray(), runDump(args, stream).then(() => stream.end())]);
    return chunks.join('');
  };

  const rows = async (table: string, ...options: string[]): Promise<Row[]> => {
    const text = await dumped(table, '-f', 'jsonl', ...options);
    return text
      .trimEnd()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  };
  const sum = (list: Row[], column: string) =>
    list.reduce((total, row) => total + Number(row[column] ?? 0), 0);

  it('writes the columns that scripts rely on, in their order', async () => {
    const [first] = await rows('containers', '--total');
    const ids = Object.keys(first!).filter((id) => STABLE_COLUMNS.includes(id));
    assert.deepEqual(ids, STABLE_COLUMNS);
  });

  it('names the containers with the inventory of the recording', async () => {
    const list = await rows('containers', '--total');
    const byName = new Map(list.map((row) => [row.name, row]));
    for (const name of ['web', 'web-client', 'db', 'batch', 'log-writer', 'vault', 'noisy']) {
      assert.equal(byName.get(name)?.runtime, 'docker', name);
    }
    assert.equal(byName.get('miner')?.runtime, 'podman');
    assert.equal(byName.get('web')?.limit_cpus, 0.3);
    assert.equal(byName.get('miner')?.image, 'localhost/tiny:1');
    assert.equal(byName.get('web')?.time, '1795363872425465355');
  });

  it('has totals that are the sums over the intervals', async () => {
    const durations = ['cpu_ns', 'user_ns', 'kernel_ns', 'irq_ns', 'runnable_ns'];
    const total = await rows('containers', '--total');
    const parts = await rows('containers', '--interval', '700ms');
    assert.ok(parts.length > total.length);
    assert.equal(sum(total, 'cpu_ns'), sum(parts, 'cpu_ns'));
    // What a container did before the trace tells that it is one counts as the host's in the intervals up to then.
    for (const name of ['web', 'web-client', 'db', 'batch', 'log-writer', 'vault', 'miner']) {
      const own = (list: Row[]) => list.filter((row) => row.name === name);
      for (const column of durations)
        assert.equal(sum(own(total), column), sum(own(parts), column), `${name} ${column}`);
    }
  });

  it('gives containers the time of their threads, processes nearly all of it, and CPUs the time of all', async () => {
    const containers = await rows('containers', '--total');
    const threads = await rows('threads', '--total');
    const processes = await rows('processes', '--total');
    const cpus = await rows('cpus', '--total');
    assert.equal(sum(threads, 'cpu_ns'), sum(containers, 'cpu_ns'));
    // Threads of which nothing tells the process are in no process.
    const inProcesses = sum(processes, 'cpu_ns') / sum(containers, 'cpu_ns');
    assert.ok(inProcesses > 0.999 && inProcesses <= 1, `${inProcesses}`);
    assert.equal(sum(cpus, 'containers_ns') + sum(cpus, 'host_ns'), sum(containers, 'cpu_ns'));
  });

  it('writes the same in all formats', async () => {
    for (const table of TABLES) {
      const dump = (format: string) => dumped(table, '-f', format, '--from', '+20s', '--to', '+22s');
      const jsonl = (await dump('jsonl')).trimEnd().split('\n').filter(Boolean);
      const objects: Row[] = jsonl.map((line) => JSON.parse(line));
      assert.deepEqual(JSON.parse(await dump('json')), objects, table);
      const expected = objects.map((row) => Object.values(row).map((value) => String(value ?? '')));
      const ids = tables[table].columns.map(({ id }) => id);
      assert.deepEqual(readTsv(await dump('tsv')), [ids, ...expected], table);
      assert.deepEqual(readCsv(await dump('csv')), [ids, ...expected], table);
    }
  });

  it('tells refusals unless other columns are asked for, and looks for them only then', async () => {
    const [row] = await rows('containers', '--total', '--name', 'vault');
    assert.ok(Number(row?.denials) > 0, JSON.stringify(row));
    const scope = (table: TableName, columns?: string, sort?: string) =>
      scopeOf(viewOf({ table, format: 'json', columns, sort })).analyses;
    assert.deepEqual(scope('containers'), analyses);
    assert.deepEqual(scope('threads', 'tid'), []);
    assert.deepEqual(scope('containers', 'name,cpu_pct'), []);
    assert.deepEqual(scope('containers', 'name', 'denials'), ['denials']);
    assert.deepEqual(scope('denials', 'count'), ['denials']);
    assert.deepEqual(scope('waits'), []);
  });

  it('has only the rows made that it writes', () => {
    const made = (table: TableName) => scopeOf(viewOf({ table, format: 'json' })).lists;
    assert.deepEqual(made('containers'), []);
    assert.deepEqual(made('threads'), ['tasks']);
    assert.deepEqual(made('files'), ['files']);
    assert.deepEqual(made('connections'), ['connections']);
    assert.deepEqual(made('syscalls'), ['syscalls']);
  });

  it('cuts the range at --from and --to', async () => {
    const whole = await rows('containers', '--total', '--name', 'miner');
    const halves = await Promise.all([
      rows('containers', '--total', '--name', 'miner', '--to', '16:11:40'),
      rows('containers', '--total', '--name', 'miner', '--from', '2026-11-22T16:11:40Z'),
    ]);
    assert.equal(sum(halves.flat(), 'cpu_ns'), sum(whole, 'cpu_ns'));
    assert.equal(halves[1]![0]?.time, '1795363900000000000');
    const last = await rows('containers', '--from=-1.5s', '--name', 'miner', '--interval', '1s');
    assert.equal(last.length, 2);
  });

  it('keeps the rows of some containers, the largest first, and some columns', async () => {
    const list = await rows(
      'threads',
      '--name',
      'web*',
      '--name',
      '/^d[ab]$/',
      '--total',
      '-c',
      'container,cpu_ns',
      '-n',
      '4',
    );
    assert.equal(list.length, 4);
    for (const { container } of list) assert.match(String(container), /^(web.*|db)$/);
    const times = list.map(({ cpu_ns }) => Number(cpu_ns));
    assert.deepEqual(
      times,
      [...times].sort((a, b) => b - a),
    );
    assert.deepEqual(Object.keys(list[0]!), ['container', 'cpu_ns']);
  });

  it('turns the order round', async () => {
    const names = async (...order: string[]) =>
      (await rows('containers', '--total', ...order)).map(({ name }) => name);
    const byName = await names('--sort', 'name');
    assert.deepEqual(byName, [...byName].sort());
    assert.deepEqual(await names('--sort', '-name'), [...byName].reverse());
    assert.deepEqual(await names('--sort', 'name', '--reverse'), [...byName].reverse());
    assert.deepEqual(await names('--sort', '+cpu_ns'), (await names('--sort', '-cpu_ns')).reverse());
  });

  it('has a table for people by default', async () => {
    const text = await output('dump', 'containers', demo, '--total', '--name', 'miner');
    const [titles, row, ...rest] = text.split('\n');
    assert.match(titles!, /^ +TIME {2}NAME +ID .*CPU%.* ENDED$/);
    assert.match(row!, /^16:11:12\.425 {2}miner .* 0\.25 .*–$/);
    assert.deepEqual(rest, ['']);
  });

  it('takes names from --inventory where the trace has none beside it, and the last word', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'boxtop-test-'));
    try {
      const bare = join(demo, 'trace/kernel');
      const ids = await output('dump', 'containers', bare, '--total', '-f', 'tsv', '-c', 'name,runtime');
      assert.doesNotMatch(ids, /^web\t/m);
      const file = join(demo, 'host-before/docker-inspect.json');
      const named = await output(
        'dump',
        'containers',
        bare,
        '--total',
        '-f',
        'tsv',
        '-c',
        'name,runtime',
        '--inventory',
        file,
      );
      assert.match(named, /^web\tdocker$/m);
      const renamed = join(directory, 'renamed.json');
      const [web] = (await rows('containers', '--total', '--name', 'web')) as [Row];
      await writeFile(renamed, JSON.stringify({ Id: web.id, Name: '/front', State: {} }));
      const both = await output(
        'dump',
        'containers',
        demo,
        '--total',
        '-f',
        'tsv',
        '-c',
        'name,limit_cpus',
        '--inventory',
        renamed,
      );
      assert.match(both, /^front\t0\.3$/m);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('ends quietly when its reader has seen enough', async () => {
    const child = spawn(
      process.execPath,
      [bin, 'dump', 'threads', demo, '-f', 'jsonl', '--interval', '10ms'],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const [chunk] = await once(child.stdout, 'data');
    assert.ok(chunk.length > 0);
    child.stdout.destroy();
    const errors = (await child.stderr.toArray()).join('');
    const code = child.exitCode ?? (await once(child, 'exit'))[0];
    assert.equal(errors, '');
    assert.equal(code, 0);
  });

  for (const [args, code, why] of [
    [['dump', 'containers', '/nonexistent'], 1, /^boxtop: there is no \/nonexistent\n$/],
    [['dump', 'containers', '/proc/self/fd'], 1, /no file named metadata/],
    [['dump', 'containers', 'DEMO', '--sort', 'cpu'], 2, /no column “cpu”; there are: time name id/],
    [['dump', 'containers', 'DEMO', '--columns', 'name,x'], 2, /no column “x”/],
    [
      ['dump', 'containers', 'DEMO', '--from', '+2m'],
      1,
      /after the end: the trace goes from 2026-11-22 16:11:12\.425 to 2026-11-22 16:12:15/,
    ],
    [['dump', 'containers', 'DEMO', '--to', '2020-01-01'], 1, /before the beginning/],
    [['dump', 'containers', 'DEMO', '--from', '+9s', '--to', '+9s'], 1, /is not before/],
    [['dump', 'containers', 'DEMO', '--from', 'noon'], 2, /“noon” is no time: .*use 12:03:10/],
    [['dump', 'containers', 'DEMO', '--interval', '0s'], 2, /no usable duration/],
    [['dump', 'containers', 'DEMO', '--top', '0'], 2, /“0” is no number of rows/],
    [['dump', 'containers', 'DEMO', '--name', '/(/'], 2, /Invalid regular expression/],
    [
      ['dump', 'containers', 'DEMO', '--total', '--interval', '1s'],
      2,
      /--total and --interval do not go together/,
    ],
    [['dump', 'containers', 'DEMO', '-f', 'csv', '-f', 'tsv'], 2, /--format is given more than once/],
    [
      ['dump', 'containers', 'DEMO', '--inventory', '/nonexistent'],
      1,
      /inventory \/nonexistent: there is no such file/,
    ],
    [['dump', 'quality', 'DEMO', '--name', 'web'], 2, /no meaning for quality/],
    [['dump', 'container', 'DEMO'], 2, /container is no table; .*did you mean containers\?/],
    [
      ['dump', 'containers', 'DEMO', '--fromat', 'csv'],
      2,
      /unknown argument fromat; did you mean --format\?/,
    ],
    [['dump', 'containers'], 2, /something is missing: boxtop dump <table> <path>/],
    [['dump', 'containers', 'DEMO', '--top'], 2, /--top needs a value/],
  ] as const) {
    it(`${args.join(' ')} fails with one line`, async () => {
      const run = await boxtop(args.map((arg) => (arg === 'DEMO' ? demo : arg)));
      assert.equal(run.code, code);
      assert.match(run.stderr, why);
      assert.match(run.stderr, /^boxtop: [^\n]+\n$/);
      assert.equal(run.stdout, '');
    });
  }
});
