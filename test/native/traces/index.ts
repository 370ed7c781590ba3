import type { Files } from '../../ctf/writer.js';
import { clocks } from './clocks.js';
import { compounds } from './compounds.js';
import { files } from './files.js';
import { layouts } from './layouts.js';
import { metadata } from './metadata.js';
import { packets } from './packets.js';
import type { AuthoredTrace } from './trace.js';
import { types } from './types.js';

export type { AuthoredTrace } from './trace.js';

/** All traces written by hand. */
export const authored: readonly AuthoredTrace[] = [
  ...layouts,
  ...types,
  ...compounds,
  ...packets,
  ...files,
  ...clocks,
  ...metadata,
];

/** The files of the trace of this name. */
export function filesOf(name: string): Files {
  return authored.find((trace) => trace.name === name)!.files;
}
