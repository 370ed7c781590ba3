import { containers } from './containers.js';
import { cpus } from './cpus.js';
import { processes } from './processes.js';
import { quality } from './quality.js';
import { threads } from './threads.js';

/** All tables, by id. */
export const tables = { containers, processes, threads, cpus, quality } as const;
