import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CommandError, UsageError } from '../../cli/errors.js';
import { nameMatcher } from '../../cli/match.js';

const matches = (pattern: string, name: string) => nameMatcher([pattern])(name);

describe('--name', () => {
  for (const [pattern, name, expected] of [
    ['web', 'web', true],
    ['web', 'web-client', false],
    ['web*', 'web-client', true],
    ['*client', 'web-client', true],
    ['*e*-*t', 'web-client', true],
    ['w?b', 'web', true],
    ['w?b', 'wb', false],
    ['cron-[0-9]', 'cron-1', true],
    ['cron-[!0-9]', 'cron-1', false],
    ['[]]', ']', true],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'axb', false],
    ['?', '容', true],
    ['*', '', true],
    ['.*', 'web', false],
    ['/^web$/', 'web', true],
    ['/^web$/', 'web-client', false],
    ['/client/', 'web-client', true],
    ['/WEB/i', 'web', true],
    ['/a/b/', 'xa/bx', true],
  ] as const) {
    it(`${pattern} ${expected ? 'matches' : 'does not match'} ${JSON.stringify(name)}`, () => {
      assert.equal(matches(pattern, name), expected);
    });
  }

  it('matches what any of several patterns matches', () => {
    const matcher = nameMatcher(['db', '/^web/']);
    assert.deepEqual(['db', 'web-client', 'batch'].map(matcher), [true, true, false]);
  });

  it('answers for a name that it has seen as it did the first time', () => {
    const matcher = nameMatcher(['/b/']);
    assert.deepEqual(['abc', 'xyz', 'abc', 'xyz'].map(matcher), [true, false, true, false]);
  });

  for (const pattern of ['', '/a', '/(/', '/a/g', '/a/zz', 'x[', 'a'.repeat(1001)]) {
    it(`refuses the pattern ${pattern.slice(0, 10)}`, () =>
      assert.throws(() => nameMatcher([pattern]), UsageError));
  }

  it('gives up on a regular expression that backtracks without end', () => {
    assert.throws(() => matches('/^(a+)+$/', `${'a'.repeat(60)}!`), CommandError);
  });

  it('stays fast on globs with many stars', () => {
    const started = performance.now();
    assert.equal(matches(`${'*a'.repeat(50)}b`, 'a'.repeat(5000)), false);
    assert.ok(performance.now() - started < 500);
  });
});
