import type { Container } from '../container.js';
import { keepAsDoubles } from '../doubles.js';
import type { SyscallRow } from '../frame.js';
import type { Tasks } from '../kernel/tasks.js';
import type { Thread } from '../kernel/thread.js';
import { Latencies } from '../ledger/latency.js';
import { type CallNames, MANY_CALLS } from './call-names.js';

/** Kinds of calls of all containers together that are told apart; beyond it a container has one more for everything. */
const MAX_USES = 1 << 14;

/** Equal calls of one container within an interval. */
export class CallUse {
  static {
    keepAsDoubles(new CallUse(), 'totalNs', 'openNs');
  }

  count = 0;
  errors = 0;
  totalNs = 0;
  readonly latencies = new Latencies();
  /** Under way at the end of the interval, and how long the first of them has been. */
  open = 0;
  openNs = 0;

  clear(): void {
    this.count = 0;
    this.errors = 0;
    this.totalNs = 0;
    this.open = 0;
    this.openNs = 0;
    this.latencies.clear();
  }
}

/** How often containers make which system calls, how long these take, and how many fail. */
export class CallCounts {
  private size = 0;

  constructor(
    private readonly names: CallNames,
    /** Whose the calls of a thread are whose container nothing has told. */
    private readonly containerOf: (thread: Thread) => Container,
  ) {}

  /** A call is over. `ns` is how long it took; -1 if that is not known. */
  add(thread: Thread, id: number, ns: number, failed: boolean): void {
    const { pending } = thread;
    const { calls } = thread.container ?? this.containerOf(thread);
    const use = calls[id] ?? this.use(calls, id);
    pending.calls++;
    use.count++;
    if (failed) {
      pending.errors++;
      use.errors++;
    }
    if (ns < 0) return;
    use.totalNs += ns;
    use.latencies.add(ns);
  }

  private use(calls: (CallUse | undefined)[], id: number): CallUse {
    const slot = this.size < MAX_USES ? id : MANY_CALLS;
    let use = calls[slot];
    if (use === undefined) {
      use = new CallUse();
      calls[slot] = use;
      this.size++;
    }
    return use;
  }

  /** Adds the calls that are under way at the time: those of threads that are awake, and those that containers sleep in. */
  countOpen(tasks: Tasks, containers: readonly Container[], time: number): void {
    for (const thread of tasks.awakeThreads) {
      const { call, ended } = thread;
      if (!call.open || ended !== undefined) continue;
      this.addOpen(thread.container ?? this.containerOf(thread), call.id, 1, time - call.began);
    }
    this.refresh(tasks, containers);
    for (const container of containers) {
      for (const [id, { threads, began }] of container.asleep.calls) {
        this.addOpen(container, id, threads, time - began);
      }
    }
  }

  private addOpen({ calls }: Container, id: number, threads: number, ns: number): void {
    const use = calls[id] ?? this.use(calls, id);
    use.open += threads;
    use.openNs = Math.max(use.openNs, ns);
  }

  /** Where whoever had slept longest in a call was woken up, it is looked for who has now. */
  private refresh(tasks: Tasks, containers: readonly Container[]): void {
    if (!containers.some(({ asleep }) => asleep.calls.isStale)) return;
    for (const { asleep } of containers) asleep.calls.beginUpdate();
    for (const { isAsleep, call, container } of tasks.all()) {
      if (isAsleep && call.open) container!.asleep.calls.update(call);
    }
  }

  /** By name: the numbers follow the order in which a decoder that runs ahead of the analysis met the events. */
  rows(container: Container, containerName: string, host: string | undefined): SyscallRow[] {
    const rows: SyscallRow[] = [];
    for (const [id, use] of container.calls.entries()) {
      if (use === undefined || (use.count === 0 && use.open === 0)) continue;
      const { count, errors, totalNs, latencies, open, openNs } = use;
      const timed = latencies.count > 0;
      rows.push({
        host,
        container: container.key,
        containerName,
        syscall: this.names.nameOf(id),
        count,
        errors,
        totalNs: timed ? totalNs : undefined,
        meanNs: timed ? totalNs / latencies.count : undefined,
        p99Ns: latencies.quantile(0.99),
        maxNs: timed ? latencies.max : undefined,
        open,
        openNs: open === 0 ? undefined : openNs,
      });
    }
    return rows.sort((a, b) => (a.syscall < b.syscall ? -1 : 1));
  }

  /** A new interval begins; these are the containers that there are. */
  begin(containers: Iterable<Container>): void {
    this.size = 0;
    for (const { calls } of containers) {
      for (const use of calls) {
        if (use === undefined) continue;
        this.size++;
        use.clear();
      }
    }
  }
}
