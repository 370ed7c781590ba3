/** babeltrace2 as the oracle: its text of a stream's events against ours, and its messages as data. README.md says why so. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { root } from './recordings.js';

const TEXT_OPTIONS = ['--clock-cycles', '--no-delta', '--names=all'];
const CTF_TEXT = join(root, 'native/build/test/ctf-text');

export type Command = readonly [program: string, ...args: string[]];
export const babeltrace = (path: string): Command => ['babeltrace2', ...TEXT_OPTIONS, path];
export const ctfText = (path: string): Command => [CTF_TEXT, path];

/** Holds the programs that fill batches to the plain decoder that prints the text, for every field. */
export const verify = (path: string): Command => [CTF_TEXT, '--verify', path];

/** Builds `ctf-text` where it is missing or older than its sources. */
export function buildCtfText(): void {
  execFileSync('make', ['-s', '-C', join(root, 'native/test')], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/**
 * The environment of babeltrace2: with upstream's mending of its empty strings preloaded (oracle_fix.c), compiled once a process.
 */
let oracleEnvironment: NodeJS.ProcessEnv | undefined;
function environment(program: string): NodeJS.ProcessEnv {
  if (program !== 'babeltrace2') return process.env;
  if (!oracleEnvironment) {
    const { path, remove } = temporary('oracle-fix');
    process.once('exit', remove);
    const library = join(path, 'oracle_fix.so');
    execFileSync('gcc', ['-O2', '-shared', '-fPIC', '-o', library, join(root, 'test/native/oracle_fix.c')]);
    oracleEnvironment = { ...process.env, LD_PRELOAD: library };
  }
  return oracleEnvironment;
}

/** A new temporary directory, and what removes it. */
export function temporary(prefix: string): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), `boxtop-${prefix}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Puts links to a stream's files and to their metadata (not to their index) into an empty directory. */
export function linkStream(directory: string, files: readonly string[], into: string): void {
  const withMetadata = new Set(files.map((file) => join(dirname(file), 'metadata')));
  for (const file of [...withMetadata, ...files]) {
    mkdirSync(join(into, dirname(file)), { recursive: true });
    symlinkSync(join(directory, file), join(into, file));
  }
}

const finished = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });

function start([program, ...args]: Command): ChildProcess & { stdout: Readable; stderr: Readable } {
  return spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: environment(program) });
}

/** The digest of a command's standard output. Rejects where it fails. */
export async function digest(command: Command): Promise<string> {
  const child = start(command);
  const hash = createHash('sha256');
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => hash.update(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk).slice(-2000);
  });
  const status = await finished(child);
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}: ${errors}`);
  return hash.digest('hex');
}

/** Where the outputs of two commands differ first, as text for a failure. */
export async function firstDifference(left: Command, right: Command): Promise<string> {
  const children = [start(left), start(right)] as const;
  const [a, b] = children.map((child) => createInterface({ input: child.stdout })[Symbol.asyncIterator]());
  try {
    for (let line = 1; ; line++) {
      const [x, y] = [await a!.next(), await b!.next()];
      if (x.done && y.done) return 'the digests differ, the lines do not';
      if (x.value !== y.value) {
        return `line ${line} differs\n  ${left[0]}: ${x.value ?? '(no more)'}\n  ${right[0]}: ${y.value ?? '(no more)'}`;
      }
    }
  } finally {
    for (const child of children) child.kill();
  }
}

/** Throws where the two commands print anything different. */
export async function assertSameOutput(ours: Command, theirs: Command): Promise<void> {
  const [left, right] = await Promise.all([digest(ours), digest(theirs)]);
  if (left !== right) throw new Error(await firstDifference(ours, theirs));
}

export interface OracleEvent {
  readonly cycles: bigint;
  /** ns since the Unix epoch. */
  readonly ns: bigint;
  readonly name: string;
}

export interface OracleLoss {
  readonly kind: 'discarded-events' | 'lost-packets';
  /** Undefined where babeltrace2 cannot tell: before a stream's first packet. */
  readonly count: number | undefined;
  /** ns since the Unix epoch. */
  readonly begin: bigint;
  readonly end: bigint;
}

/** All that a command prints. For small traces. */
export function output([program, ...args]: Command): Buffer {
  return execFileSync(program, args, {
    maxBuffer: 1 << 30,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: environment(program),
  });
}

/** What babeltrace2 says of a trace, message by message. For small traces. */
export function oracleMessages(directory: string): { events: OracleEvent[]; losses: OracleLoss[] } {
  const options = [
    '--component=sink.text.details',
    '--params=compact=true,with-metadata=false,color="never"',
  ];
  const text = output(['babeltrace2', ...options, directory]).toString('latin1');
  const number = (digits: string): bigint => BigInt(digits.replaceAll(',', ''));
  const events: OracleEvent[] = [];
  const losses: OracleLoss[] = [];
  for (const line of text.split('\n')) {
    const event = /^\[(\S+) (\S+)\] \{[^}]*\} Event `(.*)` \([\d,]+\)$/.exec(line);
    if (event) events.push({ cycles: number(event[1]!), ns: number(event[2]!), name: event[3]! });
    const loss = /^\[\S+ (\S+)\] \[\S+ (\S+)\] \{[^}]*\} Discarded (events|packets)(?: \((\S+) \w+\))?$/.exec(
      line,
    );
    if (loss) {
      losses.push({
        kind: loss[3] === 'events' ? 'discarded-events' : 'lost-packets',
        count: loss[4] === undefined ? undefined : Number(number(loss[4])),
        begin: number(loss[1]!),
        end: number(loss[2]!),
      });
    }
  }
  return { events, losses };
}
