import type { Batch, ColumnType, EventSelection, Subscription } from '../native/types.js';

/** Handles the batch's row i; what it needs of the batch it has bound before. */
export type Handler = (row: number) => void;

/** Columns by name, with the type that they are stored as. */
export type Columns = Readonly<Record<string, ColumnType>>;

/** Events that an analyzer reads, the fields of them, and the method that takes them: none where another one tells of them. */
export interface Interest<Analyzer> {
  /** Event names; one that ends in `*` means every event whose name begins so. */
  readonly events: readonly string[];
  readonly fields?: Columns;
  /** There are many such events: they get the shortest way (see `Routes`). */
  readonly frequent?: true;
  /** Makes the handler of one analyzer: a function of its own for each interest is what the compiler can see through. */
  readonly handle?: (analyzer: Analyzer) => Handler;
  /** What mostly comes next: see `Pair`. */
  readonly pair?: Pair<Analyzer>;
}

/**
 * Two events of which the second mostly is the next of all after the first, on the same CPU, as the exit of a short system
 * call after its entry. Where it is, and both are one analyzer's only, one handler takes both at once.
 */
export interface Pair<Analyzer> {
  /** Name of the second event. */
  readonly second: (first: string) => string;
  /** Takes the first event's row; the second's is the next one. It does what both handlers would do one after the other. */
  readonly handle: (analyzer: Analyzer) => Handler;
}

/** One small state machine over events. */
export interface Analyzer {
  /** Takes the arrays of a batch; called once before the rows of the batch. */
  bind(batch: Batch): void;
}

/** Whether an event is one of those that a list of names and prefixes means. */
export function matches(patterns: readonly string[], event: string): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? event.startsWith(pattern.slice(0, -1)) : event === pattern,
  );
}

/**
 * What all analyzers read, as one projection. A field has one column whoever reads it; two analyzers that want it stored
 * in two ways are a programming error.
 */
export function mergeSubscriptions(interests: readonly Interest<never>[]): Subscription {
  const columns: Record<string, ColumnType> = {};
  const selections: EventSelection[] = [];
  for (const { events, fields = {} } of interests) {
    for (const [name, type] of Object.entries(fields)) {
      const stored = columns[name] ?? type;
      if (stored !== type) throw new TypeError(`column '${name}' is wanted both as ${stored} and as ${type}`);
      columns[name] = type;
    }
    selections.push({ events, fields: Object.keys(fields) });
  }
  return { columns, selections };
}

/** One handler that calls all; so that the engine's loop calls one. */
export function inOrder([first, second, ...rest]: readonly Handler[]): Handler {
  if (first === undefined) throw new RangeError('no handlers');
  if (second === undefined) return first;
  const both = (row: number) => {
    first(row);
    second(row);
  };
  return rest.length === 0 ? both : inOrder([both, ...rest]);
}
