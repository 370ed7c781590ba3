/** What someone may have meant: turns the parser's complaints into ones that help. */

export interface Known {
  /** Options of the command, without dashes. */
  readonly options: readonly string[];
  /** Usage of each command, by name: `replay <path>`. */
  readonly commands: Readonly<Record<string, string>>;
  /** The command line. */
  readonly args: readonly string[];
}

/** `Unknown argument: fromat` becomes `unknown argument fromat; did you mean --format?`. */
export function usageMessage(complaint: string, known: Known): string {
  for (const [pattern, rewrite] of REWRITES) {
    const found = pattern.exec(complaint);
    if (found !== null)
      return rewrite(
        found.slice(1).map((part) => part ?? ''),
        known,
      );
  }
  return complaint.replace(/\s*\n\s*/g, ' ');
}

type Rewrite = (parts: readonly string[], known: Known) => string;

/** What yargs says, and what it is to say. */
const REWRITES: readonly (readonly [RegExp, Rewrite])[] = [
  [/^Unknown arguments?: ([^,]+)/, ([unknown = ''], known) => unknownMessage(unknown, known)],
  [
    /^Not enough non-option arguments/,
    (_, { commands, args }) => `something is missing: boxtop ${commands[args[0] ?? ''] ?? '--help'}`,
  ],
  [/^Not enough arguments following: (.+)$/, ([option = '']) => `${dashed(option)} needs a value`],
  [
    /^Invalid values:\s+Argument: (\S+), Given: "(.*)", Choices: (.+)$/,
    ([argument = '', given = '', quoted = '']) => {
      const choices = quoted.replaceAll(/[",]/g, '');
      const near = nearest(given, choices.split(' '));
      return `${given} is no ${argument}; there are: ${choices}${near === undefined ? '' : ` (did you mean ${near}?)`}`;
    },
  ],
  [
    /^Arguments (\S+) and (\S+) are mutually exclusive/,
    ([one = '', other = '']) => `${dashed(one)} and ${dashed(other)} do not go together`,
  ],
];

function unknownMessage(unknown: string, { options, commands }: Known): string {
  const command = nearest(unknown, Object.keys(commands));
  if (command !== undefined) return `there is no command ${unknown}; did you mean boxtop ${command}?`;
  if (unknown.includes('/')) return `unexpected ${unknown}; a recording is opened by boxtop replay PATH`;
  const option = nearest(unknown, options);
  return `unknown argument ${unknown}; ${option === undefined ? 'see --help' : `did you mean ${dashed(option)}?`}`;
}

function dashed(option: string): string {
  return option.length === 1 ? `-${option}` : `--${option}`;
}

/** The candidate with the fewest edits, where these are at most a third of its letters. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const near = candidates
    .map((candidate) => ({ candidate, edits: editDistance(word, candidate) }))
    .filter(({ candidate, edits }) => edits <= Math.max(1, Math.ceil(candidate.length / 3)))
    .sort((a, b) => a.edits - b.edits);
  return near[0]?.candidate;
}

/** Optimal string alignment: insertions, deletions, substitutions, and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = rows[i - 1]![j - 1]! + Number(a[i - 1] !== b[j - 1]);
      let best = Math.min(substitution, rows[i - 1]![j]! + 1, row[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, rows[i - 2]![j - 2]! + 1);
      row.push(best);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
