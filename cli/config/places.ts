/** Where the configuration and what is kept lie, by the XDG base directory specification. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

export function configPlace(env: Environment): string {
  return join(baseOf(env.XDG_CONFIG_HOME, env, '.config'), 'boxtop', 'config.json');
}

export function statePlace(env: Environment): string {
  return join(baseOf(env.XDG_STATE_HOME, env, '.local/state'), 'boxtop', 'state.json');
}

/** Paths that are not absolute are to be ignored, the specification says. */
function baseOf(given: string | undefined, env: Environment, inHome: string): string {
  return given !== undefined && isAbsolute(given) ? given : join(env.HOME || homedir(), inHome);
}
