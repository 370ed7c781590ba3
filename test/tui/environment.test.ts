import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { colorDepth, isUnicode, prepareEnvironment, terminalProblem } from '../../tui/environment.js';

const tty = { isTTY: true };
const pipe = { isTTY: false };

describe('terminalProblem', () => {
  it('finds none on a terminal', () => assert.equal(terminalProblem(tty, tty, { TERM: 'xterm' }), undefined));
  for (const [name, stdin, stdout, env] of [
    ['output that is no terminal', tty, pipe, { TERM: 'xterm' }],
    ['input that is no terminal', pipe, tty, { TERM: 'xterm' }],
    ['a dumb terminal', tty, tty, { TERM: 'dumb' }],
    ['no TERM', tty, tty, {}],
  ] as const) {
    it(`sends ${name} to dump in one line`, () => {
      const problem = terminalProblem(stdin, stdout, env);
      assert.match(problem ?? '', /^[^\n]+boxtop dump[^\n]+$/);
    });
  }
});

describe('colorDepth', () => {
  for (const [env, expected] of [
    [{ TERM: 'xterm-256color' }, '256'],
    [{ TERM: 'xterm-256color', NO_COLOR: '1' }, 'none'],
    [{ TERM: 'xterm-256color', NO_COLOR: '' }, '256'],
    [{ TERM: 'xterm', COLORTERM: 'truecolor' }, '256'],
    [{ TERM: 'linux' }, '16'],
    [{ TERM: 'vt100' }, 'none'],
  ] as const) {
    it(`is ${expected} for ${JSON.stringify(env)}`, () => assert.equal(colorDepth(env), expected));
  }
});

describe('isUnicode', () => {
  for (const [env, expected] of [
    [{ LANG: 'de_DE.UTF-8' }, true],
    [{ LANG: 'C.utf8' }, true],
    [{ LANG: 'C' }, false],
    [{}, false],
    [{ LANG: 'C', LC_ALL: 'en_US.UTF-8' }, true],
    [{ LANG: 'en_US.UTF-8', LC_ALL: 'C' }, false],
    [{ LANG: 'en_US.UTF-8', LC_ALL: '' }, true],
  ] as const) {
    it(`is ${expected} for ${JSON.stringify(env)}`, () => assert.equal(isUnicode(env), expected));
  }
});

it('prepareEnvironment chooses the production builds and lets Ink draw under CI', () => {
  const env: Record<string, string | undefined> = { CI: 'true', NODE_ENV: 'development', DEV: 'true' };
  prepareEnvironment(env);
  assert.deepEqual(env, { CI: 'false', NODE_ENV: 'production', DEV: 'false' });
});
