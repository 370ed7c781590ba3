import type { Runtime } from '../runtime.js';
import { containerd } from './containerd.js';
import { cri } from './cri.js';
import { docker, podman } from './docker.js';
import { incus, lxd } from './incus.js';
import { lxc } from './lxc.js';
import { machines } from './machines.js';
import { podmanStorage } from './podman-storage.js';

/** Every runtime that can be asked. Where several know a container, what the first knows counts. */
export const runtimes: readonly Runtime[] = [
  docker,
  podman,
  podmanStorage,
  cri,
  containerd,
  incus,
  lxd,
  machines,
  lxc,
];
