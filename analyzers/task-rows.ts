import type { Container } from './container.js';
import type { ProcessRow, ThreadRow } from './frame.js';
import type { Tasks } from './kernel/tasks.js';
import type { Process, Thread } from './kernel/thread.js';
import { processRow, type TimeSources, threadRow } from './rows.js';

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
