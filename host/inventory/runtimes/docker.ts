/**
 * Docker, and Podman where its service runs: the same API (docs.docker.com/engine/api, v1.24 and later). Events are
 * followed from before the list is made, so that nothing falls between them; an event names a container before it can be
 * inspected.
 *
 * Why no client library: of dockerode's 65 packages we would use GET over a unix socket, which Node has; and it sets no
 * bounds to what a daemon may answer.
 */
import { existsSync } from 'node:fs';
import type { InventoryEntry } from '../../../analyzers/inventory.js';
import { inspectEntry } from '../../inspect.js';
import { UnixHttp } from '../http.js';
import { placed } from '../labels.js';
import { MOST_CONTAINERS, type Runtime, type RuntimeLedger } from '../runtime.js';
import { array, isObject, type Json, labels, object, positive, text } from '../values.js';
import { ownerOfSocket, socketFrom, userSockets } from './sockets.js';

const PARALLEL_INSPECTIONS = 4;
/** Events of the seconds before are told again, in case the list was made of an older state. */
const OVERLAP_S = 2;
const FILTERS = encodeURIComponent(JSON.stringify({ type: ['container'] }));
/** Events after which a container is to be looked at anew. */
const CHANGES = ['create', 'start', 'restart', 'rename', 'update', 'unpause'];
const ENDS = ['die', 'died', 'destroy', 'remove'];

export const docker: Runtime = {
  name: 'docker',
  endpoints: () =>
    [socketFrom(process.env.DOCKER_HOST), '/var/run/docker.sock', ...userSockets('docker.sock')].filter(
      isThere,
    ),
  ownerOf: ownerOfSocket,
  follow: (endpoint, ledger, signal) => new DockerApi(endpoint, 'docker', ledger, signal).follow(),
};

export const podman: Runtime = {
  name: 'podman',
  endpoints: () =>
    [
      socketFrom(process.env.CONTAINER_HOST),
      '/run/podman/podman.sock',
      ...userSockets('podman/podman.sock'),
    ].filter(isThere),
  ownerOf: ownerOfSocket,
  follow: (endpoint, ledger, signal) => new DockerApi(endpoint, 'podman', ledger, signal).follow(),
};

/** `Docker/20.10.24 (linux)`, `Libpod/4.3.1 (linux)`: who answers. */
const SERVER = /^(Docker|Libpod)\/([\w.+~-]{1,64})(?: |$)/;

function isThere(path: string | undefined): path is string {
  return path !== undefined && existsSync(path);
}

class DockerApi {
  private readonly http: UnixHttp;
  /** Ids whose containers are to be inspected; an id that waits already is not added twice. */
  private readonly waiting = new Set<string>();
  private inspecting = 0;
  private readonly podNames = new Map<string, string>();
  /** Podman's own API is below a version; nothing where Docker answers. */
  private podmanPrefix = '';

  constructor(
    endpoint: string,
    private runtime: 'docker' | 'podman',
    private readonly ledger: RuntimeLedger,
    private readonly signal: AbortSignal,
  ) {
    this.http = new UnixHttp(endpoint);
  }

  async follow(): Promise<void> {
    try {
      // Not `/version`: Podman asks the package manager for a second before it answers that.
      const { server } = await this.http.head('/_ping', this.signal);
      const [, program, version] = SERVER.exec(String(server ?? '')) ?? [];
      // Podman may stand in for Docker at its socket.
      if (program === 'Libpod') this.runtime = 'podman';
      if (this.runtime === 'podman') this.podmanPrefix = `/v${version ?? '4.0.0'}/libpod`;
      const since = Math.floor(Date.now() / 1000) - OVERLAP_S;
      const events = this.http.follow(`/events?since=${since}&filters=${FILTERS}`, this.signal, (event) =>
        this.learn(event),
      );
      // An end of the events while the list is made must not be an error that nobody awaits.
      events.catch(() => {});
      await this.list();
      this.ledger.reached(version);
      await events;
    } finally {
      this.http.close();
    }
  }

  private async list(): Promise<void> {
    const listed = array(await this.http.get('/containers/json', this.signal)).slice(0, MOST_CONTAINERS);
    const ids = listed.flatMap((item) => text(object(item).Id) ?? []);
    const entries: InventoryEntry[] = [];
    const queue = [...ids];
    const work = async () => {
      for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
        const entry = await this.inspect(id);
        if (entry !== undefined) entries.push(entry);
      }
    };
    await Promise.all(Array.from({ length: PARALLEL_INSPECTIONS }, work));
    this.ledger.replace(entries);
  }

  private learn(event: unknown): void {
    if (!isObject(event)) return;
    const actor = object(event.Actor);
    const id = text(actor.ID) ?? text(event.id);
    const action = text(event.Action) ?? text(event.status) ?? '';
    if (id === undefined) return;
    const time = timeOf(event);
    if (ENDS.includes(action)) {
      this.ledger.end(id, time);
    } else if (CHANGES.includes(action)) {
      const known = this.ledger.get(id);
      // An event from before the list may tell of a container that has been inspected since.
      if (known === undefined) this.ledger.put(this.entryOfEvent(id, actor, action, time));
      else if (known.finishedAt !== undefined && action === 'start')
        this.ledger.put({ ...known, initPid: undefined, startedAt: time, finishedAt: undefined });
      this.waiting.add(id);
      void this.inspectWaiting();
    }
  }

  /** The attributes are the labels, and name and image among them. */
  private entryOfEvent(id: string, actor: Json, action: string, time: bigint): InventoryEntry {
    const { name, image, ...rest } = labels(actor.Attributes);
    return placed({
      id,
      name: name ?? id.slice(0, 12),
      runtime: this.runtime,
      image,
      initPid: undefined,
      limitCpus: undefined,
      startedAt: action === 'start' ? time : undefined,
      finishedAt: undefined,
      labels: rest,
    });
  }

  private async inspectWaiting(): Promise<void> {
    if (this.inspecting >= PARALLEL_INSPECTIONS) return;
    this.inspecting++;
    for (const id of this.waiting) {
      this.waiting.delete(id);
      // It may be gone, or the daemon slow: then what the event told remains.
      const entry = await this.inspect(id).catch(() => undefined);
      const ended = this.ledger.get(id)?.finishedAt;
      if (entry !== undefined)
        this.ledger.put(entry.finishedAt === undefined && ended ? { ...entry, finishedAt: ended } : entry);
    }
    this.inspecting--;
  }

  /** undefined where there is no such container any more. */
  private async inspect(id: string): Promise<InventoryEntry | undefined> {
    if (!/^[0-9a-f]{1,64}$/.test(id)) return undefined;
    const answer = await this.http
      .get(`${this.podmanPrefix}/containers/${id}/json`, this.signal)
      .catch((error: Error) => {
        if (/status 404/.test(error.message)) return undefined;
        throw error;
      });
    if (answer === undefined) return undefined;
    const entry = { ...inspectEntry(answer, this.http.socketPath), runtime: this.runtime };
    const isRunning = positive(object(object(answer).State).Pid) !== undefined;
    const pod = this.runtime === 'podman' ? await this.podName(text(object(answer).Pod)) : undefined;
    return {
      ...entry,
      // A container that was started again still has the end of its former run.
      finishedAt: isRunning ? undefined : entry.finishedAt,
      ...(pod !== undefined && { pod }),
    };
  }

  private async podName(id: string | undefined): Promise<string | undefined> {
    if (id === undefined || !/^[0-9a-f]{1,64}$/.test(id)) return undefined;
    const known = this.podNames.get(id);
    if (known !== undefined) return known;
    const pod = object(
      await this.http.get(`${this.podmanPrefix}/pods/${id}/json`, this.signal).catch(() => undefined),
    );
    const name = text(pod.Name);
    if (name !== undefined && this.podNames.size < MOST_CONTAINERS) this.podNames.set(id, name);
    return name ?? id;
  }
}

function timeOf({ timeNano, time }: Json): bigint {
  // As a number timeNano has lost its last digits, which no clock of ours would keep either.
  if (typeof timeNano === 'number' && timeNano > 0) return BigInt(Math.round(timeNano));
  return typeof time === 'number' && time > 0
    ? BigInt(Math.round(time)) * 1_000_000_000n
    : BigInt(Date.now()) * 1_000_000n;
}
