/** `boxtop dump TABLE PATH`: the tables of the screen as text, for scripts and for terminals that cannot show the screen. */
import type { CommandModule } from 'yargs';
import type { Table } from '../../analyzers/columns/column.js';
import { tables } from '../../analyzers/columns/index.js';
import { analyze, Engine } from '../../analyzers/engine.js';
import { analyses, lists, type Scope } from '../../analyzers/scope.js';
import { UsageError } from '../errors.js';
import { filterOf } from '../filter.js';
import { type FormatName, formatNames, formats } from '../formats/index.js';
import { nameMatcher } from '../match.js';
import { openReading } from '../open-reading.js';
import {
  DEFAULT_INTERVAL_NS,
  filterOption,
  forOption,
  fromOption,
  intervalOption,
  inventoryOption,
  nameOption,
  optional,
  pathOrLivePositional,
  TIME_HELP,
  toOption,
} from '../options.js';
import { Output } from '../output.js';
import { startProgress } from '../progress.js';
import { partOf, shareRead } from '../reading.js';
import type { Time } from '../time.js';
import { chooseColumns, parseSort, type View } from '../view.js';
import { writeFrames } from '../write-frames.js';

export type TableName = keyof typeof tables;

/** The options as `dump` understands them. */
export interface DumpArguments {
  readonly table: TableName;
  readonly path: string;
  readonly format: FormatName;
  /** Ids with commas between them. */
  readonly columns?: string | undefined;
  readonly sort?: string | undefined;
  readonly reverse?: boolean | undefined;
  readonly top?: number | undefined;
  readonly total?: boolean | undefined;
  readonly interval?: number | undefined;
  readonly for?: number | undefined;
  readonly from?: Time | undefined;
  readonly to?: Time | undefined;
  readonly name?: readonly string[] | undefined;
  readonly filter?: string | undefined;
  readonly inventory: readonly string[];
  /** Filters of `denials`. */
  readonly cause?: readonly string[] | undefined;
  readonly error?: readonly string[] | undefined;
  readonly call?: readonly string[] | undefined;
}

type FilterOption = 'cause' | 'error' | 'call';

/** Tables whose rows belong to no container, so that `--name` cannot choose among them. */
const WITHOUT_CONTAINERS: readonly TableName[] = ['cpus', 'devices', 'quality'];

export const dumpCommand: CommandModule<object, DumpArguments> = {
  command: 'dump <table> <path>',
  describe: 'Write a table of a recording or a live session as text, JSON, CSV or TSV',
  builder: (yargs) =>
    yargs
      .positional('table', {
        choices: Object.keys(tables) as TableName[],
        demandOption: true,
        describe: 'What to write',
      })
      .positional('path', pathOrLivePositional)
      .options({
        format: {
          alias: 'f',
          nargs: 1,
          choices: formatNames,
          default: 'table' as FormatName,
          describe: 'How to write it',
        },
        columns: {
          alias: 'c',
          type: 'string',
          nargs: 1,
          describe: 'Columns and their order, by id: name,cpu_pct,image',
        },
        sort: {
          alias: 's',
          type: 'string',
          nargs: 1,
          describe: 'Order by a column: cpu_ns, -cpu_ns (largest first), +cpu_ns (smallest first)',
        },
        reverse: { alias: 'r', type: 'boolean', describe: 'The other way round' },
        top: {
          alias: 'n',
          type: 'string',
          nargs: 1,
          describe: 'At most so many rows of each interval',
          coerce: optional(parseTop),
        },
        total: { type: 'boolean', describe: 'One row for the whole range instead of one for each interval' },
        interval: { ...intervalOption, defaultDescription: '1s' },
        for: forOption,
        from: fromOption,
        to: toOption,
        name: nameOption,
        filter: filterOption,
        ...filterOptions(),
        inventory: inventoryOption,
      })
      .conflicts('total', 'interval')
      .example('$0 dump containers trace/ --total', 'CPU time of each container over the whole trace')
      .example(
        '$0 dump containers trace/ -f jsonl --from +10s --to +20s',
        'Ten seconds of it, an object a line',
      )
      .example(
        '$0 dump threads trace/ --name "web*" --sort -runnable_ns -n 5',
        'Who waited longest for a CPU in web…',
      )
      .example(
        '$0 dump denials trace/ --total --name vault --cause "* namespace"',
        'What vault was refused because it is a container',
      )
      .example(
        '$0 dump containers trace/ --filter "cpu>20 and not image:nginx"',
        'Only intervals in which one was busy',
      )
      .example('sudo $0 dump containers live --for 30s -f jsonl', 'This machine, as it happens')
      .example('$0 dump containers trace/ -f csv -c time,name,cpu_pct > cpu.csv', 'For a spreadsheet')
      .epilog(`${TIME_HELP}\n\n${columnsHelp()}`),
  handler: (args) => runDump(args, process.stdout),
};

/** Reads the recording and writes the table to `stream`. */
export async function runDump(args: DumpArguments, stream: NodeJS.WritableStream): Promise<void> {
  const view = viewOf(args);
  const scope = scopeOf(view);
  const reading = await openReading(args, Engine.subscription(scope));
  const { source, inventory, looks } = reading;
  const progress = startProgress(`reading ${args.path}`, () => shareRead(source));
  try {
    const part = partOf(source, args.from, args.to);
    const interval = args.total ? 'total' : (args.interval ?? DEFAULT_INTERVAL_NS);
    const frames = analyze(source, { interval, inventory, looks, ...part, ...scope }, reading.follow);
    await writeFrames(
      frames,
      view,
      formats[args.format](),
      new Output(stream, progress.clear),
      reading.isLive,
    );
  } finally {
    progress.stop();
    await reading.close();
  }
}

/** What of the table the arguments ask for. @throws UsageError */
export function viewOf(args: Omit<DumpArguments, 'path' | 'inventory'>): View<unknown> {
  const table = tables[args.table] as Table<unknown>;
  if (args.name !== undefined && WITHOUT_CONTAINERS.includes(args.table)) {
    throw new UsageError(`--name has no meaning for ${args.table}: its rows belong to no container`);
  }
  const sort = args.sort === undefined ? table.defaultSort : parseSort(table, args.sort);
  return {
    table,
    columns:
      args.columns === undefined
        ? defaultColumns(table, args.format)
        : wholeColumns(table, args.columns.split(',')),
    sort: { column: sort.column, descending: sort.descending !== (args.reverse ?? false) },
    top: args.top ?? Number.POSITIVE_INFINITY,
    matches: args.name && nameMatcher(args.name),
    filter: filterOf(args.filter, table),
    filters: filtersOf(args, table),
  };
}

/** The options by which rows are chosen, of all tables that have some. */
function filterOptions(): Record<string, typeof nameOption> {
  const options = Object.values(tables).flatMap(
    ({ id, filters = [] }: Pick<Table<unknown>, 'id' | 'filters'>) =>
      filters.map(({ option, doc }) => [
        option,
        { ...nameOption, describe: `${doc}: GLOB or /REGEX/ (repeatable; dump ${id})` },
      ]),
  );
  return Object.fromEntries(options);
}

function filtersOf(
  args: Pick<DumpArguments, FilterOption>,
  table: Table<unknown>,
): NonNullable<View<unknown>['filters']> {
  const given = (['cause', 'error', 'call'] as const).filter((option) => args[option] !== undefined);
  return given.map((option) => {
    const filter = table.filters?.find((candidate) => candidate.option === option);
    if (filter === undefined) throw new UsageError(`--${option} has no meaning for ${table.id}`);
    const [column] = chooseColumns(table, [filter.column]);
    return { column: column!, matches: nameMatcher(args[option]!) };
  });
}

/** Programs get all columns; people those that the screen shows, and when. */
function defaultColumns<Row>(table: Table<Row>, format: FormatName): Table<Row>['columns'] {
  if (format !== 'table') return table.columns;
  return table.columns.filter(({ id, priority }) => priority !== undefined || id === 'time');
}

/** What must be analyzed for the view: an analysis that tells nothing of it does not run. */
export function scopeOf({ table, columns, sort, filter }: View<unknown>): Scope {
  const by = table.columns.find(({ id }) => id === sort.column);
  const parts = [table, by, ...columns, ...(filter?.columns ?? [])];
  return {
    analyses: analyses.filter((analysis) => parts.some((part) => part?.needs === analysis)),
    lists: lists.filter((list) => table.list === list),
  };
}

/** Who asks for a column by its id gets it uncut. */
function wholeColumns<Row>(table: Table<Row>, ids: readonly string[]): Table<Row>['columns'] {
  return chooseColumns(
    table,
    ids.map((id) => id.trim()),
  ).map((column) => ({ ...column, width: Number.POSITIVE_INFINITY }));
}

function parseTop(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`--top: “${text}” is no number of rows`);
  return Number(text);
}

function columnsHelp(): string {
  const lines = Object.values(tables).map(
    ({ id, columns }) => `  ${id}: ${columns.map((column) => column.id).join(' ')}`,
  );
  return `Columns (docs/columns.md has their meaning):\n${lines.join('\n')}`;
}
