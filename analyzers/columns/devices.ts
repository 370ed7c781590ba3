import type { BlockRow, BlockTraffic, DeviceRow, Frame } from '../frame.js';
import type { Column, Table } from './column.js';
import { timeColumn } from './times.js';

const NO_COMPLETIONS = 'the trace has no block_rq_complete';
const NO_REQUESTS = 'the trace has no block_rq_issue or no block_rq_complete';
const NONE_DONE = 'none was seen from issue to completion';

/** Of containers and processes. */
export const blockColumns: readonly Column<BlockTraffic>[] = [
  {
    id: 'block_read_bytes',
    title: 'BLK READ',
    unit: 'bytes',
    doc: 'Read from block devices for its threads within the interval; what the page cache had is not in it.',
    unknown: NO_REQUESTS,
    value: (row) => row.blockReadBytes,
    width: 8,
    priority: 5,
  },
  {
    id: 'block_write_bytes',
    title: 'BLK WRITE',
    unit: 'bytes',
    doc: 'Written to block devices by its threads within the interval; what the kernel writes back later counts as the host’s (writeback in the table block).',
    unknown: NO_REQUESTS,
    value: (row) => row.blockWriteBytes,
    width: 9,
    priority: 5,
  },
  {
    id: 'block_latency_ns',
    title: 'BLK LAT',
    unit: 'duration',
    doc: 'Mean time that a device took for one of these reads and writes.',
    unknown: `${NO_REQUESTS}, or ${NONE_DONE}`,
    value: (row) => row.blockLatencyNs,
    width: 7,
    priority: 6,
  },
];

/** What a device and one of its users have alike. */
type Requests = Pick<DeviceRow, 'host' | 'device' | 'reads' | 'writes' | 'readBytes' | 'writeBytes'>;

const hostAndDevice: readonly Column<Requests>[] = [
  timeColumn,
  {
    id: 'host',
    title: 'HOST',
    unit: 'text',
    doc: 'Host that the device is of, where several were traced.',
    unknown: 'only one host was traced',
    value: (row) => row.host,
    width: 16,
    priority: 6,
  },
  {
    id: 'device',
    title: 'DEVICE',
    unit: 'text',
    doc: 'Name of the disk from the statedump; without one its numbers, MAJOR:MINOR.',
    value: (row) => row.device,
    width: 10,
    priority: 1,
  },
];

const requests: readonly Column<Requests>[] = [
  {
    id: 'reads',
    title: 'READS',
    unit: 'count',
    doc: 'Reads that were completed within the interval.',
    unknown: NO_COMPLETIONS,
    value: (row) => row.reads,
    width: 6,
    priority: 3,
  },
  {
    id: 'writes',
    title: 'WRITES',
    unit: 'count',
    doc: 'Writes that were completed within the interval.',
    unknown: NO_COMPLETIONS,
    value: (row) => row.writes,
    width: 6,
    priority: 3,
  },
  {
    id: 'read_bytes',
    title: 'READ',
    unit: 'bytes',
    doc: 'Bytes that were read, without those of requests that failed.',
    unknown: NO_COMPLETIONS,
    value: (row) => row.readBytes,
    width: 7,
    priority: 1,
  },
  {
    id: 'write_bytes',
    title: 'WRITTEN',
    unit: 'bytes',
    doc: 'Bytes that were written, without those of requests that failed.',
    unknown: NO_COMPLETIONS,
    value: (row) => row.writeBytes,
    width: 7,
    priority: 1,
  },
];

function latency(doc: string): Column<Pick<DeviceRow, 'latencyNs'>> {
  return {
    id: 'latency_ns',
    title: 'LATENCY',
    unit: 'duration',
    doc,
    unknown: NONE_DONE,
    value: (row) => row.latencyNs,
    width: 7,
    priority: 1,
  };
}

function perSecond(count: number | undefined, { begin, end }: Frame): number | undefined {
  return count === undefined || end <= begin ? undefined : (count * 1e9) / (end - begin);
}

export const devices: Table<DeviceRow> = {
  id: 'devices',
  title: 'Devices',
  doc: 'Block devices: what was read and written, how long it took and how long it waited before.',
  defaultSort: { column: 'busy_pct', descending: true },
  rows: (frame) => frame.devices ?? [],
  key: (row) => `${row.host ?? ''}/${row.device}`,
  container: () => undefined,
  columns: [
    ...hostAndDevice,
    ...requests,
    {
      id: 'iops',
      title: 'IOPS',
      unit: 'count',
      doc: 'Reads and writes that were completed, per second.',
      unknown: NO_COMPLETIONS,
      value: (row, frame) =>
        row.reads === undefined || row.writes === undefined
          ? undefined
          : perSecond(row.reads + row.writes, frame),
      width: 6,
      priority: 2,
    },
    latency('Mean time from the driver to the completion of a read or write (issue to complete).'),
    {
      id: 'latency_p99_ns',
      title: 'LAT P99',
      unit: 'duration',
      doc: 'Latency that 99 % of the reads and writes do not exceed (to 3 %).',
      unknown: NONE_DONE,
      value: (row) => row.latencyP99Ns,
      width: 7,
      priority: 2,
    },
    {
      id: 'latency_max_ns',
      title: 'LAT MAX',
      unit: 'duration',
      doc: 'Longest latency of a read or write.',
      unknown: NONE_DONE,
      value: (row) => row.latencyMaxNs,
      width: 7,
      priority: 4,
    },
    {
      id: 'queue_ns',
      title: 'QUEUED',
      unit: 'duration',
      doc: 'Mean time that a request waited for the driver: since it was put into the scheduler’s queue, and where the scheduler has none (blk-mq none), since its first bio came.',
      unknown:
        'no request was seen to come and be issued (the trace needs block_rq_insert or block_bio_queue)',
      value: (row) => row.queueNs,
      width: 7,
      priority: 2,
    },
    {
      id: 'in_flight',
      title: 'IN FLIGHT',
      unit: 'count',
      doc: 'Requests and flushes that the driver has at the end of the interval.',
      unknown: `${NO_REQUESTS}, or events were lost`,
      value: (row) => row.inFlight,
      width: 9,
      priority: 4,
    },
    {
      id: 'busy_pct',
      title: 'BUSY%',
      unit: 'percent',
      doc: 'Share of the interval in which the driver had at least one request: the utilisation of iostat.',
      unknown: `${NO_REQUESTS}, or events were lost`,
      value: (row, { begin, end }) =>
        row.busyNs === undefined || end <= begin ? undefined : (100 * row.busyNs) / (end - begin),
      width: 6,
      priority: 1,
    },
    {
      id: 'flushes',
      title: 'FLUSHES',
      unit: 'count',
      doc: 'Flushes of its cache that were completed.',
      unknown: NO_COMPLETIONS,
      value: (row) => row.flushes,
      width: 7,
      priority: 5,
    },
    {
      id: 'flush_ns',
      title: 'FLUSH',
      unit: 'duration',
      doc: 'Mean time that a flush took.',
      unknown: 'none was seen from beginning to end',
      value: (row) => row.flushNs,
      width: 7,
      priority: 5,
    },
    {
      id: 'discards',
      title: 'DISCARDS',
      unit: 'count',
      doc: 'Discards that were completed.',
      unknown: NO_COMPLETIONS,
      value: (row) => row.discards,
      width: 8,
      priority: 7,
    },
    {
      id: 'discard_bytes',
      title: 'DISCARDED',
      unit: 'bytes',
      doc: 'Bytes that were discarded.',
      unknown: NO_COMPLETIONS,
      value: (row) => row.discardBytes,
      width: 9,
    },
    {
      id: 'errors',
      title: 'ERRORS',
      unit: 'count',
      doc: 'Completions that told of an error.',
      unknown: NO_COMPLETIONS,
      value: (row) => row.errors,
      width: 6,
      priority: 5,
    },
  ],
};

export const block: Table<BlockRow> = {
  id: 'block',
  title: 'Block I/O',
  doc: 'Who read from and wrote to which block device, as far as the kernel tells: what it writes back later is nobody’s own.',
  defaultSort: { column: 'write_bytes', descending: true },
  rows: (frame) => frame.block ?? [],
  key: (row) => `${row.host ?? ''}/${row.device} ${row.container}`,
  container: (row) => row.containerName,
  columns: [
    ...hostAndDevice,
    {
      id: 'container',
      title: 'CONTAINER',
      unit: 'text',
      doc: 'Container, or host for the host’s own processes; writeback: threads of the kernel on behalf of others; unknown: submitted before the trace.',
      value: (row) => row.containerName,
      width: 24,
      priority: 1,
    },
    ...requests,
    latency('Mean time from the driver to the completion of the reads and writes that it had a part in.'),
  ],
};
