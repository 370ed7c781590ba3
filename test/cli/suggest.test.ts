import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nearest } from '../../analyzers/nearest.js';
import { usageMessage } from '../../cli/suggest.js';

const known = {
  options: ['format', 'f', 'from', 'interval'],
  commands: { dump: 'dump <table> <path>', replay: 'replay <path>' },
  args: ['dump', 'containers'],
};

describe('what someone may have meant', () => {
  for (const [word, expected] of [
    ['fromat', 'format'],
    ['form', 'from'],
    ['intervall', 'interval'],
    ['columns', undefined],
    ['', undefined],
  ] as const) {
    it(`${JSON.stringify(word)} may be ${expected}`, () => {
      assert.equal(nearest(word, ['format', 'from', 'interval']), expected);
    });
  }

  for (const [complaint, expected] of [
    ['Unknown argument: fromat', 'unknown argument fromat; did you mean --format?'],
    ['Unknown arguments: fromat, x', 'unknown argument fromat; did you mean --format?'],
    ['Unknown argument: xyzzy', 'unknown argument xyzzy; see --help'],
    ['Unknown argument: dmup', 'there is no command dmup; did you mean boxtop dump?'],
    ['Unknown argument: a/b', 'unexpected a/b; a recording is opened by boxtop replay PATH'],
    ['Not enough arguments following: from', '--from needs a value'],
    [
      'Not enough non-option arguments: got 1, need at least 2',
      'something is missing: boxtop dump <table> <path>',
    ],
    ['Arguments total and interval are mutually exclusive', '--total and --interval do not go together'],
    [
      'Invalid values:\n  Argument: table, Given: "thread", Choices: "threads", "cpus"',
      'thread is no table; there are: threads cpus (did you mean threads?)',
    ],
    ['something\n  else', 'something else'],
  ] as const) {
    it(`says “${expected}”`, () => assert.equal(usageMessage(complaint, known), expected));
  }
});
