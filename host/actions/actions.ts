/** The actions that a container's runtime offers, as command lines that are ready to run. */
import { Hierarchies } from '../cgroup/hierarchies.js';
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
/** Runtimes take as much of an id as tells it from others; all of it would hide what else stands in the line. */
const LONG_ID = /^[0-9a-f]{64}$/;
const SHORT_ID_LENGTH = 12;

/** @returns a sentence where there are none */
export function actionsOf(
  target: Target,
  cgroups: Pick<Hierarchies, 'isV1'> = Hierarchies.read(),
): readonly ContainerAction[] | string {
  const { id, name, runtime, pod } = target;
  if (runtime === undefined) return 'no runtime is known for it';
  const commands = commandsOf[pod !== undefined && runtime === 'containerd' ? 'pod' : runtime];
  if (commands === undefined) return `boxtop knows no commands of ${runtime}`;
  return actionInfos.flatMap((info) => {
    const command = commands[info.id];
    if (command === undefined) return [];
    const needed = command.some((part) => part.includes('{name}')) ? name : id;
    if (!FIT.test(needed)) return [];
    return [{ ...info, argv: (cpus?: number) => command.map((part) => filled(part, target, cpus, cgroups)) }];
  });
}

function filled(
  part: string,
  { id, name }: Target,
  cpus: number | undefined,
  cgroups: Pick<Hierarchies, 'isV1'>,
): string {
  const isV1 = cgroups.isV1('cpu');
  const quota = (unitUs: number) =>
    cpus === undefined ? undefined : Math.round((cpus * PERIOD_US) / unitUs);
  const values: Readonly<Record<string, string | number | undefined>> = {
    id: LONG_ID.test(id) ? id.slice(0, SHORT_ID_LENGTH) : id,
    name,
    cpus,
    quota_us: quota(1),
    quota_ms: quota(1000),
    cpu_file: isV1 ? 'cpu.cfs_quota_us' : 'cpu.max',
    cpu_quota: isV1 ? quota(1) : cpus && `${quota(1)} ${PERIOD_US}`,
  };
  return part.replace(/\{(\w+)\}/g, (_, key: string) => {
    const value = values[key];
    if (value === undefined) throw new RangeError(`the action needs ${key}`);
    return String(value);
  });
}
