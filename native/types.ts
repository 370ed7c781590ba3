/**
 * The types of the native boundary. `native/index.ts` has the functions; the analyzers import these types only.
 */

/**
 * How a column stores a field, and what stands for "this event has no such field":
 *
 * | type     | array            | unknown          |                                                         |
 * |----------|------------------|------------------|---------------------------------------------------------|
 * | `i32`    | `Int32Array`     | `UNKNOWN_I32`    | integers and enums, truncated to 32 bits (tids, inodes as bits) |
 * | `f64`    | `Float64Array`   | `NaN`            | any number; 64-bit integers are exact up to 2^53         |
 * | `u64`    | `BigUint64Array` | `2n ** 64n - 1n` | 64 bits as they are (kernel addresses)                   |
 * | `string` | `Uint32Array`    | 0                | ids of the batch's string table: `batch.string(id)`      |
 * | `list`   | `Uint32Array`    | 0                | ids of the batch's lists of integers: `batch.list(id)`; an integer is a list of one |
 */
export type ColumnType = 'i32' | 'f64' | 'u64' | 'string' | 'list';

/** What an `i32` column holds where the event has no such field. */
export const UNKNOWN_I32 = -0x80000000;

export interface ColumnArrays {
  i32: Int32Array;
  f64: Float64Array;
  u64: BigUint64Array;
  string: Uint32Array;
  list: Uint32Array;
}

/** Events that somebody wants, and the fields of them that are to be decoded. */
export interface EventSelection {
  /** Event names; one that ends in `*` means every event whose name begins so. */
  readonly events: readonly string[];
  /**
   * Names of columns of the subscription: payload fields without their leading `_` (`prev_tid`), nested ones with
   * dots (`network_header.ipv4.saddr`, variants by the selected option's name), context fields as `ctx.NAME`.
   */
  readonly fields?: readonly string[];
}

/** A projection: which events become rows, and which fields become columns. */
export interface Subscription {
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly selections: readonly EventSelection[];
}

/** Part of the trace, in ns since the Unix epoch; `begin` inclusive, `end` exclusive. */
export interface TimeRange {
  readonly begin?: bigint;
  readonly end?: bigint;
}

/** What of a source is to be read. */
export interface OpenOptions extends TimeRange {
  /** Where a live session is read from: its beginning (default; with the statedump), or now. */
  readonly from?: 'beginning' | 'now';
  /** How long a lost live connection is tried to be made again, in ms; default two minutes. */
  readonly retryMs?: number;
}

/** A session that a relay daemon offers. */
export interface LiveSession {
  /** What `open` takes. */
  readonly url: string;
  /** The traced host. */
  readonly host: string;
  readonly name: string;
  /** How often the tracer sends, in µs; 0: it cannot be read live. */
  readonly liveTimerUs: number;
  readonly viewers: number;
  readonly streams: number;
  /** Recorded as CTF 2, which cannot be read. Relay daemons before LTTng 2.15 have none. */
  readonly isCtf2: boolean;
}

/** One trace: a directory tree with one metadata text (rotation chunks of one session count as one). */
export interface TraceInfo {
  readonly paths: readonly string[];
  /** The metadata's `env` block: `hostname`, `domain` ('kernel' | 'ust'), `kernel_release`, `tracer_major`, … */
  readonly env: Readonly<Record<string, string | number>>;
  readonly uuid: string;
  /** Tells events that the metadata declares (whether or not they occurred), by name: payload and context fields. */
  readonly declared: readonly DeclaredEvent[];
}

export interface DeclaredEvent {
  readonly name: string;
  /** Stream class id: one LTTng channel. */
  readonly streamClass: number;
  readonly fields: readonly string[];
  readonly context: readonly string[];
}

/** One stream of packets: an LTTng channel's buffer of one CPU (or process). */
export interface StreamInfo {
  /** Index into `Source.traces`. */
  readonly trace: number;
  readonly streamClass: number;
  /** Channel name as the files carry it (`sched` of `sched_0`). */
  readonly channel: string;
  readonly cpu: number | undefined;
  readonly files: readonly string[];
}

/**
 * Something that the tracer or the reader lost, as data. `discarded-events`: the tracer's buffers were full;
 * `lost-packets`: a gap in `packet_seq_num`; `truncated-packet`: the file ends within a packet (`count` is the missing
 * bytes); `corrupt-packet`: a packet that could not be decoded was left at the offset that `message` names.
 */
export interface Loss {
  readonly kind: 'discarded-events' | 'lost-packets' | 'truncated-packet' | 'corrupt-packet';
  /** Index into `Source.streams`. */
  readonly stream: number;
  /** Events, packets or bytes; undefined where it cannot be told. */
  readonly count: number | undefined;
  /** Where in time, in ns since `Source.origin`. */
  readonly begin: number;
  readonly end: number;
  /**
   * The batch's row before which it belongs: where an event of its stream at its begin would come, or the next one where it
   * became known later.
   */
  readonly row: number;
  /** File, packet and offset. */
  readonly message: string;
}

/**
 * A block of events in the order of time. Row i is event i: `time[i]`, `event[i]`, `stream[i]`, and for each column of
 * the subscription `columns[name][i]`. A column's cell has meaning only where row i's event was selected with that field.
 * The arrays are reused: a batch is valid until the source is asked for the next one.
 */
export interface Batch {
  readonly length: number;
  /** ns since `Source.origin`, never decreasing. */
  readonly time: Float64Array;
  /** Index into `Source.events`. */
  readonly event: Uint16Array;
  /** Index into `Source.streams`. */
  readonly stream: Uint16Array;
  /** CPU by packet context; -1 where the trace does not tell. */
  readonly cpu: Int16Array;
  readonly columns: Readonly<Record<string, ColumnArrays[ColumnType]>>;
  readonly losses: readonly Loss[];
  /** No event before this time (ns since origin) will follow. */
  readonly watermark: number;
  /** The text of a `string` cell; undefined for 0. Invalid UTF-8 becomes U+FFFD. */
  string(id: number): string | undefined;
  /** The integers of a `list` cell (an array or sequence field, or one integer); undefined for 0. */
  list(id: number): readonly number[] | undefined;
}

/** What a source has read, decoded and lost so far. */
export interface Counters {
  /** Events met, also those that nobody subscribed to. */
  events: number;
  /** Rows handed over. */
  rows: number;
  packets: number;
  bytesRead: number;
  /** Bytes of all stream files within the range; undefined for a live source. */
  bytesTotal: number | undefined;
  discardedEvents: number;
  lostPackets: number;
  /** What is wrong with live connections, as a sentence: one is being made again, or given up while others go on. */
  trouble: string | undefined;
  /** Time of the last event handed over, ns since origin; undefined before the first. */
  position: number | undefined;
}

export interface Source extends AsyncIterable<Batch> {
  /** Time 0 of `Batch.time`, in ns since the Unix epoch: the first event of all. A live source knows it from its first event on; until then 0. */
  readonly origin: bigint;
  /** Time of the last event of all traces, ns since `origin`; undefined for a live source. */
  readonly end: number | undefined;
  /** Grows while reading a live source. */
  readonly traces: readonly TraceInfo[];
  /** Grows while reading. */
  readonly streams: readonly StreamInfo[];
  /** Names of the events met so far: what `Batch.event` points into. Grows while reading. */
  readonly events: readonly string[];
  counters(): Counters;
  /** Events met by name, also those that nobody subscribed to. */
  eventCounts(): Record<string, number>;
  /** Stops reading and frees everything; also while a batch is awaited, whose iteration then ends. */
  close(): Promise<void>;
}
