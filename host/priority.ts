/**
 * The scheduler's priority of boxtop's own threads. Where something is wrong the CPUs are often busy; who is to tell why must not
 * wait in the same queue, as `atop` does not.
 */
import { constants, getPriority, setPriority } from 'node:os';

const { PRIORITY_ABOVE_NORMAL, PRIORITY_NORMAL } = constants.priority;
/** The thread that asks: on Linux each has its own, and hands it on to the threads and processes that it makes from then on. */
const SELF = 0;

/**
 * From now on this thread, and what it starts, goes before others of its cgroup. Nothing happens where a priority was chosen
 * (`nice`), or where raising it is not allowed.
 */
export function goFirst(): void {
  if (getPriority(SELF) !== PRIORITY_NORMAL) return;
  trySet(PRIORITY_ABOVE_NORMAL);
}

/** Starts what is not boxtop's own: at the priority that boxtop was started with. */
export function atUsualPriority<Started>(start: () => Started): Started {
  const own = getPriority(SELF);
  if (own !== PRIORITY_ABOVE_NORMAL) return start();
  trySet(PRIORITY_NORMAL);
  try {
    return start();
  } finally {
    trySet(own);
  }
}

function trySet(priority: number): void {
  try {
    setPriority(SELF, priority);
  } catch {
    // Only root may.
  }
}
