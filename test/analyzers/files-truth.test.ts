/** What system calls moved in real recordings: sums agree, and what one container sends another one receives. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { analyze, Engine } from '../../analyzers/engine.js';
import type { Frame } from '../../analyzers/frame.js';
import { open } from '../../native/index.js';
import { piece, recording } from '../native/recordings.js';
import { container } from './batch.js';
import { eachFrame } from './recorded.js';

const sum = <Row>(rows: readonly Row[] | undefined, of: (row: Row) => number | undefined): number =>
  (rows ?? []).reduce((total, row) => total + (of(row) ?? 0), 0);

const LOCAL = ['unix', 'netlink', 'alg'];

for (const name of ['shop', 'deny', 'whatif']) {
  test(`${name}: calls, files and connections add up to what their containers did`, async () => {
    let frames = 0;
    const take = (frame: Frame) => {
      frames++;
      const { containers, syscalls, threads } = frame;
      const files = frame.files?.filter(
        ({ path }) => path?.startsWith('/dev/') !== true || path.startsWith('/dev/shm/'),
      );
      assert.equal(
        sum(containers, (row) => row.syscalls),
        sum(syscalls, ({ count }) => count),
      );
      assert.equal(
        sum(containers, (row) => row.errors),
        sum(syscalls, ({ errors }) => errors),
      );
      assert.equal(
        sum(containers, (row) => row.fileReadBytes),
        sum(files, ({ readBytes }) => readBytes),
      );
      assert.equal(
        sum(containers, (row) => row.fileWriteBytes),
        sum(files, ({ writeBytes }) => writeBytes),
      );
      const network = frame.connections?.filter(({ protocol }) => !LOCAL.includes(protocol ?? ''));
      assert.equal(
        sum(containers, ({ netRxBytes }) => netRxBytes),
        sum(network, ({ rxBytes }) => rxBytes),
      );
      assert.equal(
        sum(containers, ({ netTxBytes }) => netTxBytes),
        sum(network, ({ txBytes }) => txBytes),
      );
      assert.equal(
        sum(containers, ({ syscalls }) => syscalls),
        sum(threads, ({ syscalls }) => syscalls),
      );
    };
    const source = await open(piece(name), Engine.subscription());
    for await (const frame of analyze(source, { interval: 50e6 })) take(frame);
    await source.close();
    assert.ok(frames > 1);
  });
}

const shop = recording('shop');

test('shop: what web and db receive is what their clients send', {
  skip: !shop && 'no recording',
}, async () => {
  let last: Frame | undefined;
  await eachFrame(shop as string, {}, (frame) => {
    last = frame;
  });
  const { rx, tx } = { rx: 'netRxBytes', tx: 'netTxBytes' } as const;
  for (const [client, server] of [
    ['db-client', 'db'],
    ['web-client', 'web'],
  ] as const) {
    for (const [sent, received] of [
      [container(last, client)[tx]!, container(last, server)[rx]!],
      [container(last, server)[tx]!, container(last, client)[rx]!],
    ] as const) {
      assert.ok(
        sent > 50_000 && Math.abs(received / sent - 1) < 0.01,
        `${server}: ${sent} sent, ${received}`,
      );
    }
  }
  const io = container(last, 'io');
  assert.ok(io.untoldBytes! / io.fileReadBytes! < 0.01, `${io.untoldBytes} of io are untold`);
});
