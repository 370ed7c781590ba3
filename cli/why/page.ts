/** The page of `boxtop why`: plain sentences with the figures behind a container's verdict, and what would help. */
import { threadTime } from '../../analyzers/columns/ledger.js';
import type { ContainerRow, Frame, PairRow, Why } from '../../analyzers/frame.js';
import { clean } from '../../tui/text/clean.js';
import { formatClock, formatDuration } from '../../tui/text/format.js';

/** Most names that one sentence tells. */
const MOST_NAMES = 4;
/** Shares of a sum below this are not told. */
const LEAST_SHARE = 0.02;
/** Limits are proposed in steps of so many CPUs. */
const LIMIT_STEP = 0.05;
const USUAL_PERIOD_NS = 100e6;

/** What is told of one container: the whole range, and the verdict of each interval in it. */
export interface Story {
  readonly frame: Frame;
  readonly row: ContainerRow;
  readonly verdicts: readonly Why[];
}

export function whyPage(story: Story): string {
  const { row } = story;
  const sentences = [usage(story), throttling(story), contention(story), blocked(story), wakeups(row)];
  const course = verdictsOverTime(story);
  const blocks = [
    heading(story),
    `${capital(clean(row.why?.text ?? 'no verdict: the trace has no sched_switch'))}.`,
    [...sentences, course].filter((sentence) => sentence !== undefined).join('\n'),
    `What would help: ${help(story)}`,
  ];
  return `${blocks.join('\n\n')}\n`;
}

function heading({ row, frame }: Story): string {
  const from = formatClock(frame.origin + BigInt(Math.round(frame.begin)), 3);
  const to = formatClock(frame.origin + BigInt(Math.round(frame.end)), 3);
  const facts = [row.image, row.runtime, row.id.slice(0, 12)].filter((fact) => fact !== undefined);
  return clean(
    `${row.name} (${facts.join(', ')}), ${from} to ${to}, ${formatDuration(frame.end - frame.begin)}`,
  );
}

function usage({ row, frame }: Story): string {
  const duration = frame.end - frame.begin;
  const limit =
    row.limitCpus === undefined
      ? 'no limit is known'
      : `its limit is ${row.limitCpus.toFixed(2)} CPUs${limitedAbove(row)}`;
  if (row.cpuNs === undefined)
    return `How much CPU time it used is unknown: the trace has no switches; ${limit}.`;
  const cpus = (row.cpuNs / duration).toFixed(2);
  return `It used ${formatDuration(row.cpuNs)} of CPU time, ${cpus} CPUs on average; ${limit}.`;
}

/** Where a pod or slice above its own cgroup sets the limit: that is the one to change. */
function limitedAbove({ limits, limitCpus }: ContainerRow): string {
  const { cpusSetBy, cpuQuotaUs, cpuPeriodUs } = limits ?? {};
  const isOwn =
    cpuQuotaUs !== undefined && cpuPeriodUs !== undefined && cpuQuotaUs / cpuPeriodUs === limitCpus;
  return cpusSetBy === undefined || isOwn ? '' : `, set above it by the cgroup ${clean(cpusSetBy)}`;
}

function throttling({ row, frame }: Story): string | undefined {
  const { throttledCount: count, queuesThrottledNs: ns, throttledBasis: basis } = row;
  if (count === undefined || ns === undefined) {
    return 'Whether it was throttled is unknown: the trace has neither kprobes on throttle_cfs_rq and unthrottle_cfs_rq nor hrtimer events.';
  }
  const how = {
    measured: 'measured by kprobes',
    sampled: 'by the counters of its cgroup',
    inferred: 'inferred from the pattern of switches',
  }[basis ?? 'measured'];
  if (count === 0 && ns === 0) {
    return row.why?.kind === 'quota'
      ? `It did not use up its quota in any period (${how}), but only because others had its CPUs: it wanted more than the quota gives.`
      : `Its quota never held it back (${how}).`;
  }
  const share = percentOf(ns, frame);
  return `Its quota was used up in ${count} ${count === 1 ? 'period' : 'periods'}, which held it back for ${formatDuration(ns)}, ${share} of the time (${how}).`;
}

function contention({ row, frame }: Story): string | undefined {
  const { contendedNs } = row;
  if (contendedNs === undefined) return undefined;
  if (contendedNs < 1e6) return 'It never waited long for a CPU that others had.';
  const names = namesOf(frame.waits ?? [], row);
  return `Its threads waited ${formatDuration(contendedNs)} for CPUs that others had: ${names}.`;
}

function blocked({ row, frame }: Story): string | undefined {
  const total = threadTime(row);
  if (row.blockedDiskNs === undefined || total === undefined) {
    return 'What its blocked threads waited for is unknown: the trace has no wake-ups or no interrupts.';
  }
  const parts: [string, number | undefined][] = [
    ['for disks', row.blockedDiskNs],
    ['for the network', row.blockedNetNs],
    ['for timers', row.blockedTimerNs],
    ['for other threads', row.blockedTaskNs],
    ['for reasons that nothing told', row.blockedUnknownNs],
  ];
  const told = parts.filter(([, ns = 0]) => ns > LEAST_SHARE * total);
  if (told.length === 0) return 'Its threads were hardly ever blocked.';
  const list = told.map(([what, ns]) => `${formatDuration(ns!)} ${what}`).join(', ');
  const names = namesOf(frame.blockers ?? [], row);
  const others =
    (row.blockedTaskNs ?? 0) > LEAST_SHARE * total && names !== '' ? ` The threads: ${names}.` : '';
  return `Of the ${formatDuration(total)} that its threads existed they were blocked ${list}.${others}`;
}

function wakeups({ wakeupP50Ns, wakeupP99Ns, wakeupMaxNs }: ContainerRow): string | undefined {
  if (wakeupP50Ns === undefined || wakeupP99Ns === undefined || wakeupMaxNs === undefined) return undefined;
  return `Once woken up, it got a CPU within ${formatDuration(wakeupP50Ns)} half of the times, within ${formatDuration(wakeupP99Ns)} 99 % of them, and after ${formatDuration(wakeupMaxNs)} at worst.`;
}

/** The kinds of verdicts by how often they came. */
function verdictsOverTime({ verdicts }: Story): string | undefined {
  if (verdicts.length < 2) return undefined;
  const counts = new Map<string, number>();
  for (const { kind } of verdicts) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const list = [...counts].sort((a, b) => b[1] - a[1]).map(([kind, count]) => `${kind} ${count}`);
  return `Second by second, of ${verdicts.length}: ${list.join(', ')}.`;
}

function help(story: Story): string {
  const { row } = story;
  switch (row.why?.kind) {
    case 'quota':
      return higherLimit(story);
    case 'crowded out':
      return fewerNeighbours(story, row.why);
    case 'disk':
      return 'a faster disk, fewer or larger writes, or fewer fsync.';
    case 'network':
      return 'look at who it talks to outside of this host.';
    case 'waiting':
      return row.why.by.map((name) => lookAt(story, name)).join(' ');
    default:
      return 'nothing held it back that this trace tells.';
  }
}

/** What it uses while it is let run, and is therefore what it would use. */
function higherLimit({ row, frame }: Story): string {
  const period = Math.min(USUAL_PERIOD_NS, frame.end - frame.begin);
  const running =
    frame.end - frame.begin - Math.min(row.queuesThrottledNs ?? 0, frame.end - frame.begin - period);
  const demand = (row.cpuNs ?? 0) / running;
  const proposed = Math.ceil(demand / LIMIT_STEP) * LIMIT_STEP;
  const now = row.limitCpus === undefined ? '' : ` than ${row.limitCpus.toFixed(2)} CPUs`;
  const isHigher = row.limitCpus === undefined || proposed > row.limitCpus;
  const figure = isHigher
    ? ` While it was let run it used ${demand.toFixed(2)} CPUs: a limit of ${proposed.toFixed(2)} would hardly hold it back.`
    : '';
  return `a higher CPU limit${now}.${figure}`;
}

function fewerNeighbours({ frame, row }: Story, { by }: Why): string {
  const duration = frame.end - frame.begin;
  const neighbours = by.map((name) => {
    const other = frame.containers.find((each) => each.name === name && !each.isHost && each.key !== row.key);
    if (other === undefined) return `${clean(name)} (a process of the host)`;
    const limit = other.limitCpus === undefined ? 'no limit is known' : `limit ${other.limitCpus.toFixed(2)}`;
    return `${clean(name)} (${((other.cpuNs ?? 0) / duration).toFixed(2)} CPUs, ${limit})`;
  });
  return `more CPU weight for it, or a limit for ${neighbours.join(', ')}, or moving one of them elsewhere.`;
}

function lookAt({ frame }: Story, name: string): string {
  const other = frame.containers.find((each) => each.name === name && !each.isHost);
  return other?.why === undefined
    ? `look at ${clean(name)}.`
    : `look at ${clean(name)}, of which the verdict is “${clean(other.why.text)}”.`;
}

/** Whom the row's container waited for most, with how long. */
function namesOf(pairs: readonly PairRow[], row: ContainerRow): string {
  const own = pairs.filter(({ victim }) => victim === row.key).sort((a, b) => b.ns - a.ns);
  const sum = own.reduce((total, { ns }) => total + ns, 0);
  return own
    .filter(({ ns }) => ns >= LEAST_SHARE * sum)
    .slice(0, MOST_NAMES)
    .map(
      (pair) => `${pair.culprit === row.key ? 'itself' : clean(pair.culpritName)} ${formatDuration(pair.ns)}`,
    )
    .join(', ');
}

function percentOf(ns: number, frame: Frame): string {
  return `${Math.round((100 * ns) / (frame.end - frame.begin))} %`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
