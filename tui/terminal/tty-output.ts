/**
 * Writes to a terminal without ever waiting for it. Node's own stream writes to terminals synchronously, so that one that
 * takes nothing (Ctrl-S, a slow line) would hold up everything.
 */
import { writeSync } from 'node:fs';
import type { WriteStream } from 'node:tty';
import type { ScreenOutput } from './screen.js';

/** How often to look whether a full terminal takes more. */
const RETRY_MS = 10;
/** How long `writeNow` may try. */
const LAST_WRITE_MS = 200;
/** Ends an escape sequence of which only the beginning was written (CAN, ECMA-48). */
const CANCEL = '\u0018';

export class TtyOutput implements ScreenOutput {
  readonly #stdout: WriteStream;
  readonly #fd: number;
  readonly #onError: (error: unknown) => void;
  #rest: Buffer | undefined;
  #done: (() => void) | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(stdout: WriteStream, onError: (error: unknown) => void) {
    this.#stdout = stdout;
    this.#fd = (stdout as WriteStream & { readonly fd: number }).fd;
    this.#onError = onError;
  }

  open(): void {
    setBlocking(this.#stdout, false);
  }

  close(): void {
    setBlocking(this.#stdout, true);
  }

  /** One write at a time: the next one after `done`. */
  write(bytes: string, done: () => void): void {
    this.#rest = Buffer.from(bytes);
    this.#done = done;
    this.#writeRest();
  }

  /** Writes in place of what still waits, and before it returns. */
  writeNow(bytes: string): void {
    const isCut = this.#rest !== undefined;
    const done = this.#done;
    clearTimeout(this.#retry);
    this.#rest = undefined;
    this.#done = undefined;
    const giveUp = Date.now() + LAST_WRITE_MS;
    let rest: Buffer | undefined = Buffer.from(isCut ? CANCEL + bytes : bytes);
    while (rest !== undefined && Date.now() < giveUp) {
      rest = this.#attempt(rest);
      if (rest !== undefined) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
    done?.();
  }

  #writeRest(): void {
    this.#rest = this.#attempt(this.#rest!);
    if (this.#rest !== undefined) {
      this.#retry = setTimeout(() => this.#writeRest(), RETRY_MS);
      return;
    }
    const done = this.#done;
    this.#done = undefined;
    done?.();
  }

  /** What the terminal did not take; undefined if it took everything, or is gone. */
  #attempt(bytes: Buffer): Buffer | undefined {
    try {
      const written = writeSync(this.#fd, bytes);
      return written < bytes.length ? bytes.subarray(written) : undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return bytes;
      this.#onError(error);
      return undefined;
    }
  }
}

/** Of the terminal's file description, which libuv has opened anew for this process where it could. */
function setBlocking(stdout: WriteStream, isBlocking: boolean): void {
  const { _handle: handle } = stdout as { _handle?: { setBlocking?: (isBlocking: boolean) => void } };
  handle?.setBlocking?.(isBlocking);
}
