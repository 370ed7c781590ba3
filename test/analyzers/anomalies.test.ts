import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { anomaliesOf } from '../../analyzers/anomalies.js';
import type { ContainerRow, Why } from '../../analyzers/frame.js';
import { containerRow, frameOf } from '../tui/synthetic.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const why = (kind: Why['kind']): Why => ({ kind, by: [], share: 0.5, text: `${kind}: 50%` });
const frameWith = (index: number, more: Partial<ContainerRow>) =>
  frameOf(index, [containerRow('web', 0.1, more), containerRow('db', 0.1, { why: why('ok') })]);
const kindsOf = (before: Partial<ContainerRow>, after: Partial<ContainerRow>) =>
  anomaliesOf(frameWith(1, after), frameWith(0, before)).map(({ kind, name, text }) => [kind, name, text]);

describe('anomalies', () => {
  it('begin where the verdict becomes one that holds back', () => {
    assert.deepEqual(kindsOf({ why: why('ok') }, { why: why('quota') }), [
      ['throttled', 'web', 'quota: 50%'],
    ]);
    assert.deepEqual(kindsOf({ why: why('quota') }, { why: why('crowded out') }), [
      ['crowded', 'web', 'crowded out: 50%'],
    ]);
    assert.deepEqual(kindsOf({}, { why: why('disk') }), [['blocked', 'web', 'disk: 50%']]);
  });
  it('do not begin where it stays or gets better', () => {
    assert.deepEqual(kindsOf({ why: why('quota') }, { why: why('quota') }), []);
    assert.deepEqual(kindsOf({ why: why('disk') }, { why: why('waiting') }), []);
    assert.deepEqual(kindsOf({ why: why('quota') }, { why: why('idle') }), []);
  });
  it('begin with the first refusals', () => {
    assert.deepEqual(kindsOf({ denials: 0 }, { denials: 3, deniedBy: 'capability' }), [
      ['denied', 'web', '3 refusals: capability'],
    ]);
    assert.deepEqual(kindsOf({ denials: 1 }, { denials: 3 }), []);
    assert.deepEqual(kindsOf({ denials: undefined }, { denials: undefined }), []);
  });
  it('are remembered without keeping frames that nobody else has', async () => {
    const frames = [frameWith(0, {})];
    const first = new WeakRef(frames[0]!);
    for (let index = 1; index < 10; index++) {
      frames.push(frameWith(index, { why: why('quota') }));
      anomaliesOf(frames[1]!, frames.shift()!);
    }
    // What a weak reference was made of in this turn lives on in it.
    await nextTurn();
    collectGarbage();
    assert.equal(first.deref(), undefined);
    assert.equal(frames.length, 1);
  });
});
