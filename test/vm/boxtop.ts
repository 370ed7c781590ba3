/** boxtop as the checks outside of the machine run it: on what was recorded inside. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../native/recordings.js';

/** Runs it and gives what it wrote. */
export function boxtop(...args: string[]): string {
  return execFileSync(process.execPath, [join(root, 'bin/boxtop.js'), ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** What a row of `dump containers` has that is looked at here. */
export interface ContainerFigures {
  readonly name: string;
  readonly id: string;
  readonly cpu_ns: number;
  readonly throttled_ns: number | null;
  readonly throttled_count: number | null;
  readonly throttled_basis: string | null;
  readonly ended: string | null;
}

/** Rows of `dump containers` over the whole range, or the part of it that the options tell. */
export function containersOf(recording: string, ...options: string[]): ContainerFigures[] {
  return JSON.parse(boxtop('dump', 'containers', recording, '--total', '-f', 'json', ...options));
}

export interface RecordingInfo {
  readonly begin_ns: string;
  readonly end_ns: string;
  readonly discarded_events: number;
}

export function infoOf(recording: string): RecordingInfo {
  return JSON.parse(boxtop('info', recording, '-f', 'json'));
}
