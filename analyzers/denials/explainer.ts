import type { Container } from '../container.js';
import type { Containers } from '../containers.js';
import type { DenialRow } from '../frame.js';
import type { Case, Space } from './case.js';
import type { Evidence, Sight } from './evidence.js';
import type { Group } from './groups.js';
import { HostFacts, type Places } from './host-facts.js';
import type { HostLooks } from './looks.js';
import { rightsOf } from './rights.js';
import { explain } from './rules/index.js';
import { type Rule, say } from './rules/rule.js';

/** Of several containers that share a namespace so many are named. */
const MOST_NAMED = 3;

/** What would allow it; no runtime keeps the host's own processes from anything. */
function advice({ allow, price }: Rule, facts: Case): Pick<DenialRow, 'allow' | 'price'> {
  return { allow: allow && say(allow, facts), price: price && say(price, facts) };
}

/** Makes rows of groups: asks the rules with what is known around a refusal. */
export class Explainer {
  constructor(
    private readonly evidence: Evidence,
    private readonly containers: Containers,
    private readonly looks: HostLooks,
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

  private caseOf({ refusal, stranger, isOwnPid, threads, pid }: Group): Case {
    const { evidence, containers, nameOf } = this;
    const { container } = refusal;
    const isolated = (space: Space) => this.isolated(container, space);
    return {
      refusal,
      evidence,
      host: new HostFacts(this.looks, this.placesOf(container), container),
      rights: rightsOf(container.entry, pid === undefined ? undefined : this.looks.process(pid)?.privileges),
      isolated,
      stranger,
      isOwnPid,
      processesComplete: containers.statedumpComplete,
      threads,
      nameOf,
      elsewhere: (sight, name, space) => this.elsewhere(container, sight, name, space),
    };
  }

  private placesOf(container: Container): Places {
    const { containers, nameOf } = this;
    return {
      own: (space) => this.inodeOf(container, space),
      host: (space) => this.inodeOf(containers.host, space),
      who: (space, inode) => this.whoHas(space, inode),
      named: (id) => {
        const found = [...containers.all].find(({ entry }) => entry?.id === id);
        return found === undefined ? id.slice(0, 12) : nameOf(found);
      },
    };
  }

  private whoHas(space: 'net' | 'ipc', inode: number): string {
    const { containers, nameOf } = this;
    if (this.inodeOf(containers.host, space) === inode) return 'the host';
    const names = [...containers.all]
      .filter((container) => !container.isHost && this.inodeOf(container, space) === inode)
      .map(nameOf);
    return names.slice(0, MOST_NAMED).join(', ') || 'a namespace of the host';
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
    const told = this.evidence.spacesOf(container)[space] || (container.entry?.namespaces?.[space] ?? 0);
    const isLooked = told === 0 && container.isHost && (space === 'net' || space === 'ipc');
    return isLooked ? this.looks.hostSpace(space) : told;
  }
}
