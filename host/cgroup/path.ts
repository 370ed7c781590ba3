/**
 * Tells from the path of a cgroup which container it is, by the ways in which runtimes name the cgroups that they make:
 * systemd scopes (`docker-ID.scope`), plain directories (`/docker/ID`), `lxc.payload.NAME`, machines, pods above them.
 */

/** What a path tells. */
export interface CgroupIdentity {
  /** Path of the container's own cgroup, without what the container made below it. */
  readonly path: string;
  readonly runtime: string;
  readonly id: string;
  /** Where the path has the container's name rather than a hash. */
  readonly name: string | undefined;
  /** uid of a Kubernetes pod, id of a Podman pod or an ECS task. */
  readonly pod: string | undefined;
}

const LONGEST_PATH = 4096;
const DEEPEST_PATH = 64;

/** Runtimes by the word before the id in `WORD-ID.scope` (systemd) or `WORD-ID` (cgroupfs). */
const RUNTIME_OF_PREFIX: Readonly<Record<string, string>> = {
  docker: 'docker',
  libpod: 'podman',
  crio: 'cri-o',
  'cri-containerd': 'containerd',
  nerdctl: 'containerd',
};
/** Runtimes by the directory that holds the container's. */
const RUNTIME_OF_PARENT: Readonly<Record<string, string>> = {
  docker: 'docker',
  moby: 'docker',
  libpod_parent: 'podman',
  'k8s.io': 'containerd',
};
/** Somebody's container, by its 64 hexadecimal digits; nothing tells whose. */
const UNKNOWN_RUNTIME = 'oci';
/** Its pod is Kubernetes', and the path does not tell by which runtime. */
const KUBERNETES = 'kubernetes';

const HASH = /^[0-9a-f]{64}$/;
const PREFIXED = /^(?:.*:)?([A-Za-z][A-Za-z0-9._-]*?)[-:]([0-9a-f]{64})(?:\.scope)?$/;
/** Processes that a runtime keeps beside a container. */
const HELPERS = /conmon|^buildkit/;
const LXC = /^lxc\.payload\.(.+)$/;
const NSPAWN_SERVICE = /^systemd-nspawn@(.+)\.service$/;
const MACHINE = /^machine-(.+)\.scope$/;
const POD_UID =
  /(?:^|-)pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?(?::.*)?$/;
const PODMAN_POD = /libpod_pod_([0-9a-f]{64})(?:\.slice)?$/;
const ECS_SLICE = /^ecstasks-([0-9a-f]{32}|[0-9a-f-]{36})\.slice$/;
const ECS_TASK = /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
/** Fargate: task and a number. */
const FARGATE = /^([0-9a-f]{32})-\d{6,12}$/;

/** The innermost container of the path; undefined where it belongs to none. */
export function identifyCgroup(path: string): CgroupIdentity | undefined {
  if (path.length > LONGEST_PATH) return undefined;
  const parts = path.split('/').filter((part) => part !== '');
  if (parts.length > DEEPEST_PATH) return undefined;
  for (let index = parts.length - 1; index >= 0; index--) {
    const found = identifyPart(parts, index);
    if (found === undefined) continue;
    // crun puts the processes and the limits one level below the scope that systemd made.
    const end = found.runtime === 'podman' && parts[index + 1] === 'container' ? index + 2 : index + 1;
    return { ...found, path: `/${parts.slice(0, end).join('/')}`, pod: podOf(parts.slice(0, index + 1)) };
  }
  return undefined;
}

type Identity = Pick<CgroupIdentity, 'runtime' | 'id' | 'name'>;

function identifyPart(parts: readonly string[], index: number): Identity | undefined {
  const part = parts[index]!;
  const parent = parts[index - 1] ?? '';
  const hashed = hashOf(part);
  if (hashed !== undefined) {
    if (HELPERS.test(hashed.prefix)) return undefined;
    return { runtime: runtimeOf(hashed.prefix, parts.slice(0, index)), id: hashed.id, name: undefined };
  }
  if (parts.includes('ecs') && FARGATE.test(part)) return { runtime: 'ecs', id: part, name: undefined };
  const lxc = LXC.exec(part)?.[1] ?? (parent === 'lxc' && index === 1 ? part : undefined);
  if (lxc !== undefined) return { runtime: 'lxc', id: lxc, name: lxc };
  return machineOf(part, parent);
}

function hashOf(part: string): { prefix: string; id: string } | undefined {
  if (HASH.test(part)) return { prefix: '', id: part };
  const [, prefix, id] = PREFIXED.exec(part) ?? [];
  return prefix === undefined || id === undefined ? undefined : { prefix, id };
}

function runtimeOf(prefix: string, above: readonly string[]): string {
  const byPrefix = RUNTIME_OF_PREFIX[prefix];
  if (byPrefix !== undefined) return byPrefix;
  if (above.includes('ecs')) return 'docker';
  const byParent = RUNTIME_OF_PARENT[above.at(-1) ?? ''];
  if (byParent !== undefined) return byParent;
  return above.some((part) => part.startsWith('kubepods')) ? KUBERNETES : UNKNOWN_RUNTIME;
}

/** systemd-nspawn registers machines; so does libvirt, of which only its LXC machines are containers. */
function machineOf(part: string, parent: string): Identity | undefined {
  const service = NSPAWN_SERVICE.exec(part)?.[1];
  if (service !== undefined) {
    const name = unescapeUnit(service);
    return { runtime: 'systemd-nspawn', id: name, name };
  }
  const machine = parent === 'machine.slice' ? MACHINE.exec(part)?.[1] : undefined;
  if (machine === undefined) return undefined;
  const name = unescapeUnit(machine);
  if (name.startsWith('qemu-')) return undefined;
  const libvirt = /^lxc-\d+-(.+)$/.exec(name)?.[1];
  if (libvirt !== undefined) return { runtime: 'libvirt-lxc', id: name, name: libvirt };
  return { runtime: 'systemd-nspawn', id: name, name };
}

function podOf(above: readonly string[]): string | undefined {
  for (const [index, part] of above.entries()) {
    const uid = POD_UID.exec(part)?.[1];
    if (uid !== undefined && above.some((other) => other.startsWith('kubepods')))
      return uid.replaceAll('_', '-');
    const podman = PODMAN_POD.exec(part)?.[1];
    if (podman !== undefined) return podman;
    const task = ECS_SLICE.exec(part)?.[1] ?? FARGATE.exec(part)?.[1];
    if (task !== undefined) return task;
    if (ECS_TASK.test(part) && above.slice(0, index).includes('ecs')) return part;
  }
  return undefined;
}

/** systemd writes what a unit's name must not have as `\xHH` (systemd.unit(5)). */
function unescapeUnit(name: string): string {
  if (!name.includes('\\x')) return name;
  const bytes = name.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
