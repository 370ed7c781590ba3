import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { jsonFault } from '../../host/json-fault.js';

const valid = '{"a": [1, -2.5e3, true, null, "x\\u00e9\\n"], "b": {}, "c": [], "d": {"e": [[{}]]}}';

describe('where a text stops being JSON', () => {
  for (const [text, at] of [
    ['{"a":x}', 5],
    ['[1,]', 3],
    ['{"a" 1}', 1],
    ['{"a":1,}', 7],
    ['[1 2]', 3],
    ['{} {}', 3],
    ["['a']", 1],
    ['{"a":1]', 6],
    ['["a\nb"]', 1],
    ['[01]', 2],
    [']', 0],
  ] as const) {
    it(`finds it in ${JSON.stringify(text)}`, () => assert.equal(jsonFault(text), at));
  }

  it('lets every beginning of a valid text end in the middle', () => {
    for (let length = 0; length < valid.length; length++) {
      assert.equal(jsonFault(valid.slice(0, length)), length, valid.slice(0, length));
    }
  });

  it('finds none in a text that JSON.parse takes', () => {
    JSON.parse(valid);
    assert.equal(jsonFault(valid), valid.length);
  });
});
