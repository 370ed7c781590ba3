import type { Batch } from '../../native/types.js';
import type { Analyzer, Interest } from '../analyzer.js';
import type { Container } from '../container.js';
import type { Tasks } from '../kernel/tasks.js';
import type { Thread } from '../kernel/thread.js';
import { type Counterpart, NOBODY_KNOWS, Uncontained } from '../ledger/counterparts.js';
import { Device } from './device.js';
import { NEVER, type Request } from './outstanding.js';
import { BlockUse, DISCARD, OTHER, READ, SECTOR_BYTES, WRITE } from './use.js';

/** Threads of the kernel that write for others: which of these is not told. */
const WRITEBACK = new Uncontained('writeback');

/** `rwbs` as lttng-modules encodes it. */
const RWBS_WRITE = 1 << 0;
const RWBS_DISCARD = 1 << 1;
const RWBS_READ = 1 << 2;
const RWBS_FLUSH = 1 << 8;
const RWBS_PREFLUSH = 1 << 10;

/** More than any host has; a trace that has more is made up. */
const MOST_DEVICES = 4096;

const SPOT = { dev: 'i32', sector: 'f64', nr_sector: 'i32', rwbs: 'i32' } as const;

/**
 * Requests to block devices, from bio to completion: what was read and written, for whom, how long it waited in the queue and
 * how long the device took. Latency is completion − issue and queue time issue − insert, as in lttng-analyses and Trace
 * Compass; where the scheduler has no queue (blk-mq `none`) it is the time since the bio came.
 *
 * A request is made of bios that stand side by side, whatever merges made it so: at its issue the bios that wait in its range are
 * its parts, each with its own submitter, and of a bio that was split the rest waits on. A request without nr_sector
 * carries no data: a flush, or the end of a sequence with flushes.
 */
export class Block implements Analyzer {
  static readonly interests: readonly Interest<Block>[] = [
    {
      events: ['lttng_statedump_block_device'],
      fields: { dev: 'i32', diskname: 'string' },
      handle: (block) => (row) => block.onStatedump(row),
    },
    {
      events: ['block_bio_queue'],
      fields: { ...SPOT, tid: 'i32' },
      handle: (block) => (row) => block.onQueue(row),
    },
    {
      events: ['block_bio_remap'],
      fields: { ...SPOT, old_dev: 'i32', old_sector: 'f64' },
      handle: (block) => (row) => block.onRemap(row),
    },
    {
      events: ['block_rq_insert'],
      fields: { ...SPOT, tid: 'i32' },
      handle: (block) => (row) => block.onInsert(row),
    },
    {
      events: ['block_rq_issue'],
      fields: { ...SPOT, tid: 'i32' },
      handle: (block) => (row) => block.onIssue(row),
    },
    {
      events: ['block_rq_requeue'],
      fields: SPOT,
      handle: (block) => (row) => block.onRequeue(row),
    },
    {
      events: ['block_rq_complete'],
      fields: { ...SPOT, error: 'i32' },
      handle: (block) => (row) => block.onComplete(row),
    },
  ];

  /** By number, as the kernel has it: 12 bits of major, 20 of minor. */
  readonly devices = new Map<number, Device>();
  /** The whole disk of each device number that was met: its partitions' bios are its own. */
  private readonly disks = new Map<number, Device>();
  private time!: Float64Array;
  private dev!: Int32Array;
  private oldDev!: Int32Array;
  private sector!: Float64Array;
  private oldSector!: Float64Array;
  private sectors!: Int32Array;
  private rwbs!: Int32Array;
  private error!: Int32Array;
  private tid!: Int32Array;
  private diskname!: Uint32Array;
  private batch!: Batch;
  /** Used where nobody is to be credited. */
  private readonly nobody = new BlockUse();

  constructor(
    private readonly tasks: Tasks,
    private readonly containerOf: (thread: Thread) => Container,
  ) {}

  bind(batch: Batch): void {
    const { columns } = batch;
    this.batch = batch;
    this.time = batch.time;
    this.dev = columns.dev as Int32Array;
    this.oldDev = columns.old_dev as Int32Array;
    this.sector = columns.sector as Float64Array;
    this.oldSector = columns.old_sector as Float64Array;
    this.sectors = columns.nr_sector as Int32Array;
    this.rwbs = columns.rwbs as Int32Array;
    this.error = columns.error as Int32Array;
    this.tid = columns.tid as Int32Array;
    this.diskname = columns.diskname as Uint32Array;
  }

  close(time: number): void {
    for (const device of this.devices.values()) device.close(time);
  }

  lose(time: number): void {
    for (const device of this.devices.values()) device.lose(time);
  }

  beginInterval(): void {
    for (const device of this.devices.values()) device.beginInterval();
  }

  private onStatedump(row: number): void {
    const device = this.deviceOf(this.dev[row]!);
    if (device === undefined) return;
    device.name = this.batch.string(this.diskname[row]!) || undefined;
    this.disks.clear();
  }

  private onQueue(row: number): void {
    const device = this.diskOf(this.dev[row]!);
    const sectors = this.sectors[row]!;
    if (device === undefined || sectors <= 0) return;
    const sector = this.sector[row]!;
    const submitter = this.threadOf(row);
    // A worker of the device mapper passes on what it was given.
    if (submitter?.isKernelThread && device.waiting.get(sector)?.isRemapped) return;
    const stretch = device.stretch(sector, sectors);
    stretch.submitter = submitter;
    stretch.queuedAt = this.time[row]!;
    device.waiting.add(stretch);
  }

  /** A bio of a mapped device goes on to another one, whoever does that. */
  private onRemap(row: number): void {
    const device = this.diskOf(this.dev[row]!);
    const from = this.diskOf(this.oldDev[row]!);
    const sectors = this.sectors[row]!;
    if (device === undefined || from === undefined || device === from || sectors <= 0) return;
    const origin = from.waiting.get(this.oldSector[row]!);
    if (origin?.submitter === undefined) return;
    const stretch = device.stretch(this.sector[row]!, sectors);
    stretch.submitter = origin.submitter;
    stretch.queuedAt = this.time[row]!;
    stretch.isRemapped = true;
    device.waiting.add(stretch);
  }

  private onInsert(row: number): void {
    const device = this.diskOf(this.dev[row]!);
    const sectors = this.sectors[row]!;
    if (device === undefined || sectors <= 0) return;
    const sector = this.sector[row]!;
    let stretch = device.waiting.get(sector);
    if (stretch === undefined) {
      stretch = device.stretch(sector, sectors);
      stretch.submitter = this.threadOf(row);
      device.waiting.add(stretch);
    }
    if (stretch.insertedAt === NEVER) stretch.insertedAt = this.time[row]!;
  }

  private onIssue(row: number): void {
    const device = this.diskOf(this.dev[row]!);
    if (device === undefined) return;
    const time = this.time[row]!;
    const sectors = this.sectors[row]!;
    device.isDisk = true;
    if (sectors > 0) this.gather(device, device.issue(this.sector[row]!, sectors, time), row);
    else if (isFlush(this.rwbs[row]!)) device.issueFlush(time);
  }

  /** The request's parts are the bios that wait in its range; what nobody was seen to submit is the issuer's. */
  private gather(device: Device, request: Request, row: number): void {
    const end = request.sector + request.sectors;
    let queuedAt = NEVER;
    let insertedAt = NEVER;
    let last = request.first;
    for (let sector = request.sector; sector < end; ) {
      let stretch = device.waiting.take(sector);
      if (stretch === undefined) {
        stretch = device.stretch(sector, end - sector);
        stretch.submitter = this.threadOf(row);
      } else if (sector + stretch.sectors > end) {
        const rest = device.stretch(end, sector + stretch.sectors - end);
        rest.submitter = stretch.submitter;
        rest.queuedAt = stretch.queuedAt;
        rest.insertedAt = stretch.insertedAt;
        rest.isRemapped = stretch.isRemapped;
        device.waiting.add(rest);
        stretch.sectors = end - sector;
      }
      queuedAt = earlier(queuedAt, stretch.queuedAt);
      insertedAt = earlier(insertedAt, stretch.insertedAt);
      if (last === undefined) request.first = stretch;
      else last.next = stretch;
      last = stretch;
      sector += stretch.sectors;
    }
    const since = insertedAt === NEVER ? queuedAt : insertedAt;
    if (since === NEVER) return;
    device.queueNs += request.issuedAt - since;
    device.queued++;
  }

  /** The driver could not take it: its parts wait again. */
  private onRequeue(row: number): void {
    const device = this.diskOf(this.dev[row]!);
    if (device === undefined) return;
    const time = this.time[row]!;
    if (this.sectors[row]! <= 0) {
      if (isFlush(this.rwbs[row]!)) device.requeueFlush(time);
      return;
    }
    const request = device.inFlight.take(this.sector[row]!);
    if (request === undefined) return;
    for (let stretch = request.first; stretch !== undefined; ) {
      const { next } = stretch;
      stretch.next = undefined;
      device.waiting.add(stretch);
      stretch = next;
    }
    device.done(request, time);
  }

  private onComplete(row: number): void {
    const device = this.diskOf(this.dev[row]!);
    if (device === undefined) return;
    const time = this.time[row]!;
    const sectors = this.sectors[row]!;
    const rwbs = this.rwbs[row]!;
    device.isDisk = true;
    if (sectors <= 0) {
      if (isFlush(rwbs)) device.completeFlush(time);
      return;
    }
    const failed = this.error[row] !== 0;
    const kind = kindOf(rwbs);
    const request = device.inFlight.take(this.sector[row]!);
    const isLast = request === undefined || request.sectors <= sectors;
    const latency = request === undefined || !isLast ? undefined : time - request.issuedAt;
    if (failed) device.errors++;
    this.creditDevice(device, kind, failed ? 0 : sectors * SECTOR_BYTES, isLast, latency);
    if (request === undefined) return;
    this.creditParts(device, request, kind, failed, Math.min(sectors, request.sectors), time);
    if (isLast) {
      device.done(request, time);
      return;
    }
    request.sector += sectors;
    request.sectors -= sectors;
    device.inFlight.add(request);
  }

  private creditDevice(
    device: Device,
    kind: number,
    bytes: number,
    isLast: boolean,
    latency: number | undefined,
  ): void {
    device.use.addBytes(kind, bytes);
    if (kind === DISCARD) device.discardBytes += bytes;
    if (!isLast) return;
    device.use.addRequest(kind, latency);
    if (kind === DISCARD) device.discards++;
    else if (kind !== OTHER && latency !== undefined) device.latencies.add(latency);
  }

  /** Credits the first `sectors` of the request to their submitters; it counts for each of them when the last part of theirs is done. */
  private creditParts(
    device: Device,
    request: Request,
    kind: number,
    failed: boolean,
    sectors: number,
    time: number,
  ): void {
    let left = sectors;
    while (left > 0 && request.first !== undefined) {
      const stretch = request.first;
      const { submitter, next } = stretch;
      const taken = Math.min(left, stretch.sectors);
      left -= taken;
      stretch.sector += taken;
      stretch.sectors -= taken;
      const isDone = stretch.sectors === 0 && (next === undefined || next.submitter !== submitter);
      const latency = isDone ? time - request.issuedAt : undefined;
      this.creditUser(device, submitter, kind, failed ? 0 : taken * SECTOR_BYTES, latency);
      if (stretch.sectors > 0) return;
      request.first = next;
      device.release(stretch);
    }
  }

  /** `latency` is undefined for a part of a request. */
  private creditUser(
    device: Device,
    submitter: Thread | undefined,
    kind: number,
    bytes: number,
    latency: number | undefined,
  ): void {
    if (kind !== READ && kind !== WRITE) return;
    this.tasks.awaken(submitter?.process);
    const container = submitter && this.containerOf(submitter);
    const user = device.userOf(counterpartOf(submitter, container));
    const process = submitter?.process?.block ?? this.nobody;
    const whole = container?.block ?? this.nobody;
    user.addBytes(kind, bytes);
    process.addBytes(kind, bytes);
    whole.addBytes(kind, bytes);
    if (latency === undefined) return;
    user.addRequest(kind, latency);
    process.addRequest(kind, latency);
    whole.addRequest(kind, latency);
  }

  private threadOf(row: number): Thread | undefined {
    const tid = this.tid[row]!;
    return tid > 0 ? this.tasks.thread(tid) : undefined;
  }

  private diskOf(number: number): Device | undefined {
    const known = this.disks.get(number);
    if (known !== undefined) return known;
    const device = this.deviceOf(number);
    if (device === undefined) return undefined;
    const disk = this.wholeDisk(device);
    this.disks.set(number, disk);
    return disk;
  }

  private deviceOf(number: number): Device | undefined {
    const known = this.devices.get(number);
    if (known !== undefined || this.devices.size >= MOST_DEVICES) return known;
    const device = new Device(number);
    this.devices.set(number, device);
    return device;
  }

  /** `sda1` is of `sda`, `nvme0n1p1` of `nvme0n1`: bios carry the partition, with sectors of the whole disk already. */
  private wholeDisk(device: Device): Device {
    const { name } = device;
    if (name === undefined) return device;
    for (const other of this.devices.values()) {
      if (other.name === undefined || other === device || !name.startsWith(other.name)) continue;
      const rest = name.slice(other.name.length);
      if (/\d$/.test(other.name) ? /^p\d+$/.test(rest) : /^\d+$/.test(rest)) return other;
    }
    return device;
  }
}

function kindOf(rwbs: number): number {
  if ((rwbs & RWBS_DISCARD) !== 0) return DISCARD;
  if ((rwbs & RWBS_WRITE) !== 0) return WRITE;
  return (rwbs & RWBS_READ) !== 0 ? READ : OTHER;
}

function isFlush(rwbs: number): boolean {
  return (rwbs & (RWBS_FLUSH | RWBS_PREFLUSH)) !== 0;
}

function earlier(a: number, b: number): number {
  if (a === NEVER) return b;
  return b === NEVER ? a : Math.min(a, b);
}

function counterpartOf(submitter: Thread | undefined, container: Container | undefined): Counterpart {
  if (submitter === undefined || container === undefined) return NOBODY_KNOWS;
  return submitter.isKernelThread ? WRITEBACK : container;
}
