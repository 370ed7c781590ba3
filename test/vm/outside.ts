/** Reads, from outside of the machine, a session inside: sees it, attaches late, and compares what came with what was stored. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ColumnType, open, type Source, type Subscription } from '../../native/index.js';
import { streamFiles } from '../ctf/files.js';
import {
  assertSameOutput,
  babeltrace,
  buildCtfText,
  ctfText,
  digest,
  linkStream,
  temporary,
  verify,
} from '../native/oracle.js';
import { Tmux } from '../tui/tmux.js';
import { boxtop } from './boxtop.js';
import type { Checks } from './checks.js';

const PATIENCE_MS = 1_800_000;
/** A machine under emulation is slow: so many times a terminal's usual patience. */
const MOST_LOOKS = 8;

export async function watchFromOutside(share: string, port: number, checks: Checks): Promise<void> {
  await exists(join(share, 'ready'));
  const url = `net://127.0.0.1:${port}/host/vm/boxtop`;
  const offered = boxtop('sessions', `net://127.0.0.1:${port}`);
  console.log(offered);
  checks.check('boxtop sessions lists the session inside', offered.includes(url));
  await checkScreen(url, checks);

  const subscription = await everything(join(share, 'early'));
  const source = await open(url, subscription);
  const reading = eventsByStream(source, subscription, () => writeFileSync(join(share, 'attached'), ''));
  const received = await reading;
  await exists(join(share, 'finished'));
  const stored = await eventsByStream(await open(join(share, 'stored'), subscription), subscription);
  compare(received, stored, checks);
  const dumped = [...received.values()]
    .flat()
    .filter((line) => line.includes(' lttng_statedump_process_state '));
  checks.check(`the statedump came although attached late (${dumped.length} threads)`, dumped.length > 50);
  await checkStored(join(share, 'stored'), checks);
}

async function exists(path: string): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !existsSync(path); await sleep(200)) {
    if (Date.now() > end) throw new Error(`${path} never came`);
  }
}

/** Nobody here knows the containers' names; one that was there before is told by the statedump. */
async function checkScreen(url: string, checks: Checks): Promise<void> {
  const tmux = new Tmux(120, 30);
  try {
    tmux.type(`node bin/boxtop.js --attach ${url}`);
    const seen = /^ *pid_ns:\d+ .* (?:1\d|2\d)\.\d /m;
    let screen = '';
    for (let tries = 0; tries < MOST_LOOKS && !seen.test(screen); tries++) {
      screen = await tmux.until(seen).catch((error: Error) => error.message);
    }
    console.log(screen);
    checks.check('boxtop --attach shows a container of the machine', seen.test(screen));
    tmux.keys('q');
    await tmux.until(/\$ *$/);
  } finally {
    tmux.close();
  }
}

/** So many events of a name tell of which types its fields are. */
const ENOUGH = 50;

/** Subscribes to every field of every event, each as the type that has its values in what was stored so far. */
async function everything(stored: string): Promise<Subscription> {
  const columns: Record<string, ColumnType> = {};
  for (const type of ['string', 'list'] as const) {
    const source = await open(stored, { columns: {}, selections: [] });
    const fieldsOf = fieldsByEvent(source);
    await source.close();
    const left = [...new Set([...fieldsOf.values()].flat())].filter((name) => columns[name] === undefined);
    const probe = await open(stored, {
      columns: Object.fromEntries(left.map((name) => [name, type])),
      selections: [{ events: ['*'], fields: left }],
    });
    const seen = new Map<string, number>();
    for await (const batch of probe) {
      for (let row = 0; row < batch.length; row++) {
        const name = probe.events[batch.event[row]!]!;
        const count = (seen.get(name) ?? 0) + 1;
        seen.set(name, count);
        if (count > ENOUGH) continue;
        for (const field of fieldsOf.get(name) ?? []) {
          if (columns[field] === undefined && batch.columns[field]![row] !== 0) columns[field] = type;
        }
      }
    }
    // The others are numbers.
    if (type === 'list') for (const name of left) columns[name] ??= 'u64';
  }
  return { columns, selections: [{ events: ['*'], fields: Object.keys(columns) }] };
}

/** By name of event its fields and contexts, as columns are called. */
function fieldsByEvent({ traces }: Source): Map<string, readonly string[]> {
  const events = traces.flatMap(({ declared }) => declared);
  return new Map(
    events.map(({ name, fields, context }) => [name, [...fields, ...context.map((each) => `ctx.${each}`)]]),
  );
}

/** By stream one line an event: absolute time, name, and every field that the event has. */
async function eventsByStream(
  source: Source,
  { columns }: Subscription,
  onFirst = () => {},
): Promise<Map<string, string[]>> {
  const lines = new Map<string, string[]>();
  let fieldsOf = new Map<string, readonly string[]>();
  let isFirst = true;
  for await (const batch of source) {
    if (isFirst) onFirst();
    isFirst = false;
    // Events are declared before they occur, and mostly all at once.
    if (source.events.some((name) => !fieldsOf.has(name))) fieldsOf = fieldsByEvent(source);
    for (let row = 0; row < batch.length; row++) {
      const { channel, cpu } = source.streams[batch.stream[row]!]!;
      const name = source.events[batch.event[row]!]!;
      const cells = (fieldsOf.get(name) ?? []).map((field) => {
        const cell = batch.columns[field]![row]!;
        const type = columns[field];
        if (type === 'string') return batch.string(Number(cell));
        return type === 'list' ? batch.list(Number(cell))?.join(' ') : cell;
      });
      const stream = `${channel}_${cpu}`;
      const time = source.origin + BigInt(batch.time[row]!);
      const line = `${time} ${name} ${cells.join('|')}`;
      const own = lines.get(stream);
      if (own === undefined) lines.set(stream, [line]);
      else own.push(line);
    }
  }
  return lines;
}

function compare(received: Map<string, string[]>, stored: Map<string, string[]>, checks: Checks): void {
  checks.check(
    'streams received are those stored',
    same([...received.keys()].sort(), [...stored.keys()].sort()),
  );
  for (const [stream, lines] of stored) {
    checks.check(
      `${stream}: ${lines.length} events received as stored`,
      same(received.get(stream) ?? [], lines),
    );
  }
}

function same(left: readonly string[], right: readonly string[]): boolean {
  const at = left.findIndex((line, index) => line !== right[index]);
  if (at >= 0 || left.length !== right.length) {
    const place = at >= 0 ? at : left.length;
    console.log(`${left.length} against ${right.length}; at ${place}:\n  ${left[place]}\n  ${right[place]}`);
  }
  return at < 0 && left.length === right.length;
}

/** What we read of the stored streams is what babeltrace2 does. */
async function checkStored(directory: string, checks: Checks): Promise<void> {
  buildCtfText();
  const scratch = temporary('vm');
  try {
    for (const [index, file] of streamFiles(directory).entries()) {
      const link = join(scratch.path, String(index));
      linkStream(directory, [file], link);
      const outcome = await Promise.all([
        assertSameOutput(ctfText(link), babeltrace(link)),
        digest(verify(link)),
      ]).then(
        () => undefined,
        (error: Error) => error.message,
      );
      checks.check(`${file}: stored as babeltrace2 reads it ${outcome ?? ''}`, outcome === undefined);
    }
  } finally {
    scratch.remove();
  }
}
