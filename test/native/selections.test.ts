/** What is selected is what comes: events by name, fields by selection, ranges to the nanosecond. */

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { open } from '../../native/index.js';
import type { Subscription, TimeRange } from '../../native/types.js';
import { writeFiles } from '../ctf/writer.js';
import { babeltrace, temporary } from './oracle.js';
import { piece } from './recordings.js';
import { readText } from './text.js';
import { filesOf } from './traces/index.js';

const scratch = temporary('selections');
after(scratch.remove);

const written = (name: string): string => {
  const directory = `${scratch.path}/${name}`;
  writeFiles(directory, filesOf(name));
  return directory;
};

describe('selections', () => {
  const events = readText(babeltrace(piece('whatif')));
  const named = (pattern: RegExp): number => events.filter(({ name }) => pattern.test(name)).length;

  it('by name, by beginning, all, none, and one name in several selections', async () => {
    const rows = async (...names: string[][]): Promise<number> => {
      let count = 0;
      const selections = names.map((list) => ({ events: list }));
      for await (const batch of await open(piece('whatif'), { columns: {}, selections }))
        count += batch.length;
      return count;
    };
    assert.equal(await rows(['sched_switch']), named(/^sched_switch$/));
    assert.equal(await rows(['sched_*']), named(/^sched_/));
    assert.equal(await rows(['*']), events.length);
    assert.equal(await rows(['sched_*', 'sched_switch'], ['sched_switch']), named(/^sched_/));
    assert.equal(await rows(['no_such_event'], ['sched']), 0);
    assert.equal(await rows(), 0);
  });

  it('two selections of one event add their fields', async () => {
    const source = await open(piece('whatif'), {
      columns: { prev_tid: 'i32', next_comm: 'string' },
      selections: [
        { events: ['sched_*'], fields: ['prev_tid'] },
        { events: ['sched_switch'], fields: ['next_comm'] },
      ],
    });
    const found: string[] = [];
    for await (const batch of source) {
      for (let i = 0; i < batch.length; i++) {
        if (source.events[batch.event[i]!] !== 'sched_switch') continue;
        found.push(`${batch.columns.prev_tid![i]} ${batch.string(batch.columns.next_comm![i] as number)}`);
      }
    }
    const switches = events.filter(({ name }) => name === 'sched_switch');
    assert.deepEqual(
      found.sort(),
      switches.map(({ fields }) => `${fields.get('prev_tid')} ${fields.get('next_comm')}`).sort(),
    );
  });
});

describe('ranges', () => {
  const subscription: Subscription = { columns: {}, selections: [{ events: ['*'] }] };
  async function times(path: string, range?: TimeRange): Promise<bigint[]> {
    const source = await open(path, subscription, range);
    const all: bigint[] = [];
    for await (const batch of source)
      for (let i = 0; i < batch.length; i++) all.push(source.origin + BigInt(batch.time[i]!));
    return all;
  }

  it('begin is inclusive, end exclusive, to the nanosecond, wherever they fall', async () => {
    for (const path of [
      piece('shop'),
      written('layout-le-packed-compact-new'),
      written('packets-tracefiles'),
      written('packets-chunks'),
      written('packets-empty'),
    ]) {
      const all = await times(path);
      const picks = [0, 1, all.length >> 3, all.length >> 1, all.length - 2, all.length - 1].map(
        (i) => all[i]!,
      );
      const bounds = [
        ...picks,
        ...picks.map((ns) => ns + 1n),
        ...picks.map((ns) => ns - 1n),
        all[0]! - 10n ** 12n,
        all.at(-1)! + 10n ** 12n,
      ];
      for (const [i, begin] of bounds.entries()) {
        const end = bounds[(i * 7 + 3) % bounds.length]!;
        assert.deepEqual(
          await times(path, { begin }),
          all.filter((ns) => ns >= begin),
        );
        assert.deepEqual(
          await times(path, { end }),
          all.filter((ns) => ns < end),
        );
        if (begin < end)
          assert.deepEqual(
            await times(path, { begin, end }),
            all.filter((ns) => ns >= begin && ns < end),
          );
      }
    }
  });

  it('a range begins by packet: what lies before is not read', async () => {
    const path = piece('shop');
    const all = await times(path);
    const source = await open(path, subscription, { begin: all.at(-1)! });
    let rows = 0;
    for await (const batch of source) rows += batch.length;
    assert.equal(rows, all.filter((ns) => ns >= all.at(-1)!).length);
    assert.ok(source.counters().bytesRead < 3 << 20, `${source.counters().bytesRead} bytes were read`);
  });
});
