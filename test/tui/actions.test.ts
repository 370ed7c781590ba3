import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { actions } from '../../tui/app/actions.js';
import { Keymap, keyProblems } from '../../tui/app/keymap.js';
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
      for (const key of action.keys) assert.equal(new Keymap(actions).actionFor(where, key), action);
    }
  });
  it('takes other keys from a configuration, which must not meet those of others', () => {
    const keymap = new Keymap(actions, { quit: ['X'], 'half-page-up': [] });
    assert.equal(keymap.actionFor('table', 'X')?.id, 'quit');
    assert.equal(keymap.actionFor('table', 'q'), undefined);
    assert.equal(keymap.actionFor('table', 'ctrl-u'), undefined);
    const problems = (remaps: Record<string, readonly string[]>) =>
      keyProblems(actions, remaps).map(({ message }) => message);
    assert.deepEqual(problems({ quit: ['X'], up: ['alt-shift-f12', 'é'] }), []);
    assert.match(problems({ quit: ['j'] })[0]!, /the key j is that of “down” already/);
    assert.match(problems({ quit: ['ctrl-c'] })[0]!, /that of “quit-anywhere”/);
    assert.deepEqual(problems({ quit: ['j'], down: ['X'] }), []);
    assert.match(problems({ quit: ['X'], down: ['X'] })[0]!, /the key X is that of “down”/);
    assert.match(problems({ nothing: ['X'] })[0]!, /there is no action “nothing”/);
    assert.match(problems({ quit: ['hyper-x'] })[0]!, /“hyper-x” is no key/);
    assert.deepEqual(problems({ 'menu-close': ['j2'] }).length, 1);
  });
  it('writes the page of keys', () => {
    const page = keysMarkdown();
    for (const { id } of actions) assert.ok(page.includes(`\`${id}\``));
    assert.match(page, /\| `↑` `k` \| Up \|/);
  });
});
