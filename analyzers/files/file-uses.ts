import type { Container } from '../container.js';
import type { FileRow } from '../frame.js';
import type { Thread } from '../kernel/thread.js';
import type { OpenFile } from './open-file.js';

/** Files of one container within an interval that have rows of their own; what comes then is counted together. */
const MAX_FILES = 1024;
/** Of all containers. */
const MAX_ALL = 1 << 14;
/** Stands for many files. */
const MANY = '…';

/** What a container did with a file within an interval. */
export class FileUse {
  opens = 0;
  reads = 0;
  writes = 0;
  readBytes = 0;
  writeBytes = 0;
  ns = 0;
  errors = 0;

  constructor(
    readonly container: Container,
    /** undefined: not told; MANY: of those beyond the bound. */
    readonly path: string | undefined,
    readonly interval: number,
  ) {}
}

/** Files by container and path, bounded however many are used. */
export class FileUses {
  private size = 0;
  private interval = 0;
  private readonly parts = new Map<Container, Map<string, FileUse>>();

  constructor(private readonly containerOf: (thread: Thread) => Container) {}

  /** The use that the thread's container makes of the open file in this interval. */
  of(thread: Thread, file: OpenFile): FileUse {
    const { use } = file;
    const container = thread.container ?? this.containerOf(thread);
    if (use !== undefined && use.interval === this.interval && use.container === container) return use;
    const found = this.find(container, file.path);
    file.use = found;
    return found;
  }

  private find(container: Container, path: string | undefined): FileUse {
    let part = this.parts.get(container);
    if (part === undefined) {
      part = new Map();
      this.parts.set(container, part);
    }
    const own = part.get(path ?? '');
    if (own !== undefined) return own;
    const room = this.size < MAX_ALL && part.size < MAX_FILES;
    const rest = room ? undefined : part.get(MANY);
    if (rest !== undefined) return rest;
    const use = new FileUse(container, room ? path : MANY, this.interval);
    part.set(room ? (path ?? '') : MANY, use);
    this.size++;
    return use;
  }

  /** The rows of the interval. */
  rows(host: string | undefined, nameOf: (container: Container) => string): FileRow[] {
    const rows: FileRow[] = [];
    for (const [container, part] of this.parts) {
      for (const { path, opens, reads, writes, readBytes, writeBytes, ns, errors } of part.values()) {
        const own = { host, container: container.key, containerName: nameOf(container), path };
        rows.push({ ...own, opens, reads, writes, readBytes, writeBytes, ns, errors });
      }
    }
    return rows;
  }

  begin(): void {
    this.interval++;
    this.size = 0;
    this.parts.clear();
  }
}
