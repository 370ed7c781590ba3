/** What must hold of what the jobs recorded. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { boxtop, containersOf, infoOf } from './boxtop.js';
import type { Checks } from './checks.js';
import { checkCpuTime, checkThrottling, compare } from './cpu-truth.js';

function checkLosses(recording: string, checks: Checks): void {
  const { discarded_events: lost } = infoOf(recording);
  checks.check(`nothing was lost (${lost} events)`, lost === 0);
}

/** Each of these has so many rows (1 where a name stands alone), and nobody else has any. */
function checkNames(
  recording: string,
  expected: readonly (string | readonly [name: string, rows: number])[],
  checks: Checks,
): void {
  const left = containersOf(recording)
    .map(({ name }) => name)
    .filter((name) => name !== 'host');
  for (const each of expected) {
    const [name, rows] = typeof each === 'string' ? [each, 1] : each;
    const found = left.filter((other) => other === name).length;
    checks.check(`${name} has ${rows === 1 ? 'one row' : `${rows} rows`} (${found})`, found === rows);
    for (let index = 0; index < found; index++) left.splice(left.indexOf(name), 1);
  }
  checks.check(`nobody else is a container (${left.join(' ') || 'nobody'})`, left.length === 0);
}

const SHOP = ['web', 'web-client', 'db', 'batch', 'log-writer', 'miner', 'legacy'];
const VISITORS = ['noisy', 'cron-1', 'cron-2', 'instant'];

export function verifyRecording(share: string, checks: Checks): void {
  const { live } = JSON.parse(readFileSync(join(share, 'doctor-before.json'), 'utf8'));
  checks.check('doctor finds that this machine can be traced live', live === true);
  const recording = join(share, 'recording');
  checkNames(recording, [...SHOP, ...VISITORS], checks);
  checkLosses(recording, checks);
  const comparisons = compare(recording, join(share, 'cpustat.jsonl'));
  checkCpuTime(comparisons, ['batch', 'miner', 'legacy'], checks);
  checkThrottling(comparisons, checks);
}

export function verifyLimits(share: string, checks: Checks): void {
  for (const [name, computing] of [
    ['fitting', ['tenth', 'threads', 'fast-period', 'pinned', 'pod-quota', 'legacy']],
    ['crowded', ['wide', 'heavy', 'light', 'in-slice-1', 'in-slice-2', 'target']],
  ] as const) {
    const recording = join(share, name);
    checkLosses(recording, checks);
    const comparisons = compare(recording, join(share, `${name}-cpustat.jsonl`));
    checkCpuTime(comparisons, computing, checks);
    checkThrottling(comparisons, checks);
  }
}

export function verifyIdentity(share: string, checks: Checks): void {
  const recording = join(share, 'identity');
  checkLosses(recording, checks);
  const names = containersOf(recording).map(({ name }) => name);
  const infra = names.filter((name) => /^[0-9a-f]{12}-infra$/.test(name));
  checkNames(
    recording,
    [
      ...['early', 'noisy', 'joins-pid', 'host-pid', 'all-host', 'old', 'pod-1', 'pod-2', 'pod-short'],
      ...['short-1', 'short-2', 'short-3', ...infra],
      // It is started twice, each time with namespaces of its own.
      ['privileged', 2],
    ],
    checks,
  );
  checks.check(`a pod has one container of its own (${infra.length})`, infra.length === 1);
}

/** By container the columns that must tell the bytes that went through it. */
const BYTES: Readonly<Record<string, readonly string[]>> = {
  receiver: ['net_rx_bytes', 'file_write_bytes'],
  sender: ['net_tx_bytes', 'file_read_bytes'],
  buffered: ['file_read_bytes', 'file_write_bytes', 'block_read_bytes', 'block_write_bytes'],
  direct: ['file_read_bytes', 'file_write_bytes', 'block_read_bytes', 'block_write_bytes'],
};
const BYTES_BAR = 0.01;

export function verifyBytes(share: string, checks: Checks): void {
  const recording = join(share, 'bytes');
  checkLosses(recording, checks);
  const expected = Number(readFileSync(join(share, 'expected'), 'utf8'));
  const columns = [...new Set(Object.values(BYTES).flat())];
  const rows: Record<string, number | string | null>[] = JSON.parse(
    boxtop('dump', 'containers', recording, '--total', '-f', 'json', '-c', ['name', ...columns].join(',')),
  );
  for (const [name, own] of Object.entries(BYTES)) {
    const row = rows.find((candidate) => candidate.name === name);
    for (const column of own) {
      const bytes = Number(row?.[column] ?? Number.NaN);
      const more = ((bytes / expected - 1) * 100).toFixed(3);
      checks.check(
        `${column} of ${name} within 1 %: ${bytes} of ${expected}, ${more} %`,
        Math.abs(bytes - expected) <= BYTES_BAR * expected,
      );
    }
  }
}
