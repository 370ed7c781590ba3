/**
 * No use of any kind. The literal is of fractions, so that V8 keeps doubles side by side: as fields each would be an object of
 * its own, and a host may have a hundred thousand threads.
 */
function nothing(): number[] {
  return [
    0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5,
  ].fill(0);
}

/** Where somebody's thread time went within an interval, in ns, and what the system calls of these threads did. */
export class Usage {
  private readonly sums = nothing();

  get cpuNs(): number {
    return this.sums[0]!;
  }
  set cpuNs(value: number) {
    this.sums[0] = value;
  }
  get userNs(): number {
    return this.sums[1]!;
  }
  set userNs(value: number) {
    this.sums[1] = value;
  }
  get kernelNs(): number {
    return this.sums[2]!;
  }
  set kernelNs(value: number) {
    this.sums[2] = value;
  }
  get irqNs(): number {
    return this.sums[3]!;
  }
  set irqNs(value: number) {
    this.sums[3] = value;
  }
  /** Runnable, but held back by its cgroup's quota. */
  get throttledNs(): number {
    return this.sums[4]!;
  }
  set throttledNs(value: number) {
    this.sums[4] = value;
  }
  /** Runnable, but others had the CPU. */
  get contendedNs(): number {
    return this.sums[5]!;
  }
  set contendedNs(value: number) {
    this.sums[5] = value;
  }
  /** Blocked, by what ended the wait. */
  get diskNs(): number {
    return this.sums[6]!;
  }
  set diskNs(value: number) {
    this.sums[6] = value;
  }
  get netNs(): number {
    return this.sums[7]!;
  }
  set netNs(value: number) {
    this.sums[7] = value;
  }
  get timerNs(): number {
    return this.sums[8]!;
  }
  set timerNs(value: number) {
    this.sums[8] = value;
  }
  get taskNs(): number {
    return this.sums[9]!;
  }
  set taskNs(value: number) {
    this.sums[9] = value;
  }
  get blockedUnknownNs(): number {
    return this.sums[10]!;
  }
  set blockedUnknownNs(value: number) {
    this.sums[10] = value;
  }
  /** Stopped by a signal or a debugger. */
  get stoppedNs(): number {
    return this.sums[11]!;
  }
  set stoppedNs(value: number) {
    this.sums[11] = value;
  }
  /** Nothing told what it did. */
  get unknownNs(): number {
    return this.sums[12]!;
  }
  set unknownNs(value: number) {
    this.sums[12] = value;
  }
  /** On a CPU while nothing had told yet whether in user or kernel mode. */
  get modeUnknownNs(): number {
    return this.sums[13]!;
  }
  set modeUnknownNs(value: number) {
    this.sums[13] = value;
  }
  /** System calls that came back, and how many of them with an error. */
  get calls(): number {
    return this.sums[14]!;
  }
  set calls(value: number) {
    this.sums[14] = value;
  }
  get errors(): number {
    return this.sums[15]!;
  }
  set errors(value: number) {
    this.sums[15] = value;
  }
  /** What these moved: from and to files, from and to the network, and through descriptors that nothing told of. */
  get fileReadBytes(): number {
    return this.sums[16]!;
  }
  set fileReadBytes(value: number) {
    this.sums[16] = value;
  }
  get fileWriteBytes(): number {
    return this.sums[17]!;
  }
  set fileWriteBytes(value: number) {
    this.sums[17] = value;
  }
  get netRxBytes(): number {
    return this.sums[18]!;
  }
  set netRxBytes(value: number) {
    this.sums[18] = value;
  }
  get netTxBytes(): number {
    return this.sums[19]!;
  }
  set netTxBytes(value: number) {
    this.sums[19] = value;
  }
  get untoldBytes(): number {
    return this.sums[20]!;
  }
  set untoldBytes(value: number) {
    this.sums[20] = value;
  }

  add({ sums }: Usage): void {
    for (let i = 0; i < sums.length; i++) this.sums[i]! += sums[i]!;
  }

  subtract({ sums }: Usage): void {
    for (let i = 0; i < sums.length; i++) this.sums[i]! -= sums[i]!;
  }

  clear(): void {
    const { sums } = this;
    for (let i = 0; i < sums.length; i++) sums[i] = 0;
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
