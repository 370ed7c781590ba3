import type { Batch } from '../../native/types.js';
import type { Analyzer, Interest } from '../analyzer.js';
import type { Container } from '../container.js';
import type { ConnectionRow, FileRow } from '../frame.js';
import type { Cpus } from '../kernel/cpus.js';
import type { Tasks } from '../kernel/tasks.js';
import type { Thread } from '../kernel/thread.js';
import type { Routes } from '../routes.js';
import type { Calls } from '../syscalls/calls.js';
import { Connections } from './connections.js';
import { Descriptors } from './descriptors.js';
import { Dumped } from './dumped.js';
import { FileUses } from './file-uses.js';
import { Opening } from './opening.js';
import { Packets } from './packets.js';
import { Sockets } from './sockets.js';
import { Transfers } from './transfers.js';

/** The files and connections of one host, and what system calls moved through them. */
export class Files implements Analyzer {
  static readonly interests: readonly Interest<never>[] = [
    ...Descriptors.interests,
    ...Dumped.interests,
    ...Opening.interests,
    ...Packets.interests,
    ...Sockets.interests,
    ...Transfers.interests,
  ];

  private readonly uses: FileUses;
  private readonly connections: Connections;
  private readonly descriptors: Descriptors;
  private readonly dumped: Dumped;
  private readonly opening: Opening;
  private readonly packets: Packets;
  private readonly sockets: Sockets;
  private readonly transfers: Transfers;

  constructor(
    cpus: Cpus,
    calls: Calls,
    tasks: Tasks,
    /** Whose the files of a thread are whose container nothing has told. */
    containerOf: (thread: Thread) => Container,
  ) {
    this.uses = new FileUses(containerOf);
    this.connections = new Connections(containerOf);
    this.descriptors = new Descriptors(cpus, tasks);
    this.dumped = new Dumped(tasks, this.descriptors, this.connections);
    this.opening = new Opening(calls, this.descriptors, this.uses);
    this.packets = new Packets(cpus, this.descriptors, calls.names);
    this.sockets = new Sockets(calls, this.descriptors, this.connections);
    this.transfers = new Transfers(calls, this.descriptors, this.sockets, this.uses, this.connections);
  }

  attach(routes: Routes): void {
    routes.attach(this.descriptors, Descriptors.interests);
    routes.attach(this.dumped, Dumped.interests);
    routes.attach(this.packets, Packets.interests);
  }

  bind(batch: Batch): void {
    this.descriptors.bind(batch);
    this.dumped.bind(batch);
    this.opening.bind(batch);
    this.packets.bind(batch);
    this.sockets.bind(batch);
    this.transfers.bind(batch);
  }

  /** Files that were used within the interval. */
  fileRows(host: string | undefined, nameOf: (container: Container) => string): FileRow[] {
    return this.uses.rows(host, nameOf);
  }

  /** Sockets that were. */
  connectionRows(host: string | undefined, nameOf: (container: Container) => string): ConnectionRow[] {
    return this.connections.rows(host, nameOf);
  }

  beginInterval(): void {
    this.uses.begin();
    this.connections.begin();
  }
}
