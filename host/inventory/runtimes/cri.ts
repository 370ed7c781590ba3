/**
 * containerd and CRI-O through Kubernetes' Container Runtime Interface (github.com/kubernetes/cri-api, runtime/v1), with
 * pods, namespaces and container names as the kubelet gave them. Lists are asked for again and again: not every version has
 * events. The pids are in the verbose status only, which is asked for once a container.
 *
 * Why no client library: @grpc/grpc-js and its loader take 13 MB for five calls whose messages have a handful of fields.
 */
import { existsSync } from 'node:fs';
import type { InventoryEntry } from '../../../analyzers/inventory.js';
import { UnimplementedError, UnixGrpc } from '../grpc.js';
import { placed } from '../labels.js';
import { field, type Message } from '../protobuf.js';
import { MOST_CONTAINERS, type Runtime, type RuntimeLedger } from '../runtime.js';
import { labels, object, positive, text } from '../values.js';
import { socketFrom } from './sockets.js';

const SOCKETS = [
  '/run/containerd/containerd.sock',
  '/run/crio/crio.sock',
  '/run/k3s/containerd/containerd.sock',
  '/run/k0s/containerd.sock',
  '/var/snap/microk8s/common/run/containerd.sock',
];
/** The older name has the same messages as far as they are read here. */
const SERVICES = ['runtime.v1.RuntimeService', 'runtime.v1alpha2.RuntimeService'];
const LIST_EVERY_MS = 1000;
const NOTHING = new Uint8Array();

/** Fields of the messages, by api.proto. */
const VERSION = { runtimeName: 2, runtimeVersion: 3 };
const LIST = { items: 1 };
const POD = { id: 1, metadata: 2, state: 3, createdAt: 4, labels: 5 };
const POD_METADATA = { name: 1, uid: 2, namespace: 3 };
const CONTAINER = { id: 1, podId: 2, metadata: 3, image: 4, state: 6, createdAt: 7, labels: 8 };
const CONTAINER_METADATA = { name: 1 };
const IMAGE_SPEC = { image: 1, userSpecifiedImage: 18 };
const STATUS_REQUEST = { id: 1, verbose: 2 };
const STATUS = { status: 1, info: 2 };
const CONTAINER_STATUS = { startedAt: 5 };
const POD_STATUS = { createdAt: 4 };
const POD_READY = 0n;
const CONTAINER_RUNNING = 1n;

export const cri: Runtime = {
  name: 'cri',
  endpoints: () =>
    [socketFrom(process.env.CONTAINER_RUNTIME_ENDPOINT), ...SOCKETS].filter(
      (path) => path !== undefined && existsSync(path),
    ) as string[],
  async follow(endpoint, ledger, signal) {
    const grpc = new UnixGrpc(endpoint);
    try {
      await new CriApi(grpc, ledger, signal).follow();
    } finally {
      grpc.close();
    }
  },
};

/** What has been asked of a container or pod once; `pid` undefined where it was not running yet. */
interface Known {
  readonly pid: number | undefined;
  readonly startedAt: bigint | undefined;
}

class CriApi {
  private service = SERVICES[0]!;
  private runtime = 'containerd';
  private readonly known = new Map<string, Known>();

  constructor(
    private readonly grpc: UnixGrpc,
    private readonly ledger: RuntimeLedger,
    private readonly signal: AbortSignal,
  ) {}

  async follow(): Promise<void> {
    const version = await this.greet();
    for (;;) {
      await this.list();
      this.ledger.reached(version);
      await this.ledger.idle(LIST_EVERY_MS);
      if (this.signal.aborted) return;
    }
  }

  private async greet(): Promise<string> {
    let answer: Message;
    try {
      answer = await this.call('Version', NOTHING);
    } catch (error) {
      if (!(error instanceof UnimplementedError)) throw error;
      this.service = SERVICES[1]!;
      answer = await this.call('Version', NOTHING);
    }
    this.runtime = answer.text(VERSION.runtimeName);
    return answer.text(VERSION.runtimeVersion);
  }

  private async list(): Promise<void> {
    const pods = (await this.call('ListPodSandbox', NOTHING)).messages(LIST.items).slice(0, MOST_CONTAINERS);
    const containers = (await this.call('ListContainers', NOTHING))
      .messages(LIST.items)
      .slice(0, MOST_CONTAINERS);
    const podsById = new Map(pods.map((pod) => [pod.text(POD.id), pod]));
    const entries: InventoryEntry[] = [];
    for (const pod of pods) {
      if (pod.integer(POD.state) === POD_READY) entries.push(await this.podEntry(pod));
    }
    for (const container of containers) {
      if (container.integer(CONTAINER.state) !== CONTAINER_RUNNING) continue;
      entries.push(await this.containerEntry(container, podsById.get(container.text(CONTAINER.podId))));
    }
    const running = new Set(entries.map(({ id }) => id));
    for (const id of this.known.keys()) if (!running.has(id)) this.known.delete(id);
    this.ledger.replace(entries);
  }

  /** The container that holds the pod's namespaces. */
  private async podEntry(pod: Message): Promise<InventoryEntry> {
    const id = pod.text(POD.id);
    const { pid, startedAt } = await this.statusOf('PodSandboxStatus', id, POD_STATUS.createdAt);
    const all = {
      ...podLabels(pod),
      ...labels(pod.map(POD.labels)),
      'io.kubernetes.container.name': 'pause',
    };
    return this.entry({ id, name: id.slice(0, 12), image: undefined, pid, startedAt, labels: all });
  }

  private async containerEntry(container: Message, pod: Message | undefined): Promise<InventoryEntry> {
    const id = container.text(CONTAINER.id);
    const { pid, startedAt } = await this.statusOf('ContainerStatus', id, CONTAINER_STATUS.startedAt);
    const name = container.message(CONTAINER.metadata).text(CONTAINER_METADATA.name);
    const spec = container.message(CONTAINER.image);
    const all = {
      ...(pod && podLabels(pod)),
      'io.kubernetes.container.name': name,
      ...labels(container.map(CONTAINER.labels)),
    };
    const image = spec.text(IMAGE_SPEC.userSpecifiedImage) || spec.text(IMAGE_SPEC.image);
    return this.entry({ id, name, image: text(image), pid, startedAt, labels: all });
  }

  private entry(told: {
    id: string;
    name: string;
    image: string | undefined;
    pid: number | undefined;
    startedAt: bigint | undefined;
    labels: Readonly<Record<string, string>>;
  }): InventoryEntry {
    const { pid, ...rest } = told;
    return placed({
      ...rest,
      name: text(told.name) ?? told.id.slice(0, 12),
      runtime: text(this.runtime) ?? 'cri',
      initPid: pid,
      limitCpus: undefined,
      finishedAt: undefined,
    });
  }

  private async statusOf(method: string, id: string, startedField: number): Promise<Known> {
    const known = this.known.get(id);
    if (known?.pid !== undefined) return known;
    const request = Buffer.concat([field(STATUS_REQUEST.id, id), field(STATUS_REQUEST.verbose, 1)]);
    // It may have ended since the list was made.
    const answer = await this.call(method, request).catch(() => undefined);
    const startedAt = answer?.message(STATUS.status).integer(startedField);
    const status = {
      pid: pidIn(answer?.map(STATUS.info).info),
      startedAt: startedAt !== undefined && startedAt > 0n ? startedAt : undefined,
    };
    this.known.set(id, status);
    return status;
  }

  private call(method: string, request: Uint8Array): Promise<Message> {
    return this.grpc.call(`/${this.service}/${method}`, request, { signal: this.signal });
  }
}

/** As the kubelet labels containers; other clients (crictl) leave it to the pod's metadata. */
function podLabels(pod: Message): Record<string, string> {
  const metadata = pod.message(POD.metadata);
  return {
    'io.kubernetes.pod.name': metadata.text(POD_METADATA.name),
    'io.kubernetes.pod.namespace': metadata.text(POD_METADATA.namespace),
    'io.kubernetes.pod.uid': metadata.text(POD_METADATA.uid),
  };
}

/** containerd and CRI-O both answer a JSON text with the pid in it. */
function pidIn(info: string | undefined): number | undefined {
  try {
    return positive(object(JSON.parse(info ?? '')).pid);
  } catch {
    return undefined;
  }
}
