import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clean, cleanAscii } from '../../tui/text/clean.js';
import { decimalsFor, formatClock, formatOffset, formatValue } from '../../tui/text/format.js';
import { cut, cutStart, fit, textWidth, wrap } from '../../tui/text/width.js';

describe('clean', () => {
  for (const [name, text, expected] of [
    ['plain text', 'web-1', 'web-1'],
    ['escape sequences', 'a\x1b[2Jb\x9b31mc', 'a[2Jb31mc'],
    ['line ends and tabs', 'a\nb\r\tc', 'abc'],
    ['bidirectional marks', 'a\u202egnp.exe\u2066', 'agnp.exe'],
    ['zero-width characters', 'a\u200bb\u200dc\u00add', 'abcd'],
    ['lone surrogates', 'a\ud800b', 'ab'],
    ['variation selectors and fillers', 'a\ufe0fb\u3164c', 'abc'],
    ['decomposed letters', 'e\u0301', 'é'],
  ] as const) {
    it(`makes ${name} fit`, () => assert.equal(clean(text), expected));
  }
  it('takes no more than two marks on a letter', () => {
    assert.equal(clean(`q${'\u0323'.repeat(50)}`), 'q\u0323\u0323');
  });
  it('bounds what it looks at', () => assert.ok(clean('x'.repeat(1e6)).length <= 512));
  it('leaves ASCII only where the locale has no more', () => assert.equal(cleanAscii('webé字'), 'web??'));
});

describe('width', () => {
  it('counts columns', () => {
    assert.equal(textWidth('web'), 3);
    assert.equal(textWidth('字é'), 3);
    assert.equal(textWidth('e\u0301'), 1);
    assert.equal(textWidth('😀'), 2);
  });
  it('cuts by columns', () => {
    assert.equal(cut('container', 5, '…'), 'cont…');
    assert.equal(cut('字字字', 4, '…'), '字…');
    assert.equal(cut('ab', 2, '…'), 'ab');
    assert.equal(cut('ab', 0, '…'), '');
  });
  it('cuts from the start', () => {
    assert.equal(cutStart('/tmp/tr/market', 7, '…'), '…market');
    assert.equal(cutStart('字字字', 4, '…'), '…字');
    assert.equal(cutStart('ab', 2, '…'), 'ab');
  });
  it('fills exactly', () => {
    assert.equal(fit('字', 4, 'right', '…'), '  字');
    assert.equal(fit('字字字', 4, 'left', '…'), '字… ');
  });
  it('wraps words', () => assert.deepEqual(wrap('one two three', 7), ['one two', 'three']));
});

describe('format', () => {
  for (const [unit, value, expected] of [
    ['duration', 0, '0'],
    ['duration', 999, '999ns'],
    ['duration', 1.234e9, '1.23s'],
    ['duration', 45.6e6, '45.6ms'],
    ['duration', 999.9e6, '1.00s'],
    ['percent', 12.34, '12.3'],
    ['percent', 1234.5, '1235'],
    ['count', 99_999, '99999'],
    ['count', 1_234_567, '1.23M'],
    ['cpus', 0.3, '0.30'],
    ['bytes', 1536, '1.50K'],
    ['text', undefined, undefined],
    ['percent', Number.NaN, undefined],
  ] as const) {
    it(`writes ${value} as ${unit}`, () => assert.equal(formatValue(unit, value), expected));
  }
  it('writes distances in time', () => {
    assert.equal(formatOffset(62.5e9, 1), '1:02.5');
    assert.equal(formatOffset(3723e9, 0), '1:02:03');
    assert.equal(formatOffset(59.97e9, 1), '1:00.0');
  });
  it('tells intervals apart', () => {
    assert.equal(decimalsFor(1e9), 0);
    assert.equal(decimalsFor(1e8), 1);
    assert.equal(decimalsFor(5e6), 3);
  });
  it('writes fractions of a clock exactly', () => {
    assert.match(formatClock(1_795_360_320_123_456_789n, 9), /^\d\d:\d\d:00\.123456789$/);
  });
});
