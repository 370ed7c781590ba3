import { connections } from './connections.js';
import { containers } from './containers.js';
import { cpus, runners } from './cpus.js';
import { denials } from './denials.js';
import { block, devices } from './devices.js';
import { files } from './files.js';
import { occurrences } from './occurrences.js';
import { processes } from './processes.js';
import { quality } from './quality.js';
import { syscalls } from './syscalls.js';
import { threads } from './threads.js';
import { blockers, waits } from './waits.js';

/** All tables, by id. */
export const tables = {
  containers,
  processes,
  threads,
  cpus,
  runners,
  devices,
  block,
  waits,
  blockers,
  denials,
  occurrences,
  syscalls,
  files,
  connections,
  quality,
} as const;
