/** What IPC namespaces hold: System V keys of our own namespace, POSIX queues of everyone's that has them mounted. */
import type { IpcLook } from '../../analyzers/denials/looks.js';
import { mountsOf } from './mounts.js';
import { listDirectory } from './path.js';
import { readWhole } from './read.js';

const LARGEST_TABLE = 1024 * 1024;
const MOST_QUEUES = 1024;
/** Where runtimes and systemd mount the queues. */
const QUEUES = '/dev/mqueue';

/** Of our own namespace (`self`) the System V keys, too: only they are in our /proc. */
export async function lookAtIpc(pid: number | 'self', ipcNs: number, time: bigint): Promise<IpcLook> {
  const isHost = pid === 'self';
  const keys = async (name: string) =>
    isHost ? keysOf(await readWhole(`/proc/sysvipc/${name}`, LARGEST_TABLE)) : undefined;
  return {
    kind: 'ipc',
    time,
    ipcNs,
    isHost,
    shm: await keys('shm'),
    sem: await keys('sem'),
    msg: await keys('msg'),
    queues: await queuesOf(pid),
  };
}

/** The first column, after a line of titles; 0 is IPC_PRIVATE, which nobody can ask for. */
export function keysOf(table: string | undefined): number[] | undefined {
  return table
    ?.split('\n')
    .slice(1)
    .flatMap((line) => {
      const key = Number(line.trim().split(/\s+/)[0]);
      return Number.isInteger(key) && key !== 0 ? [key | 0] : [];
    });
}

async function queuesOf(pid: number | 'self'): Promise<string[] | undefined> {
  const mounts = await mountsOf(pid);
  if (!mounts?.some(({ path, type }) => path === QUEUES && type === 'mqueue')) return undefined;
  const names = await listDirectory(`/proc/${pid}/root`, QUEUES, new Set(), MOST_QUEUES);
  return names?.map((name) => `/${name}`);
}
