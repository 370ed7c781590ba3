/** CPU meters: what each CPU did in the interval. With many CPUs one meter of all, and one cell for each. */
import type { ReactElement } from 'react';
import type { CpuRow } from '../../analyzers/frame.js';
import { metersPerLine } from '../app/layout.js';
import { levelOf } from '../app/trend.js';
import { cut } from '../text/width.js';
import type { Painter, Token } from '../theme.js';
import { Lines } from './Lines.js';

interface MetersProps {
  readonly cpus: readonly CpuRow[];
  readonly width: number;
  readonly lines: number;
  readonly painter: Painter;
}

type Kind = 'containers' | 'host' | 'irq' | 'unknown' | 'idle';

const TOKENS: Readonly<Record<Kind, Token>> = {
  containers: 'containers',
  host: 'host',
  irq: 'irq',
  unknown: 'unknown',
  idle: 'track',
};
const PERCENT_WIDTH = 5;
const LONGEST_HOST = 6;

export function Meters({ cpus, width, lines, painter }: MetersProps): ReactElement {
  const perLine = metersPerLine(width);
  const drawn =
    cpus.length <= perLine * lines
      ? fullMeters(cpus, width, lines, painter)
      : compactMeters(cpus, width, lines, painter);
  return <Lines lines={Array.from({ length: lines }, (_, index) => drawn[index] ?? '')} />;
}

/** Column by column, as many side by side as the lines need. */
function fullMeters(cpus: readonly CpuRow[], width: number, lines: number, painter: Painter): string[] {
  const perLine = Math.max(1, Math.ceil(cpus.length / lines));
  const each = Math.floor((width - 1) / perLine);
  const label = Math.max(1, ...cpus.map((cpu) => nameOf(cpu, painter).length));
  const rowsUsed = Math.ceil(cpus.length / perLine);
  return Array.from({ length: rowsUsed }, (_, line) => {
    const ofLine = cpus.slice(line * perLine, (line + 1) * perLine);
    return ofLine
      .map((cpu) => ` ${meter(`${nameOf(cpu, painter).padStart(label)} `, [cpu], each - 1, painter)}`)
      .join('');
  });
}

/** Its number, after the beginning of its host's name where several hosts were traced. */
function nameOf({ host, cpu }: CpuRow, painter: Painter): string {
  return host === undefined
    ? String(cpu)
    : `${cut(painter.clean(host), LONGEST_HOST, painter.glyphs.ellipsis)}:${cpu}`;
}

/** A meter of all CPUs, then one cell a CPU (the busiest of several, where there are more CPUs than cells). */
function compactMeters(cpus: readonly CpuRow[], width: number, lines: number, painter: Painter): string[] {
  const sharesLine = lines === 1;
  const meterWidth = sharesLine ? Math.min(36, Math.floor(width / 2)) : width - 2;
  const all = ` ${meter(`${cpus.length} CPUs `, cpus, meterWidth, painter)}`;
  const room = sharesLine ? width - meterWidth - 4 : (width - 2) * (lines - 1);
  const perCell = Math.ceil(cpus.length / room);
  const loads = Array.from({ length: Math.ceil(cpus.length / perCell) }, (_, cell) =>
    Math.max(...cpus.slice(cell * perCell, (cell + 1) * perCell).map(busyShare)),
  );
  if (sharesLine) return [`${all}  ${heat(loads, painter)}`];
  const perLine = width - 2;
  const heatLines = Array.from(
    { length: lines - 1 },
    (_, line) => ` ${heat(loads.slice(line * perLine, (line + 1) * perLine), painter)}`,
  );
  return [all, ...heatLines];
}

function heat(loads: readonly number[], painter: Painter): string {
  return loads
    .map((load) =>
      painter.paint(
        load >= 0.9 ? 'critical' : load >= 0.6 ? 'warning' : 'containers',
        levelOf(load, painter.glyphs.levels),
      ),
    )
    .join('');
}

/** `label ■■■■■■······ 53%` in `width` columns. */
function meter(label: string, cpus: readonly CpuRow[], width: number, painter: Painter): string {
  const cells = Math.max(1, width - label.length - PERCENT_WIDTH);
  const shares = sharesOf(cpus);
  const counts = apportion(shares, cells);
  const bar = (Object.keys(TOKENS) as Kind[])
    .map((kind) => painter.paint(TOKENS[kind], painter.glyphs.meter[kind].repeat(counts[kind])))
    .join('');
  const busy = shares.containers + shares.host + shares.irq;
  const percent = `${Math.round(busy * 100)}%`.padStart(PERCENT_WIDTH);
  return painter.paint('muted', label) + bar + painter.paint(busy >= 0.9 ? 'warning' : 'text', percent);
}

type Shares = Record<Kind, number>;

/**
 * Parts of the CPUs' time. A frame tells how much interrupts took of a CPU in all, not of whom: here they take from each
 * in proportion.
 */
function sharesOf(cpus: readonly CpuRow[]): Shares {
  const sums = { containers: 0, host: 0, irq: 0, unknown: 0, idle: 0 };
  for (const cpu of cpus) {
    const known = cpu.containersNs + cpu.hostNs + cpu.idleNs;
    const irq = Math.min(cpu.irqNs ?? 0, known);
    const rest = known > 0 ? 1 - irq / known : 1;
    sums.containers += cpu.containersNs * rest;
    sums.host += cpu.hostNs * rest;
    sums.idle += cpu.idleNs * rest;
    sums.irq += irq;
    sums.unknown += cpu.unknownNs;
  }
  const total = sums.containers + sums.host + sums.irq + sums.idle + sums.unknown;
  if (total === 0) return { containers: 0, host: 0, irq: 0, unknown: 1, idle: 0 };
  return {
    containers: sums.containers / total,
    host: sums.host / total,
    irq: sums.irq / total,
    unknown: sums.unknown / total,
    idle: sums.idle / total,
  };
}

/** Cells for each part that add up to all of them; anything there is shows at least one cell if it is worth half of one. */
function apportion(shares: Shares, cells: number): Record<Kind, number> {
  const counts = { containers: 0, host: 0, irq: 0, unknown: 0, idle: 0 };
  let used = 0;
  for (const kind of ['containers', 'host', 'irq', 'unknown'] as const) {
    counts[kind] = Math.min(cells - used, Math.round(shares[kind] * cells));
    used += counts[kind];
  }
  counts.idle = cells - used;
  return counts;
}

function busyShare(cpu: CpuRow): number {
  const { containers, host, irq } = sharesOf([cpu]);
  return containers + host + irq;
}
