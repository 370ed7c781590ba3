import { keepAsDoubles } from '../doubles.js';
import { CAUSE_DISK, CAUSE_TASK, CAUSE_TIMER, CAUSE_UNKNOWN } from '../ledger/causes.js';
import { RunLog } from '../ledger/run-log.js';
import { MODE_KERNEL, MODE_USER, RUNNING, Thread } from './thread.js';

/** Deeper than interrupts nest on any CPU: process, softirq, irq, and timers within. */
const MAX_NESTING = 8;

/** One CPU: what runs on it since when, and its time of the interval by who had it. */
export class Cpu {
  static {
    keepAsDoubles(new Cpu(0), 'now', 'runSince', 'modeSince', 'wokenAt', 'othersNs', 'idleNs', 'irqNs');
  }

  readonly idle = new Thread(0);
  /** Runs now; undefined before the first switch and after a loss. */
  thread: Thread | undefined = undefined;
  /**
   * Up to when `closeMode` credits: the time of the event that happens on it. A field, because a number that is handed to a
   * function is an object more for each event.
   */
  now = 0;
  /** Up to when its time is credited, and up to when by mode. */
  runSince = 0;
  modeSince = 0;
  /** The last thread that was woken up to run here, and when. */
  wokenTid = 0;
  wokenAt = 0;
  /** Hard and soft interrupts that are on it, one within the other; and what each brings, by depth. */
  interrupts = 0;
  readonly causes = new Uint8Array(MAX_NESTING);
  /** The hrtimer whose function runs, in the lower 32 bits of its address; undefined outside of any. */
  timer: number | undefined = undefined;
  /** Address of that function, its lower 32 bits, and whether it has woken somebody up. */
  timerFunction = 0;
  timerWakes = false;
  /** Who sent the packet that is being received, if that was a thread on this CPU. */
  sender: Thread | undefined = undefined;

  /** Threads that wait for it, and who had it meanwhile. */
  firstWaiter: Thread | undefined = undefined;
  readonly log = new RunLog();

  /** Of containers that have no share of their own any more. */
  othersNs = 0;
  idleNs = 0;
  irqNs = 0;
  /** Time of threads whose container was not known yet. */
  readonly unplaced = new Map<Thread, number>();

  constructor(readonly id: number) {
    this.idle.mode = MODE_KERNEL;
    this.idle.state = RUNNING;
  }

  /** What a thread that is woken up from here was waiting for. */
  wakeCause(): number {
    if (this.timer !== undefined) return CAUSE_TIMER;
    if (this.interrupts > 0) return this.causes[(this.interrupts - 1) % MAX_NESTING]!;
    return this.thread === undefined || this.thread === this.idle ? CAUSE_UNKNOWN : CAUSE_TASK;
  }

  /** An interrupt begins, on top of what runs. */
  enterInterrupt(cause: number): void {
    this.closeMode();
    this.causes[this.interrupts % MAX_NESTING] = cause;
    this.sender = undefined;
    this.interrupts++;
  }

  leaveInterrupt(): void {
    if (this.interrupts === 0) return;
    this.closeMode();
    this.interrupts--;
  }

  /** No system call begins or ends within an interrupt: exits were lost. */
  leaveInterrupts(): void {
    if (this.interrupts === 0) return;
    this.closeMode();
    this.interrupts = 0;
  }

  /** The interrupt that is on it is a block device's. */
  noteDisk(): void {
    if (this.interrupts > 0) this.causes[(this.interrupts - 1) % MAX_NESTING] = CAUSE_DISK;
  }

  /** Credits the mode in which the running thread is, up to now. */
  closeMode(): void {
    const { thread, now } = this;
    if (thread === undefined) return;
    const elapsed = now - this.modeSince;
    this.modeSince = now;
    if (this.interrupts > 0) {
      this.irqNs += elapsed;
      thread.pending.irqNs += elapsed;
    } else if (thread.mode === MODE_USER) thread.pending.userNs += elapsed;
    else if (thread.mode === MODE_KERNEL) thread.pending.kernelNs += elapsed;
    else thread.pending.modeUnknownNs += elapsed;
  }
}
