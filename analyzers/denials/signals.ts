import type { Batch } from '../../native/types.js';
import type { Analyzer, Interest } from '../analyzer.js';
import type { Cpus } from '../kernel/cpus.js';
import type { Tasks } from '../kernel/tasks.js';
import type { Thread } from '../kernel/thread.js';

const SIGKILL = 9;
const SIGSYS = 31;
/** `si_code`: the kernel itself sent it; a seccomp filter caused it (`include/uapi/asm-generic/siginfo.h`). */
const SI_KERNEL = 0x80;
const SYS_SECCOMP = 1;

export type OnKill = (victim: Thread, row: number, signal: 'SIGKILL' | 'SIGSYS') => void;

/**
 * Processes that the kernel kills: for want of memory, or by a seccomp filter. These are refusals without an error. The
 * kernel also kills what is left in a pid namespace whose init process ends; then the sender is ending itself.
 */
export class Signals implements Analyzer {
  static readonly interests: readonly Interest<Signals>[] = [
    {
      events: ['signal_generate'],
      fields: { sig: 'i32', code: 'i32', pid: 'i32' },
      handle: (signals) => (row) => signals.onGenerated(row),
    },
  ];

  private sig!: Int32Array;
  private code!: Int32Array;
  private pid!: Int32Array;

  constructor(
    private readonly cpus: Cpus,
    private readonly tasks: Tasks,
    private readonly onKill: OnKill,
  ) {}

  bind(batch: Batch): void {
    this.sig = batch.columns.sig as Int32Array;
    this.code = batch.columns.code as Int32Array;
    this.pid = batch.columns.pid as Int32Array;
  }

  private onGenerated(row: number): void {
    const sig = this.sig[row];
    const code = this.code[row];
    const victim = this.tasks.find(this.pid[row]!);
    if (victim === undefined) return;
    if (sig === SIGSYS && code === SYS_SECCOMP) this.onKill(victim, row, 'SIGSYS');
    if (sig !== SIGKILL || code !== SI_KERNEL) return;
    if (this.cpus.at(row)?.thread?.ended === undefined) this.onKill(victim, row, 'SIGKILL');
  }
}
