/** Where the cgroup hierarchies are mounted (cgroups(7)): one of version 2, several of version 1, or both ("hybrid"). */
import { readKernelFile } from '../bounded-file.js';

export type CgroupVersion = 'v1' | 'v2' | 'hybrid';

/** Controllers of version 1, and the two hierarchies that have none: version 2, and systemd's own. */
export type Controller = 'cpu' | 'cpuacct' | 'cpuset' | 'memory' | 'pids' | 'unified' | 'systemd';

/** Path of a process's or container's cgroup in each hierarchy. */
export type CgroupPaths = ReadonlyMap<Controller, string>;

const CONTROLLERS: readonly Controller[] = ['cpu', 'cpuacct', 'cpuset', 'memory', 'pids'];
const WHOLE: Controller[] = [...CONTROLLERS, 'systemd', 'unified'];

interface Mount {
  readonly directory: string;
  /** What of the hierarchy is mounted there: the whole is `/`. */
  readonly root: string;
}

export class Hierarchies {
  private readonly mounts = new Map<Controller, Mount>();

  /** @param mountinfo text of /proc/self/mountinfo */
  constructor(mountinfo: string) {
    for (const line of mountinfo.split('\n')) {
      const [left = '', right = ''] = line.split(' - ');
      const [, , , root, directory] = left.split(' ');
      const [type, , options = ''] = right.split(' ');
      if (root === undefined || directory === undefined) continue;
      const mount = { root: unescapeMount(root), directory: unescapeMount(directory) };
      const names = type === 'cgroup2' ? ['unified'] : type === 'cgroup' ? options.split(',') : [];
      for (const option of names) {
        const controller = (option === 'name=systemd' ? 'systemd' : option) as Controller;
        if (WHOLE.includes(controller) && !this.mounts.has(controller)) this.mounts.set(controller, mount);
      }
    }
  }

  static read(): Hierarchies {
    return new Hierarchies(readKernelFile('/proc/self/mountinfo') ?? '');
  }

  /** undefined where no cgroup hierarchy is mounted. */
  get version(): CgroupVersion | undefined {
    const hasV1 = CONTROLLERS.some((controller) => this.mounts.has(controller));
    if (!this.mounts.has('unified')) return hasV1 ? 'v1' : undefined;
    return hasV1 ? 'hybrid' : 'v2';
  }

  /** The hierarchy that has this controller's files: its own of version 1, else that of version 2. */
  hierarchyOf(controller: Controller): Controller | undefined {
    if (this.mounts.has(controller)) return controller;
    return this.mounts.has('unified') ? 'unified' : undefined;
  }

  isV1(controller: Controller): boolean {
    return controller !== 'unified' && this.mounts.has(controller);
  }

  /** A hierarchy in which every container has a cgroup: where to look for them. */
  get primary(): Controller | undefined {
    return CONTROLLERS.find((controller) => this.mounts.has(controller)) ?? this.hierarchyOf('unified');
  }

  /** The directory of a cgroup; undefined where it is not mounted. */
  directoryOf(hierarchy: Controller, path: string): string | undefined {
    const mount = this.mounts.get(hierarchy);
    if (mount === undefined || /(^|\/)\.\.(\/|$)/.test(path)) return undefined;
    if (mount.root === '/') return mount.directory + path;
    if (path !== mount.root && !path.startsWith(`${mount.root}/`)) return undefined;
    return mount.directory + path.slice(mount.root.length);
  }

  /** Paths from /proc/PID/cgroup: `ID:CONTROLLERS:PATH` lines. */
  parseMembership(text: string): Map<Controller, string> {
    const paths = new Map<Controller, string>();
    for (const line of text.split('\n')) {
      const match = /^\d+:([^:]*):(\/.*)$/.exec(line);
      if (match === null) continue;
      for (const name of match[1]!.split(',')) {
        const controller = name === '' ? 'unified' : name === 'name=systemd' ? 'systemd' : name;
        if (WHOLE.includes(controller as Controller)) paths.set(controller as Controller, match[2]!);
      }
    }
    return paths;
  }
}

/** Spaces and such are octal escapes there. */
function unescapeMount(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
