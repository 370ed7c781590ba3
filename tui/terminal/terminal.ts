/**
 * The terminal as long as it is ours: screen, keys and signals. However it ends or is interrupted, it gives the terminal
 * back as it was: `close`, end of the process, SIGTERM and its like, a fault, a hang-up, Ctrl-Z.
 */
import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadStream, WriteStream } from 'node:tty';
import { type Key, KeyDecoder } from './keys.js';
import { Clicks } from './mouse.js';
import { Screen } from './screen.js';
import { TtyOutput } from './tty-output.js';

/** After an ESC so long without more bytes, it was the key. Slow lines split sequences by less. */
const ESCAPE_TIMEOUT_MS = 40;
/** After stopping ourselves so long without SIGCONT, nothing stopped us (an orphaned process group is not stopped). */
const STOP_TIMEOUT_MS = 100;

/** Exit code after Ctrl-C: 128 + SIGINT. */
const ENDED_BY_KEY = 130;
/** The signal of the key that ended a program is ours too, and comes before or after that end. */
const KEY_SIGNAL_MS = 50;
const ENDING_SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 } as const;

export interface TerminalIo {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
}

/** Why the terminal asks to end: a signal (exit code 128 + its number), a terminal that is gone, or a fault. */
export type Ending = { readonly exitCode: number } | { readonly error: unknown };

export interface TerminalListener {
  /** The keys of one read. */
  onKeys(keys: readonly Key[]): void;
  onResize(columns: number, rows: number): void;
  /** The terminal is given back already. */
  onEnd(ending: Ending): void;
}

export class Terminal {
  readonly screen: Screen;
  readonly #io: TerminalIo;
  readonly #listener: TerminalListener;
  readonly #output: TtyOutput;
  readonly #decoder = new KeyDecoder();
  readonly #clicks = new Clicks();
  #escapeTimer: NodeJS.Timeout | undefined;
  #stopTimer: NodeJS.Timeout | undefined;
  #isOpen = false;
  #isSuspended = false;
  /** Set while a program has the terminal. */
  #lent: AbortController | undefined;
  /** Ctrl-C was pressed while it is lent. */
  #isInterrupted = false;

  constructor(io: TerminalIo, listener: TerminalListener, hasMouse = false) {
    this.#io = io;
    this.#listener = listener;
    this.#output = new TtyOutput(io.stdout, this.#onHangUp);
    this.screen = new Screen(this.#output, this.columns, this.rows, hasMouse);
  }

  get columns(): number {
    return this.#io.stdout.columns || 80;
  }

  get rows(): number {
    return this.#io.stdout.rows || 24;
  }

  open(): void {
    this.#isOpen = true;
    const { stdin, stdout } = this.#io;
    this.#output.open();
    stdin.on('data', this.#onData).on('end', this.#onHangUp).on('error', this.#onHangUp);
    stdout.on('resize', this.#onResize).on('error', this.#onHangUp);
    for (const signal of Object.keys(ENDING_SIGNALS) as (keyof typeof ENDING_SIGNALS)[])
      process.on(signal, this.#onSignal);
    process.on('SIGTSTP', this.#onStop).on('SIGCONT', this.#onContinue);
    process
      .on('uncaughtException', this.#onFault)
      .on('unhandledRejection', this.#onFault)
      .on('exit', this.#onExit);
    this.#take();
  }

  /** Gives the terminal back; more calls do nothing. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    clearTimeout(this.#escapeTimer);
    clearTimeout(this.#stopTimer);
    const { stdin, stdout } = this.#io;
    this.#giveBack();
    this.#output.close();
    stdin.off('data', this.#onData).off('end', this.#onHangUp);
    stdin.pause();
    stdout.off('resize', this.#onResize);
    // Errors of a terminal that is gone may still come: their listeners stay.
    // Within the same signal other listeners come after this one: Ink's own kills the process if it finds itself alone.
    setImmediate(() => {
      for (const signal of Object.keys(ENDING_SIGNALS)) process.off(signal, this.#onSignal);
    });
    process.off('SIGTSTP', this.#onStop).off('SIGCONT', this.#onContinue);
    process
      .off('uncaughtException', this.#onFault)
      .off('unhandledRejection', this.#onFault)
      .off('exit', this.#onExit);
  }

  /** Ctrl-Z: stops the whole process group, as the terminal would have done if it were not raw (npm waits for us in it). */
  suspend(): void {
    this.#giveBack();
    process.kill(0, 'SIGTSTP');
  }

  /**
   * Lends the terminal to a program until `work` is done: it is given back as it was, and taken again afterwards. The signals of
   * its keys are the program's meanwhile; the others abort it. Where it fails, or ends by itself and `stays`, what it printed
   * stays until Enter.
   */
  async lend<Result extends { readonly exitCode: number }>(
    work: (signal: AbortSignal) => Promise<Result>,
    stays = false,
  ): Promise<Result> {
    const { stdin, stdout } = this.#io;
    const lent = new AbortController();
    this.#lent = lent;
    this.#isInterrupted = false;
    this.#giveBack();
    this.#output.close();
    stdin.pause();
    try {
      const result = await work(lent.signal).finally(() => sleep(KEY_SIGNAL_MS));
      const { exitCode } = result;
      const wasKey = this.#isInterrupted || exitCode === ENDED_BY_KEY;
      if ((exitCode !== 0 || stays) && !wasKey && this.#isOpen) {
        const how = exitCode === 0 ? 'it has ended' : `it ended with code ${exitCode}`;
        stdout.write(`\n[${how}: Enter returns to boxtop]`);
        await new Promise<void>((resolve) => {
          lent.signal.addEventListener('abort', () => resolve());
          stdin.once('data', () => resolve());
          stdin.resume();
        });
      }
      return result;
    } finally {
      this.#lent = undefined;
      if (this.#isOpen) {
        this.#output.open();
        this.#take();
      }
    }
  }

  #take(): void {
    const { stdin } = this.#io;
    // A shell that brought us back has set its own mode, which the stream does not know of: set it anew.
    ignoringHangUp(() => {
      stdin.setRawMode(false);
      stdin.setRawMode(true);
    });
    stdin.resume();
    this.screen.enter();
  }

  #giveBack(): void {
    this.screen.leave();
    ignoringHangUp(() => this.#io.stdin.setRawMode(false));
  }

  readonly #onData = (bytes: Uint8Array): void => {
    if (this.#lent !== undefined) return;
    clearTimeout(this.#escapeTimer);
    const keys = this.#decoder.push(bytes);
    if (this.#decoder.isWaiting) {
      this.#escapeTimer = setTimeout(() => this.#emit(this.#decoder.flush()), ESCAPE_TIMEOUT_MS);
    }
    this.#emit(keys);
  };

  #emit(keys: readonly Key[]): void {
    if (keys.length === 0 || !this.#isOpen) return;
    const now = performance.now();
    this.#listener.onKeys(keys.map((key) => this.#clicks.named(key, now)));
  }

  readonly #onResize = (): void => {
    this.screen.resize(this.columns, this.rows);
    this.#listener.onResize(this.columns, this.rows);
  };

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    if (this.#lent !== undefined && (signal === 'SIGINT' || signal === 'SIGQUIT')) {
      this.#isInterrupted = true;
      return;
    }
    if (signal === 'SIGHUP') this.#onHangUp();
    else this.#end({ exitCode: 128 + ENDING_SIGNALS[signal as keyof typeof ENDING_SIGNALS] });
  };

  /** The other side is gone, as SIGHUP, EOF, EIO or EPIPE say. */
  readonly #onHangUp = (): void => {
    if (this.#isOpen) process.once('exit', closeStandardStreams);
    this.#end({ exitCode: 128 + ENDING_SIGNALS.SIGHUP });
  };

  readonly #onFault = (error: unknown): void => {
    this.#end({ error });
  };

  #end(ending: Ending): void {
    if (!this.#isOpen) return;
    this.close();
    this.#lent?.abort();
    this.#listener.onEnd(ending);
  }

  readonly #onExit = (): void => {
    this.close();
  };

  /** SIGTSTP, from Ctrl-Z or `kill`: gives the terminal back, then stops as if nobody had listened. */
  readonly #onStop = (): void => {
    if (this.#isSuspended) return;
    this.#isSuspended = true;
    this.#giveBack();
    process.off('SIGTSTP', this.#onStop);
    this.#stopTimer = setTimeout(this.#onContinue, STOP_TIMEOUT_MS);
    process.kill(process.pid, 'SIGTSTP');
  };

  /** Also after SIGSTOP, which nobody can prepare for. */
  readonly #onContinue = (): void => {
    if (!this.#isOpen) return;
    clearTimeout(this.#stopTimer);
    if (this.#isSuspended) process.on('SIGTSTP', this.#onStop);
    this.#isSuspended = false;
    if (this.#lent !== undefined) return;
    this.screen.leave();
    this.#take();
  };
}

/** At its end Node restores the mode of terminals that are still open, and aborts where that fails because one is gone. */
function closeStandardStreams(): void {
  for (const fd of [0, 1, 2]) ignoringHangUp(() => closeSync(fd));
}

/** Runs what fails when the terminal is gone, which then needs no restoring. */
function ignoringHangUp(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (
      !['EIO', 'EPIPE', 'EBADF', 'EAGAIN', 'ENOTTY', 'ENXIO'].includes(
        (error as NodeJS.ErrnoException).code ?? '',
      )
    )
      throw error;
  }
}
