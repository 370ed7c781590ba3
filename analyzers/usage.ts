/** CPU time of somebody within an interval, in ns. */
export class Usage {
  cpuNs = 0;
  userNs = 0;
  kernelNs = 0;
  irqNs = 0;
  runnableNs = 0;
  /** On a CPU while nothing had told yet whether in user or kernel mode. */
  modeUnknownNs = 0;

  add(other: Usage): void {
    this.cpuNs += other.cpuNs;
    this.userNs += other.userNs;
    this.kernelNs += other.kernelNs;
    this.irqNs += other.irqNs;
    this.runnableNs += other.runnableNs;
    this.modeUnknownNs += other.modeUnknownNs;
  }

  clear(): void {
    this.cpuNs = 0;
    this.userNs = 0;
    this.kernelNs = 0;
    this.irqNs = 0;
    this.runnableNs = 0;
    this.modeUnknownNs = 0;
  }

  get isZero(): boolean {
    return this.cpuNs === 0 && this.runnableNs === 0;
  }
}
