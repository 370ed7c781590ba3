/** Reads broken traces one after the other, in a process of its own so that the test sees a crash: `broken-child.js FROM TO`. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { open, SourceError } from '../../native/index.js';
import type { Subscription } from '../../native/types.js';
import { type Files, writeFiles } from '../ctf/writer.js';
import { hostile } from './hostile.js';
import { mutate, Random } from './mutate.js';
import { piece } from './recordings.js';
import { filesOf } from './traces/index.js';

/** Traces that together have everything that can be broken: hand-written ones, and the end of a real stream. */
const AUTHORED = [
  'layout-le-packed-compact-new',
  'layout-be-natural-large-new',
  'types-bit-fields-le',
  'types-collections-le-packed',
  'types-collections-be-natural',
  'types-variants-le-natural',
  'types-enums-le',
  'types-alignment-le',
  'metadata-packets-le',
  'metadata-scopes',
  'metadata-foreign',
  'packets-index-1.0',
  'packets-lost-and-discarded',
  'packets-tracefiles',
  'packets-chunks',
  'clocks-two-domains',
];
const BASES: readonly Files[] = [
  ...AUTHORED.map(filesOf),
  Object.fromEntries(
    ['metadata', 'k_1'].map((file) => [file, readFileSync(join(piece('whatif'), 'kernel', file))]),
  ),
];

/** Fields of the bases, so that values are decoded and not only stepped over. */
const FIELDS = [
  'a',
  'f',
  'name',
  'l',
  'ctx.pid',
  'f61',
  'three',
  'grid',
  'c',
  'd',
  'list',
  'words',
  'msg',
  'utf8',
  'value.text',
  'value.list.items',
  'v',
  'u64',
  'n',
  'text',
  'prev_comm',
  'filename',
  'network_header.ipv4.saddr',
];
const COLUMNS = ['f64', 'u64', 'string', 'list'] as const;

function subscription(random: Random): Subscription {
  return {
    columns: Object.fromEntries(FIELDS.map((field) => [field, random.pick(COLUMNS)])),
    selections: [{ events: ['*'], fields: FIELDS }],
  };
}

/** Tells the test which case it was; what we write lies beside it, so that the test removes it however we end. */
const progress = `${process.env.BOXTOP_PROGRESS}`;
const directory = mkdtempSync(join(dirname(progress), 'boxtop-broken-'));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
const outcomes: Record<string, number> = {};

/** A trace must be read to its end or be refused in one sentence that names where; anything else ends this process. */
async function attempt(files: Files, random: Random): Promise<void> {
  const path = join(directory, 'trace');
  rmSync(path, { recursive: true, force: true });
  writeFiles(path, files);
  let outcome = 'read';
  try {
    const { columns, selections } = subscription(random);
    const source = await open(path, { columns, selections });
    let cells = 0;
    for await (const batch of source) {
      for (let i = 0; i < batch.length; i++) {
        for (const field of FIELDS) {
          const cell = batch.columns[field]![i]! as number;
          if (columns[field] === 'string') cells += batch.string(cell)?.length ?? 0;
          if (columns[field] === 'list') cells += batch.list(cell)?.length ?? 0;
        }
      }
      for (const loss of batch.losses) {
        if (loss.message.includes('\n') || loss.message === '')
          throw new Error(`a loss says: ${loss.message}`);
        outcome = `read with ${loss.kind}`;
      }
      if (cells > 1e9) throw new Error('more came out than can be in it');
    }
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    if (!/^[^\n\0]+$/.test(error.message) || !error.message.includes(path))
      throw new Error(`an error says: ${error.message}`);
    outcome = 'refused';
  }
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
}

const [what, from, to] = process.argv.slice(2);
if (what === 'hostile') {
  for (const [name, files] of Object.entries(hostile)) {
    const began = Date.now();
    writeFileSync(progress, name);
    await attempt(files, new Random(1));
    if (Date.now() - began > 20_000) throw new Error(`${name} took ${Date.now() - began} ms`);
  }
} else {
  for (let seed = Number(from); seed < Number(to); seed++) {
    writeFileSync(progress, String(seed));
    const random = new Random(seed);
    await attempt(mutate(random.pick(BASES), random), random);
  }
}
const peakMiB = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) / 1024;
console.log(JSON.stringify({ outcomes, peakMiB }));
