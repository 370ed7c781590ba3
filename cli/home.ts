/** Names typed on the screen, where no shell reads them. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** `~/x` is in the user's home directory, as it would be in a shell. */
export function withHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path;
}
