import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { actions } from '../../tui/app/actions.js';
import { actionFor } from '../../tui/app/dispatch.js';
import { keysMarkdown } from '../../tui/app/keys-page.js';

describe('the table of actions', () => {
  it('gives no key two meanings in one place', () => {
    for (const where of ['table', 'menu', 'help', 'line', 'anywhere'] as const) {
      const keys = actions.filter((action) => action.where === where).flatMap((action) => action.keys);
      assert.deepEqual(
        keys.filter((key, index) => keys.indexOf(key) !== index),
        [],
        where,
      );
    }
  });
  it('has an id for each', () => {
    assert.equal(new Set(actions.map(({ id }) => id)).size, actions.length);
  });
  it('is what dispatch goes by', () => {
    for (const action of actions) {
      const where = action.where === 'anywhere' ? 'table' : action.where;
      for (const key of action.keys) assert.equal(actionFor(where, key), action);
    }
  });
  it('writes the page of keys', () => {
    const page = keysMarkdown();
    for (const { id } of actions) assert.ok(page.includes(`\`${id}\``));
    assert.match(page, /\| `↑` `k` \| Up \|/);
  });
});
