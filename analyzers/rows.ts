import { cgroupUse } from './cgroup-use.js';
import type { Container } from './container.js';
import type { ContainerRow, CpuRow, Lives as LivesRow, Runner } from './frame.js';
import type { Cpu } from './kernel/cpu.js';
import { type Counterpart, Uncontained } from './ledger/counterparts.js';
import { foremost } from './ledger/pairs.js';
import type { Lives } from './lives.js';
import { sampledThrottling } from './throttling/sampled.js';
import { hadNoTraffic, isIdle, type TimeSources, traffic, UsageRow } from './usage-row.js';
import { type Circumstances, verdict } from './why/verdict.js';

/** The interval of a frame. */
export interface Span {
  readonly origin: bigint;
  readonly begin: number;
  readonly end: number;
  /** CPUs of the host that were heard of. */
  readonly cpus: number;
}

/** What the container is called: by the inventory, by the runtime as the trace saw it, or by its namespace. */
export function containerName(container: Container, host: string | undefined): string {
  if (container.isHost) return 'host';
  return container.entry?.name ?? container.announced?.name ?? identityOf(container, host);
}

function identityOf(container: Container, host: string | undefined): string {
  return host === undefined ? container.key : container.key.slice(host.length + 1);
}

function basisOf({ entry, announced }: Container): 'inventory' | 'announced' | 'namespace' {
  if (entry !== undefined) return 'inventory';
  return announced === undefined ? 'namespace' : 'announced';
}

export function containerRow(
  container: Container,
  host: string | undefined,
  ended: boolean,
  span: Span,
  sources: TimeSources,
): ContainerRow {
  const { row, interval, entry, announced, latencies } = container;
  const name = containerName(container, host);
  const end = ended ? container.ended : undefined;
  const use = cgroupUse(entry, epoch(span.origin, span.begin), epoch(span.origin, span.end));
  const denials = sources.denials ? container.denials : undefined;
  if (
    row !== undefined &&
    isIdle(row, interval) &&
    container.waitedFor.isEmpty &&
    !row.queuesThrottledNs &&
    container.throttled.ns === 0 &&
    hadNoTraffic(row, container.block) &&
    row.name === name &&
    row.procs === container.procs &&
    row.threads === container.alive &&
    row.memBytes === use.memBytes &&
    row.oomKills === use.oomKills &&
    row.pids === use.pids &&
    row.limits === use.limits &&
    hadSameLives(row, container.lives) &&
    row.denials === denials &&
    row.deniedBy === container.deniedBy &&
    row.ended === end
  ) {
    return row;
  }
  const by = foremost(container.contention, container);
  const throttled = throttling(container, span, sources);
  const startedAt = entry?.startedAt === undefined ? undefined : Number(entry.startedAt - span.origin);
  container.row = {
    key: container.key,
    isHost: container.isHost,
    host,
    name,
    id: container.isHost ? 'host' : (entry?.id ?? announced?.id ?? identityOf(container, host)),
    ...(container.isHost ? {} : { idBasis: basisOf(container) }),
    runtime: entry?.runtime ?? announced?.runtime,
    image: entry?.image,
    pod: entry?.pod,
    service: entry?.service,
    project: entry?.project,
    procs: container.procs,
    threads: container.alive,
    limitCpus: entry?.limitCpus,
    ...use,
    ...lives(container.lives, sources),
    ...throttled,
    contendedBy: by === undefined ? undefined : counterpartLabel(by, host),
    wakeupP50Ns: latencies.quantile(0.5),
    wakeupP99Ns: latencies.quantile(0.99),
    wakeupMaxNs: latencies.count === 0 ? undefined : latencies.max,
    migrations: sources.migrations ? container.migrations : undefined,
    ...traffic(container.block, sources),
    why:
      container.isHost || !sources.waits
        ? undefined
        : verdict(container, circumstances(span, throttled, host, sources)),
    denials,
    deniedBy: container.deniedBy,
    started: container.started ?? startedAt,
    ended: end,
    ...new UsageRow(interval, sources),
  };
  return container.row;
}

function counterpartLabel(counterpart: Counterpart, host: string | undefined): string {
  return counterpart instanceof Uncontained ? counterpart.name : containerName(counterpart, host);
}

type Throttled = Pick<ContainerRow, 'queuesThrottledNs' | 'throttledCount' | 'throttledBasis'>;

/** The kernel's own counters are better than what the pattern tells, if somebody sampled them. */
function throttling(
  { throttled, throttle, interval, isHost, entry }: Container,
  { origin, begin, end }: Span,
  { throttling: basis }: TimeSources,
): Throttled {
  if (isHost) return {};
  if (basis !== 'measured') {
    const sampled = sampledThrottling(entry?.samples, epoch(origin, begin), epoch(origin, end));
    // The counters of a slice or pod are of all that it holds: they are this one's where its own threads waited.
    const waits = basis === undefined ? interval.contendedNs : interval.throttledNs;
    const isOthers = throttle.isShared && waits === 0;
    if (sampled !== undefined && isOthers) {
      return { queuesThrottledNs: 0, throttledCount: 0, throttledBasis: 'sampled' };
    }
    if (sampled !== undefined) {
      return { queuesThrottledNs: sampled.ns, throttledCount: sampled.periods, throttledBasis: 'sampled' };
    }
  }
  if (basis === undefined) return {};
  return { queuesThrottledNs: throttled.ns, throttledCount: throttled.periods, throttledBasis: basis };
}

function epoch(origin: bigint, time: number): bigint {
  return origin + BigInt(Math.round(time));
}

function circumstances(
  span: Span,
  { queuesThrottledNs, throttledCount }: Throttled,
  host: string | undefined,
  sources: TimeSources,
): Circumstances {
  return {
    duration: span.end - span.begin,
    cpus: span.cpus,
    throttledNs: queuesThrottledNs,
    throttledPeriods: throttledCount,
    tellsCauses: sources.wakeups && sources.interrupts,
    nameOf: (counterpart) => counterpartLabel(counterpart, host),
  };
}

/** Time that one had a CPU, and the sums of it: nothing else tells what a CPU did for whom. */
export interface Runners {
  readonly rows: readonly Runner[];
  readonly containersNs: number;
  readonly hostNs: number;
}

/** Shares below this are told as one. */
const LEAST_SHARE = 1e-3;
const OTHERS = 'others';

/** Who had the CPU within the interval. */
export function runnersOn(
  cpu: Cpu,
  containers: readonly Container[],
  nameOf: (container: Container) => string,
): Runners {
  const shares = containers.filter(({ onCpu }) => (onCpu[cpu.id] ?? 0) > 0);
  const nsOf = ({ onCpu }: Container): number => onCpu[cpu.id]!;
  const hostNs = shares.reduce((sum, container) => sum + (container.isHost ? nsOf(container) : 0), 0);
  const allNs = shares.reduce((sum, container) => sum + nsOf(container), 0) + cpu.othersNs;
  const least = LEAST_SHARE * (allNs + cpu.idleNs);
  const told = shares.filter((container) => nsOf(container) >= least);
  const toldNs = told.reduce((sum, container) => sum + nsOf(container), 0);
  const rows = told
    .map((container) => ({ container: container.key, name: nameOf(container), ns: nsOf(container) }))
    .sort((a, b) => b.ns - a.ns);
  if (told.length < shares.length || cpu.othersNs > 0) {
    rows.push({ container: OTHERS, name: OTHERS, ns: allNs - toldNs });
  }
  return { rows, containersNs: allNs - hostNs, hostNs };
}

export function cpuRow(
  cpu: Cpu,
  { rows, containersNs, hostNs }: Runners,
  host: string | undefined,
  duration: number,
  sources: TimeSources,
): CpuRow {
  const known = containersNs + hostNs + cpu.idleNs;
  return {
    host,
    cpu: cpu.id,
    containersNs,
    hostNs,
    idleNs: cpu.idleNs,
    irqNs: sources.interrupts ? cpu.irqNs : undefined,
    unknownNs: Math.max(0, duration - known),
    runners: rows,
  };
}

function lives(counts: Lives, { forks, exits }: TimeSources): LivesRow {
  return {
    procsStarted: forks ? counts.procsStarted : undefined,
    procsEnded: exits ? counts.procsEnded : undefined,
    threadsStarted: forks ? counts.threadsStarted : undefined,
    threadsEnded: exits ? counts.threadsEnded : undefined,
  };
}

function hadSameLives(row: LivesRow, counts: Lives): boolean {
  return (
    (row.threadsStarted ?? 0) === counts.threadsStarted &&
    (row.threadsEnded ?? 0) === counts.threadsEnded &&
    (row.procsStarted ?? 0) === counts.procsStarted &&
    (row.procsEnded ?? 0) === counts.procsEnded
  );
}
