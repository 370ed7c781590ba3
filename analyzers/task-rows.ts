import type { Container } from './container.js';
import type { ProcessRow, ThreadRow, ThreadState } from './frame.js';
import type { Tasks } from './kernel/tasks.js';
import { type Process, stateNames, type Thread } from './kernel/thread.js';
import { hadNoTraffic, isIdle, type TimeSources, traffic, UsageRow } from './usage-row.js';

const DEAD_STATE = 'dead';

/** What is known of those whose rows are made. */
export interface TaskRowSources {
  containerOf(thread: Thread): Container;
  nameOf(container: Container): string;
  /** Whose the threads are of which nothing tells the container. */
  readonly unknown: Container;
  /** Of the interval, ns since origin. */
  readonly begin: number;
  readonly times: TimeSources;
  /** Somebody asks for the rows. */
  readonly tells: boolean;
}

/**
 * The rows of threads and processes, in the order in which these came, those that ended within the interval last. Counts them for
 * their containers on the way. Those that sleep have the rows that they had, and are counted already.
 */
export function taskRows(
  tasks: Tasks,
  sources: TaskRowSources,
): { readonly threads: ThreadRow[]; readonly processes: ProcessRow[] } {
  const { containerOf, nameOf, unknown, begin, times, tells } = sources;
  const { awakeThreads, awakeProcesses, goneThreads, goneProcesses } = tasks;
  const ownerOf = ({ leader, container }: Process): Container =>
    leader === undefined ? (container ?? unknown) : containerOf(leader);

  for (const list of [awakeThreads, goneThreads]) {
    for (const thread of list) {
      const container = containerOf(thread);
      if (container === unknown && thread.ended === undefined) unknown.alive++;
      container.lives.addThread(thread, begin);
    }
  }
  for (const list of [awakeProcesses, goneProcesses]) {
    for (const process of list) {
      const container = ownerOf(process);
      if (process.alive > 0) container.procs++;
      container.lives.addProcess(process, begin);
    }
  }
  if (!tells) return { threads: [], processes: [] };

  const rowOfThread = (thread: Thread): ThreadRow => {
    const container = containerOf(thread);
    return threadRow(thread, container, nameOf(container), times);
  };
  const rowOfProcess = (process: Process): ProcessRow => {
    const container = ownerOf(process);
    return processRow(process, container, nameOf(container), times);
  };
  for (const thread of awakeThreads) tasks.threadRows.set(thread, rowOfThread(thread));
  for (const process of awakeProcesses) tasks.processRows.set(process, rowOfProcess(process));
  const threads = tasks.threadRows.list();
  const processes = tasks.processRows.list();
  for (const thread of goneThreads) threads.push(rowOfThread(thread));
  for (const process of goneProcesses) processes.push(rowOfProcess(process));
  return { threads, processes };
}

/** A row is made anew only if something changed, so that kept frames share the rows of what is idle. */
function threadRow(thread: Thread, container: Container, name: string, sources: TimeSources): ThreadRow {
  const { row, interval, process } = thread;
  const state = thread.ended === undefined ? stateNames[thread.state] : DEAD_STATE;
  if (
    row !== undefined &&
    isIdle(row, interval) &&
    row.state === state &&
    row.comm === thread.comm &&
    row.container === container.key &&
    row.containerName === name &&
    row.pid === process?.pid &&
    row.vtid === thread.vtid &&
    row.tid === thread.tid &&
    row.ended === thread.ended
  ) {
    return row;
  }
  thread.row = new RowOfThread(thread, container.key, name, state, sources);
  return thread.row;
}

function processRow(process: Process, container: Container, name: string, sources: TimeSources): ProcessRow {
  const { row, interval } = process;
  const comm = process.leader?.comm ?? process.comm;
  if (
    row !== undefined &&
    isIdle(row, interval) &&
    row.comm === comm &&
    row.container === container.key &&
    row.containerName === name &&
    row.threads === process.alive &&
    row.ppid === process.ppid &&
    row.vpid === process.vpid &&
    hadNoTraffic(row, process.block) &&
    row.ended === process.ended
  ) {
    return row;
  }
  process.row = new RowOfProcess(process, container.key, name, comm, sources);
  return process.row;
}

/** What rows of threads and processes have in common. */
class RowOfTask extends UsageRow {
  declare readonly started: number | undefined;
  declare readonly ended: number | undefined;

  constructor(
    task: Thread | Process,
    readonly container: string,
    readonly containerName: string,
    readonly comm: string | undefined,
    sources: TimeSources,
  ) {
    super(task.interval, sources);
    this.started = task.started;
    this.ended = task.ended;
  }
}

class RowOfThread extends RowOfTask implements ThreadRow {
  declare readonly pid: number | undefined;
  declare readonly tid: number;
  declare readonly vtid: number | undefined;

  constructor(
    thread: Thread,
    container: string,
    containerName: string,
    readonly state: ThreadState | undefined,
    sources: TimeSources,
  ) {
    super(thread, container, containerName, thread.comm, sources);
    this.pid = thread.process?.pid;
    this.tid = thread.tid;
    this.vtid = thread.vtid;
  }
}

class RowOfProcess extends RowOfTask implements ProcessRow {
  declare readonly pid: number;
  declare readonly vpid: number | undefined;
  declare readonly ppid: number | undefined;
  declare readonly threads: number;
  declare readonly blockReadBytes: number | undefined;
  declare readonly blockWriteBytes: number | undefined;
  declare readonly blockLatencyNs: number | undefined;

  constructor(
    process: Process,
    container: string,
    containerName: string,
    comm: string | undefined,
    sources: TimeSources,
  ) {
    super(process, container, containerName, comm, sources);
    this.pid = process.pid;
    this.vpid = process.vpid;
    this.ppid = process.ppid;
    this.threads = process.alive;
    const { blockReadBytes, blockWriteBytes, blockLatencyNs } = traffic(process.block, sources);
    this.blockReadBytes = blockReadBytes;
    this.blockWriteBytes = blockWriteBytes;
    this.blockLatencyNs = blockLatencyNs;
  }
}
