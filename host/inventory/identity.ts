import type { InventoryEntry } from '../../analyzers/inventory.js';

const HASH = /^[0-9a-f]{64}$/;

/** What tells containers apart: a hash is one everywhere, a name only within its runtime. */
export function keyOf({ id, runtime }: Pick<InventoryEntry, 'id' | 'runtime'>): string {
  return HASH.test(id) ? id : `${runtime}:${id}`;
}

/** What the first knows counts; the second fills in. */
export function mergeEntries(first: InventoryEntry, second: InventoryEntry): InventoryEntry {
  const told = Object.fromEntries(Object.entries(first).filter(([, value]) => value !== undefined));
  return { ...second, ...told, labels: { ...second.labels, ...first.labels } } as InventoryEntry;
}
