/** Runs the real command, as a user would. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unpackDemo } from '../../recordings/demo.js';

export const bin = fileURLToPath(new URL('../../../bin/boxtop.js', import.meta.url));

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `boxtop ARGS` with its streams on pipes. */
export async function boxtop(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const child = spawn(process.execPath, [bin, ...args], {
    env: { ...process.env, TZ: 'UTC', BOXTOP_DEBUG: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  const [stdout, stderr, code] = await Promise.all([
    child.stdout.setEncoding('utf8').toArray(),
    child.stderr.setEncoding('utf8').toArray(),
    ended,
  ]);
  return { code, stdout: stdout.join(''), stderr: stderr.join('') };
}

/** Runs it and gives its output; throws where it fails. */
export async function output(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await boxtop(args);
  if (code !== 0) throw new Error(`boxtop ${args.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
}

/** The demo recording in a directory of its own, which `remove` takes away. */
export async function demoRecording(): Promise<{ path: string; remove(): Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), 'boxtop-test-'));
  return { path: await unpackDemo(root), remove: () => rm(root, { recursive: true }) };
}
