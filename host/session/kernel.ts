/** Asks what this kernel's tracer can record, because enabling what it has not is no error. */
import { readFile } from 'node:fs/promises';
import type { XmlElement } from '@rgrove/parse-xml';
import { lttng } from './command.js';
import { SessionError } from './error.js';
import { descend, numberOf, textOf } from './machine-interface.js';
import type { TracerAbilities } from './plan.js';

const SYMBOLS = '/proc/kallsyms';
/** From Linux 6.18 on throttling happens task by task on the way back to user space, and its functions tell nothing of who waits. */
const LAST_PROBED_KERNEL = [6, 17] as const;
const PROBES = ['throttle_cfs_rq', 'unthrottle_cfs_rq'];
const CONTEXTS = ['pid_ns', 'cgroup_ns', 'mnt_ns', 'net_ns', 'ipc_ns', 'uts_ns', 'user_ns'];
const FIRST_CTF2 = [2, 15] as const;

/** @throws SessionError where no session daemon can be asked, or it has no kernel tracer */
export async function tracerAbilities(release: string): Promise<TracerAbilities> {
  const [events, syscalls, symbols, version] = await Promise.all([
    kernelEvents(),
    kernelSyscalls(),
    readFile(SYMBOLS, 'latin1').catch(() => undefined),
    lttngVersion(),
  ]);
  return {
    events: new Set(events),
    syscalls: syscalls.length > 0,
    contexts: new Set(CONTEXTS.filter((type) => hasContext(symbols, type))),
    probes: new Set(PROBES.filter((name) => hasProbe(symbols, name, release))),
    writesCtf2: atLeast(version, FIRST_CTF2),
  };
}

/** Version of the lttng command, which is that of the session daemon too. */
export async function lttngVersion(): Promise<readonly [number, number]> {
  const [version] = descend(await lttng('version'), 'version');
  if (version === undefined) throw new SessionError('lttng does not tell its version');
  return [numberOf(version, 'major') ?? 0, numberOf(version, 'minor') ?? 0];
}

async function kernelEvents(): Promise<string[]> {
  const answer = await lttng('list', '-k').catch((error: Error) => {
    const message = `the session daemon cannot trace this kernel (${error.message}); boxtop doctor says why`;
    throw new SessionError(message, { cause: error });
  });
  return namesOf(descend(answer, 'domains', 'domain', 'events', 'event'));
}

/** Empty where the kernel cannot trace them, or the session daemon does not know it. */
async function kernelSyscalls(): Promise<string[]> {
  const answer = await lttng('list', '-k', '--syscall').catch(() => undefined);
  return namesOf(descend(answer, 'events', 'event'));
}

function namesOf(events: readonly XmlElement[]): string[] {
  return events.flatMap((event) => textOf(event, 'name') ?? []);
}

/** lttng-modules are built without the contexts whose kernel headers were not there; their functions tell. */
function hasContext(symbols: string | undefined, type: string): boolean {
  // Where the symbols may not be read, what every kernel's headers allow is there.
  if (symbols === undefined) return type !== 'mnt_ns';
  return hasSymbol(symbols, `lttng_add_${type}_to_ctx`);
}

function hasProbe(symbols: string | undefined, name: string, release: string): boolean {
  const version = release.split('.').map((part) => Number.parseInt(part, 10));
  if (!atLeast(LAST_PROBED_KERNEL, [version[0] ?? 0, version[1] ?? 0])) return false;
  return symbols !== undefined && hasSymbol(symbols, name);
}

function hasSymbol(symbols: string, name: string): boolean {
  // From the beginning of the line, each of some hundred thousand lines would be tried.
  return new RegExp(` [tT] ${name}(?:\\t|$)`, 'm').test(symbols);
}

function atLeast(version: readonly [number, number], least: readonly [number, number]): boolean {
  return version[0] > least[0] || (version[0] === least[0] && version[1] >= least[1]);
}
