import { BlockUse } from './block/use.js';
import type { Cause } from './denials/refusal.js';
import { keepAsDoubles } from './doubles.js';
import type { ContainerRow } from './frame.js';
import type { InventoryEntry } from './inventory.js';
import { Counterparts, nextSlot } from './ledger/counterparts.js';
import { Latencies } from './ledger/latency.js';
import { Lives } from './lives.js';
import type { CallUse } from './syscalls/counts.js';
import { OpenCalls } from './syscalls/open-calls.js';
import { Throttle } from './throttling/throttle.js';
import { Usage } from './usage.js';

/** A container that a runtime's process was seen to prepare. */
export interface Announcement {
  readonly id: string;
  readonly name: string;
  readonly runtime: string | undefined;
}

/** Ids as Docker, containerd and Podman make them, in the name of a directory or of a scope. */
const CONTAINER_ID = /(?:^|[/-])([0-9a-f]{64})(?:\.scope)?(?:\/|$)/;
/** LXC names the cgroup after the container. */
const LXC_PAYLOAD = /(?:^|\/)lxc\.payload\.([A-Za-z0-9_.-]{1,64})(?:\/|$)/;

const RUNTIMES: readonly { readonly path: RegExp; readonly runtime: string }[] = [
  { path: /\/moby\/|docker/, runtime: 'docker' },
  { path: /\/k8s\.io\//, runtime: 'containerd' },
  { path: /libpod|\/crun\//, runtime: 'podman' },
];

const NO_CPUS = new Float64Array(0);

/** What a directory that a runtime makes tells of the container that it is about to start. */
export function announcement(path: string): Announcement | undefined {
  const id = CONTAINER_ID.exec(path)?.[1];
  if (id !== undefined) {
    const runtime = RUNTIMES.find((known) => known.path.test(path))?.runtime;
    return { id, name: id.slice(0, 12), runtime };
  }
  const name = LXC_PAYLOAD.exec(path)?.[1];
  return name === undefined ? undefined : { id: name, name, runtime: 'lxc' };
}

const UNTHROTTLED = { ns: 0, periods: 0 };

/** The host, or a container as its namespaces show it. */
export class Container {
  static {
    keepAsDoubles(new Container(''), 'pidNs', 'cgroupNs', 'started', 'ended', 'preemptedNs');
  }

  /** Stable over the trace; tells containers apart that had the same namespace inode one after the other. */
  readonly key: string;
  readonly isHost: boolean;
  /** See `Counterparts`. */
  readonly slot = nextSlot();
  /** Who it is by the inventory. */
  entry: InventoryEntry | undefined = undefined;
  /** What the runtime's process named just before it made the namespace. */
  announced: Announcement | undefined = undefined;
  /** Inode of its cgroup namespace; 0 while unknown or the host's. */
  cgroupNs = 0;
  pidNs = 0;
  /** Threads that have not ended. */
  alive = 0;
  /** Processes and threads that sleep (`Tasks.putToSleep`): of these how many for which cause, and in which calls. */
  readonly asleep = { procs: 0, threads: [0, 0, 0, 0, 0], calls: new OpenCalls() };
  /** Processes alive, counted when a frame is cut. */
  procs = 0;
  /** Of the interval: counted when a frame is cut. */
  readonly lives = new Lives();
  /** When its first thread was forked into it, and when its last one ended; ns since origin. */
  started: number | undefined = undefined;
  ended: number | undefined = undefined;
  readonly interval = new Usage();
  /** Of the interval: how long its threads had each CPU, by number; shorter where they had none of the others yet. */
  onCpu = NO_CPUS;
  /** Of the interval: who had the CPUs that its threads were runnable on, and whom its blocked threads waited for. */
  readonly contention = new Counterparts();
  readonly waitedFor = new Counterparts();
  /** The part of `waitedFor` in which it had asked for something: not that of a server that waits for requests. */
  readonly requests = new Counterparts();
  /** Containers that have connected to this one. */
  readonly clients = new WeakSet<Container>();
  /** How often its threads woke up those of another one, woken up by somebody else themselves. */
  readonly initiatives = new WeakMap<Container, number>();
  /** That of its quota, which it may share with others. */
  throttle = new Throttle();
  /** Of the interval: the part of contended time that its threads waited after they had lost a CPU, with work left to do. */
  preemptedNs = 0;
  /** Of the interval: from wake-up to the CPU. */
  readonly latencies = new Latencies();
  /** Of the interval: how often a thread got another CPU's queue. */
  migrations = 0;
  /** Of the interval: what its threads read from and wrote to block devices. */
  readonly block = new BlockUse();
  /** Of the interval: its system calls, by their id. */
  readonly calls: (CallUse | undefined)[] = [];
  /** Of the interval: refusals that are not part of normal work, and why the last one was. */
  denials = 0;
  deniedBy: Cause | undefined = undefined;
  row: ContainerRow | undefined = undefined;

  constructor(key: string, isHost = false) {
    this.key = key;
    this.isHost = isHost;
  }

  /** It has ended and been reported: who remembers it, as evidence does, needs to know only who it was. */
  release(): void {
    this.calls.length = 0;
    this.row = undefined;
    this.contention.clear();
    this.waitedFor.clear();
    this.requests.clear();
  }

  /** Of the interval; a quota that it shares counts only where its own threads waited for it. */
  get throttled(): Pick<Throttle, 'ns' | 'periods'> {
    return this.throttle.isShared && this.interval.throttledNs === 0 ? UNTHROTTLED : this.throttle;
  }
}
