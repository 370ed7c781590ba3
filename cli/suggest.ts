/** What someone may have meant: turns the parser's complaints into ones that help. */
import { nearest } from '../analyzers/nearest.js';

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
