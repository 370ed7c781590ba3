import type { Cpus } from '../kernel/cpus.js';
import type { Process } from '../kernel/thread.js';

const AT_FDCWD = -100;
/** Directories that one process holds open at once and that are remembered. */
const MAX_DIRECTORIES = 256;

interface Held {
  cwd: string | undefined;
  /** By descriptor. */
  readonly open: Map<number, string>;
}

/** What relative paths of processes are relative to: working directories and open ones, as far as the trace shows them. */
export class Directories {
  private readonly held = new WeakMap<Process, Held>();

  constructor(private readonly cpus: Cpus) {}

  /** The directory that the row's caller means by `dfd`; undefined where the trace has not told. */
  base(row: number, dfd: number): string | undefined {
    const process = this.cpus.at(row)?.thread?.process;
    const held = process && this.held.get(process);
    return dfd === AT_FDCWD ? held?.cwd : held?.open.get(dfd);
  }

  changed(process: Process, cwd: string | undefined): void {
    this.of(process).cwd = cwd;
  }

  opened(process: Process, fd: number, path: string): void {
    const { open } = this.of(process);
    if (open.size < MAX_DIRECTORIES || open.has(fd)) open.set(fd, path);
  }

  /** The descriptor means something else now. */
  forget(process: Process, fd: number): void {
    this.held.get(process)?.open.delete(fd);
  }

  inherit(child: Process, parent: Process): void {
    const held = this.held.get(parent);
    if (held !== undefined) this.held.set(child, { cwd: held.cwd, open: new Map(held.open) });
  }

  private of(process: Process): Held {
    let held = this.held.get(process);
    if (held === undefined) {
      held = { cwd: undefined, open: new Map() };
      this.held.set(process, held);
    }
    return held;
  }
}
