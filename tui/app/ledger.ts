/** The states of the ledger as bars show them: from what is wanted to what is idle. A row's states add up to its thread time. */
import { threadTime } from '../../analyzers/columns/ledger.js';
import type { CpuTimes } from '../../analyzers/frame.js';
import type { ChartToken } from '../charts/looks.js';

export interface LedgerState {
  readonly title: string;
  readonly token: ChartToken;
  /** Tells it from the others without colours: capitals for what holds back. */
  readonly letter: string;
  ns(row: CpuTimes): number | undefined;
}

export const ledgerStates: readonly LedgerState[] = [
  { title: 'running', token: 'running', letter: 'R', ns: (row) => row.cpuNs },
  { title: 'throttled', token: 'throttled', letter: 'T', ns: (row) => row.throttledNs },
  {
    title: 'contended',
    token: 'contended',
    letter: 'C',
    // Where nothing tells throttling, all of the wait is called contended, as in the frame.
    ns: (row) => row.contendedNs ?? row.runnableNs,
  },
  { title: 'disk', token: 'disk', letter: 'D', ns: (row) => row.blockedDiskNs },
  { title: 'network', token: 'network', letter: 'N', ns: (row) => row.blockedNetNs },
  { title: 'others', token: 'others', letter: 'o', ns: (row) => row.blockedTaskNs },
  { title: 'timer', token: 'timer', letter: 'z', ns: (row) => row.blockedTimerNs },
  { title: 'stopped', token: 'stopped', letter: 's', ns: (row) => row.stoppedNs },
  {
    title: 'untold',
    token: 'untold',
    letter: '?',
    ns: (row) => (row.blockedUnknownNs ?? 0) + (row.unknownNs ?? 0),
  },
];

/** Each state's share of the thread time of all rows, 0…1; undefined where none is known. */
export function ledgerShares(rows: readonly CpuTimes[]): number[] | undefined {
  const total = rows.reduce((sum, row) => sum + (threadTime(row) ?? 0), 0);
  if (total === 0) return undefined;
  return ledgerStates.map(({ ns }) => rows.reduce((sum, row) => sum + (ns(row) ?? 0), 0) / total);
}
