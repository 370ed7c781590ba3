import type { Container } from '../container.js';
import type { Evidence } from './evidence.js';
import type { HostFacts } from './host-facts.js';
import type { Refusal } from './refusal.js';
import type { Rights } from './rights.js';

/** Kinds of namespaces that a container has of its own or shares. */
export type Space = 'pid' | 'mnt' | 'net' | 'ipc' | 'user' | 'uts';

/** A process that has the pid that somebody asked for, outside of the asker's container. */
export interface Stranger {
  readonly comm: string | undefined;
  readonly container: string;
}

/** A refusal with all that is known around it: what rules ask. */
export interface Case {
  readonly refusal: Refusal;
  readonly evidence: Evidence;
  /** What looks at the host have shown. */
  readonly host: HostFacts;
  /** What the inventory tells of the container. */
  readonly rights: Rights;
  /** Whether the container has such a namespace of its own; undefined where nothing told. */
  isolated(space: Space): boolean | undefined;
  /** Who has the pid, where it is not a process of the same container. */
  readonly stranger: Stranger | undefined;
  /** The pid, in the caller's own pid namespace, is that of a process of the same container. */
  readonly isOwnPid: boolean;
  /** Every process that lived when tracing began has been told of. */
  readonly processesComplete: boolean;
  /** Most threads that the container had when it happened. */
  readonly threads: number;
  /** What a container is called. */
  nameOf(container: Container): string;
  /** A container other than the caller's that was seen with such a thing. */
  elsewhere(sight: Parameters<Evidence['see']>[0], name: string, space: Space): Container | undefined;
}
