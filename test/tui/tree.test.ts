import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { branchText, type Family, treeOf } from '../../tui/app/tree.js';
import { type Drawing, draw } from './drawing.js';
import { containerRow, FakePlayer, frameOf, processRow, sessionOf } from './synthetic.js';

let drawing: Drawing | undefined;
afterEach(() => drawing?.unmount());

interface Node {
  readonly id: string;
  readonly parent?: string;
}
const family: Family<Node> = { column: 'id', id: ({ id }) => id, parent: ({ parent }) => parent };
const drawn = (nodes: readonly Node[]) => {
  const { rows, branches } = treeOf(nodes, family);
  return rows.map(({ id }, index) => branchText(branches[index]!, true) + id);
};

describe('a tree of rows', () => {
  it('has children below their parents, siblings in their order', () => {
    const nodes = [
      { id: 'c', parent: 'a' },
      { id: 'b', parent: 'a' },
      { id: 'a' },
      { id: 'd', parent: 'c' },
      { id: 'e', parent: 'gone' },
    ];
    assert.deepEqual(drawn(nodes), ['a', '├ c', '│ └ d', '└ b', 'e']);
  });
  it('ends where parents make a ring, and loses nobody', () => {
    assert.deepEqual(drawn([{ id: 'a', parent: 'a' }]), ['a']);
    assert.deepEqual(
      treeOf(
        [
          { id: 'a', parent: 'b' },
          { id: 'b', parent: 'a' },
        ],
        family,
      ).rows.length,
      2,
    );
  });
  it('is drawn in ASCII, too', () => assert.equal(branchText([true, false], false), '| `-'));
});

describe('processes', () => {
  it('are a tree at F5, and flat again', async () => {
    const web = containerRow('web', 0.3);
    const frame = {
      ...frameOf(0, [web]),
      processes: [
        { ...processRow(web, 12, 0.2), ppid: 11, comm: 'worker' },
        { ...processRow(web, 11, 0.1), ppid: 1, comm: 'master' },
      ],
    };
    drawing = draw(sessionOf(new FakePlayer([frame]), { columns: 80, rows: 24 }));
    await drawing.press('\x1b[15~');
    const order = () =>
      drawing!
        .text()
        .match(/(└ )?\b(worker|master)\b/g)
        ?.slice(0, 2);
    assert.deepEqual(order(), ['master', '└ worker']);
    await drawing.press('\x1b[15~');
    assert.deepEqual(order(), ['worker', 'master']);
  });
});
