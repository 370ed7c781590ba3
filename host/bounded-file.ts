/** Reads files whose owner may be hostile: at most so many bytes, of regular files only, never waiting for a writer. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** cgroup and /proc files are a page or a few; the buffer is shared because reading is synchronous. */
const SMALL = 64 * 1024;
const buffer = Buffer.allocUnsafe(SMALL);

/**
 * The text of a small file of the kernel's (cgroup, /proc/PID/status); undefined where it is not there or may not be read.
 * Synchronous: such a file is made in memory by the kernel in microseconds, less than handing it to another thread costs.
 */
export function readKernelFile(path: string): string | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY);
    let length = 0;
    for (;;) {
      const read = readSync(file, buffer, length, SMALL - length, null);
      length += read;
      if (read === 0 || length === SMALL) return buffer.toString('utf8', 0, length);
    }
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/**
 * The text of a file that a user may have put there: no link as its last part, no FIFO or device, at most `limit` bytes (a
 * longer one counts as not there, for its end would be missing).
 */
export function readUserFile(path: string, limit: number): string | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stat = fstatSync(file);
    if (!stat.isFile() || stat.size > limit) return undefined;
    const content = Buffer.allocUnsafe(Math.min(limit, stat.size));
    let length = 0;
    while (length < content.length) {
      const read = readSync(file, content, length, content.length - length, length);
      if (read === 0) break;
      length += read;
    }
    return content.toString('utf8', 0, length);
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
