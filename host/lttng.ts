/** Whether this machine can trace its kernel with LTTng. */
import { access, constants, readFile } from 'node:fs/promises';
import { release } from 'node:os';
import { delimiter, join } from 'node:path';

export interface LttngPresence {
  /** The running kernel's release, for people. */
  readonly kernel: string;
  /** lttng-modules are loaded into the running kernel, or installed for it. */
  readonly modules: boolean;
  /** lttng-sessiond can be started. */
  readonly sessiond: boolean;
}

/** Where to look; the defaults are this machine's. */
export interface LttngPlaces {
  readonly kernel: string;
  readonly loadedModules: string;
  readonly modulesRoot: string;
  readonly searchPath: string;
}

const TRACER_MODULE = 'lttng_tracer';
/** The daemon's place, which is not on every user's path. */
const SBIN = '/usr/sbin:/usr/local/sbin';

/**
 * Looks for the tracer's kernel module (in /proc/modules, and in the modules.dep that depmod keeps of all installed ones,
 * DKMS's too) and for the session daemon. It looks at files only: nothing is loaded or started.
 */
export async function findLttng(places: Partial<LttngPlaces> = {}): Promise<LttngPresence> {
  const kernel = places.kernel ?? release();
  const [loaded, installed, sessiond] = await Promise.all([
    textOf(places.loadedModules ?? '/proc/modules'),
    textOf(join(places.modulesRoot ?? '/lib/modules', kernel, 'modules.dep')),
    isOnPath('lttng-sessiond', places.searchPath ?? `${process.env.PATH ?? ''}:${SBIN}`),
  ]);
  const isLoaded = new RegExp(`^${TRACER_MODULE} `, 'm').test(loaded);
  const isInstalled = /\/lttng-tracer\.ko(\.\w+)?:/.test(installed);
  return { kernel, modules: isLoaded || isInstalled, sessiond };
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}

async function isOnPath(program: string, searchPath: string): Promise<boolean> {
  const directories = searchPath.split(delimiter).filter((directory) => directory !== '');
  const found = await Promise.all(
    directories.map((directory) =>
      access(join(directory, program), constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}
