/** What one endpoint of a runtime has told, and whether it answers. */
import type { InventoryEntry } from '../../analyzers/inventory.js';
import { isMappedTo } from '../processes.js';
import { MOST_CONTAINERS, type RuntimeLedger } from './runtime.js';

/** How it stands with one endpoint. */
export interface RuntimeStatus {
  readonly name: string;
  readonly endpoint: string;
  /** `trying`: nothing has been heard yet. */
  readonly state: 'trying' | 'reached' | 'unreachable';
  readonly version: string | undefined;
  /** Why it is unreachable. */
  readonly error: string | undefined;
}

export class Ledger implements RuntimeLedger {
  readonly entries = new Map<string, InventoryEntry>();
  status: RuntimeStatus;
  private wake: (() => void) | undefined;

  /**
   * @param changed is called after every change of entries or status
   * @param owner uid of the user whose word it is: what it tells of other users' processes is not listened to
   */
  constructor(
    name: string,
    endpoint: string,
    private readonly changed: () => void,
    readonly owner?: number | undefined,
  ) {
    this.status = { name, endpoint, state: 'trying', version: undefined, error: undefined };
  }

  reached(version: string | undefined): void {
    this.update({ state: 'reached', version: version ?? this.status.version, error: undefined });
  }

  unreachable(error: string): void {
    this.update({ state: 'unreachable', error });
  }

  replace(entries: readonly InventoryEntry[]): void {
    const running = new Set(entries.map(({ id }) => id));
    const now = BigInt(Date.now()) * 1_000_000n;
    for (const { id, finishedAt } of this.entries.values()) {
      if (!running.has(id) && finishedAt === undefined) this.end(id, now);
    }
    for (const entry of entries) this.put(entry);
  }

  put(entry: InventoryEntry): void {
    if (this.owner !== undefined && !isMappedTo(entry.initPid, this.owner)) return;
    if (this.entries.size >= MOST_CONTAINERS && !this.entries.has(entry.id)) this.forgetEnded();
    if (this.entries.size >= MOST_CONTAINERS && !this.entries.has(entry.id)) return;
    this.entries.set(entry.id, entry);
    this.changed();
  }

  end(id: string, time: bigint): void {
    const entry = this.entries.get(id);
    if (entry === undefined || entry.finishedAt !== undefined) return;
    this.entries.set(id, { ...entry, finishedAt: time });
    this.changed();
  }

  get(id: string): InventoryEntry | undefined {
    return this.entries.get(id);
  }

  /** Who ended before this time is named no longer. */
  forgetEnded(before?: bigint): void {
    for (const { id, finishedAt } of this.entries.values()) {
      if (finishedAt !== undefined && (before === undefined || finishedAt < before)) this.entries.delete(id);
    }
  }

  idle(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      timer.unref();
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  hint(): void {
    this.wake?.();
    this.wake = undefined;
  }

  private update(change: Partial<RuntimeStatus>): void {
    this.status = { ...this.status, ...change };
    this.changed();
  }
}
