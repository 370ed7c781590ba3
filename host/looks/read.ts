import { open } from 'node:fs/promises';

/**
 * The text of a file of /proc up to `limit` bytes, read in another thread, because some grow with what there is on the host;
 * undefined where it is not there.
 */
export async function readWhole(path: string, limit: number): Promise<string | undefined> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const parts: Buffer[] = [];
    let length = 0;
    while (length < limit) {
      const buffer = Buffer.allocUnsafe(Math.min(64 * 1024, limit - length));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) break;
      parts.push(buffer.subarray(0, bytesRead));
      length += bytesRead;
    }
    return Buffer.concat(parts).toString('utf8');
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}
