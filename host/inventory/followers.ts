/** Keeps every runtime of the host followed: finds endpoints as they come, and tries again, ever later, where one fails. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Ledger } from './ledger.js';
import type { Runtime } from './runtime.js';

/** Times in ms, so that tests need not wait. */
export interface FollowTimes {
  /** How often to look for endpoints that were not there. */
  readonly look: number;
  /** Wait after the first failure; doubled with each that follows, up to the longest. */
  readonly firstRetry: number;
  readonly longestRetry: number;
}

export const FOLLOW_TIMES: FollowTimes = { look: 2000, firstRetry: 250, longestRetry: 15_000 };
const LONGEST_REASON = 300;

export class Followers {
  private readonly ledgers = new Map<string, Ledger>();
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly runtimes: readonly Runtime[],
    private readonly changed: () => void,
    private readonly times: FollowTimes = FOLLOW_TIMES,
  ) {}

  start(): void {
    this.look();
    this.timer = setInterval(() => this.look(), this.times.look);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.stopping.abort();
    for (const ledger of this.ledgers.values()) ledger.hint();
  }

  /** In the order of trust: what the first knows of a container counts. Users come after the system. */
  get all(): readonly Ledger[] {
    const rank = ({ status, owner }: Ledger) =>
      this.runtimes.findIndex(({ name }) => name === status.name) +
      (owner === undefined ? 0 : this.runtimes.length);
    return [...this.ledgers.values()].sort((a, b) => rank(a) - rank(b));
  }

  hint(): void {
    for (const ledger of this.ledgers.values()) ledger.hint();
  }

  private look(): void {
    for (const runtime of this.runtimes) {
      for (const endpoint of runtime.endpoints()) {
        const key = `${runtime.name} ${endpoint}`;
        if (this.ledgers.has(key)) continue;
        const ledger = new Ledger(runtime.name, endpoint, this.changed, runtime.ownerOf?.(endpoint));
        this.ledgers.set(key, ledger);
        void this.follow(runtime, endpoint, ledger);
      }
    }
  }

  private async follow(runtime: Runtime, endpoint: string, ledger: Ledger): Promise<void> {
    const { signal } = this.stopping;
    let retry = this.times.firstRetry;
    while (!signal.aborted) {
      const attempt = new AbortController();
      const began = performance.now();
      try {
        await runtime.follow(endpoint, ledger, AbortSignal.any([signal, attempt.signal]));
        ledger.unreachable('it closed the connection');
      } catch (error) {
        ledger.unreachable(reasonOf(error));
      } finally {
        attempt.abort();
      }
      // Whoever answered for a while has only been restarted.
      if (performance.now() - began > this.times.longestRetry) retry = this.times.firstRetry;
      await sleep(retry, undefined, { signal, ref: false }).catch(() => {});
      retry = Math.min(2 * retry, this.times.longestRetry);
    }
  }
}

function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const reasons: Record<string, string> = {
    ENOENT: 'there is no such socket',
    ECONNREFUSED: 'nobody listens there',
    EACCES: 'it may not be opened by this user',
  };
  const aborted = error instanceof Error && /Timeout|Abort/.test(error.name);
  return (reasons[code] ?? (aborted ? 'it does not answer' : String(message))).slice(0, LONGEST_REASON);
}
