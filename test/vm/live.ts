/** What was seen on the screen of the live view, against the recording that it made meanwhile. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { boxtop, infoOf } from './boxtop.js';
import type { Checks } from './checks.js';

/** One screen of live.sh's film. */
interface Shot {
  /** When it had been seen, ns since the epoch. */
  readonly time: bigint;
  /** End of the frame that it shows, in whole intervals since the first event; undefined where that is not a whole one. */
  readonly frame: number | undefined;
  /** By name of container what stands in its row. */
  readonly rows: ReadonlyMap<string, Row>;
}

interface Row {
  readonly procs: number;
  readonly cpuPct: string;
  /** As ended: its name is not bold. */
  readonly isMarked: boolean;
}

interface RecordedRow {
  readonly time: string;
  readonly name: string;
  readonly procs: number;
  readonly cpu_ns: number;
  readonly started: string | null;
  readonly ended: string | null;
}

const SECOND_NS = 1_000_000_000n;
const FIRST_PICTURE_NS = 2n * SECOND_NS;
/** An interval, and the live timer. */
const CHANGE_NS = SECOND_NS + 200_000_000n;
const FEWEST_COMPARED = 8;

export function verifyLive(share: string, checks: Checks): void {
  if (!existsSync(join(share, 'seen'))) return;
  const recording = join(share, 'seen');
  const film = readFilm(readFileSync(join(share, 'film'), 'utf8'));
  const begin = BigInt(infoOf(recording).begin_ns);
  const rows: RecordedRow[] = JSON.parse(
    boxtop('dump', 'containers', recording, '--interval', '1s', '-f', 'json'),
  );

  const shown = (name: string) => film.find((shot) => shot.rows.has(name))?.time;
  checkDelay('web is on the screen after the first event', begin, shown('web'), FIRST_PICTURE_NS, checks);
  const late = rows.filter(({ name }) => name === 'late');
  const started = BigInt(late[0]?.started ?? 0);
  checkDelay('late is on the screen after its first event', started, shown('late'), CHANGE_NS, checks);
  const ended = late.map((row) => row.ended).find((time) => time !== null);
  const gone = film.find(({ rows: seen }) => seen.get('late')?.isMarked);
  checkDelay('late is marked as ended after its end', BigInt(ended ?? 0), gone?.time, CHANGE_NS, checks);

  let compared = 0;
  for (const { frame, rows: seen } of film) {
    if (frame === undefined || frame < 1) continue;
    const time = begin + BigInt(frame - 1) * SECOND_NS;
    for (const [name, { procs, cpuPct }] of seen) {
      const recorded = rows.find((row) => row.name === name && BigInt(row.time) === time);
      // A newcomer is shown with the frame before its first.
      const first = rows.find((row) => row.name === name);
      if (first !== undefined && BigInt(first.time) === time + SECOND_NS) continue;
      // `cpu_pct` is rounded already, and must not be twice.
      const told =
        recorded && `${recorded.procs} ${((recorded.cpu_ns / Number(SECOND_NS)) * 100).toFixed(1)}`;
      if (told === `${procs} ${cpuPct}`) compared++;
      else checks.check(`${name} in second ${frame}: ${procs} ${cpuPct} live, ${told} recorded`, false);
    }
  }
  checks.check(`${compared} rows seen live are those of the recording`, compared >= FEWEST_COMPARED);
}

function checkDelay(
  what: string,
  since: bigint,
  seen: bigint | undefined,
  most: bigint,
  checks: Checks,
): void {
  const delay = seen === undefined ? undefined : seen - since;
  const told = delay === undefined ? 'never' : `${Number(delay / 1_000_000n)} ms`;
  checks.check(`${what}: ${told}, of ${Number(most / 1_000_000n)} ms`, delay !== undefined && delay <= most);
}

function readFilm(text: string): Shot[] {
  return text
    .split(/^@@ /m)
    .slice(1)
    .map((shot) => {
      const [time = '', ...painted] = shot.split('\n');
      const lines = painted.map(stripVTControlCharacters);
      const [, minutes, seconds] = /^ (\d+):(\d\d) /.exec(lines[1] ?? '') ?? [];
      const [, begin, end] = /:(\d\d\.\d)–\d\d:\d\d:(\d\d\.\d) /.exec(lines[0] ?? '') ?? [];
      const isWhole = Math.abs(((Number(end) - Number(begin) + 60) % 60) - 1) < 0.05;
      const rows = lines.flatMap((line, index) => {
        const cells = /^ *([a-z]+) +(\d+) +\d+ +(\d+\.\d) /.exec(line);
        if (cells === null) return [];
        const [, name, procs, cpuPct] = cells as unknown as [string, string, string, string];
        const before = painted.slice(0, index).join('') + painted[index]!.split(name)[0];
        return [[name, { procs: Number(procs), cpuPct, isMarked: !isBold(before) }] as const];
      });
      return {
        time: BigInt(time.replace('.', '')),
        frame: isWhole && seconds !== undefined ? Number(minutes) * 60 + Number(seconds) : undefined,
        rows: new Map(rows),
      };
    });
}

/** After these sequences, of which tmux writes attributes each by itself. */
function isBold(text: string): boolean {
  return [...text.matchAll(/\x1b\[(1|0|22|)m/g)].at(-1)?.[1] === '1';
}
