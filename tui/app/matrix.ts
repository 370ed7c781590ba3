/** Pairs of who waited for whom as a matrix: victims line by line, culprits column by column, largest sums first. */
import type { PairRow } from '../../analyzers/frame.js';

export interface Matrix {
  /** The last stands for all that have no column of their own, where there are such. */
  readonly culprits: readonly { readonly key: string; readonly name: string }[];
  /** Time for each culprit, and for all. */
  readonly victims: readonly {
    readonly key: string;
    readonly name: string;
    readonly cells: readonly number[];
    readonly ns: number;
  }[];
  /** The largest cell of a victim and another than itself. */
  readonly most: number;
}

/** At most so many columns. */
export function matrixOf(pairs: readonly PairRow[], columns: number): Matrix {
  const culprits = sumsOf(pairs, ({ culprit, culpritName, ns }) => [culprit, culpritName, ns]);
  const isCut = culprits.length > columns;
  const shown = isCut ? culprits.slice(0, columns - 1) : culprits;
  const columnOf = new Map(shown.map(({ key }, index) => [key, index]));
  const width = shown.length + (isCut ? 1 : 0);
  const cells = new Map<string, number[]>();
  for (const { victim, culprit, ns } of pairs) {
    let line = cells.get(victim);
    if (line === undefined) {
      line = new Array<number>(width).fill(0);
      cells.set(victim, line);
    }
    line[columnOf.get(culprit) ?? shown.length]! += ns;
  }
  return {
    culprits: isCut ? [...shown, { key: '', name: 'others' }] : shown,
    victims: sumsOf(pairs, ({ victim, victimName, ns }) => [victim, victimName, ns]).map((victim) => ({
      ...victim,
      cells: cells.get(victim.key)!,
    })),
    most: Math.max(0, ...pairs.filter(({ victim, culprit }) => victim !== culprit).map(({ ns }) => ns)),
  };
}

function sumsOf(
  pairs: readonly PairRow[],
  of: (pair: PairRow) => [key: string, name: string, ns: number],
): { key: string; name: string; ns: number }[] {
  const sums = new Map<string, { key: string; name: string; ns: number }>();
  for (const pair of pairs) {
    const [key, name, ns] = of(pair);
    const sum = sums.get(key);
    if (sum === undefined) sums.set(key, { key, name, ns });
    else sum.ns += ns;
  }
  return [...sums.values()].sort((a, b) => b.ns - a.ns);
}
