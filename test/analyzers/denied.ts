import { HostLooks, type Look, type Question } from '../../analyzers/denials/looks.js';
import type { DenialRow, Frame } from '../../analyzers/frame.js';
import type { InventoryEntry, Security } from '../../analyzers/inventory.js';
import { type Fields, HandTrace } from './batch.js';

export const HOST_NET = 4026531840;
export const BOX_PID_NS = 4026532001;
const HOST_USER = 4026531837;
export const BOX_NET = 4026532010;

/** Process ids in the trace. */
export const DAEMON = 100;
export const BOX = 200;
export const OTHER = 300;

/** What is known besides. */
export interface More {
  readonly looks?: readonly Look[];
  readonly asked?: (question: Question) => void;
  /** Box has a user namespace of its own. */
  readonly ownUsers?: boolean;
  /** Of box. */
  readonly entry?: Partial<InventoryEntry>;
}

const usual: Security = {
  privileged: false,
  capabilities: ['CHOWN', 'NET_RAW', 'KILL', 'MKNOD', 'NET_BIND_SERVICE'],
  user: undefined,
  seccomp: 'default',
  readonlyRootfs: false,
  pidsLimit: undefined,
  memoryBytes: undefined,
  devices: [],
  networkMode: 'none',
  ipcMode: 'private',
  utsMode: undefined,
  usernsMode: undefined,
};

function entry(name: string, initPid: number, security: Partial<Security> | 'untold'): InventoryEntry {
  return {
    id: name,
    name,
    runtime: 'docker',
    image: undefined,
    initPid,
    limitCpus: undefined,
    startedAt: undefined,
    finishedAt: undefined,
    labels: {},
    ...(security !== 'untold' && { security: { ...usual, ...security } }),
  };
}

/**
 * A host with a daemon and two containers, box and other, and system calls of theirs. Namespaces and processes are told by
 * a statedump.
 */
export class Denied {
  readonly trace = new HandTrace();
  private time = 100;
  private running = 0;

  constructor(
    /** Of box, where it differs from the usual; `untold`: the inventory knows its name only. */
    private readonly security: Partial<Security> | 'untold' = {},
    private readonly more: More = {},
  ) {
    const { trace } = this;
    this.dumped(1, 'systemd', HOST_NET);
    this.dumped(DAEMON, 'daemon', HOST_NET);
    this.dumped(BOX, 'app', BOX_NET, BOX_PID_NS);
    this.dumped(OTHER, 'rival', 4026532020, 4026532002);
    trace.at(5, 0, 'lttng_statedump_process_user_ns', { tid: 1, ns_inum: HOST_USER });
    const users = more.ownUsers ? HOST_USER + 500 : HOST_USER;
    trace.at(5, 0, 'lttng_statedump_process_user_ns', { tid: BOX, ns_inum: users });
    trace.at(10, 0, 'lttng_statedump_end');
  }

  private dumped(tid: number, name: string, net: number, pidNs?: number): void {
    this.trace.dumped(5, tid, {
      name,
      ...(pidNs !== undefined && { pidNs, vtid: 1, cgroupNs: pidNs + 100 }),
    });
    this.trace.at(5, 0, 'lttng_statedump_process_net_ns', { tid, ns_inum: net });
    this.trace.at(5, 0, 'lttng_statedump_process_ipc_ns', { tid, ns_inum: net + 1 });
  }

  /** An event of any kind, in the context of a thread. */
  event(tid: number, name: string, fields: Fields = {}): this {
    if (tid !== this.running) this.trace.switch(++this.time, 0, this.running, 1, tid, { prev_comm: '' });
    this.running = tid;
    this.trace.at(++this.time, 0, name, fields);
    return this;
  }

  /** A system call from entry to exit; a first one that succeeds shows that the thread's entries are recorded. */
  call(tid: number, name: string, fields: Fields, ret: number): this {
    return this.event(tid, `syscall_entry_${name}`, fields).event(tid, `syscall_exit_${name}`, { ret });
  }

  /** Comes back without having gone in. */
  gate(tid: number, name: string, ret: number, fields: Fields = {}): this {
    return this.call(tid, 'getpid', {}, 1).event(tid, `syscall_exit_${name}`, { ret, ...fields });
  }

  frame(batchSize?: number): Frame {
    const box = { ...entry('box', BOX, this.security), ...this.more.entry };
    const looks = new HostLooks();
    for (const look of this.more.looks ?? []) looks.learn(look);
    looks.asked = this.more.asked;
    return this.trace.frames({ inventory: [box, entry('other', OTHER, {})], looks }, batchSize).at(-1)!;
  }

  /** The last refusal of box, and `rule: cause, confidence` of it. */
  lastOfBox(): { readonly last: DenialRow | undefined; readonly told: string } {
    const refused = this.rows().filter((row) => row.containerName === 'box' && row.expected === undefined);
    const last = refused.at(-1);
    const or = last?.otherwise === undefined ? '' : `, or ${last.otherwise}`;
    return { last, told: `${last?.rule}: ${last?.cause}, ${last?.confidence}${or}` };
  }

  rows(batchSize?: number): readonly DenialRow[] {
    return this.frame(batchSize).denials ?? [];
  }
}
