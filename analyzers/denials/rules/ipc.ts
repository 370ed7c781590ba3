import type { Case } from '../case.js';
import { list, type Rule, usual } from './rule.js';

/** A key or queue of one kind: `shmget 0x1234`. */
export function keyName(call: string, key: number): string {
  return `${call} ${key}`;
}

const ownIpc = (facts: Case): boolean => facts.isolated('ipc') !== false;

function keyElsewhere(facts: Case): string | undefined {
  const { call, target } = facts.refusal;
  if (!ownIpc(facts) || target?.kind !== 'key') return undefined;
  const other = facts.elsewhere('key', keyName(call, target.key), 'ipc');
  return other && `${facts.nameOf(other)} has it, in another IPC namespace`;
}

/** The keys of which a look tells, by call. */
const KINDS: Readonly<Record<string, 'shm' | 'sem' | 'msg'>> = {
  shmget: 'shm',
  semget: 'sem',
  msgget: 'msg',
};

function keySeenElsewhere(facts: Case): string | undefined {
  const { call, target } = facts.refusal;
  const kind = KINDS[call];
  if (!ownIpc(facts) || target?.kind !== 'key' || kind === undefined) return undefined;
  const who = facts.host.keyElsewhere(kind, target.key);
  return who && `${who} has it, in another IPC namespace`;
}

function queueSeenElsewhere(facts: Case): string | undefined {
  const { target } = facts.refusal;
  if (!ownIpc(facts) || target?.kind !== 'queue') return undefined;
  const who = facts.host.queueElsewhere(target.name.startsWith('/') ? target.name : `/${target.name}`);
  return who && `${who} has it, in another IPC namespace`;
}

/** The host’s were looked at, and it is not among them. */
function lookedInVain(facts: Case): string | undefined {
  const { call, target } = facts.refusal;
  const kind = target?.kind === 'queue' ? 'queues' : KINDS[call];
  return kind !== undefined && facts.host.knowsIpc(kind)
    ? 'the host did not have it when boxtop looked, and nobody else was seen to make it'
    : undefined;
}

/** Who is the only one ever to ask for a key asks for nothing; many agree on a key because somebody is to make it. */
function keyAgreed(facts: Case): string | undefined {
  const { target } = facts.refusal;
  if (!ownIpc(facts) || target?.kind !== 'key') return undefined;
  const { processes, containers } = facts.evidence.seekersOf(`key ${target.key}`);
  if (processes < 2) return undefined;
  const where = containers > 1 ? ` of ${containers} containers` : '';
  return `${processes} calls${where} ask for this key, so it is one that was agreed on; the recording has no look at the host’s keys`;
}

function queueElsewhere(facts: Case): string | undefined {
  const { target } = facts.refusal;
  if (!ownIpc(facts) || target?.kind !== 'queue') return undefined;
  const name = target.name.startsWith('/') ? target.name : `/${target.name}`;
  const other = facts.elsewhere('queue', name, 'ipc') ?? facts.elsewhere('path', name, 'mnt');
  return other && `${facts.nameOf(other)} has it open, in another IPC namespace`;
}

const shareIpc =
  'Share the IPC namespace: --ipc container:NAME (that one started with --ipc shareable), or --ipc host.';
const shareIpcPrice =
  'Both see and change each other’s shared memory, semaphores and queues; with --ipc host those of the whole host.';

const KEYED = list('shmget semget msgget');

/** System V keys and POSIX message queues. */
export const ipcRules: readonly Rule[] = [
  {
    id: 'key-elsewhere',
    calls: KEYED,
    errnos: ['ENOENT'],
    cause: 'ipc namespace',
    otherwise: 'no such object',
    clues: [
      { confidence: 'likely', tell: keySeenElsewhere },
      { confidence: 'likely', tell: keyElsewhere },
      {
        confidence: 'possible',
        tell: (facts) => (lookedInVain(facts) === undefined ? keyAgreed(facts) : undefined),
      },
    ],
    sentence: 'found no such key in the container’s IPC namespace',
    allow: shareIpc,
    price: shareIpcPrice,
  },
  {
    id: 'queue-elsewhere',
    calls: list('mq_open mq_unlink'),
    errnos: ['ENOENT'],
    cause: 'ipc namespace',
    clues: [
      { confidence: 'likely', tell: queueSeenElsewhere },
      { confidence: 'likely', tell: queueElsewhere },
    ],
    sentence: 'found no such message queue in the container’s IPC namespace',
    allow: shareIpc,
    price: shareIpcPrice,
  },
  {
    id: 'ipc-nowhere',
    calls: [...KEYED, 'mq_open', 'mq_unlink'],
    errnos: ['ENOENT'],
    cause: 'no such object',
    otherwise: 'ipc namespace',
    clues: [
      { confidence: 'likely', tell: lookedInVain },
      {
        confidence: 'likely',
        tell: (facts) => (ownIpc(facts) ? undefined : 'the host’s own namespace does not have it'),
      },
      usual('possible', 'nobody else was seen to make it or to ask for it'),
    ],
    sentence: 'found nothing under that name: nothing tells of one anywhere',
  },
  {
    id: 'ipc-permissions',
    calls: [...KEYED, 'shmat', 'semop', 'semtimedop', 'msgsnd', 'msgrcv', 'mq_open'],
    errnos: ['EACCES'],
    cause: 'file permissions',
    clues: [usual('likely', 'owner and mode of the object')],
    sentence: 'may not, by owner and mode of the object',
    allow: 'Run it as the user that made the object (--user).',
    price: 'Nothing beyond what that user has.',
  },
];
