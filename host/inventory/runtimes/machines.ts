/**
 * systemd's machines: systemd-nspawn, and libvirt's LXC. systemd-machined writes a file for each, in the format of
 * systemd.exec's environment files, next to links by unit name; no bus is needed to read it.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { InventoryEntry } from '../../../analyzers/inventory.js';
import { readUserFile } from '../../bounded-file.js';
import { MOST_CONTAINERS, type Runtime } from '../runtime.js';
import { text } from '../values.js';

const DIRECTORY = '/run/systemd/machines';
const LIST_EVERY_MS = 2000;
const LARGEST_FILE = 64 * 1024;
const RUNTIMES: Readonly<Record<string, string>> = { 'libvirt-lxc': 'libvirt-lxc', nspawn: 'systemd-nspawn' };

export function machinesIn(directory: string): Runtime {
  return {
    name: 'machines',
    endpoints: () => (existsSync(directory) ? [directory] : []),
    async follow(endpoint, ledger, signal) {
      while (!signal.aborted) {
        const names = readdirSync(endpoint).filter((name) => !name.startsWith('unit:'));
        const entries = names
          .slice(0, MOST_CONTAINERS)
          .flatMap((name) => entryOf(readUserFile(join(endpoint, name), LARGEST_FILE)) ?? []);
        ledger.replace(entries);
        ledger.reached(undefined);
        await ledger.idle(LIST_EVERY_MS);
      }
    },
  };
}

export const machines = machinesIn(DIRECTORY);

/** @param file KEY=VALUE lines */
function entryOf(file: string | undefined): InventoryEntry | undefined {
  const fields = new Map(
    (file ?? '').split('\n').map((line) => {
      const equals = line.indexOf('=');
      return [line.slice(0, equals), line.slice(equals + 1).replace(/^"(.*)"$/, '$1')] as const;
    }),
  );
  const name = text(fields.get('NAME'));
  if (name === undefined || fields.get('CLASS') !== 'container') return undefined;
  const leader = Number(fields.get('LEADER'));
  const started = fields.get('REALTIME') ?? '';
  return {
    id: name,
    name,
    runtime: RUNTIMES[fields.get('SERVICE') ?? ''] ?? 'systemd-nspawn',
    image: text(fields.get('ROOT')),
    initPid: leader > 0 ? leader : undefined,
    limitCpus: undefined,
    startedAt: /^\d{1,17}$/.test(started) ? BigInt(started) * 1000n : undefined,
    finishedAt: undefined,
    labels: {},
  };
}
