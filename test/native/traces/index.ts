import { clocks } from './clocks.js';
import { layouts } from './layouts.js';
import { metadata } from './metadata.js';
import { packets } from './packets.js';
import type { AuthoredTrace } from './trace.js';
import { types } from './types.js';

export type { AuthoredTrace } from './trace.js';

/** All traces written by hand. */
export const authored: readonly AuthoredTrace[] = [...layouts, ...types, ...packets, ...clocks, ...metadata];
