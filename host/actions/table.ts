/**
 * What runtimes let one do with a container, as command lines: arrays of arguments, never a line for a shell. `{id}`, `{name}`,
 * `{cpus}`, `{quota_us}` and `{quota_ms}` stand for what is known when it is done, `{cpu_file}` and `{cpu_quota}` for the cgroup's file of its
 * quota and what is written there. Runtimes that are not here offer nothing.
 */

export type ActionId = 'logs' | 'inspect' | 'shell' | 'pause' | 'unpause' | 'stop' | 'limit';

/**
 * How it is done: `terminal` hands the terminal over, `page` shows what it prints, `change` is asked for confirmation first.
 */
export type ActionKind = 'terminal' | 'page' | 'change';

export interface ActionInfo {
  readonly id: ActionId;
  readonly label: string;
  readonly doc: string;
  readonly kind: ActionKind;
  /** It needs a number of CPUs. */
  readonly needsCpus?: true;
  /** What it prints is to be read, also when it has ended. */
  readonly stays?: true;
}

export const actionInfos: readonly ActionInfo[] = [
  { id: 'logs', label: 'Logs', doc: 'Its output; Ctrl-C returns', kind: 'terminal', stays: true },
  { id: 'inspect', label: 'Inspect', doc: 'All that the runtime tells of it', kind: 'page' },
  { id: 'shell', label: 'Shell', doc: 'A shell in it; exit returns', kind: 'terminal' },
  { id: 'pause', label: 'Pause', doc: 'Freezes its processes', kind: 'change' },
  { id: 'unpause', label: 'Unpause', doc: 'Lets paused processes go on', kind: 'change' },
  {
    id: 'stop',
    label: 'Stop',
    doc: 'Ends it, by force after a time',
    kind: 'change',
  },
  {
    id: 'limit',
    label: 'Limit CPU',
    doc: 'Another CPU quota, as a number of CPUs',
    kind: 'change',
    needsCpus: true,
  },
];

type Commands = Readonly<Partial<Record<ActionId, readonly string[]>>>;

/** Docker's command line, which others have taken over. */
function dockerLike(program: string): Commands {
  return {
    logs: [program, 'logs', '--follow', '--tail', '200', '{id}'],
    inspect: [program, 'inspect', '{id}'],
    shell: [program, 'exec', '--interactive', '--tty', '{id}', 'sh'],
    pause: [program, 'pause', '{id}'],
    unpause: [program, 'unpause', '{id}'],
    stop: [program, 'stop', '{id}'],
    limit: [program, 'update', '--cpus', '{cpus}', '{id}'],
  };
}

/** LXD's, and Incus', which was forked from it. */
function lxdLike(program: string): Commands {
  return {
    logs: [program, 'console', '{name}', '--show-log'],
    inspect: [program, 'config', 'show', '--expanded', '{name}'],
    shell: [program, 'exec', '{name}', '--', 'sh'],
    pause: [program, 'pause', '{name}'],
    unpause: [program, 'start', '{name}'],
    stop: [program, 'stop', '{name}'],
    limit: [program, 'config', 'set', '{name}', 'limits.cpu.allowance={quota_ms}ms/100ms'],
  };
}

const crictl: Commands = {
  logs: ['crictl', 'logs', '--follow', '--tail', '200', '{id}'],
  inspect: ['crictl', 'inspect', '{id}'],
  shell: ['crictl', 'exec', '--interactive', '--tty', '{id}', 'sh'],
  stop: ['crictl', 'stop', '{id}'],
  limit: ['crictl', 'update', '--cpu-period', '100000', '--cpu-quota', '{quota_us}', '{id}'],
};

/** By the runtime's name in the inventory. Containers of pods are the kubelet's, whoever runs them. */
export const commandsOf: Readonly<Record<string, Commands>> = {
  docker: dockerLike('docker'),
  podman: dockerLike('podman'),
  containerd: dockerLike('nerdctl'),
  pod: crictl,
  'cri-o': crictl,
  incus: lxdLike('incus'),
  lxd: lxdLike('lxc'),
  lxc: {
    inspect: ['lxc-info', '--name', '{name}'],
    shell: ['lxc-attach', '--name', '{name}', '--', 'sh'],
    pause: ['lxc-freeze', '--name', '{name}'],
    unpause: ['lxc-unfreeze', '--name', '{name}'],
    stop: ['lxc-stop', '--name', '{name}'],
    limit: ['lxc-cgroup', '--name', '{name}', '{cpu_file}', '{cpu_quota}'],
  },
  'systemd-nspawn': {
    logs: ['journalctl', '--follow', '--lines', '200', '--machine', '{name}'],
    inspect: ['machinectl', 'status', '--no-pager', '{name}'],
    shell: ['machinectl', 'shell', '{name}'],
    stop: ['machinectl', 'poweroff', '{name}'],
  },
};
