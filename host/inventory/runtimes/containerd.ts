/**
 * containerd's own API (github.com/containerd/containerd, api/services) for what is not Kubernetes' or Docker's: containers
 * of nerdctl, ctr and others, each in its namespace. Its events tell when to look again.
 */
import { existsSync } from 'node:fs';
import type { InventoryEntry } from '../../../analyzers/inventory.js';
import { UnixGrpc } from '../grpc.js';
import { placed } from '../labels.js';
import { field, type Message } from '../protobuf.js';
import { MOST_CONTAINERS, type Runtime, type RuntimeLedger } from '../runtime.js';
import { labels, text } from '../values.js';

const NAMESPACES = '/containerd.services.namespaces.v1.Namespaces/List';
const CONTAINERS = '/containerd.services.containers.v1.Containers/List';
const TASKS = '/containerd.services.tasks.v1.Tasks/List';
const EVENTS = '/containerd.services.events.v1.Events/Subscribe';
const VERSION = '/containerd.services.version.v1.Version/Version';
/** CRI and Docker tell of these, and know more. */
const TOLD_BY_OTHERS = ['k8s.io', 'moby'];
const MOST_NAMESPACES = 100;
/** Should an event have been lost. */
const LIST_EVERY_MS = 10_000;
/** A burst of events is one look. */
const SETTLE_MS = 20;
const NOTHING = new Uint8Array();

const LIST = { items: 1 };
const NAMESPACE = { name: 1 };
const CONTAINER = { id: 1, labels: 2, image: 3 };
const TASK = { containerId: 1, execId: 2, pid: 3, status: 4 };
const RUNNING = [2n, 4n, 5n];

export const containerd: Runtime = {
  name: 'containerd',
  endpoints: () =>
    [process.env.CONTAINERD_ADDRESS?.replace(/^unix:\/\//, ''), '/run/containerd/containerd.sock'].filter(
      (path) => path !== undefined && existsSync(path),
    ) as string[],
  async follow(endpoint, ledger, signal) {
    const grpc = new UnixGrpc(endpoint);
    try {
      await followWith(grpc, ledger, signal);
    } finally {
      grpc.close();
    }
  },
};

async function followWith(grpc: UnixGrpc, ledger: RuntimeLedger, signal: AbortSignal): Promise<void> {
  const version = (await grpc.call(VERSION, NOTHING, { signal })).text(1);
  let changed = true;
  let broken: Error | undefined;
  const wake = () => {
    changed = true;
    ledger.hint();
  };
  const events = grpc.stream(EVENTS, NOTHING, { signal }, wake).catch((error: Error) => {
    broken = error;
    wake();
  });
  while (!signal.aborted && broken === undefined) {
    if (changed) await ledger.idle(SETTLE_MS);
    changed = false;
    ledger.replace(await list(grpc, signal));
    ledger.reached(version);
    if (!changed) await ledger.idle(LIST_EVERY_MS);
  }
  if (broken !== undefined) throw broken;
  await events;
}

async function list(grpc: UnixGrpc, signal: AbortSignal): Promise<InventoryEntry[]> {
  const namespaces = (await grpc.call(NAMESPACES, NOTHING, { signal })).messages(LIST.items);
  const names = namespaces.map((namespace) => namespace.text(NAMESPACE.name));
  const entries: InventoryEntry[] = [];
  for (const namespace of names.filter((name) => !TOLD_BY_OTHERS.includes(name)).slice(0, MOST_NAMESPACES)) {
    const options = { signal, metadata: { 'containerd-namespace': namespace } };
    const tasks = (await grpc.call(TASKS, field(1, ''), options)).messages(LIST.items);
    if (tasks.length === 0) continue;
    const containers = (await grpc.call(CONTAINERS, NOTHING, options)).messages(LIST.items);
    const byId = new Map(containers.map((container) => [container.text(CONTAINER.id), container]));
    for (const task of tasks) {
      const container = byId.get(task.text(TASK.containerId) || task.text(TASK.execId));
      if (container === undefined || !RUNNING.includes(task.integer(TASK.status))) continue;
      entries.push(entryOf(container, Number(task.integer(TASK.pid)), namespace));
      if (entries.length >= MOST_CONTAINERS) return entries;
    }
  }
  return entries;
}

function entryOf(container: Message, pid: number, namespace: string): InventoryEntry {
  const all = labels(container.map(CONTAINER.labels));
  const id = text(container.text(CONTAINER.id)) ?? '';
  const isHash = /^[0-9a-f]{64}$/.test(id);
  return placed({
    // Short ids are unique within a namespace only.
    id: isHash ? id : `${namespace}/${id}`,
    name: all['nerdctl/name'] || (isHash ? id.slice(0, 12) : id),
    runtime: 'containerd',
    image: text(container.text(CONTAINER.image)),
    initPid: pid > 0 ? pid : undefined,
    limitCpus: undefined,
    startedAt: undefined,
    finishedAt: undefined,
    labels: all,
  });
}
