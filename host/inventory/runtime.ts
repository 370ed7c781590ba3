/** What a runtime's client is to the watcher. One file below runtimes/ is one runtime. */
import type { InventoryEntry } from '../../analyzers/inventory.js';

export interface Runtime {
  /** As `boxtop inventory` and doctor name it. */
  readonly name: string;
  /** Where it could be reached on this host now: sockets, directories. Asked again and again, so it only looks. */
  endpoints(): readonly string[];
  /** uid of the user whose word the endpoint's is, and counts for containers of that user only; undefined: the system's. */
  ownerOf?(endpoint: string): number | undefined;
  /**
   * Talks to one endpoint and keeps the ledger true until the signal comes. It may end or throw at any time; the watcher
   * tries again later.
   */
  follow(endpoint: string, ledger: RuntimeLedger, signal: AbortSignal): Promise<void>;
}

/** Where a runtime's client writes what it knows. */
export interface RuntimeLedger {
  /** The runtime has answered; its version for people. */
  reached(version: string | undefined): void;
  /** All containers that run now; what was known of others ends. */
  replace(entries: readonly InventoryEntry[]): void;
  /** One container, new or changed. */
  put(entry: InventoryEntry): void;
  /** It has ended, at this time in ns since the epoch. */
  end(id: string, time: bigint): void;
  get(id: string): InventoryEntry | undefined;
  /** Resolves after so many ms, or earlier when something hints that there is a new container. */
  idle(ms: number): Promise<void>;
  /** Ends `idle`: there may be something new. */
  hint(): void;
}

/** More containers than any host has. */
export const MOST_CONTAINERS = 16_384;
