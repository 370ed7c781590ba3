import type { Container } from '../container.js';
import type { Why } from '../frame.js';
import type { Counterparts } from '../ledger/counterparts.js';
import { type Counterpart, IDLE, NOBODY_KNOWS } from '../ledger/counterparts.js';

/** Shares of the interval from which on something is a reason; of one thread, or of one CPU's queue. */
const LEAST_THROTTLED = 0.03;
const LEAST_CONTENDED = 0.05;
const LEAST_BLOCKED = 0.2;
/** Who is throttled in this share of the periods has its quota as its limit, however long it waits for others in between. */
const MANY_PERIODS = 0.2;
/** Contention is a reason if it takes this share of the time in which the container wanted a CPU. */
const LEAST_OF_DEMAND = 0.25;
/** A container that uses less of a CPU than this and waits for nobody is idle. */
const IDLE_CPU = 0.02;
/** Who is named: those with this share of it, and no more than so many. */
const LEAST_BLAME = 0.1;
const MOST_NAMES = 3;
/** Length of the quota's period where the inventory does not tell another. */
const USUAL_PERIOD_NS = 100e6;

/** What the verdict knows beside the container's own sums. */
export interface Circumstances {
  /** Length of the interval in ns. */
  readonly duration: number;
  /** Throttling is told; causes of blocked waits are told. */
  readonly tellsThrottling: boolean;
  readonly tellsCauses: boolean;
  nameOf(counterpart: Counterpart): string;
}

/**
 * Why a container is not faster in an interval: the strongest of the reasons that are strong enough to matter. A quota goes
 * before contention, because without the neighbours it would only be used up sooner.
 */
export function verdict(container: Container, circumstances: Circumstances): Why | undefined {
  const { duration, tellsThrottling, tellsCauses } = circumstances;
  if (duration <= 0) return undefined;
  const { interval, throttled: throttle } = container;
  const throttled = tellsThrottling ? throttle.ns / duration : 0;
  // Whom it talks to works for it, or has it work: on the CPU these are part of the same task, not neighbours.
  const isPartner = (counterpart: Counterpart) =>
    typeof counterpart !== 'string' && container.waitedFor.has(counterpart);
  const crowd = others(container.contention, container, isPartner);
  const contended = crowd.ns / duration;
  const period = (container.entry?.limits?.cpuPeriodUs ?? USUAL_PERIOD_NS / 1e3) * 1e3;
  const periods = (throttle.periods * period) / duration;

  if (throttled >= LEAST_THROTTLED && (throttled >= contended || periods >= MANY_PERIODS)) {
    return {
      kind: 'quota',
      by: [],
      share: throttled,
      text: `quota: throttled ${percent(throttled)}, ${throttle.periods} ${throttle.periods === 1 ? 'time' : 'times'}`,
    };
  }
  const demand = interval.cpuNs + crowd.ns;
  if (contended >= LEAST_CONTENDED && crowd.ns >= LEAST_OF_DEMAND * demand) {
    const by = foremostNames(crowd, circumstances);
    return {
      kind: 'crowded out',
      by,
      share: contended,
      text: `crowded out by ${by.join(', ')}: ${percent(contended)}`,
    };
  }
  const blocked = tellsCauses ? strongestWait(container, circumstances) : undefined;
  if (blocked !== undefined && blocked.share >= LEAST_BLOCKED) return blocked;
  if (interval.cpuNs < IDLE_CPU * duration)
    return { kind: 'idle', by: [], share: interval.cpuNs / duration, text: 'idle' };
  return { kind: 'ok', by: [], share: interval.cpuNs / duration, text: 'ok' };
}

function strongestWait(container: Container, circumstances: Circumstances): Why | undefined {
  const { interval, requests } = container;
  const asked = others(requests, container);
  const waits: [Why['kind'], number][] = [
    ['disk', interval.diskNs],
    ['network', interval.netNs],
    ['waiting', asked.ns],
  ];
  const [kind, ns] = waits.reduce((best, wait) => (wait[1] > best[1] ? wait : best));
  const share = ns / circumstances.duration;
  if (kind !== 'waiting') return { kind, by: [], share, text: `${kind}: ${percent(share)}` };
  const by = foremostNames(asked, circumstances);
  return { kind, by, share, text: `waiting for ${by.join(', ')}: ${percent(share)}` };
}

interface Blame {
  readonly ns: number;
  readonly parts: readonly (readonly [Counterpart, number])[];
}

/** What a container waited for others than itself, largest first. */
function others(
  sums: Counterparts,
  itself: Container,
  isExcepted: (counterpart: Counterpart) => boolean = () => false,
): Blame {
  const parts = [...sums]
    .filter(([counterpart]) => counterpart !== itself && counterpart !== IDLE && counterpart !== NOBODY_KNOWS)
    .filter(([counterpart]) => !isExcepted(counterpart))
    .sort((a, b) => b[1] - a[1]);
  return { ns: parts.reduce((sum, [, ns]) => sum + ns, 0), parts };
}

/** The first is named in any case. */
function foremostNames({ ns, parts }: Blame, { nameOf }: Circumstances): string[] {
  return parts
    .filter(([, part], index) => index === 0 || part >= LEAST_BLAME * ns)
    .slice(0, MOST_NAMES)
    .map(([counterpart]) => nameOf(counterpart));
}

function percent(share: number): string {
  return `${Math.round(100 * share)}%`;
}
