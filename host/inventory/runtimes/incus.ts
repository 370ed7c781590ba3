/**
 * Incus and LXD: one REST API over a unix socket (linuxcontainers.org/incus/docs/main/rest-api). Their events come over a
 * WebSocket; the list is asked for again instead when a cgroup of theirs appears.
 */
import { existsSync } from 'node:fs';
import type { InventoryEntry } from '../../../analyzers/inventory.js';
import { UnixHttp } from '../http.js';
import { MOST_CONTAINERS, type Runtime } from '../runtime.js';
import { timestamp } from '../timestamp.js';
import { array, isObject, labels, object, positive, text } from '../values.js';

const LIST_EVERY_MS = 10_000;
/** With state, which has the pid; of all projects. */
const INSTANCES = '/1.0/instances?recursion=2&all-projects=true';

function server(name: string, variable: string, sockets: readonly string[]): Runtime {
  return {
    name,
    endpoints: () =>
      [process.env[variable], ...sockets].filter(
        (path) => path !== undefined && existsSync(path),
      ) as string[],
    async follow(endpoint, ledger, signal) {
      const http = new UnixHttp(endpoint);
      try {
        const about = object(object(await http.get('/1.0', signal)).metadata);
        const version = text(object(about.environment).server_version);
        while (!signal.aborted) {
          const instances = array(object(await http.get(INSTANCES, signal)).metadata).slice(
            0,
            MOST_CONTAINERS,
          );
          ledger.replace(instances.flatMap((instance) => entryOf(instance, name) ?? []));
          ledger.reached(version);
          await ledger.idle(LIST_EVERY_MS);
        }
      } finally {
        http.close();
      }
    },
  };
}

export const incus = server('incus', 'INCUS_SOCKET', [
  '/var/lib/incus/unix.socket',
  '/run/incus/unix.socket',
]);
export const lxd = server('lxd', 'LXD_SOCKET', [
  '/var/lib/lxd/unix.socket',
  '/var/snap/lxd/common/lxd/unix.socket',
]);

/** undefined for virtual machines and what does not run. */
export function entryOf(instance: unknown, runtime: string): InventoryEntry | undefined {
  if (!isObject(instance) || instance.type === 'virtual-machine') return undefined;
  const name = text(instance.name);
  const pid = positive(object(instance.state).pid);
  if (name === undefined || pid === undefined) return undefined;
  const project = text(instance.project) ?? 'default';
  const config = labels(instance.config);
  return {
    // What liblxc calls it, and its cgroup after it.
    id: project === 'default' ? name : `${project}_${name}`,
    name,
    runtime,
    image: config['image.description'] ?? config['volatile.base_image'],
    initPid: pid,
    limitCpus: undefined,
    startedAt: timestamp(instance.last_used_at),
    finishedAt: undefined,
    labels: Object.fromEntries(
      Object.entries(config).flatMap(([key, value]) =>
        key.startsWith('user.') ? [[key.slice(5), value]] : [],
      ),
    ),
    ...(project !== 'default' && { project }),
  };
}
