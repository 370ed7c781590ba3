/** Where runtimes listen. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const USER_DIRECTORIES = '/run/user';
const MOST_USERS = 1000;

/** The path of a `unix://…` address, as DOCKER_HOST has it. */
export function socketFrom(address: string | undefined): string | undefined {
  return /^unix:\/\/(\/.+)$/.exec(address ?? '')?.[1];
}

/** The sockets of rootless runtimes, one for each user that is logged in. */
export function userSockets(name: string): string[] {
  return userIds().map((uid) => join(USER_DIRECTORIES, String(uid), name));
}

/** Whose directory it is in. */
export function ownerOfSocket(path: string): number | undefined {
  const uid = /^\/run\/user\/(\d{1,10})\//.exec(path)?.[1];
  return uid === undefined ? undefined : Number(uid);
}

export function userIds(): number[] {
  try {
    return readdirSync(USER_DIRECTORIES)
      .filter((uid) => /^\d{1,10}$/.test(uid))
      .slice(0, MOST_USERS)
      .map(Number);
  } catch {
    return [];
  }
}
