import type { Connection } from './connections.js';
import type { FileUse } from './file-uses.js';

/** What a descriptor stands for. */
export const FILE = 0;
/** Below `/dev`: what goes through it is no file's. */
export const DEVICE = 1;
export const SOCKET = 2;
export const PIPE = 3;
/** Anything else that has a descriptor: epoll, eventfd, timers, memory. */
export const OTHER = 4;
/** It is there, but nothing told what it is. */
export const UNKNOWN = 5;

/** What one or more descriptors stand for, as the kernel's open file descriptions: `dup` and `fork` share it. */
export class OpenFile {
  /** Of the last interval in which it was used. */
  use: FileUse | undefined = undefined;

  constructor(
    readonly kind: number,
    /** Of files, as far as the trace tells. */
    readonly path: string | undefined,
    /** Of sockets. */
    readonly connection: Connection | undefined,
  ) {}
}

/** Without anything that tells one from another. */
export const A_PIPE = new OpenFile(PIPE, undefined, undefined);
export const ANOTHER = new OpenFile(OTHER, undefined, undefined);
export const UNTOLD = new OpenFile(UNKNOWN, undefined, undefined);

/** Below `/dev` there are file systems, too. */
const DEVICES = /^\/dev\/(?!shm\/|mqueue\/|hugepages\/)/;

/** The file, or device, at the path; undefined: not told. */
export function fileAt(path: string | undefined): OpenFile {
  const isDevice = path?.startsWith('/dev/') === true && DEVICES.test(path);
  return new OpenFile(isDevice ? DEVICE : FILE, path, undefined);
}

/** Descriptors of one table that are followed: more than programs have, unless they want to be counted. */
const MAX_DESCRIPTORS = 1 << 14;

/** The open descriptors of a process, or of several that share them. */
export class FileTable {
  /** Another process has it too. */
  shared = false;
  /** How many are open. */
  size = 0;

  constructor(
    private readonly files: (OpenFile | undefined)[] = [],
    /** Descriptors that exec closes. */
    private readonly closing = new Set<number>(),
  ) {}

  get(fd: number): OpenFile | undefined {
    return this.files[fd];
  }

  set(fd: number, file: OpenFile, closesOnExec: boolean): void {
    if (!(fd >= 0 && fd < MAX_DESCRIPTORS)) return;
    if (this.files[fd] === undefined) this.size++;
    this.files[fd] = file;
    this.closeOnExec(fd, closesOnExec);
  }

  closeOnExec(fd: number, closes: boolean): void {
    if (closes) this.closing.add(fd);
    else if (this.closing.size > 0) this.closing.delete(fd);
  }

  delete(fd: number): OpenFile | undefined {
    const file = this.files[fd];
    if (file === undefined) return undefined;
    this.files[fd] = undefined;
    this.size--;
    if (this.closing.size > 0) this.closing.delete(fd);
    return file;
  }

  /** What a `close_range` over [first, last] means; `closes`: only when it executes another program. */
  deleteRange(first: number, last: number, onExec: boolean): void {
    const end = Math.min(last, this.files.length - 1);
    for (let fd = first; fd <= end; fd++) {
      if (this.files[fd] === undefined) continue;
      if (onExec) this.closing.add(fd);
      else this.delete(fd);
    }
  }

  copy(): FileTable {
    const copy = new FileTable(this.files.slice(), new Set(this.closing));
    copy.size = this.size;
    return copy;
  }

  /** Another program: what is not to be there any more is closed, and nothing is shared. */
  executed(): FileTable {
    const own = this.shared ? this.copy() : this;
    for (const fd of own.closing) own.delete(fd);
    return own;
  }
}
