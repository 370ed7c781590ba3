import type { DenialRow, Frame } from '../../analyzers/frame.js';
import type { NameMatcher } from '../match.js';

/** What one container was refused, the latest last. Times are ns since the epoch. */
export interface ContainerDenials {
  readonly name: string;
  readonly id: string;
  readonly runtime: string | undefined;
  readonly image: string | undefined;
  readonly denials: readonly Denial[];
}

/** A row with absolute times, as decimal text: JSON's numbers are too small for them. */
export type Denial = Omit<
  DenialRow,
  'first' | 'last' | 'occurrences' | 'container' | 'containerName' | 'host'
> & {
  readonly first: string;
  readonly last: string;
  readonly occurrences: readonly {
    readonly time: string;
    readonly pid: number | undefined;
    readonly tid: number;
  }[];
};

/** The containers with such names, in the order they appeared, and what each was refused. */
export function collectDenials(frame: Frame | undefined, matches: NameMatcher): ContainerDenials[] {
  if (frame === undefined) return [];
  const { origin } = frame;
  return frame.containers
    .filter(({ name }) => matches(name))
    .map(({ key, name, id, runtime, image }) => ({
      name,
      id,
      runtime,
      image,
      denials: (frame.denials ?? [])
        .filter(({ container }) => container === key)
        .toSorted((a, b) => a.first - b.first)
        .map((row) => withTimes(row, origin)),
    }));
}

function withTimes(row: DenialRow, origin: bigint): Denial {
  const { container: _, containerName: __, host: ___, ...told } = row;
  const absolute = (time: number): string => String(origin + BigInt(Math.round(time)));
  return {
    ...told,
    first: absolute(row.first),
    last: absolute(row.last),
    occurrences: row.occurrences.map((occurrence) => ({ ...occurrence, time: absolute(occurrence.time) })),
  };
}
