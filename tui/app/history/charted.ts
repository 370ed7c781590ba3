/** What the history draws: which columns, and of which containers. */
import type { Column } from '../../../analyzers/columns/column.js';
import { tables } from '../../../analyzers/columns/index.js';
import type { ContainerRow } from '../../../analyzers/frame.js';

/** The chart of the ledger, among the ids of columns. */
export const LEDGER = 'ledger';
export const MOST_SERIES = 6;

export interface ChartOffer {
  readonly id: string;
  readonly title: string;
  readonly doc: string;
}

/** Everything that can be drawn: numbers of containers, and the ledger of the selected one. */
export const chartOffers: readonly ChartOffer[] = [
  {
    id: LEDGER,
    title: 'LEDGER',
    doc: 'Where the thread time of the selected container went, as stacked bars.',
  },
  ...tables.containers.columns.filter(
    ({ unit, priority }) =>
      priority !== undefined && ['count', 'duration', 'percent', 'bytes'].includes(unit),
  ),
];

export function chartColumn(id: string): Column<ContainerRow> | undefined {
  return tables.containers.columns.find((column) => column.id === id);
}

/** What the user has chosen; what he has not is by the order of the defaults. */
export class Charted {
  #charts: readonly string[] = [
    'cpu_pct',
    LEDGER,
    'throttled_pct',
    'contended_pct',
    'wakeup_p99_ns',
    'denials',
  ];
  #containers: ReadonlySet<string> | undefined;

  /** Ids of the charts, first those that are shown where there is little room. */
  get charts(): readonly string[] {
    return this.#charts;
  }

  /** Keys of the containers; undefined: those with the most. */
  get containers(): ReadonlySet<string> | undefined {
    return this.#containers;
  }

  /** Draws the chart first, or no more. */
  toggleChart(id: string): void {
    this.#charts =
      this.#charts[0] === id ? this.#charts.slice(1) : [id, ...this.#charts.filter((each) => each !== id)];
    if (this.#charts.length === 0) this.#charts = [id];
  }

  /** Draws the container or no more, beside those that are drawn now. @returns why it cannot */
  toggleContainer(key: string, drawn: readonly string[]): string | undefined {
    const containers = new Set(this.#containers ?? drawn);
    if (!containers.delete(key)) {
      if (containers.size >= MOST_SERIES)
        return `A chart tells ${MOST_SERIES} containers apart: take one away first.`;
      containers.add(key);
    }
    this.#containers = containers;
    return undefined;
  }

  /** Back to those with the most. */
  resetContainers(): void {
    this.#containers = undefined;
  }
}
