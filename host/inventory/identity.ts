import type { InventoryEntry } from '../../analyzers/inventory.js';

const HASH = /^[0-9a-f]{64}$/;

/** Their containers are liblxc's: as long as they have not answered, LXC's by their cgroups. */
const BUILT_ON_LXC = ['incus', 'lxd'];

/** What tells containers apart: a hash is one everywhere, a name only within its runtime. */
export function keyOf({ id, runtime }: Pick<InventoryEntry, 'id' | 'runtime'>): string {
  if (HASH.test(id)) return id;
  return `${BUILT_ON_LXC.includes(runtime) ? 'lxc' : runtime}:${id}`;
}

/** What the first knows counts; the second fills in. */
export function mergeEntries(first: InventoryEntry, second: InventoryEntry): InventoryEntry {
  const told = Object.fromEntries(Object.entries(first).filter(([, value]) => value !== undefined));
  return { ...second, ...told, labels: { ...second.labels, ...first.labels } } as InventoryEntry;
}
