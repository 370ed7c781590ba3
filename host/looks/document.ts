/** Looks in a recording's inventory.jsonl, both ways: the field `looks` of a document (recordings/README.md). */
import type { Look, PathKind } from '../../analyzers/denials/looks.js';
import { privilegesFromJson, privilegesJson, timeFromJson } from '../inventory/document-fields.js';
import { array, isObject, type Json, number, positive, text } from '../inventory/values.js';

const KINDS: readonly PathKind[] = ['file', 'directory', 'socket', 'device', 'fifo'];
const MOST_NAMES = 1 << 14;

export function lookJson(look: Look): object {
  const { kind } = look;
  const head = { kind, time: String(look.time) };
  switch (kind) {
    case 'path': {
      const { path, root, found, mode, uid, gid } = look;
      const owner = found === null ? {} : { mode, uid, gid };
      return { ...head, path, container: root ?? null, found, ...owner };
    }
    case 'network': {
      const { netNs, isHost, listeners, addresses, routes4, routes6 } = look;
      return {
        ...head,
        net_ns: netNs,
        host: isHost,
        listeners,
        addresses,
        default_route: routes4 ?? null,
        default_route6: routes6 ?? null,
      };
    }
    case 'ipc': {
      const { ipcNs, isHost, shm = null, sem = null, msg = null, queues = null } = look;
      return { ...head, ipc_ns: ipcNs, host: isHost, shm, sem, msg, queues };
    }
    case 'process':
      return { ...head, pid: look.pid, ...privilegesJson(look.privileges) };
  }
}

/** undefined where it is of no known kind, or lacks what it is about. */
export function lookFromJson(value: unknown): Look | undefined {
  if (!isObject(value)) return undefined;
  const time = timeFromJson(value.time);
  if (time === undefined) return undefined;
  switch (value.kind) {
    case 'path':
      return pathFromJson(value, time);
    case 'network': {
      const netNs = positive(value.net_ns);
      if (netNs === undefined) return undefined;
      return {
        kind: 'network',
        time,
        netNs,
        isHost: value.host === true,
        listeners: texts(value.listeners) ?? [],
        addresses: texts(value.addresses) ?? [],
        routes4: boolean(value.default_route),
        routes6: boolean(value.default_route6),
      };
    }
    case 'ipc': {
      const ipcNs = positive(value.ipc_ns);
      if (ipcNs === undefined) return undefined;
      const { shm, sem, msg, queues } = value;
      return {
        kind: 'ipc',
        time,
        ipcNs,
        isHost: value.host === true,
        shm: numbers(shm),
        sem: numbers(sem),
        msg: numbers(msg),
        queues: texts(queues),
      };
    }
    case 'process': {
      const pid = positive(value.pid);
      return pid === undefined
        ? undefined
        : { kind: 'process', time, pid, privileges: privilegesFromJson(value) };
    }
    default:
      return undefined;
  }
}

function pathFromJson(value: Json, time: bigint): Look | undefined {
  const path = text(value.path);
  const found = value.found === null ? null : KINDS.find((kind) => kind === value.found);
  if (path === undefined || found === undefined) return undefined;
  return {
    kind: 'path',
    time,
    path,
    root: text(value.container),
    found,
    mode: number(value.mode),
    uid: number(value.uid),
    gid: number(value.gid),
  };
}

function boolean(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

function texts(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return array(value)
    .slice(0, MOST_NAMES)
    .flatMap((each) => text(each) ?? []);
}

function numbers(value: unknown): number[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return array(value)
    .slice(0, MOST_NAMES)
    .flatMap((each) => number(each) ?? []);
}
