import type { Container } from '../container.js';
import type { Thread } from '../kernel/thread.js';
import type { Stranger } from './case.js';
import type { Refusal } from './refusal.js';

/** Kept of each group: when, and by which thread. */
export interface Occurrence {
  /** ns since origin. */
  readonly time: number;
  readonly pid: number | undefined;
  readonly tid: number;
}

/** Groups of one container within an interval; what comes then is counted by call and error only. */
const MAX_GROUPS = 512;
const MAX_OVERFLOW = 256;
/** Groups of all containers; beyond it a container has one more for everything. */
const MAX_ALL = 1 << 14;
const MAX_OCCURRENCES = 8;
/** Stands for many different things. */
const MANY = '…';

/** Equal refusals of an interval: same container, name of thread, call, object and error. */
export class Group {
  count = 0;
  first = 0;
  last = 0;
  /** Of the last one. */
  pid: number | undefined = undefined;
  tid = 0;
  /** The last few, as a ring; of expected errors none are kept. */
  private readonly recent: Occurrence[] = [];
  stranger: Stranger | undefined = undefined;
  isOwnPid = false;
  /** Most threads that the container had. */
  threads = 0;

  constructor(
    readonly refusal: Refusal,
    readonly object: string | undefined,
    /** Why the error is part of normal work. */
    readonly expected: string | undefined,
    private readonly interval: number,
  ) {}

  add(time: number, pid: number | undefined, tid: number): void {
    if (this.expected === undefined) this.recent[this.count % MAX_OCCURRENCES] = { time, pid, tid };
    if (this.count++ === 0) this.first = time;
    this.last = time;
    this.pid = pid;
    this.tid = tid;
  }

  /** Whether it is of this interval, and the thread is still called so and where it was. */
  isOf(interval: number, { comm, container }: Thread): boolean {
    const { refusal } = this;
    return interval === this.interval && comm === refusal.comm && container === refusal.container;
  }

  /** Oldest first. */
  get occurrences(): readonly Occurrence[] {
    const oldest = this.count % MAX_OCCURRENCES;
    return [...this.recent.slice(oldest), ...this.recent.slice(0, oldest)];
  }
}

/** Groups of one container, by object. */
interface Part {
  size: number;
  readonly byObject: Map<string, Group[]>;
}

/** The groups of an interval, bounded however many calls fail. */
export class Groups {
  private readonly parts = new Map<Container, Part>();
  private size = 0;

  /** The group of such a refusal, made if it is the first; beyond the bound those of a call and error are one. */
  group(refusal: Refusal, object: string | undefined, expected: string | undefined, interval: number): Group {
    const part = this.partOf(refusal.container);
    const own = find(part, refusal, object, expected);
    if (own !== undefined) return own;
    const room = this.size < MAX_ALL;
    if (room && part.size < MAX_GROUPS) {
      return this.insert(part, new Group(refusal, object, expected, interval));
    }
    const isFull = !room || part.size >= MAX_GROUPS + MAX_OVERFLOW;
    const { call, errno } = isFull ? { call: MANY, errno: MANY } : refusal;
    const rest: Refusal = { ...refusal, call, errno, comm: undefined, target: undefined, atGate: false };
    const reason = isFull ? undefined : expected;
    return find(part, rest, MANY, reason) ?? this.insert(part, new Group(rest, MANY, reason, interval));
  }

  private partOf(container: Container): Part {
    let part = this.parts.get(container);
    if (part === undefined) {
      part = { size: 0, byObject: new Map() };
      this.parts.set(container, part);
    }
    return part;
  }

  *all(): Generator<Group> {
    for (const { byObject } of this.parts.values()) for (const groups of byObject.values()) yield* groups;
  }

  clear(): void {
    this.parts.clear();
    this.size = 0;
  }

  private insert(part: Part, group: Group): Group {
    const { object = '' } = group;
    const groups = part.byObject.get(object);
    if (groups === undefined) part.byObject.set(object, [group]);
    else groups.push(group);
    part.size++;
    this.size++;
    return group;
  }
}

function find(
  { byObject }: Part,
  { comm, call, errno, atGate }: Refusal,
  object: string | undefined,
  expected: string | undefined,
): Group | undefined {
  const groups = byObject.get(object ?? '');
  if (groups === undefined) return undefined;
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]!;
    const { refusal } = group;
    if (
      refusal.call === call &&
      refusal.errno === errno &&
      refusal.comm === comm &&
      refusal.atGate === atGate &&
      group.expected === expected
    ) {
      return group;
    }
  }
  return undefined;
}
