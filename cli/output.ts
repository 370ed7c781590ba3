/** Standard output with back-pressure. */
import { once } from 'node:events';

/** Text is gathered to blocks of this size: one system call each. */
const BLOCK_CHARACTERS = 64 * 1024;

/** Writes text in blocks and waits where the reader is slower than we are. */
export class Output {
  private pending = '';

  /** @param beforeWrite takes away what stands on the terminal in its place (a progress line) */
  constructor(
    private readonly stream: NodeJS.WritableStream,
    private readonly beforeWrite: () => void = () => {},
  ) {}

  async write(text: string): Promise<void> {
    this.pending += text;
    if (this.pending.length >= BLOCK_CHARACTERS) await this.flush();
  }

  async flush(): Promise<void> {
    const block = this.pending;
    this.pending = '';
    if (block === '') return;
    this.beforeWrite();
    if (!this.stream.write(block)) await once(this.stream, 'drain');
  }
}

/**
 * A reader that has seen enough (`| head`) is no error: the process ends at once, quietly. For any other failure (a full
 * disk) `fail` is called, which must end it.
 */
export function watchOutput(stream: NodeJS.WritableStream, fail: (error: Error) => never): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    fail(error);
  });
}
