/** `boxtop doctor`: whether live view and recording would work here, and what to do where not. */
import type { CommandModule } from 'yargs';
import { clean } from '../../tui/text/clean.js';
import { CHECKS, type Check, type Finding } from '../doctor/checks.js';
import { collectFacts } from '../doctor/facts.js';
import { EXIT_FAILURE, EXIT_OK } from '../errors.js';
import { jsonText } from '../formats/json.js';

interface DoctorArguments {
  readonly format: 'text' | 'json';
}

type Result = Pick<Check, 'id' | 'title' | 'required'> & { readonly finding: Finding };

export const doctorCommand: CommandModule<object, DoctorArguments> = {
  command: 'doctor',
  describe: 'Check whether this machine can be traced live, and say what to do where not',
  builder: (yargs) =>
    yargs
      .options({
        format: {
          alias: 'f',
          nargs: 1,
          choices: ['text', 'json'] as const,
          default: 'text' as const,
          describe: 'How to write it',
        },
      })
      .example('sudo $0 doctor', 'All of it; without root much cannot be asked')
      .example('$0 doctor && sudo $0', 'Live only where it would work'),
  handler: async ({ format }) => {
    const facts = await collectFacts();
    const results = CHECKS.map(({ id, title, required, look }) => ({
      id,
      title,
      required,
      finding: look(facts),
    }));
    const live = results.every(({ required, finding }) => !required || finding.ok === true);
    process.stdout.write(
      format === 'json' ? `${jsonText(report(results, live))}\n` : doctorText(results, live),
    );
    process.exitCode = live ? EXIT_OK : EXIT_FAILURE;
  },
};

/** What `--format json` writes; `state` is ok, missing, or unknown where something else has to be mended first. */
function report(results: readonly Result[], live: boolean): object {
  return {
    live,
    checks: results.map(({ id, title, required, finding: { ok, found, lacks, costs, remedy } }) => ({
      id,
      title,
      required,
      state: ok === undefined ? 'unknown' : ok ? 'ok' : 'missing',
      found,
      lacks: lacks ?? null,
      costs: costs ?? null,
      remedy: remedy ?? null,
    })),
  };
}

export function doctorText(results: readonly Result[], live: boolean): string {
  const width = Math.max(...results.map(({ title }) => title.length));
  const lines = results.flatMap(({ title, required, finding: { ok, found, lacks, costs, remedy } }) => {
    const mark = ok === undefined ? '?' : ok ? 'ok' : required ? 'NO' : 'no';
    const more = [
      ...(lacks === undefined ? [] : [`without: ${lacks}`]),
      ...(costs === undefined ? [] : [`costs: ${costs}`]),
      ...(remedy === undefined ? [] : [`do: ${remedy}`]),
    ];
    return [
      `${mark.padEnd(3)} ${title.padEnd(width)}  ${clean(found)}`,
      ...more.map((line) => `${''.padEnd(width + 6)}${clean(line)}`),
    ];
  });
  const verdict = live
    ? 'boxtop can trace this machine live.'
    : 'boxtop cannot trace this machine live: mend what is marked NO.';
  return `${lines.join('\n')}\n\n${verdict}\n`;
}
