import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runCompare } from '../../cli/commands/compare.js';
import { parseRange } from '../../cli/compare/ranges.js';
import type { FormatName } from '../../cli/formats/index.js';

const path = fileURLToPath(new URL('../../../test/data/shop', import.meta.url));

async function compare(before: string, after: string, format: FormatName): Promise<string> {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  await runCompare(
    { path, before: parseRange(before), after: parseRange(after), format, inventory: [] },
    stream,
  );
  return Buffer.concat(chunks).toString();
}

describe('boxtop compare', () => {
  it('writes what got worse, most first', async () => {
    const rows: { metric: string; worse: number }[] = JSON.parse(
      await compare('+0s..+1s', '+1s..+2s', 'json'),
    );
    assert.ok(rows.length > 0);
    assert.deepEqual(
      rows,
      rows.toSorted((a, b) => b.worse - a.worse),
    );
    assert.match(await compare('+0s..+1s', '+1s..+2s', 'table'), /^NAME +WHAT +BEFORE +AFTER +CHANGE +WORSE/);
    assert.match(
      await compare('+0s..+1s', '+1s..+2s', 'csv'),
      /^name,metric,before,after,change,worse,why_before,why_after\r\n/,
    );
  });
  it('finds no change between a range and itself', async () => {
    assert.deepEqual(JSON.parse(await compare('+0s..+1s', '+0s..+1s', 'json')), []);
  });
  it('wants ranges that lie in the trace', async () => {
    await assert.rejects(
      compare('+5h..+6h', '+0s..+1s', 'json'),
      /nothing was traced from .* to .*: the trace goes/,
    );
    await assert.rejects(compare('+1s..+1s', '+0s..+1s', 'json'), /is not before/);
    assert.throws(() => parseRange('12:01'), /is no range: use two TIMEs/);
  });
  it('takes a dash between times, whatever dashes they have', () => {
    assert.deepEqual(parseRange('-10s--5s'), {
      from: { kind: 'before-end', ns: 10_000_000_000n },
      to: { kind: 'before-end', ns: 5_000_000_000n },
    });
    assert.equal(parseRange('2026-11-22T12:03:10Z-2026-11-22T12:04:00Z').to.kind, 'absolute');
  });
});
