/** The actions that a container's runtime offers, as command lines that are ready to run. */
import { type ActionInfo, actionInfos, commandsOf } from './table.js';

/** What is known of the container; see `ContainerRow`. */
export interface Target {
  readonly id: string;
  readonly name: string;
  readonly runtime: string | undefined;
  readonly pod?: string | undefined;
}

export interface ContainerAction extends ActionInfo {
  /** The command line; `cpus` where the action needs it. */
  argv(cpus?: number): readonly string[];
}

/** What an id or a name must look like to stand in a command line: no option, no path. */
const FIT = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,254}$/;
const PERIOD_US = 100_000;

/** @returns a sentence where there are none */
export function actionsOf(target: Target): readonly ContainerAction[] | string {
  const { id, name, runtime, pod } = target;
  if (runtime === undefined) return 'no runtime is known for it';
  const commands = commandsOf[pod !== undefined && runtime === 'containerd' ? 'pod' : runtime];
  if (commands === undefined) return `boxtop knows no commands of ${runtime}`;
  return actionInfos.flatMap((info) => {
    const command = commands[info.id];
    if (command === undefined) return [];
    const needed = command.some((part) => part.includes('{name}')) ? name : id;
    if (!FIT.test(needed)) return [];
    return [{ ...info, argv: (cpus?: number) => command.map((part) => filled(part, target, cpus)) }];
  });
}

function filled(part: string, { id, name }: Target, cpus: number | undefined): string {
  const values: Readonly<Record<string, string | undefined>> = {
    id,
    name,
    cpus: cpus?.toString(),
    quota_us: cpus && Math.round(cpus * PERIOD_US).toString(),
    quota_ms: cpus && Math.round((cpus * PERIOD_US) / 1000).toString(),
  } as Record<string, string | undefined>;
  return part.replace(/\{(\w+)\}/g, (_, key: string) => {
    const value = values[key];
    if (value === undefined) throw new RangeError(`the action needs ${key}`);
    return value;
  });
}
