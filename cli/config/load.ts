/** The configuration and what is kept, from where they lie. */
import { readFile } from 'node:fs/promises';
import type { Kept } from '../../tui/preferences.js';
import { configPlace, statePlace } from './places.js';
import { type Configuration, NO_CONFIGURATION, readConfiguration } from './settings.js';
import { readState, writeState } from './state.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws CommandError that names file, line and key of what is wrong; a file that is not there is none. */
export async function loadConfiguration(env: Environment): Promise<Configuration> {
  const file = configPlace(env);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return NO_CONFIGURATION;
    throw error;
  }
  return readConfiguration(text, file);
}

export interface ScreenSettings extends Pick<Configuration, 'settings'> {
  readonly kept: Kept;
  /** Takes what is to be kept, at the end. */
  keep(kept: Kept): Promise<void>;
}

/** All that a screen starts with. @throws as `loadConfiguration` */
export async function loadScreenSettings(env: Environment): Promise<ScreenSettings> {
  const { settings } = await loadConfiguration(env);
  const file = statePlace(env);
  return { settings, kept: await readState(file), keep: (kept) => writeState(file, kept) };
}
