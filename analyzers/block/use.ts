/** Which way a request goes. */
export const READ = 0;
export const WRITE = 1;
export const DISCARD = 2;
/** Zeroes and zones: no data of anybody's. */
export const OTHER = 3;

export const SECTOR_BYTES = 512;

/** What somebody read and wrote within an interval, on one device or on all. */
export class BlockUse {
  reads = 0;
  writes = 0;
  readBytes = 0;
  writeBytes = 0;
  /** From the driver to the completion, over all reads and writes of which both were seen. */
  latencyNs = 0;
  latencies = 0;

  addBytes(kind: number, bytes: number): void {
    if (kind === READ) this.readBytes += bytes;
    else if (kind === WRITE) this.writeBytes += bytes;
  }

  /** One request is done; `latency` is undefined where it was not seen to begin. */
  addRequest(kind: number, latency: number | undefined): void {
    if (kind === READ) this.reads++;
    else if (kind === WRITE) this.writes++;
    else return;
    if (latency === undefined) return;
    this.latencyNs += latency;
    this.latencies++;
  }

  /** Mean latency; undefined where there was none. */
  get meanLatencyNs(): number | undefined {
    return this.latencies === 0 ? undefined : this.latencyNs / this.latencies;
  }

  get isZero(): boolean {
    return this.reads === 0 && this.writes === 0 && this.readBytes === 0 && this.writeBytes === 0;
  }

  clear(): void {
    if (this.isZero) return;
    this.reads = 0;
    this.writes = 0;
    this.readBytes = 0;
    this.writeBytes = 0;
    this.latencyNs = 0;
    this.latencies = 0;
  }
}
