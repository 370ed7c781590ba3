import type { BlockUse } from './block/use.js';
import type { BlockTraffic, CallTimes, CpuTimes, ThrottledBasis } from './frame.js';
import type { Usage } from './usage.js';

/** Which of a thread's times the trace can tell at all. */
export interface TimeSources {
  readonly switches: boolean;
  /** How long threads wait for a CPU or are blocked, and in an interval that is not over they may still. */
  readonly waits: boolean;
  readonly wakeups: boolean;
  readonly migrations: boolean;
  readonly syscalls: boolean;
  readonly interrupts: boolean;
  /** Refusals are looked for, and there are system calls. */
  readonly denials: boolean;
  /** Births and ends of threads. */
  readonly forks: boolean;
  readonly exits: boolean;
  /** Requests to block devices, as the driver gets them and as they are done. */
  readonly blockIssues: boolean;
  readonly blockCompletions: boolean;
  /** System calls are counted, and there are some. */
  readonly calls: boolean;
  /** Likewise what they move. */
  readonly files: boolean;
  /** How throttling is told, if it is. */
  readonly throttling: ThrottledBasis | undefined;
}

/**
 * The part of a row that tells a usage, as far as the trace can tell it. A class that the rows of threads and processes extend:
 * thousands are made for a frame, and spreading one object into another takes longer than all the rest.
 */
export class UsageRow implements CpuTimes, CallTimes {
  declare readonly cpuNs: number | undefined;
  declare readonly userNs: number | undefined;
  declare readonly kernelNs: number | undefined;
  declare readonly irqNs: number | undefined;
  declare readonly runnableNs: number | undefined;
  declare readonly throttledNs: number | undefined;
  declare readonly contendedNs: number | undefined;
  declare readonly blockedDiskNs: number | undefined;
  declare readonly blockedNetNs: number | undefined;
  declare readonly blockedTimerNs: number | undefined;
  declare readonly blockedTaskNs: number | undefined;
  declare readonly blockedUnknownNs: number | undefined;
  declare readonly stoppedNs: number | undefined;
  declare readonly unknownNs: number | undefined;
  declare readonly syscalls: number | undefined;
  declare readonly errors: number | undefined;
  declare readonly fileReadBytes: number | undefined;
  declare readonly fileWriteBytes: number | undefined;
  declare readonly netRxBytes: number | undefined;
  declare readonly netTxBytes: number | undefined;
  declare readonly untoldBytes: number | undefined;

  constructor(usage: Usage, sources: TimeSources) {
    const { waits, interrupts, calls, files } = sources;
    // What is told of the mode only while nothing is: a thread that ran but never entered or left the kernel.
    const told = usage.modeUnknownNs === 0 || usage.userNs > 0 || usage.kernelNs > 0;
    const modes = sources.syscalls && told;
    const causes = waits && sources.wakeups && interrupts;
    this.cpuNs = sources.switches ? usage.cpuNs : undefined;
    this.userNs = modes ? usage.userNs : undefined;
    this.kernelNs = modes ? usage.kernelNs : undefined;
    this.irqNs = interrupts ? usage.irqNs : undefined;
    this.runnableNs = waits ? usage.runnableNs : undefined;
    this.throttledNs = sources.throttling === undefined ? undefined : usage.throttledNs;
    this.contendedNs = waits ? usage.contendedNs : undefined;
    this.blockedDiskNs = causes ? usage.diskNs : undefined;
    this.blockedNetNs = causes ? usage.netNs : undefined;
    this.blockedTimerNs = causes ? usage.timerNs : undefined;
    this.blockedTaskNs = causes ? usage.taskNs : undefined;
    this.blockedUnknownNs = waits ? usage.blockedUnknownNs : undefined;
    this.stoppedNs = waits ? usage.stoppedNs : undefined;
    this.unknownNs = waits ? usage.unknownNs : undefined;
    this.syscalls = calls ? usage.calls : undefined;
    this.errors = calls ? usage.errors : undefined;
    this.fileReadBytes = files ? usage.fileReadBytes : undefined;
    this.fileWriteBytes = files ? usage.fileWriteBytes : undefined;
    this.netRxBytes = files ? usage.netRxBytes : undefined;
    this.netTxBytes = files ? usage.netTxBytes : undefined;
    this.untoldBytes = files ? usage.untoldBytes : undefined;
  }
}

/** Not on a CPU in this interval nor in the row's, and blocked for the same. */
export function isIdle(row: CpuTimes, usage: Usage): boolean {
  return (
    usage.cpuNs === 0 &&
    !row.cpuNs &&
    usage.runnableNs === 0 &&
    !row.runnableNs &&
    usage.blockedUnknownNs === (row.blockedUnknownNs ?? 0) &&
    usage.taskNs === (row.blockedTaskNs ?? 0) &&
    usage.timerNs === (row.blockedTimerNs ?? 0) &&
    usage.netNs === (row.blockedNetNs ?? 0) &&
    usage.diskNs === (row.blockedDiskNs ?? 0) &&
    usage.stoppedNs === (row.stoppedNs ?? 0) &&
    usage.unknownNs === (row.unknownNs ?? 0)
  );
}

export function traffic(use: BlockUse, { blockIssues, blockCompletions }: TimeSources): BlockTraffic {
  if (!blockIssues || !blockCompletions) return {};
  return {
    blockReadBytes: use.readBytes,
    blockWriteBytes: use.writeBytes,
    blockLatencyNs: use.meanLatencyNs,
  };
}

/** Neither now nor in the row's interval. */
export function hadNoTraffic(row: BlockTraffic, use: BlockUse): boolean {
  return use.isZero && !row.blockReadBytes && !row.blockWriteBytes && row.blockLatencyNs === undefined;
}
