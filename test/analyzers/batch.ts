import { Engine, type EngineOptions, type SourceInfo } from '../../analyzers/engine.js';
import type { ContainerRow, Frame, ProcessRow, ThreadRow } from '../../analyzers/frame.js';
import {
  type Batch,
  type ColumnType,
  type Loss,
  type StreamInfo,
  type TraceInfo,
  UNKNOWN_I32,
} from '../../native/types.js';

export type Fields = Readonly<Record<string, number | string | readonly number[]>>;

interface Row {
  readonly time: number;
  readonly stream: number;
  readonly name: string;
  readonly fields: Fields;
}

const arrays = {
  i32: Int32Array,
  f64: Float64Array,
  u64: BigUint64Array,
  string: Uint32Array,
  list: Uint32Array,
};
const unknowns = { i32: UNKNOWN_I32, f64: Number.NaN, u64: 2n ** 64n - 1n, string: 0, list: 0 };

/** The inodes of the initial namespaces. */
export const HOST_PID_NS = 4026531836;
export const HOST_CGROUP_NS = 4026531835;

/**
 * A trace written by hand: events with their fields, in the order of time, that become batches of the engine's own
 * subscription. Times are ns since the origin.
 */
export class HandTrace {
  readonly origin = 1_700_000_000_000_000_000n;
  private readonly infos: TraceInfo[] = [];
  readonly streams: StreamInfo[] = [];
  readonly events: string[] = [];
  private readonly rows: Row[] = [];
  private readonly losses: Loss[] = [];
  private readonly declared = new Map<number, Map<string, Set<string>>>();
  private current = 0;

  constructor(hostname = 'vm') {
    this.trace(hostname);
  }

  /** The events from here on are of another trace. */
  trace(hostname: string, domain = 'kernel'): this {
    this.current = this.infos.length;
    this.infos.push({ paths: [], env: { hostname, domain }, uuid: String(this.current), declared: [] });
    return this;
  }

  at(time: number, cpu: number, name: string, fields: Fields = {}): this {
    const stream = this.stream(cpu);
    this.declare(name, fields);
    this.rows.push({ time, stream, name, fields });
    return this;
  }

  /** Declares an event that need not occur. */
  declare(name: string, fields: Fields = {}): this {
    const trace = this.current;
    const known = this.declared.get(trace) ?? new Map<string, Set<string>>();
    this.declared.set(trace, known);
    const names = known.get(name) ?? new Set();
    for (const field of Object.keys(fields)) names.add(field);
    known.set(name, names);
    return this;
  }

  /** The traces with all events that were declared or occurred. */
  get traces(): readonly TraceInfo[] {
    return this.infos.map((info, trace) => ({
      ...info,
      declared: [...(this.declared.get(trace) ?? [])].map(([name, fields]) => ({
        name,
        streamClass: 0,
        fields: [...fields].filter((field) => !field.startsWith('ctx.')),
        context: [...fields].filter((field) => field.startsWith('ctx.')).map((field) => field.slice(4)),
      })),
    }));
  }

  switch(
    time: number,
    cpu: number,
    prevTid: number,
    prevState: number,
    nextTid: number,
    more: Fields = {},
  ): this {
    const fields = { prev_tid: prevTid, prev_comm: `t${prevTid}`, prev_state: prevState, next_tid: nextTid };
    return this.at(time, cpu, 'sched_switch', { ...fields, ...more });
  }

  /** One thread of the statedump, with namespaces as lttng-modules 2.12 and later tell them. */
  dumped(
    time: number,
    tid: number,
    {
      pid = tid,
      ppid = 1,
      name = `t${tid}`,
      kthread = false,
      vtid = tid,
      pidNs = HOST_PID_NS,
      cgroupNs = HOST_CGROUP_NS,
    },
  ): this {
    const state = { tid, pid, ppid, name, type: kthread ? 1 : 0, status: 5 };
    this.at(time, 0, 'lttng_statedump_process_state', state);
    const event = 'lttng_statedump_process_pid_ns';
    if (pidNs !== HOST_PID_NS) this.at(time, 0, event, { tid, vtid, ns_level: 1, ns_inum: pidNs });
    this.at(time, 0, event, { tid, vtid: tid, ns_level: 0, ns_inum: HOST_PID_NS });
    return this.at(time, 0, 'lttng_statedump_process_cgroup_ns', { tid, ns_inum: cgroupNs });
  }

  fork(
    time: number,
    cpu: number,
    parent: number,
    child: number,
    {
      pid = child,
      parentPid = parent,
      parentNs = HOST_PID_NS,
      childNs = undefined as number | undefined,
      vtids = [child],
      comm = 'sh',
    },
    more: Fields = {},
  ): this {
    return this.at(time, cpu, 'sched_process_fork', {
      parent_tid: parent,
      parent_pid: parentPid,
      parent_ns_inum: parentNs,
      parent_comm: comm,
      child_tid: child,
      child_pid: pid,
      child_ns_inum: childNs ?? parentNs,
      child_comm: comm,
      vtids,
      ...more,
    });
  }

  /** Events of the CPU's stream were lost before the next event. */
  loss(cpu: number, begin: number, end: number, more: Partial<Loss> = {}): this {
    const stream = this.stream(cpu);
    const loss = {
      kind: 'discarded-events',
      stream,
      count: 1,
      begin,
      end,
      row: this.rows.length,
      message: 'k_0',
    } as const;
    this.losses.push({ ...loss, ...more });
    return this;
  }

  private stream(cpu: number): number {
    const known = this.streams.findIndex((stream) => stream.trace === this.current && stream.cpu === cpu);
    if (known >= 0) return known;
    this.streams.push({ trace: this.current, streamClass: 0, channel: 'k', cpu, files: [] });
    return this.streams.length - 1;
  }

  /** The whole trace as batches of at most `size` rows. */
  *batches(size = Number.POSITIVE_INFINITY): Generator<Batch> {
    for (let from = 0; from < Math.max(1, this.rows.length); from += size) {
      yield this.batch(this.rows.slice(from, from + size), from);
    }
  }

  private batch(rows: readonly Row[], from: number): Batch {
    const strings: (string | undefined)[] = [undefined];
    const lists: (number[] | undefined)[] = [undefined];
    const cell = (type: ColumnType, value: Fields[string] | undefined): number | bigint => {
      if (value === undefined) return unknowns[type];
      if (type === 'string') return strings.push(String(value)) - 1;
      if (type === 'list') return lists.push([...(value as readonly number[])]) - 1;
      return type === 'u64' ? BigInt(value as number) : (value as number);
    };
    const columns: Record<string, Batch['columns'][string]> = {};
    for (const [name, type] of Object.entries(Engine.subscription().columns)) {
      const column = new arrays[type](rows.length);
      for (const [row, { fields }] of rows.entries()) column[row] = cell(type, fields[name]);
      columns[name] = column;
    }
    return {
      length: rows.length,
      time: Float64Array.from(rows, ({ time }) => time),
      event: Uint16Array.from(rows, ({ name }) => this.eventId(name)),
      stream: Uint16Array.from(rows, ({ stream }) => stream),
      cpu: Int16Array.from(rows, ({ stream }) => this.streams[stream]!.cpu ?? -1),
      columns,
      losses: this.losses
        .filter(({ row }) => row >= from && row < from + rows.length)
        .map((loss) => ({ ...loss, row: loss.row - from })),
      watermark: rows.at(-1)?.time ?? 0,
      string: (id) => strings[id],
      list: (id) => lists[id],
    };
  }

  private eventId(name: string): number {
    const known = this.events.indexOf(name);
    return known >= 0 ? known : this.events.push(name) - 1;
  }

  get end(): number | undefined {
    return this.rows.at(-1)?.time;
  }

  /** What a source tells of itself. */
  info(): SourceInfo {
    const { origin, traces, streams, events, end } = this;
    return { origin, traces, streams, events, end };
  }

  frames(options: Partial<EngineOptions> = {}, batchSize?: number): Frame[] {
    const engine = new Engine(this.info(), { interval: 'total', ...options });
    const frames: Frame[] = [];
    for (const batch of this.batches(batchSize)) frames.push(...engine.push(batch));
    frames.push(...engine.finish());
    return frames;
  }
}

export function container(frame: Frame | undefined, name: string): ContainerRow {
  const row = frame?.containers.find((each) => each.name === name);
  if (row === undefined)
    throw new Error(`no container ${name} among ${frame?.containers.map((each) => each.name)}`);
  return row;
}

export function thread(frame: Frame | undefined, tid: number): ThreadRow {
  const row = frame?.threads.find((each) => each.tid === tid);
  if (row === undefined) throw new Error(`no thread ${tid}`);
  return row;
}

export function process(frame: Frame | undefined, pid: number): ProcessRow {
  const row = frame?.processes.find((each) => each.pid === pid);
  if (row === undefined) throw new Error(`no process ${pid}`);
  return row;
}
