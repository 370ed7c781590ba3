import type { Batch } from '../../native/types.js';
import type { Analyzer, Interest } from '../analyzer.js';
import type { Container } from '../container.js';
import type { Containers } from '../containers.js';
import type { DenialRow } from '../frame.js';
import type { Cpus } from '../kernel/cpus.js';
import type { Tasks } from '../kernel/tasks.js';
import type { Thread } from '../kernel/thread.js';
import type { Routes } from '../routes.js';
import { Arguments, argumentFields } from '../syscalls/arguments.js';
import type { Calls, FailureObserver } from '../syscalls/calls.js';
import { Directories } from '../syscalls/directories.js';
import { errnoName } from '../syscalls/numbers.js';
import { objectOf, type Target } from '../syscalls/target.js';
import type { Stranger } from './case.js';
import { Evidence } from './evidence.js';
import { expectedReason, expectedWhatever, isOldCall } from './expected.js';
import { Explainer } from './explainer.js';
import { type FailedCall, Failures } from './failures.js';
import { type Group, Groups } from './groups.js';
import type { HostLooks } from './looks.js';
import { type Refusal, soughtPath } from './refusal.js';
import { procfsPid } from './rules/processes.js';
import { Signals } from './signals.js';
import { Witness } from './witness.js';

/** More than there are numbers of errors. */
const ERRNOS = 4096;

/** Refusals of one host: collects failed calls and kernel kills in groups, and explains them when a frame is cut. */
export class Denials implements Analyzer, FailureObserver {
  static readonly interests: readonly Interest<never>[] = [
    ...argumentFields.map(({ events, fields }): Interest<never> => ({ events, fields })),
    ...Witness.interests,
    ...Failures.interests,
    ...Signals.interests,
  ];

  private readonly evidence = new Evidence();
  private readonly groups = new Groups();
  private readonly explainer: Explainer;
  private readonly args: Arguments;
  private readonly failures: Failures;
  private readonly witness: Witness;
  private readonly signals: Signals;
  private time!: Float64Array;
  /** Counts intervals: groups are of one. */
  private interval = 0;

  constructor(
    cpus: Cpus,
    private readonly calls: Calls,
    private readonly tasks: Tasks,
    private readonly containers: Containers,
    private readonly looks: HostLooks,
    nameOf: (container: Container) => string,
  ) {
    const directories = new Directories(cpus);
    this.args = new Arguments(directories);
    this.failures = new Failures(calls, this.args);
    calls.observer = this;
    this.witness = new Witness(cpus, tasks, this.failures, this.args, directories, this.evidence);
    this.signals = new Signals(cpus, tasks, (victim, row, signal) => this.onKill(victim, row, signal));
    this.explainer = new Explainer(this.evidence, containers, looks, nameOf);
  }

  /** What of it takes events. */
  attach(routes: Routes): void {
    routes.attach(this.witness, Witness.interests);
    routes.attach(this.signals, Signals.interests);
  }

  bind(batch: Batch): void {
    this.time = batch.time;
    this.args.bind(batch);
    this.witness.bind(batch);
    this.signals.bind(batch);
  }

  save(thread: Thread, row: number): void {
    thread.call.target = this.args.target(this.calls.names.ofEvent(thread.syscall), row);
  }

  /** The groups of the interval, explained by all that was seen so far; tells containers; a new interval begins. */
  cut(host: string | undefined): DenialRow[] {
    const rows: DenialRow[] = [];
    const lasts = new Map<Container, number>();
    for (const group of this.groups.all()) {
      const row = this.explainer.row(group, host);
      rows.push(row);
      if (group.expected !== undefined) continue;
      const { container } = group.refusal;
      container.denials += group.count;
      if (row.last < (lasts.get(container) ?? Number.NEGATIVE_INFINITY)) continue;
      lasts.set(container, row.last);
      container.deniedBy = row.cause;
    }
    this.begin();
    return rows;
  }

  /** What was refused before this is not to be shown. */
  discard(): void {
    this.begin();
  }

  private begin(): void {
    this.interval++;
    this.groups.clear();
  }

  failed(thread: Thread, row: number, event: number, number: number, paired: boolean): void {
    const time = this.time[row]!;
    const { call } = thread;
    const key = event * ERRNOS + number;
    if (call.lastFailure === key && call.lastGroup?.isOf(this.interval, thread)) {
      call.lastGroup.add(time, thread.process?.pid, thread.tid);
      return;
    }
    const failed = this.failures.failed(thread, row, event, number, paired);
    const { name } = failed;
    const errno = errnoName(number);
    const isRefusal = errno === 'ENOSYS' && failed.atGate && isOldCall(name, failed.number);
    const reason = isRefusal ? undefined : expectedWhatever(name, errno, thread.container?.isHost === true);
    const target = reason === undefined ? this.failures.targetOf(failed) : undefined;
    const expected =
      (isRefusal ? undefined : (reason ?? this.usual(name, errno, target, thread))) ??
      this.preparation(thread);
    const group = this.groupOf(failed, errno, target, expected);
    group.add(time, thread.process?.pid, thread.tid);
    if (target?.kind === 'key') this.evidence.seek(`key ${target.key}`, group.refusal.container);
    if (reason !== undefined && !failed.isNumbered) {
      call.lastFailure = key;
      call.lastGroup = group;
    }
  }

  /** Why the error is part of normal work, by what it is about. */
  private usual(call: string, errno: string, target: Target | undefined, thread: Thread): string | undefined {
    const isOwn = target?.kind === 'unix' && this.witness.isPlainSocket(thread, target.fd);
    return isOwn ? undefined : expectedReason(call, errno, target);
  }

  private preparation(thread: Thread): string | undefined {
    return this.witness.isPreparing(thread) ? 'the runtime sets up the container' : undefined;
  }

  private groupOf(
    { thread, name, atGate }: FailedCall,
    errno: string,
    target: Target | undefined,
    expected: string | undefined,
  ): Group {
    const container = thread.container ?? (thread.launching ? this.containers.host : this.containers.unknown);
    const refusal: Refusal = { container, comm: thread.comm, call: name, errno, target, atGate };
    const group = this.groups.group(refusal, objectOf(target), expected, this.interval);
    if (group.count === 0) this.learn(group, thread.process?.pid);
    if (container.alive > group.threads) group.threads = container.alive;
    return group;
  }

  private onKill(victim: Thread, row: number, signal: 'SIGKILL' | 'SIGSYS'): void {
    const container = victim.container ?? this.containers.unknown;
    const refusal: Refusal = {
      container,
      comm: victim.comm,
      call: signal,
      errno: signal,
      target: undefined,
      atGate: false,
    };
    this.groups
      .group(refusal, undefined, undefined, this.interval)
      .add(this.time[row]!, victim.process?.pid, victim.tid);
  }

  /** Pids are looked up when it happens: later they may be others'. */
  private learn(group: Group, caller: number | undefined): void {
    const { target, container } = group.refusal;
    const pid =
      target?.kind === 'pid' ? target.pid : target?.kind === 'path' ? procfsPid(target.path) : undefined;
    if (pid !== undefined) {
      group.isOwnPid = this.isOwnPid(pid, container);
      group.stranger = this.strangerOf(pid, container);
    }
    if (group.expected === undefined && !container.isHost) this.askHost(group.refusal, caller);
  }

  /** What only the host knows is asked for when it happens: a frame is cut without waiting for the answer. */
  private askHost(refusal: Refusal, caller: number | undefined): void {
    const { container, errno, target } = refusal;
    if (errno === 'ECONNREFUSED' || target?.kind === 'unix') this.looks.ask({ kind: 'network' });
    else if (target?.kind === 'key' || target?.kind === 'queue') this.looks.ask({ kind: 'ipc' });
    const path = soughtPath(refusal);
    if (path !== undefined) this.looks.ask({ kind: 'path', path, root: container.entry?.id });
    if (caller !== undefined && (errno === 'EPERM' || errno === 'EACCES')) {
      this.looks.ask({ kind: 'process', pid: caller });
    }
  }

  private isOwnPid(pid: number, container: Container): boolean {
    if (container.pidNs === 0) return false;
    for (const thread of this.tasks.all()) {
      if (thread.vtid === pid && thread.container === container) return true;
    }
    return false;
  }

  private strangerOf(pid: number, container: Container): Stranger | undefined {
    const thread = this.tasks.find(pid);
    if (thread === undefined || thread.ended !== undefined || thread.container === container)
      return undefined;
    return {
      comm: thread.comm,
      container: this.explainer.nameOf(thread.container ?? this.containers.unknown),
    };
  }
}
