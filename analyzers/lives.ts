/** Starts and ends of a container's processes and threads within an interval, also of those that did not see its end. */
export class Lives {
  procsStarted = 0;
  procsEnded = 0;
  threadsStarted = 0;
  threadsEnded = 0;

  /** A frame that begins then has this thread. */
  addThread({ started, ended }: Life, begin: number): void {
    if (started !== undefined && started >= begin) this.threadsStarted++;
    if (ended !== undefined && ended >= begin) this.threadsEnded++;
  }

  addProcess({ started, ended }: Life, begin: number): void {
    if (started !== undefined && started >= begin) this.procsStarted++;
    if (ended !== undefined && ended >= begin) this.procsEnded++;
  }

  clear(): void {
    this.procsStarted = 0;
    this.procsEnded = 0;
    this.threadsStarted = 0;
    this.threadsEnded = 0;
  }
}

/** In ns since origin; undefined where the trace does not show it. */
interface Life {
  readonly started: number | undefined;
  readonly ended: number | undefined;
}
