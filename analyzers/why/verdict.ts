import type { Container } from '../container.js';
import type { Why } from '../frame.js';
import type { Counterparts } from '../ledger/counterparts.js';
import { type Counterpart, IDLE, NOBODY_KNOWS, Uncontained } from '../ledger/counterparts.js';

/**
 * Shares of the interval from which on something is a reason: of one CPU's queue or one thread; of who uses more than one
 * CPU, of all that it uses.
 */
const LEAST_THROTTLED = 0.03;
const LEAST_CONTENDED = 0.05;
const LEAST_BLOCKED = 0.2;
/** Who is throttled in this share of the periods has its quota as its limit, however long it waits for others in between. */
const MANY_PERIODS = 0.2;
/** Who has got this share of its quota and wanted more than all of it is held back by the quota, not by its neighbours. */
const SHARE_OF_QUOTA = 0.5;
/** Contention is a reason if it takes this share of the time in which the container wanted a CPU. */
const LEAST_OF_DEMAND = 0.25;
/** Who seldom runs, but waits for others longer than it runs, is crowded out from this share of the interval on. */
const LEAST_CONTENDED_OF_SELDOM = 0.01;
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
  /** CPUs of the host. */
  readonly cpus: number;
  /** Time in which its queues were throttled, and in how many periods; undefined where nothing tells throttling. */
  readonly throttledNs: number | undefined;
  readonly throttledPeriods: number | undefined;
  /** Causes of blocked waits are told. */
  readonly tellsCauses: boolean;
  nameOf(counterpart: Counterpart): string;
}

/**
 * Why a container is not faster in an interval: the strongest of the reasons that are strong enough to matter. A quota goes
 * before contention, because without the neighbours it would only be used up sooner.
 */
export function verdict(container: Container, circumstances: Circumstances): Why | undefined {
  const { duration, tellsCauses } = circumstances;
  if (duration <= 0) return undefined;
  const { interval } = container;
  // Whom it talks to works for it, or has it work: on the CPU these are part of the same task, not neighbours.
  const isPartner = (counterpart: Counterpart) =>
    !(counterpart instanceof Uncontained) && container.waitedFor.has(counterpart);
  const crowd = others(container.contention, container, isPartner);
  const quota = heldBack(container, crowd, circumstances);
  if (quota !== undefined) return quota;
  if (isCrowdedOut(interval.cpuNs / duration, crowd.ns / duration)) {
    const by = foremostNames(crowd, circumstances);
    const share = crowd.ns / duration;
    return { kind: 'crowded out', by, share, text: `crowded out by ${by.join(', ')}: ${percent(share)}` };
  }
  const blocked = tellsCauses ? strongestWait(container, circumstances) : undefined;
  if (blocked !== undefined && blocked.share >= LEAST_BLOCKED) return blocked;
  if (interval.cpuNs < IDLE_CPU * duration)
    return { kind: 'idle', by: [], share: interval.cpuNs / duration, text: 'idle' };
  return { kind: 'ok', by: [], share: interval.cpuNs / duration, text: 'ok' };
}

/** The verdict where its quota is the reason. */
function heldBack(container: Container, crowd: Blame, circumstances: Circumstances): Why | undefined {
  const { duration, throttledNs = 0, throttledPeriods = 0 } = circumstances;
  const used = container.interval.cpuNs / duration;
  const contended = crowd.ns / duration;
  const throttled = throttledNs / duration;
  const period = (container.entry?.limits?.cpuPeriodUs ?? USUAL_PERIOD_NS / 1e3) * 1e3;
  const isOften = (throttledPeriods * period) / duration >= MANY_PERIODS;
  if (throttled >= LEAST_THROTTLED * Math.max(1, used) && (throttled >= contended || isOften)) {
    const times = `${throttledPeriods} ${throttledPeriods === 1 ? 'time' : 'times'}`;
    return {
      kind: 'quota',
      by: [],
      share: throttled,
      text: `quota: throttled ${percent(throttled)}, ${times}`,
    };
  }
  const limit = container.entry?.limitCpus;
  if (limit === undefined || used < SHARE_OF_QUOTA * limit) return undefined;
  const missing = wanted(container, circumstances) - limit;
  if (missing < LEAST_CONTENDED * Math.max(1, used)) return undefined;
  return { kind: 'quota', by: [], share: missing, text: `quota: used ${percent(used)} of ${percent(limit)}` };
}

/** CPUs that it would have used if nothing had held it back: a thread that loses its CPU has not done what it has to do. */
function wanted({ interval, preemptedNs }: Container, { duration, cpus }: Circumstances): number {
  return Math.min(cpus, (interval.cpuNs + interval.throttledNs + preemptedNs) / duration);
}

function isCrowdedOut(used: number, contended: number): boolean {
  if (contended >= used) return contended >= LEAST_CONTENDED_OF_SELDOM;
  return (
    contended >= LEAST_CONTENDED * Math.max(1, used) && contended >= LEAST_OF_DEMAND * (used + contended)
  );
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
