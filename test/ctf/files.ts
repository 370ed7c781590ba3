import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** The stream files of a trace's directory tree, by path below it: all that lies beside a metadata file. */
export function streamFiles(directory: string): string[] {
  const found: string[] = [];
  const visit = (at: string): void => {
    const entries = readdirSync(at, { withFileTypes: true });
    const holdsTrace = entries.some((entry) => entry.name === 'metadata');
    for (const entry of entries) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) {
        if (!(holdsTrace && entry.name === 'index')) visit(path);
      } else if (holdsTrace && entry.name !== 'metadata' && !entry.name.startsWith('.'))
        found.push(relative(directory, path));
    }
  };
  visit(directory);
  return found.sort();
}
