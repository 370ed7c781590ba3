import type { Container } from '../container.js';
import type { BlockRow, DeviceRow } from '../frame.js';
import { Uncontained } from '../ledger/counterparts.js';
import type { TimeSources } from '../usage-row.js';
import type { Block } from './block.js';
import type { Device } from './device.js';

/** The disks, in the order of their numbers; what no event tells is undefined. */
export function deviceRows(
  block: Block,
  host: string | undefined,
  { blockIssues: issues, blockCompletions: completions }: TimeSources,
): DeviceRow[] {
  const both = issues && completions;
  const mean = (ns: number, count: number): number | undefined => (count === 0 ? undefined : ns / count);
  return disksOf(block).map((device) => {
    const { use, latencies } = device;
    return {
      host,
      device: nameOf(device),
      reads: completions ? use.reads : undefined,
      writes: completions ? use.writes : undefined,
      readBytes: completions ? use.readBytes : undefined,
      writeBytes: completions ? use.writeBytes : undefined,
      discards: completions ? device.discards : undefined,
      discardBytes: completions ? device.discardBytes : undefined,
      flushes: completions ? device.flushes : undefined,
      errors: completions ? device.errors : undefined,
      latencyNs: use.meanLatencyNs,
      latencyP99Ns: latencies.quantile(0.99),
      latencyMaxNs: latencies.count === 0 ? undefined : latencies.max,
      queueNs: mean(device.queueNs, device.queued),
      flushNs: mean(device.flushNs, device.flushLatencies),
      inFlight: both && !device.isUncertain ? device.underWay : undefined,
      busyNs: both && !device.isUncertain ? device.busyNs : undefined,
    };
  });
}

/** Who read from and wrote to each disk. */
export function blockRows(
  block: Block,
  host: string | undefined,
  labelOf: (container: Container) => string,
): BlockRow[] {
  return disksOf(block).flatMap((device) =>
    [...device.users].map(([user, use]) => ({
      host,
      device: nameOf(device),
      container: user.key,
      containerName: user instanceof Uncontained ? user.name : labelOf(user),
      reads: use.reads,
      writes: use.writes,
      readBytes: use.readBytes,
      writeBytes: use.writeBytes,
      latencyNs: use.meanLatencyNs,
    })),
  );
}

function disksOf({ devices }: Block): Device[] {
  return [...devices.values()].filter(({ isDisk }) => isDisk).sort((a, b) => a.number - b.number);
}

/** Numbers are `dev_t` as the kernel has it inside: 12 bits of major, 20 of minor. */
function nameOf({ name, number }: Device): string {
  return name ?? `${number >>> 20}:${number & 0xfffff}`;
}
