/** Figures that are held to bars, as a table. */

export interface Bar {
  readonly title: string;
  readonly bar: number;
  readonly better: 'more' | 'less';
}

/** What is compared with what. */
export interface Standard {
  /** What was measured before; undefined where it cannot be compared. */
  readonly before: Readonly<Record<string, number>> | undefined;
  /** How far a figure may be on the wrong side of the one before, as a share of it. */
  readonly tolerance: number;
  /** Whether the bar is meant for this run. */
  readonly holds?: (id: string) => boolean;
}

/** Prints the table; undefined is what could not be measured. Returns the exit code: 1 where a bar is missed. */
export function report<Id extends string>(
  bars: Readonly<Record<Id, Bar>>,
  figures: Readonly<Record<Id, number | undefined>>,
  { before, tolerance, holds = () => true }: Standard,
): number {
  const row = (cells: readonly string[]): string =>
    `${cells[0]!.padEnd(56)}${cells
      .slice(1)
      .map((cell) => cell.padStart(10))
      .join('')}`;
  const text = (number: number | undefined): string =>
    number === undefined ? '–' : number.toFixed(number < 100 ? 2 : 0);
  console.log(row(['', 'measured', 'bar', 'baseline', '']));
  let missed = 0;
  for (const [id, { title, bar, better }] of Object.entries(bars) as [Id, Bar][]) {
    const value = figures[id];
    const worse = (than: number): boolean =>
      value !== undefined && (better === 'more' ? value < than : value > than);
    const slack = better === 'more' ? 1 - tolerance : 1 + tolerance;
    const missing = holds(id) && worse(bar);
    const held = holds(id) ? `${better === 'more' ? '≥' : '≤'} ${bar}` : '–';
    const was = before?.[id];
    const verdict = missing ? 'MISSED' : was !== undefined && worse(was * slack) ? 'worse' : 'ok';
    if (missing) missed++;
    console.log(row([title, text(value), held, text(was), value === undefined ? '–' : verdict]));
  }
  return missed === 0 ? 0 : 1;
}
