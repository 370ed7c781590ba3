/** Writes files for the screen. */
import { writeFile } from 'node:fs/promises';
import { CommandError } from './errors.js';
import type { Heading } from './formats/format.js';
import { formats } from './formats/index.js';
import { withHome } from './home.js';
import type { Cells } from './view.js';

/** See `Exporter` of tui/app/deeds/write.ts, whose shape this has. */
export const exporter = {
  table(name: 'csv' | 'json', columns: readonly Heading[], rows: readonly Cells[]): string {
    const format = formats[name]();
    return format.begin(columns) + format.frame(rows) + format.end();
  },

  async write(path: string, text: string, replace: boolean): Promise<'written' | 'exists'> {
    try {
      await writeFile(withHome(path), text, { flag: replace ? 'w' : 'wx' });
      return 'written';
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') return 'exists';
      throw new CommandError(`${path} could not be written: ${message}`, { cause: error });
    }
  },
};
