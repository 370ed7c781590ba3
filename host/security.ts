/** What a container was asked to be allowed, from the output of `docker inspect` and `podman inspect`. */
import type { Security } from '../analyzers/inventory.js';
import { array, isObject, type Json, object, positive, text } from './inventory/values.js';

/** What Docker gives to every container (`oci/caps/defaults.go` of moby); Podman tells what it gave. */
const DEFAULT_CAPABILITIES: readonly string[] =
  'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE'.split(
    ' ',
  );
const MOST_NAMES = 256;

/**
 * The entry's `security`; nothing where the output has no configuration.
 * @param inspected one container of the output
 */
export function securityOf(inspected: Json): { readonly security?: Security } {
  if (!isObject(inspected.HostConfig)) return {};
  const config = object(inspected.Config);
  const asked = inspected.HostConfig;
  const options = names(asked.SecurityOpt);
  const security: Security = {
    privileged: asked.Privileged === true,
    capabilities: capabilitiesOf(inspected, asked),
    user: text(config.User),
    seccomp: seccompOf(options, asked.Privileged === true),
    readonlyRootfs: asked.ReadonlyRootfs === true,
    pidsLimit: positive(asked.PidsLimit),
    memoryBytes: positive(asked.Memory),
    devices: array(asked.Devices)
      .slice(0, MOST_NAMES)
      .flatMap((device) => text(object(device).PathInContainer) ?? []),
    networkMode: text(asked.NetworkMode),
    ipcMode: text(asked.IpcMode),
    utsMode: text(asked.UTSMode),
    usernsMode: text(asked.UsernsMode),
  };
  return { security };
}

/** Without `CAP_`. Podman lists the effective ones of the container's process. */
function capabilitiesOf(inspected: Json, asked: Json): readonly string[] {
  if (Array.isArray(inspected.EffectiveCaps)) return names(inspected.EffectiveCaps).map(bare);
  const add = names(asked.CapAdd).map(bare);
  const drop = names(asked.CapDrop).map(bare);
  const kept = drop.includes('ALL') ? [] : DEFAULT_CAPABILITIES.filter((name) => !drop.includes(name));
  return [...new Set([...kept, ...add])];
}

function seccompOf(options: readonly string[], privileged: boolean): Security['seccomp'] {
  const profile = options
    .map((option) => /^seccomp[=:](.*)$/s.exec(option)?.[1])
    .find((found) => found !== undefined);
  if (profile === 'unconfined' || (privileged && profile === undefined)) return 'unconfined';
  return profile === undefined || profile === 'builtin' ? 'default' : 'custom';
}

function names(value: unknown): string[] {
  return array(value)
    .slice(0, MOST_NAMES)
    .flatMap((name) => (typeof name === 'string' ? [name] : []));
}

function bare(capability: string): string {
  return capability.toUpperCase().replace(/^CAP_/, '');
}
