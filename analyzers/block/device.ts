import type { Counterpart } from '../ledger/counterparts.js';
import { Latencies } from '../ledger/latency.js';
import { BySector, NEVER, Pool, Request, Stretch } from './outstanding.js';
import { BlockUse } from './use.js';

/** Devices flush one at a time for each of their queues. */
const MOST_FLUSHES = 256;

/** One disk: what is under way on it, and its interval. */
export class Device {
  /** From the statedump. */
  name: string | undefined = undefined;
  /** It has been given a request: partitions and mapped devices never are. */
  isDisk = false;
  readonly waiting = new BySector<Stretch>((stretch) => this.release(stretch));
  readonly inFlight = new BySector<Request>((request) => this.drop(request));

  readonly use = new BlockUse();
  readonly latencies = new Latencies();
  /** Who read and wrote. */
  readonly users = new Map<Counterpart, BlockUse>();
  /** From the scheduler's queue, or else from the block layer, to the driver. */
  queueNs = 0;
  queued = 0;
  discards = 0;
  discardBytes = 0;
  errors = 0;
  flushes = 0;
  flushNs = 0;
  flushLatencies = 0;
  /** Time with at least one request in flight, up to `busySince` while there is one. */
  busyNs = 0;
  busySince = 0;
  /** Events were lost within the interval. */
  isUncertain = false;
  /** When those flushes began that are not over. */
  private readonly flushing: number[] = [];
  private readonly stretches = new Pool(() => new Stretch());
  private readonly requests = new Pool(() => new Request());

  constructor(readonly number: number) {}

  stretch(sector: number, sectors: number): Stretch {
    const stretch = this.stretches.take();
    stretch.sector = sector;
    stretch.sectors = sectors;
    stretch.queuedAt = NEVER;
    stretch.insertedAt = NEVER;
    stretch.isRemapped = false;
    stretch.next = undefined;
    return stretch;
  }

  release(stretch: Stretch): void {
    stretch.submitter = undefined;
    this.stretches.give(stretch);
  }

  /** A request that the driver gets, with nothing in it yet. */
  issue(sector: number, sectors: number, time: number): Request {
    const request = this.requests.take();
    request.sector = sector;
    request.sectors = sectors;
    request.issuedAt = time;
    request.first = undefined;
    if (this.underWay === 0) this.busySince = time;
    this.inFlight.add(request);
    return request;
  }

  /** The request is no longer in flight; its stretches must be taken from it before. */
  done(request: Request, time: number): void {
    this.requests.give(request);
    this.rest(time);
  }

  issueFlush(time: number): void {
    if (this.underWay === 0) this.busySince = time;
    if (this.flushing.length < MOST_FLUSHES) this.flushing.push(time);
  }

  completeFlush(time: number): void {
    const begin = this.flushing.shift();
    this.flushes++;
    if (begin === undefined) return;
    this.flushNs += time - begin;
    this.flushLatencies++;
    this.rest(time);
  }

  /** The driver gives a flush back. */
  requeueFlush(time: number): void {
    if (this.flushing.pop() !== undefined) this.rest(time);
  }

  get underWay(): number {
    return this.inFlight.size + this.flushing.length;
  }

  userOf(counterpart: Counterpart): BlockUse {
    const known = this.users.get(counterpart);
    if (known !== undefined) return known;
    const use = new BlockUse();
    this.users.set(counterpart, use);
    return use;
  }

  /** Credits the time up to now. */
  close(time: number): void {
    if (this.underWay === 0) return;
    this.busyNs += Math.max(0, time - this.busySince);
    this.busySince = time;
  }

  /** What is under way is not known any longer. */
  lose(time: number): void {
    this.close(time);
    this.waiting.clear();
    this.inFlight.clear();
    this.flushing.length = 0;
    this.isUncertain = true;
  }

  beginInterval(): void {
    this.use.clear();
    this.latencies.clear();
    if (this.users.size > 0) this.users.clear();
    this.queueNs = this.queued = 0;
    this.discards = this.discardBytes = this.errors = 0;
    this.flushes = this.flushNs = this.flushLatencies = 0;
    this.busyNs = 0;
    this.isUncertain = false;
  }

  private rest(time: number): void {
    if (this.underWay === 0) this.busyNs += Math.max(0, time - this.busySince);
  }

  private drop(request: Request): void {
    let stretch = request.first;
    while (stretch !== undefined) {
      const { next } = stretch;
      this.release(stretch);
      stretch = next;
    }
    this.requests.give(request);
  }
}
