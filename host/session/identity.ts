/**
 * Names that tell whose session it is: `boxtop-PID-START` with the start of the process in clock ticks since boot, because
 * pids come again. So whatever a boxtop that died left behind is known as such.
 */
import { readFileSync } from 'node:fs';

const NAME = /^boxtop-(\d{1,10})-(\d{1,20})(-beside)?$/;

/** Of this process, or of what it has beside that. */
export function ownName(suffix: '' | '-beside' = ''): string {
  return `boxtop-${process.pid}-${startOf(process.pid) ?? 0}${suffix}`;
}

/** Whether a session or directory of that name is left over from a boxtop that is gone. */
export function isStale(name: string): boolean {
  const parts = NAME.exec(name);
  if (parts === null) return false;
  return startOf(Number(parts[1])) !== parts[2];
}

/** When a process began, in clock ticks since boot; undefined where there is none. */
export function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The program's name, in parentheses, may hold anything, also parentheses and spaces.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
