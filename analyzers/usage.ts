/** Where somebody's thread time went within an interval, in ns, and what the system calls of these threads did. */
export class Usage {
  cpuNs = 0;
  userNs = 0;
  kernelNs = 0;
  irqNs = 0;
  /** Runnable, but held back by its cgroup's quota. */
  throttledNs = 0;
  /** Runnable, but others had the CPU. */
  contendedNs = 0;
  /** Blocked, by what ended the wait. */
  diskNs = 0;
  netNs = 0;
  timerNs = 0;
  taskNs = 0;
  blockedUnknownNs = 0;
  /** Stopped by a signal or a debugger. */
  stoppedNs = 0;
  /** Nothing told what it did. */
  unknownNs = 0;
  /** On a CPU while nothing had told yet whether in user or kernel mode. */
  modeUnknownNs = 0;
  /** System calls that came back, and how many of them with an error. */
  calls = 0;
  errors = 0;
  /** What these moved: from and to files, from and to the network, and through descriptors that nothing told of. */
  fileReadBytes = 0;
  fileWriteBytes = 0;
  netRxBytes = 0;
  netTxBytes = 0;
  untoldBytes = 0;

  add(other: Usage): void {
    this.cpuNs += other.cpuNs;
    this.userNs += other.userNs;
    this.kernelNs += other.kernelNs;
    this.irqNs += other.irqNs;
    this.throttledNs += other.throttledNs;
    this.contendedNs += other.contendedNs;
    this.diskNs += other.diskNs;
    this.netNs += other.netNs;
    this.timerNs += other.timerNs;
    this.taskNs += other.taskNs;
    this.blockedUnknownNs += other.blockedUnknownNs;
    this.stoppedNs += other.stoppedNs;
    this.unknownNs += other.unknownNs;
    this.modeUnknownNs += other.modeUnknownNs;
    this.calls += other.calls;
    this.errors += other.errors;
    this.fileReadBytes += other.fileReadBytes;
    this.fileWriteBytes += other.fileWriteBytes;
    this.netRxBytes += other.netRxBytes;
    this.netTxBytes += other.netTxBytes;
    this.untoldBytes += other.untoldBytes;
  }

  clear(): void {
    this.cpuNs = 0;
    this.userNs = 0;
    this.kernelNs = 0;
    this.irqNs = 0;
    this.throttledNs = 0;
    this.contendedNs = 0;
    this.diskNs = 0;
    this.netNs = 0;
    this.timerNs = 0;
    this.taskNs = 0;
    this.blockedUnknownNs = 0;
    this.stoppedNs = 0;
    this.unknownNs = 0;
    this.modeUnknownNs = 0;
    this.calls = 0;
    this.errors = 0;
    this.fileReadBytes = 0;
    this.fileWriteBytes = 0;
    this.netRxBytes = 0;
    this.netTxBytes = 0;
    this.untoldBytes = 0;
  }

  /** Runnable, but not on a CPU. */
  get runnableNs(): number {
    return this.throttledNs + this.contendedNs;
  }

  /** Not on a CPU, whatever it was for. */
  get waitNs(): number {
    const blocked = this.diskNs + this.netNs + this.timerNs + this.taskNs + this.blockedUnknownNs;
    return this.throttledNs + this.contendedNs + blocked + this.stoppedNs + this.unknownNs;
  }

  get isZero(): boolean {
    return this.cpuNs === 0 && this.waitNs === 0 && this.calls === 0;
  }
}
