/** `boxtop compare PATH RANGE RANGE`: what got worse from one range of time to another. */
import type { CommandModule } from 'yargs';
import { type ComparisonRow, compareRanges, comparisonColumns } from '../../analyzers/compare.js';
import { Engine } from '../../analyzers/engine.js';
import type { Scope } from '../../analyzers/scope.js';
import { formatValue } from '../../tui/text/format.js';
import { parseRange, type Range, readRanges, resolveRange } from '../compare/ranges.js';
import { type FormatName, formatNames, formats } from '../formats/index.js';
import { nameMatcher } from '../match.js';
import { inventoryOption, nameOption, pathPositional, TIME_HELP } from '../options.js';
import { Output } from '../output.js';
import { startProgress } from '../progress.js';
import { shareRead, spanOf, startReading } from '../reading.js';

export const COMPARED: Scope = { analyses: ['denials'], lists: [] };

export interface CompareArguments {
  readonly path: string;
  readonly before: Range;
  readonly after: Range;
  readonly format: FormatName;
  readonly name?: readonly string[] | undefined;
  readonly inventory: readonly string[];
}

export const compareCommand: CommandModule<object, CompareArguments> = {
  command: 'compare <path> <before> <after>',
  describe: 'Tell what got worse from one range of time to another, container by container',
  builder: (yargs) =>
    yargs
      .positional('path', pathPositional)
      .positional('before', {
        type: 'string',
        demandOption: true,
        describe: 'The first range: TIME-TIME or TIME..TIME',
        coerce: parseRange,
      })
      .positional('after', {
        type: 'string',
        demandOption: true,
        describe: 'The range to compare with it',
        coerce: parseRange,
      })
      .options({
        format: {
          alias: 'f',
          nargs: 1,
          choices: formatNames,
          default: 'table' as FormatName,
          describe: 'How to write it',
        },
        name: nameOption,
        inventory: inventoryOption,
      })
      .example('$0 compare trace/ 12:01-12:02 12:05-12:06', 'Two minutes of it')
      .example('$0 compare trace/ +0s..+10s +14s..+24s', 'The same from the beginning')
      .epilog(TIME_HELP),
  handler: (args) => runCompare(args, process.stdout),
};

/** Reads the recording once and writes the comparison. @throws CommandError where a range is not in it */
export async function runCompare(args: CompareArguments, stream: NodeJS.WritableStream): Promise<void> {
  const { source, inventory } = await startReading(args.path, args.inventory, Engine.subscription(COMPARED));
  const progress = startProgress(`reading ${args.path}`, () => shareRead(source));
  try {
    const ranges = [args.before, args.after].map((range) => resolveRange(range, spanOf(source)));
    const [before = [], after = []] = await readRanges(source, ranges, { inventory, ...COMPARED });
    const matches = args.name && nameMatcher(args.name);
    const rows = compareRanges(before, after).filter(({ name }) => matches?.(name) ?? true);
    const output = new Output(stream, progress.clear);
    await output.write(comparisonText(rows, args.format));
    await output.flush();
  } finally {
    progress.stop();
    await source.close();
  }
}

/** For people figures have their own unit, which programs find in the name of the figure. */
function comparisonText(rows: readonly ComparisonRow[], name: FormatName): string {
  const isForPeople = name === 'table';
  const format = formats[name]();
  const headings = comparisonColumns.map(({ id, title, unit }) => ({
    id,
    title,
    unit: unit ?? (isForPeople ? ('text' as const) : ('percent' as const)),
    width: Number.POSITIVE_INFINITY,
  }));
  const cells = rows.map((row) =>
    comparisonColumns.map(({ unit, value }) =>
      unit === undefined && isForPeople ? formatValue(row.metric.unit, value(row)) : value(row),
    ),
  );
  return format.begin(headings) + format.frame(cells) + format.end();
}
