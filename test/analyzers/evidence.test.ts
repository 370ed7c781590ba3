import assert from 'node:assert/strict';
import test from 'node:test';
import { Container } from '../../analyzers/container.js';
import { Evidence } from '../../analyzers/denials/evidence.js';

const PATH = '/etc/app.conf';

function seenByFour(): { evidence: Evidence; containers: Container[] } {
  const evidence = new Evidence();
  const containers = ['a', 'b', 'c', 'd'].map((key) => new Container(key));
  for (const container of containers) evidence.see('path', PATH, container);
  return { evidence, containers };
}

test('of those that have a thing four are remembered', () => {
  const { evidence, containers } = seenByFour();
  evidence.see('path', PATH, new Container('e'));
  assert.deepEqual([...evidence.seenBy('path', PATH)], containers);
});

test('one that has ended makes room for one that has the thing now', () => {
  const { evidence, containers } = seenByFour();
  containers[1]!.ended = 5;
  const late = new Container('e');
  evidence.see('path', PATH, late);
  evidence.see('path', PATH, late);
  assert.deepEqual(
    [...evidence.seenBy('path', PATH)].map(({ key }) => key),
    ['a', 'c', 'd', 'e'],
  );
});
