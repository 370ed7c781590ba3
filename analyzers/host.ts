import type { Batch, Source, TraceInfo } from '../native/types.js';
import type { Interest } from './analyzer.js';
import { Block } from './block/block.js';
import { blockRows, deviceRows } from './block/rows.js';
import type { Container } from './container.js';
import { Containers, type NamespaceSources } from './containers.js';
import { Denials } from './denials/denials.js';
import type { HostLooks } from './denials/looks.js';
import { Files } from './files/files.js';
import type {
  BlockRow,
  Changes,
  ConnectionRow,
  ContainerRow,
  CpuRow,
  DenialRow,
  DeviceRow,
  FileRow,
  PairRow,
  ProcessRow,
  SyscallRow,
  ThreadRow,
} from './frame.js';
import type { Inventory } from './inventory.js';
import { Cpus } from './kernel/cpus.js';
import { Lifecycle } from './kernel/lifecycle.js';
import { Statedump } from './kernel/statedump.js';
import { settle, Tasks } from './kernel/tasks.js';
import type { Thread } from './kernel/thread.js';
import { LocalPackets } from './ledger/local-packets.js';
import { pairRows } from './ledger/pairs.js';
import { Waits } from './ledger/waits.js';
import { Routes } from './routes.js';
import { containerName, containerRow, cpuRow, runnersOn, type Span } from './rows.js';
import { includes, type Scope, tells } from './scope.js';
import { Calls } from './syscalls/calls.js';
import { CallCounts } from './syscalls/counts.js';
import { taskRows } from './task-rows.js';
import { Throttling } from './throttling/throttling.js';
import type { Usage } from './usage.js';
import type { TimeSources } from './usage-row.js';

/** The part of a frame that one host fills. */
export interface HostSection {
  readonly containers: ContainerRow[];
  readonly processes: ProcessRow[];
  readonly threads: ThreadRow[];
  readonly cpus: CpuRow[];
  readonly waits: PairRow[];
  readonly blockers: PairRow[];
  readonly denials: DenialRow[];
  readonly devices: DeviceRow[];
  readonly block: BlockRow[];
  readonly syscalls: SyscallRow[];
  readonly files: FileRow[];
  readonly connections: ConnectionRow[];
}

/** One traced kernel: its state and the analyzers that keep it. */
export class Host {
  static interests(scope: Scope): readonly Interest<never>[] {
    return [
      ...Throttling.interests,
      ...LocalPackets.interests,
      ...Cpus.interests,
      ...Calls.interests,
      ...Lifecycle.interests,
      ...Statedump.interests,
      ...Block.interests,
      ...(includes(scope, 'files') ? Files.interests : []),
      ...(includes(scope, 'denials') ? Denials.interests : []),
    ];
  }

  /** Which analyzer takes what. */
  readonly routes = new Routes();
  readonly tasks = new Tasks();
  private readonly containers: Containers;
  private readonly cpus: Cpus;
  private readonly calls: Calls;
  private readonly waits: Waits;
  private readonly throttling = new Throttling();
  private readonly packets: LocalPackets;
  private readonly lifecycle: Lifecycle;
  private readonly statedump: Statedump;
  private readonly block: Block;
  private readonly files: Files | undefined;
  private readonly denials: Denials | undefined;
  private times: TimeSources = {
    switches: false,
    waits: false,
    wakeups: false,
    migrations: false,
    syscalls: false,
    interrupts: false,
    denials: false,
    forks: false,
    exits: false,
    blockIssues: false,
    blockCompletions: false,
    calls: false,
    files: false,
    throttling: undefined,
  };
  private namespaces: NamespaceSources = { pid: false, cgroup: false };
  /** How long the last interval was, and who was called how in its frame. */
  private elapsed = 0;
  private names = new Map<Container, string>();
  /** How many of a trace's declared events have been looked at; the metadata grows. */
  private readonly declared = new WeakMap<TraceInfo, number>();

  /** `name` is undefined where there is only one host. */
  constructor(
    readonly name: string | undefined,
    /** A live one has no origin before its first event. */
    private readonly source: Pick<Source, 'origin'>,
    inventory: Inventory,
    looks: HostLooks,
    private readonly scope: Scope,
  ) {
    const prefix = name === undefined ? '' : `${name}/`;
    this.containers = new Containers(prefix, source, this.tasks, () => this.namespaces, inventory);
    this.waits = new Waits(this.throttling);
    this.cpus = new Cpus(this.tasks, this.containers, this.waits);
    this.calls = new Calls(this.cpus);
    if (includes(scope, 'syscalls')) {
      this.calls.counts = new CallCounts(this.calls.names, (thread) => this.containerOf(thread));
    }
    this.throttling.attach(this.cpus);
    this.packets = new LocalPackets(this.cpus);
    this.tasks.onEnd = (thread, time) => this.waits.end(thread, time);
    this.lifecycle = new Lifecycle(this.tasks, this.containers, this.cpus, () => this.times.syscalls);
    this.statedump = new Statedump(this.tasks, this.containers);
    this.block = new Block(this.tasks, (thread) => this.containerOf(thread));
    this.files = includes(scope, 'files')
      ? new Files(this.cpus, this.calls, this.tasks, (thread) => this.containerOf(thread))
      : undefined;
    this.denials = includes(scope, 'denials')
      ? new Denials(this.cpus, this.calls, this.tasks, this.containers, looks, (container) =>
          this.nameOf(container),
        )
      : undefined;
    this.routes.attach(this.throttling, Throttling.interests);
    this.routes.attach(this.packets, LocalPackets.interests);
    this.routes.attach(this.cpus, Cpus.interests);
    this.routes.attach(this.calls, Calls.interests);
    this.routes.attach(this.lifecycle, Lifecycle.interests);
    this.routes.attach(this.statedump, Statedump.interests);
    this.routes.attach(this.block, Block.interests);
    this.files?.attach(this.routes);
    this.denials?.attach(this.routes);
  }

  /** Every thread that lived when tracing began has been told of. */
  get isComplete(): boolean {
    return this.containers.statedumpComplete;
  }

  learnInventory(inventory: Inventory): void {
    this.tasks.awakenAll();
    this.containers.learnInventory(inventory);
  }

  /** Learns what the trace can tell, from what its metadata declares. */
  addTrace(trace: TraceInfo): void {
    const seen = this.declared.get(trace) ?? 0;
    if (seen === trace.declared.length) return;
    this.declared.set(trace, trace.declared.length);
    this.tasks.awakenAll();
    this.throttling.addTrace(trace);
    const times = { ...this.times, throttling: this.throttling.basis };
    const namespaces = { ...this.namespaces };
    for (const { name, fields, context } of trace.declared.slice(seen)) {
      const switches = name === 'sched_switch';
      const syscalls = name.startsWith('syscall_entry_');
      times.switches ||= switches;
      times.waits ||= switches;
      times.syscalls ||= syscalls;
      times.interrupts ||= name === 'irq_handler_entry' || name === 'irq_softirq_entry';
      times.migrations ||= name === 'sched_migrate_task';
      times.wakeups ||= name === 'sched_waking' || name === 'sched_wakeup';
      times.denials ||= syscalls && this.denials !== undefined;
      times.forks ||= name === 'sched_process_fork';
      times.exits ||= switches || name === 'sched_process_exit';
      times.blockIssues ||= name === 'block_rq_issue';
      times.blockCompletions ||= name === 'block_rq_complete';
      times.calls ||= syscalls && this.calls.counts !== undefined;
      times.files ||= syscalls && this.files !== undefined;
      namespaces.pid ||=
        context.includes('pid_ns') ||
        fields.includes('ns_inum') ||
        fields.includes('child_ns_inum') ||
        name.endsWith('_process_pid_ns');
      namespaces.cgroup ||= context.includes('cgroup_ns') || name.endsWith('_process_cgroup_ns');
    }
    this.times = times;
    this.namespaces = namespaces;
    this.waits.tellsCauses = this.times.wakeups && this.times.interrupts;
  }

  /** A new event name: which of this host's analyzers take it. */
  addEvent(event: string): void {
    this.waits.addEvent(event);
    this.calls.addEvent(event);
    this.routes.add(event);
  }

  bind(batch: Batch): void {
    this.throttling.bind(batch);
    this.packets.bind(batch);
    this.cpus.bind(batch);
    this.calls.bind(batch);
    this.lifecycle.bind(batch);
    this.statedump.bind(batch);
    this.block.bind(batch);
    this.files?.bind(batch);
    this.denials?.bind(batch);
  }

  /** The batch is over: what is still needed of it is kept. */
  release(): void {
    this.calls.release();
  }

  /** Events of a stream that carries switches were lost. */
  lose(cpu: number | undefined, begin: number, time: number): void {
    this.tasks.awakenAll();
    this.throttling.lose(Math.min(begin, time));
    this.cpus.lose(cpu, begin, time);
  }

  /** Events of a stream that carries those of block devices were lost. */
  loseBlock(time: number): void {
    this.block.lose(time);
  }

  /** Credits everything up to the end of the interval, pictures it, and begins the next one. */
  cut(begin: number, end: number): HostSection {
    this.creditUpTo(end);
    const section = this.picture({ origin: this.source.origin, begin, end, cpus: this.cpus.all.length });
    this.tasks.putToSleep();
    this.beginInterval(end);
    return section;
  }

  /**
   * What the interval has brought up to now, while it goes on: who is there and what they used. What waits were for is not told
   * before they are over. Nothing is changed: the interval's frame will be as if nobody had looked.
   */
  preview(begin: number, end: number): HostSection {
    const { tasks, containers, times } = this;
    const running = this.cpus.all.flatMap(({ thread, idle, runSince }) =>
      thread === undefined || thread === idle ? [] : [{ thread, ns: Math.max(0, end - runSince) }],
    );
    const threads = [...tasks.awakeThreads, ...tasks.goneThreads];
    for (const { thread, ns } of running) thread.pending.cpuNs += ns;
    for (const thread of threads) this.eachUsage(thread, (usage) => usage.add(thread.pending));
    const told = { ...times, waits: false, wakeups: false, throttling: undefined, denials: false };
    const span = { origin: this.source.origin, begin, end, cpus: this.cpus.all.length };
    const { names, nameOf, counterparties, ...tables } = this.tables(span, told);
    for (const thread of threads) this.eachUsage(thread, (usage) => usage.subtract(thread.pending));
    for (const { thread, ns } of running) thread.pending.cpuNs -= ns;
    // Rows are made again where nothing has changed, too: these tell less.
    for (const one of [...threads, ...tasks.awakeProcesses, ...tasks.goneProcesses]) one.row = undefined;
    for (const container of [containers.host, containers.unknown, ...containers.all])
      container.row = undefined;
    const empty = { waits: [], blockers: [], denials: [], devices: [], block: [] };
    return { ...tables, ...empty, files: [], connections: [], syscalls: [] };
  }

  /** Who has come and gone since the last frame, which told of all others. */
  changes(begin: number, end: number): Changes {
    const keys = new Set<string>();
    const ended = new Map<string, number>();
    for (const container of this.containers.all) {
      if (!this.names.has(container)) keys.add(container.key);
      else if (this.containers.hasEnded(container)) ended.set(container.key, container.ended!);
    }
    const arrived =
      keys.size === 0 ? [] : this.preview(begin, end).containers.filter(({ key }) => keys.has(key));
    return { arrived, ended };
  }

  /** Of the thread, its process and its container: those of the interval. */
  private eachUsage(thread: Thread, take: (usage: Usage) => void): void {
    if (thread.pending.isZero) return;
    take(thread.interval);
    if (thread.process !== undefined) take(thread.process.interval);
    take(this.containerOf(thread).interval);
  }

  /** What was before this time is not to be accounted, only known. */
  discard(time: number): void {
    this.creditUpTo(time);
    this.denials?.discard();
    this.beginInterval(time);
  }

  private creditUpTo(time: number): void {
    for (const cpu of this.cpus.all) this.cpus.close(cpu, time);
    const { begin } = this.tasks;
    const elapsed = time - begin;
    if (elapsed !== this.elapsed || this.isAnyRenamed()) this.tasks.awakenAll();
    this.elapsed = elapsed;
    for (const { interval, asleep } of [this.containers.host, ...this.containers.all]) {
      this.waits.creditAsleep(interval, asleep.threads, elapsed);
    }
    for (const { interval, asleep } of this.tasks.awakeProcesses) {
      if (asleep !== undefined) this.waits.creditAsleep(interval, asleep, elapsed);
    }
    for (const thread of this.tasks.awakeThreads) {
      const isIdle = this.waits.creditIdle(thread, begin, time);
      if (isIdle && thread.ended === undefined) thread.idleIn = this.tasks.interval;
      else if (thread.process !== undefined) thread.process.activeIn = this.tasks.interval;
      if (isIdle) continue;
      if (thread.container === undefined) this.containers.place(thread);
      this.waits.credit(thread, time);
      settle(thread, this.containerOf(thread));
    }
    for (const cpu of this.cpus.all) cpu.log.clear();
    for (const container of this.containers.all) container.throttle.credit(time);
    this.block.close(time);
    for (const thread of this.tasks.goneThreads) settle(thread, this.containerOf(thread));
    for (const cpu of this.cpus.all) {
      for (const [thread, elapsed] of cpu.unplaced) {
        const container = this.containerOf(thread);
        if (container !== this.containers.unknown) this.cpus.credit(cpu, container, elapsed);
      }
    }
  }

  /** Rows tell containers by name. */
  private isAnyRenamed(): boolean {
    for (const [container, name] of this.names) if (this.nameOf(container) !== name) return true;
    return false;
  }

  /** A runtime's process whose container is not told counts as the host's for now. */
  private containerOf(thread: Thread): Container {
    return thread.container ?? (thread.launching ? this.containers.host : this.containers.unknown);
  }

  private nameOf(container: Container): string {
    return container === this.containers.unknown ? 'unknown' : containerName(container, this.name);
  }

  private picture(span: Span): HostSection {
    const denials = this.denials?.cut(this.name) ?? [];
    const { names, nameOf, counterparties, ...tables } = this.tables(span, this.times);
    this.names = names;
    const { files, scope } = this;
    return {
      ...tables,
      waits: pairRows(counterparties, (container) => container.contention, this.name, nameOf),
      blockers: pairRows(counterparties, (container) => container.waitedFor, this.name, nameOf),
      denials,
      devices: deviceRows(this.block, this.name, this.times),
      block: blockRows(this.block, this.name, nameOf),
      files: (tells(scope, 'files') && files?.fileRows(this.name, nameOf)) || [],
      connections: (tells(scope, 'connections') && files?.connectionRows(this.name, nameOf)) || [],
      syscalls: tells(scope, 'syscalls') ? this.syscallRows(span.end, nameOf) : [],
    };
  }

  private syscallRows(end: number, nameOf: (container: Container) => string): SyscallRow[] {
    const { counts } = this.calls;
    if (counts === undefined) return [];
    const { host, unknown, all } = this.containers;
    const containers = [host, unknown, ...all];
    counts.countOpen(this.tasks, containers, end);
    return containers.flatMap((container) => counts.rows(container, nameOf(container), this.name));
  }

  /** Who is there, and the CPUs; what containers are called in it, and which of them are told. */
  private tables(span: Span, times: TimeSources) {
    const { tasks, containers } = this;
    const names = new Map<Container, string>();
    const nameOf = (container: Container): string => {
      let name = names.get(container);
      if (name === undefined) {
        name = this.nameOf(container);
        names.set(container, name);
      }
      return name;
    };
    const { host, unknown } = containers;
    for (const container of [host, unknown, ...containers.all]) {
      nameOf(container);
      container.procs = container.asleep.procs;
      container.lives.clear();
    }
    unknown.alive = 0;

    const { threads, processes } = taskRows(tasks, {
      containerOf: (thread) => this.containerOf(thread),
      nameOf,
      unknown,
      begin: span.begin,
      times,
      tells: tells(this.scope, 'tasks'),
    });
    const listed = [...containers.all];
    if (unknown.alive > 0 || !unknown.interval.isZero || !unknown.block.isZero) listed.unshift(unknown);
    const rows = [host, ...listed].map((container) =>
      containerRow(container, this.name, containers.hasEnded(container), span, times),
    );
    const cpus = this.cpus.all
      .toSorted((a, b) => a.id - b.id)
      .map((cpu) =>
        cpuRow(
          cpu,
          runnersOn(cpu, [host, ...containers.all], nameOf),
          this.name,
          span.end - span.begin,
          times,
        ),
      );
    return { containers: rows, processes, threads, cpus, names, nameOf, counterparties: [host, ...listed] };
  }

  private beginInterval(time: number): void {
    const { tasks, containers, cpus } = this;
    tasks.beginInterval(time);
    this.waits.beginInterval();
    containers.sweep();
    for (const thread of tasks.awakeThreads) if (!thread.interval.isZero) thread.interval.clear();
    for (const process of tasks.awakeProcesses) {
      process.interval.clear();
      process.block.clear();
    }
    this.block.beginInterval();
    this.files?.beginInterval();
    const all = [containers.host, containers.unknown, ...containers.all];
    this.calls.counts?.begin(all);
    cpus.shares = 0;
    for (const container of all) {
      cpus.shares += container.onCpu.length;
      container.onCpu.fill(0);
      container.interval.clear();
      container.contention.clear();
      container.waitedFor.clear();
      container.requests.clear();
      container.latencies.clear();
      container.throttle.clear();
      container.block.clear();
      container.migrations = 0;
      container.preemptedNs = 0;
      container.denials = 0;
      container.deniedBy = undefined;
    }
    for (const cpu of cpus.all) {
      cpu.othersNs = cpu.idleNs = cpu.irqNs = 0;
      cpu.unplaced.clear();
      cpu.idle.pending.clear();
    }
  }
}
