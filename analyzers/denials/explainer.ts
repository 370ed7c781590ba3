import type { Container } from '../container.js';
import type { Containers } from '../containers.js';
import type { DenialRow } from '../frame.js';
import type { Case, Space } from './case.js';
import type { Evidence, Sight } from './evidence.js';
import type { Group } from './groups.js';
import { rightsOf } from './rights.js';
import { explain } from './rules/index.js';
import { type Rule, say } from './rules/rule.js';

/** What would allow it; no runtime keeps the host's own processes from anything. */
function advice({ allow, price }: Rule, facts: Case): Pick<DenialRow, 'allow' | 'price'> {
  return { allow: allow && say(allow, facts), price: price && say(price, facts) };
}

/** Makes rows of groups: asks the rules with what is known around a refusal. */
export class Explainer {
  constructor(
    private readonly evidence: Evidence,
    private readonly containers: Containers,
    readonly nameOf: (container: Container) => string,
  ) {}

  row(group: Group, host: string | undefined): DenialRow {
    const { refusal, object, expected, count, first, last, occurrences } = group;
    const { container, comm, call, errno } = refusal;
    const shared = {
      host,
      container: container.key,
      containerName: this.nameOf(container),
      comm,
      pid: group.pid,
      tid: group.tid,
      syscall: call,
      object,
      errno,
      count,
      first,
      last,
      occurrences,
    };
    if (expected !== undefined) return { ...shared, expected };
    const facts = this.caseOf(group);
    const { rule, confidence, evidence } = explain(facts);
    return {
      ...shared,
      rule: rule.id,
      cause: rule.cause,
      confidence,
      ...(confidence === 'possible' && rule.otherwise !== undefined && { otherwise: rule.otherwise }),
      evidence,
      sentence: say(rule.sentence, facts),
      ...(container.isHost ? {} : advice(rule, facts)),
    };
  }

  private caseOf({ refusal, stranger, threads }: Group): Case {
    const { evidence, containers, nameOf } = this;
    const { container } = refusal;
    const isolated = (space: Space) => this.isolated(container, space);
    return {
      refusal,
      evidence,
      rights: rightsOf(container.entry),
      isolated,
      stranger,
      processesComplete: containers.statedumpComplete,
      threads,
      nameOf,
      elsewhere: (sight, name, space) => this.elsewhere(container, sight, name, space),
    };
  }

  private elsewhere(own: Container, sight: Sight, name: string, space: Space): Container | undefined {
    for (const other of this.evidence.seenBy(sight, name)) {
      if (other !== own && !this.share(own, other, space)) return other;
    }
    return undefined;
  }

  /** Whether two containers are known to have the same namespace. */
  private share(a: Container, b: Container, space: Space): boolean {
    if (space === 'pid') return a.pidNs === b.pidNs;
    if (space === 'mnt') return false;
    const inode = this.inodeOf(a, space);
    return inode !== 0 && inode === this.inodeOf(b, space);
  }

  /** By the namespaces that were told; else by what the runtime was asked for. */
  private isolated(container: Container, space: Space): boolean | undefined {
    const { host, unknown } = this.containers;
    if (container === host) return false;
    if (container === unknown) return undefined;
    if (space === 'mnt') return true;
    if (space === 'pid') return container.pidNs !== 0;
    const own = this.inodeOf(container, space);
    const hosts = this.inodeOf(host, space);
    if (own !== 0 && hosts !== 0) return own !== hosts;
    const asked = container.entry?.security;
    const mode = {
      net: asked?.networkMode,
      ipc: asked?.ipcMode,
      uts: asked?.utsMode,
      user: asked?.usernsMode,
    }[space];
    return mode === undefined ? undefined : mode !== 'host' && space !== 'user';
  }

  private inodeOf(container: Container, space: Exclude<Space, 'pid' | 'mnt'>): number {
    return this.evidence.spacesOf(container)[space] || (container.entry?.namespaces?.[space] ?? 0);
  }
}
