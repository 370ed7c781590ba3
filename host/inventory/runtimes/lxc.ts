/**
 * LXC. Its containers are known by their cgroups (`lxc.payload.NAME`); `lxc-ls` tells the init process also of those whose
 * configuration puts them into another cgroup (`lxc.cgroup.dir`).
 */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { InventoryEntry } from '../../../analyzers/inventory.js';
import { MOST_CONTAINERS, type Runtime } from '../runtime.js';
import { text } from '../values.js';

const COLUMNS = 'NAME,PID,STATE';
/** A process is started for it each time. */
const LIST_EVERY_MS = 30_000;
const NOT_MORE_OFTEN_MS = 2000;
const LIMITS = { timeout: 10_000, maxBuffer: 4 * 1024 * 1024, killSignal: 'SIGKILL' } as const;

/** @param directory where LXC keeps its containers (lxc.lxcpath) */
export function lxcIn(directory: string): Runtime {
  return {
    name: 'lxc',
    endpoints: () => (holdsContainers(directory) ? [directory] : []),
    async follow(endpoint, ledger, signal) {
      const { stdout: version } = await run('lxc-ls', ['--version'], signal);
      while (!signal.aborted) {
        const listing = ['--active', '--fancy', '--fancy-format', COLUMNS];
        const { stdout } = await run('lxc-ls', ['-P', endpoint, ...listing], signal);
        ledger.replace(entriesOf(stdout));
        ledger.reached(text(version.trim()));
        await sleep(NOT_MORE_OFTEN_MS, undefined, { signal, ref: false });
        await ledger.idle(LIST_EVERY_MS);
      }
    },
  };
}

export const lxc = lxcIn('/var/lib/lxc');

function run(program: string, args: readonly string[], signal: AbortSignal) {
  return promisify(execFile)(program, args, { ...LIMITS, signal, encoding: 'utf8' });
}

function holdsContainers(directory: string): boolean {
  try {
    return existsSync('/usr/bin/lxc-ls') && readdirSync(directory).length > 0;
  } catch {
    return false;
  }
}

/** A heading, and a line for each container that runs. */
export function entriesOf(listing: string): InventoryEntry[] {
  const lines = listing.split('\n').slice(1, MOST_CONTAINERS);
  return lines.flatMap((line) => {
    const [, name, pid] = /^(\S+)\s+(\d+)\s+(?:RUNNING|FROZEN)\s*$/.exec(line) ?? [];
    if (name === undefined) return [];
    return [
      {
        id: name,
        name,
        runtime: 'lxc',
        image: undefined,
        initPid: Number(pid),
        limitCpus: undefined,
        startedAt: undefined,
        finishedAt: undefined,
        labels: {},
      },
    ];
  });
}
