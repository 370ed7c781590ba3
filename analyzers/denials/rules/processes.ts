import type { Case } from '../case.js';
import { list, type Rule } from './rule.js';

const PROC_PID = /^\/proc\/(\d+)(\/|$)/;

/** The pid that a path below /proc names. */
export function procfsPid(path: string): number | undefined {
  const pid = PROC_PID.exec(path)?.[1];
  return pid === undefined ? undefined : Number(pid);
}

function stranger(facts: Case): string | undefined {
  if (facts.stranger === undefined || facts.isOwnPid || facts.isolated('pid') === false) return undefined;
  const { comm, container } = facts.stranger;
  return `that pid is ${comm ?? 'a process'} of ${container}, outside of the container’s pid namespace`;
}

const nobody = (facts: Case): string | undefined =>
  facts.processesComplete && facts.stranger === undefined
    ? 'no process of the host or of any container has that pid'
    : undefined;

const share =
  'Share the pid namespace: --pid host, or --pid container:NAME for the processes of one other container.';
const sharePrice =
  'With --pid host the container sees every process of the host with its arguments and environment, and as root may signal and trace them.';

const isProcfsPid = (facts: Case): boolean => {
  const { target } = facts.refusal;
  return target?.kind === 'path' && procfsPid(target.path) !== undefined;
};

/** Processes that are asked for by pid. */
export const processRules: readonly Rule[] = [
  {
    id: 'pid-own',
    errnos: ['ESRCH'],
    target: ['pid'],
    cause: 'no such object',
    clues: [
      {
        confidence: 'likely',
        tell: (facts) =>
          facts.isOwnPid
            ? 'the pid is one of its own pid namespace; that process has ended, or is not traced by the caller'
            : undefined,
      },
    ],
    sentence: 'found no such process in that state in its own pid namespace',
  },
  {
    id: 'pid-elsewhere',
    errnos: ['ESRCH'],
    target: ['pid'],
    cause: 'pid namespace',
    clues: [{ confidence: 'certain', tell: stranger }],
    sentence: 'found no such process, because it lives outside of the container’s pid namespace',
    allow: share,
    price: sharePrice,
  },
  {
    id: 'pid-nowhere',
    errnos: ['ESRCH'],
    cause: 'no such object',
    clues: [
      { confidence: 'certain', tell: nobody },
      { confidence: 'likely', tell: () => 'no process with that pid was seen' },
    ],
    sentence: 'found no such process: there is none',
  },
  {
    id: 'procfs-pid-elsewhere',
    errnos: ['ENOENT'],
    target: ['path'],
    cause: 'pid namespace',
    clues: [{ confidence: 'certain', tell: (facts) => (isProcfsPid(facts) ? stranger(facts) : undefined) }],
    sentence: 'found no such directory, because the container’s /proc shows only its own pid namespace',
    allow: share,
    price: sharePrice,
  },
  {
    id: 'procfs-pid-nowhere',
    errnos: list('ENOENT ESRCH'),
    target: ['path'],
    cause: 'no such object',
    clues: [
      { confidence: 'certain', tell: (facts) => (isProcfsPid(facts) ? nobody(facts) : undefined) },
      {
        confidence: 'likely',
        tell: (facts) => (isProcfsPid(facts) ? 'no process with that pid was seen' : undefined),
      },
    ],
    sentence: 'found no such directory: there is no such process any more',
  },
];
