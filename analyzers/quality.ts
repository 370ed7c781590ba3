import type { Loss, Source } from '../native/types.js';
import type { Quality, QualityIssue } from './frame.js';
import { missing } from './missing.js';

type LossText = Pick<QualityIssue, 'severity' | 'message' | 'remedy'>;

/** What each kind of loss means, and what to do about it. */
const lossTexts: Readonly<Record<Loss['kind'], LossText>> = {
  'discarded-events': {
    severity: 'loss',
    message: 'The tracer discarded events because its buffers were full',
    remedy: 'Give the channel more or larger buffers (--subbuf-size, --num-subbuf) or record fewer events.',
  },
  'lost-packets': {
    severity: 'loss',
    message: 'Packets are missing',
    remedy: 'Record in discard mode, and do not limit the number or size of trace files.',
  },
  'truncated-packet': {
    severity: 'loss',
    message: 'A file ends within a packet',
    remedy: 'Stop the session (lttng stop) before the trace is copied, and check that the disk was not full.',
  },
  'corrupt-packet': {
    severity: 'error',
    message: 'A packet could not be decoded',
    remedy: 'Copy the trace again; if it stays so, the file was damaged where it was recorded.',
  },
};

/** What the limits of the analysis left out, of all hosts together. */
export interface Overflow {
  /** Threads that were not tracked because there were too many. */
  readonly untracked: number;
  /** Threads that ended within an interval with too many others to have rows. */
  readonly unreported: number;
}

/** Keeps what was lost, and tells it with each frame. */
export class QualityLog {
  private discardedEvents = 0;
  private lostPackets = 0;
  /** Losses since the last frame, one issue for each stream and kind. */
  private readonly losses = new Map<string, QualityIssue>();
  private standing: readonly QualityIssue[] = [];
  private standingFor = -1;

  constructor(private readonly source: Pick<Source, 'traces' | 'streams'>) {}

  add(loss: Loss): void {
    if (loss.kind === 'discarded-events') this.discardedEvents += loss.count ?? 0;
    if (loss.kind === 'lost-packets') this.lostPackets += loss.count ?? 0;
    const key = `${loss.kind} ${loss.stream}`;
    const former = this.losses.get(key);
    const stream = this.source.streams[loss.stream];
    const text = lossTexts[loss.kind];
    this.losses.set(key, {
      id: loss.kind,
      severity: text.severity,
      host: this.hostOf(stream?.trace),
      stream: stream?.channel,
      cpu: stream?.cpu,
      count: addCounts(former, loss.count),
      begin: Math.min(former?.begin ?? loss.begin, loss.begin),
      end: Math.max(former?.end ?? loss.end, loss.end),
      message: `${text.message}: ${loss.message}`,
      remedy: text.remedy,
    });
  }

  /** Of an interval that goes on. */
  soFar(events: number): Quality {
    const issues = [...this.losses.values(), ...this.missing()];
    return { events, discardedEvents: this.discardedEvents, lostPackets: this.lostPackets, issues };
  }

  /** The section of the frame [begin, end). */
  cut(begin: number, end: number, events: number, overflow: Overflow): Quality {
    const issues = [...this.losses.values(), ...this.missing(), ...overflowIssues(overflow, begin, end)];
    this.losses.clear();
    return { events, discardedEvents: this.discardedEvents, lostPackets: this.lostPackets, issues };
  }

  /** Of the whole trace: found anew only when a trace is new. */
  private missing(): readonly QualityIssue[] {
    const { traces } = this.source;
    const declared = traces.reduce((sum, trace) => sum + trace.declared.length, 0);
    if (this.standingFor !== declared) {
      this.standingFor = declared;
      this.standing = missing(traces).map(({ id, severity, host, message, remedy }) => ({
        id,
        severity,
        host,
        message,
        remedy,
        stream: undefined,
        cpu: undefined,
        count: undefined,
        begin: 0,
        end: 0,
      }));
    }
    return this.standing;
  }

  private hostOf(trace: number | undefined): string | undefined {
    const name = trace === undefined ? undefined : this.source.traces[trace]?.env.hostname;
    return name === undefined ? undefined : String(name);
  }
}

function addCounts(former: QualityIssue | undefined, count: number | undefined): number | undefined {
  if (former === undefined) return count;
  return former.count === undefined || count === undefined ? undefined : former.count + count;
}

function overflowIssues({ untracked, unreported }: Overflow, begin: number, end: number): QualityIssue[] {
  const common = {
    severity: 'loss',
    host: undefined,
    stream: undefined,
    cpu: undefined,
    begin,
    end,
  } as const;
  const issues: QualityIssue[] = [];
  if (untracked > 0) {
    issues.push({
      ...common,
      id: 'too-many-threads',
      count: untracked,
      message: 'The trace has more threads at once than are tracked: the time of the others is unknown.',
      remedy: 'Check the trace: such numbers come from a damaged or made-up one.',
    });
  }
  if (unreported > 0) {
    issues.push({
      ...common,
      id: 'too-many-ended-threads',
      count: unreported,
      message: 'Threads that ended have no rows of their own: too many ended within one interval.',
      remedy: 'Use a shorter interval; processes and containers are complete.',
    });
  }
  return issues;
}
