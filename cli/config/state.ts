/** What was chosen on the screen, kept for the next time. Nobody writes it by hand: one that cannot be read is none. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type ColumnSort, type Kept, NOTHING_KEPT, THEME_NAMES } from '../../tui/preferences.js';

const MOST_LINES = 100;

export async function readState(file: string): Promise<Kept> {
  try {
    return keptOf(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return NOTHING_KEPT;
  }
}

/** In the place of the one before, whole or not at all. Where nothing can be kept (a read-only home), nothing is. */
export async function writeState(file: string, kept: Kept): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(temporary, `${JSON.stringify(kept, undefined, 2)}\n`, { mode: 0o600 });
    await rename(temporary, file);
  } catch {
    // Not worth an error at the end of a session that went well.
  }
}

function keptOf(json: unknown): Kept {
  const { theme, views, commands, filters } = objectOf(json);
  const known = Object.entries(objectOf(views)).map(([id, value]) => {
    const { columns, sort } = objectOf(value);
    return [id, { columns: Array.isArray(columns) ? textsOf(columns) : undefined, sort: sortOf(sort) }];
  });
  return {
    theme: THEME_NAMES.find((name) => name === theme),
    views: Object.fromEntries(known) as Kept['views'],
    commands: textsOf(commands),
    filters: textsOf(filters),
  };
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string').slice(-MOST_LINES) : [];
}

function sortOf(value: unknown): ColumnSort | undefined {
  const { column, descending } = objectOf(value);
  return typeof column === 'string' && typeof descending === 'boolean' ? { column, descending } : undefined;
}
