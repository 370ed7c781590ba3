/** Where the arrays of a batch lie in a slot's memory. */
import type { ColumnType, EventSelection, Subscription } from './types.js';

/** The array that a column is read through. */
export const ARRAYS = {
  i32: Int32Array,
  f64: Float64Array,
  u64: BigUint64Array,
  string: Uint32Array,
  list: Uint32Array,
} as const satisfies Record<ColumnType, unknown>;

/** Bytes from the slot's beginning. */
export interface Offsets {
  time: number;
  event: number;
  stream: number;
  cpu: number;
  /** Of the subscription's columns, in their order. */
  cells: number[];
}

/**
 * Lays the arrays of `capacity` rows out, wide cells first so that all are aligned. Columns that no event has both of share
 * one array: a subscription has a hundred columns of which an event fills five, and what the two threads hand over to each
 * other should fit in the caches.
 */
export function layOut(subscription: Subscription, capacity: number): { offsets: Offsets; bytes: number } {
  let bytes = 0;
  const place = (width: number) => {
    const at = bytes;
    bytes += width * capacity;
    return at;
  };
  const time = place(8);
  const names = Object.keys(subscription.columns);
  const cells = new Array<number>(names.length);
  const neighbours = columnsTogether(subscription.selections);
  for (const width of [8, 4]) {
    const shared: { readonly at: number; readonly names: string[] }[] = [];
    for (const [index, name] of names.entries()) {
      if (ARRAYS[subscription.columns[name]!].BYTES_PER_ELEMENT !== width) continue;
      const together = neighbours.get(name);
      let free = shared.find((array) => !array.names.some((other) => together?.has(other)));
      if (free === undefined) {
        free = { at: place(width), names: [] };
        shared.push(free);
      }
      free.names.push(name);
      cells[index] = free.at;
    }
  }
  return { offsets: { time, cells, event: place(2), stream: place(2), cpu: place(2) }, bytes };
}

/** For each column those that some event has beside it. */
function columnsTogether(selections: readonly EventSelection[]): Map<string, Set<string>> {
  const fieldsOf = new Map<string, Set<string>>();
  for (const { events, fields = [] } of selections) {
    for (const pattern of events) addAll(fieldsOf, pattern, fields);
  }
  const together = new Map<string, Set<string>>();
  const beginnings = [...fieldsOf.keys()].filter((pattern) => pattern.endsWith('*'));
  for (const [pattern, own] of fieldsOf) {
    for (const field of own) addAll(together, field, own);
    for (const other of beginnings) {
      if (!mayBeSame(pattern, other)) continue;
      for (const field of own) addAll(together, field, fieldsOf.get(other)!);
      for (const field of fieldsOf.get(other)!) addAll(together, field, own);
    }
  }
  return together;
}

function addAll(sets: Map<string, Set<string>>, key: string, values: Iterable<string>): void {
  let set = sets.get(key);
  if (set === undefined) {
    set = new Set();
    sets.set(key, set);
  }
  for (const value of values) set.add(value);
}

/** Whether an event can match both: a name or the beginning of names with `*` behind, and such a beginning. */
function mayBeSame(pattern: string, beginning: string): boolean {
  const begin = beginning.slice(0, -1);
  return pattern.startsWith(begin) || (pattern.endsWith('*') && begin.startsWith(pattern.slice(0, -1)));
}
