/** `info` for people. */
import { clean } from '../../tui/text/clean.js';
import { formatClock, formatCount, formatDate, formatDuration } from '../../tui/text/format.js';
import { fit } from '../../tui/text/width.js';
import type { ChannelDescription, TraceDescription, TraceReport } from './collect.js';

const LABEL_WIDTH = 12;
const WIDEST_NAME = 48;
/** System calls alone make hundreds of names; `--format json` has them all. */
const MOST_EVENTS = 30;

export function infoText(report: TraceReport): string {
  const sections = [
    ...report.traces.map((trace) => traceText(trace, report.traces.length > 1)),
    rangeText(report),
    eventsText(report.events),
    lossesText(report.losses),
    lacksText(report.lacks),
  ];
  return sections.filter((section) => section !== '').join('\n');
}

function traceText(trace: TraceDescription, isOneOfMany: boolean): string {
  const rows = [
    ...(isOneOfMany ? [row('trace', trace.paths.join(' '))] : []),
    row('host', trace.host ?? '–'),
    row('kernel', [trace.kernel ?? '–', trace.domain === 'ust' ? '(user-space trace)' : ''].join(' ').trim()),
    row('tracer', trace.tracer ?? '–'),
  ];
  return (
    rows.join('') +
    trace.channels.map((channel, index) => row(index === 0 ? 'channels' : '', channelText(channel))).join('')
  );
}

function channelText({ name, cpus, contexts, declared }: ChannelDescription): string {
  const where = cpus.length === 0 ? '' : ` on ${cpus.length === 1 ? 'CPU' : 'CPUs'} ${ranges(cpus)}`;
  const withWhat = contexts.length === 0 ? 'no context' : `contexts ${contexts.join(' ')}`;
  return `${name}${where}: ${declared} kinds of events, ${withWhat}`;
}

function rangeText(report: TraceReport): string {
  const begin = BigInt(report.begin_ns);
  const end = BigInt(report.end_ns);
  const lost = report.discarded_events + report.discarded_packets;
  const loss =
    lost === 0
      ? 'nothing'
      : `${report.discarded_events} events, ${report.discarded_packets} packets (of unknown content)`;
  return [
    row('from', `${formatDate(begin)} ${formatClock(begin, 9)}`),
    row('to', `${formatDate(end)} ${formatClock(end, 9)} (${formatDuration(Number(end - begin))})`),
    row('lost', loss),
    row(
      'inventory',
      report.inventory === 0
        ? 'none: containers have ids, but no names'
        : `names ${report.inventory} containers`,
    ),
  ].join('');
}

function eventsText(events: TraceReport['events']): string {
  const entries = Object.entries(events);
  const total = entries.reduce((sum, [, count]) => sum + count, 0);
  const shown = entries.slice(0, MOST_EVENTS);
  const width = Math.min(WIDEST_NAME, Math.max(0, ...shown.map(([name]) => name.length)));
  const lines = shown.map(
    ([name, count]) => `  ${fit(clean(name), width, 'left', '…')} ${String(count).padStart(10)}\n`,
  );
  const rest = entries.length - shown.length;
  const more = rest > 0 ? [`  and ${rest} kinds more (--format json has all)\n`] : [];
  return [row('events', `${formatCount(total)} of ${entries.length} kinds`), ...lines, ...more].join('');
}

function lossesText(losses: TraceReport['losses']): string {
  return adviceText(
    'losses',
    losses.map(({ message, remedy }) => [message, remedy]),
  );
}

function lacksText(lacks: TraceReport['lacks']): string {
  if (lacks.length === 0) return row('lacks', 'nothing that boxtop uses');
  return adviceText(
    'lacks',
    lacks.map(({ message, panels, remedy }) => [`${message} (${panels.join(', ')})`, remedy]),
  );
}

/** What is wrong, and below it what to do about it. */
function adviceText(label: string, advice: readonly (readonly [string, string])[]): string {
  const lines = advice.flatMap(([message, remedy]) => [message, `  ${remedy}`]);
  return lines.map((line, index) => row(index === 0 ? label : '', line)).join('');
}

function row(label: string, value: string): string {
  return `${label.padEnd(LABEL_WIDTH)}${clean(value)}\n`;
}

/** `0-3,5` */
function ranges(numbers: readonly number[]): string {
  const parts: { first: number; last: number }[] = [];
  for (const number of numbers) {
    const part = parts.at(-1);
    if (part !== undefined && part.last === number - 1) part.last = number;
    else parts.push({ first: number, last: number });
  }
  return parts.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}
