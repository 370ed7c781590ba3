import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KeyDecoder } from '../../tui/terminal/keys.js';

const names = (...reads: string[]) => {
  const decoder = new KeyDecoder();
  return reads.flatMap((read) => decoder.push(Buffer.from(read))).map(({ name }) => name);
};

describe('KeyDecoder', () => {
  for (const [bytes, expected] of [
    ['jj', ['j', 'j']],
    ['aA!é字😀', ['a', 'A', '!', 'é', '字', '😀']],
    [' \r\n\t\x7f\b', ['space', 'enter', 'enter', 'tab', 'backspace', 'backspace']],
    ['\x03\x04\x15\x1a\0', ['ctrl-c', 'ctrl-d', 'ctrl-u', 'ctrl-z', 'ctrl-space']],
    ['\x1b[A\x1b[B\x1b[C\x1b[D\x1bOA', ['up', 'down', 'right', 'left', 'up']],
    ['\x1b[H\x1b[F\x1b[1~\x1b[4~\x1b[7~\x1b[8~\x1bOH', ['home', 'end', 'home', 'end', 'home', 'end', 'home']],
    ['\x1b[2~\x1b[3~\x1b[5~\x1b[6~', ['insert', 'delete', 'pageup', 'pagedown']],
    ['\x1bOP\x1bOQ\x1bOR\x1bOS', ['f1', 'f2', 'f3', 'f4']],
    ['\x1b[11~\x1b[12~\x1b[13~\x1b[14~\x1b[15~', ['f1', 'f2', 'f3', 'f4', 'f5']],
    [
      '\x1b[17~\x1b[18~\x1b[19~\x1b[20~\x1b[21~\x1b[23~\x1b[24~',
      ['f6', 'f7', 'f8', 'f9', 'f10', 'f11', 'f12'],
    ],
    ['\x1b[[A\x1b[[E', ['f1', 'f5']],
    [
      '\x1b[Z\x1b[1;5C\x1b[1;2D\x1b[3;3~\x1b[1;6H',
      ['shift-tab', 'ctrl-right', 'shift-left', 'alt-delete', 'ctrl-shift-home'],
    ],
    ['\x1bx\x1b\x7f', ['alt-x', 'alt-backspace']],
    ['\x1b[?1;2c\x1b[99~q', ['q']],
  ] as const) {
    it(`reads ${JSON.stringify(bytes)}`, () => assert.deepEqual(names(bytes), expected));
  }

  it('puts together what comes in several reads', () => {
    assert.deepEqual(names('\x1b', '[', 'A'), ['up']);
    assert.deepEqual(names('\x1b[1', ';5', 'C', 'x'), ['ctrl-right', 'x']);
    const decoder = new KeyDecoder();
    const [first, second] = [Buffer.from('字').subarray(0, 1), Buffer.from('字').subarray(1)];
    assert.deepEqual(decoder.push(first), []);
    assert.deepEqual(decoder.push(second), [{ name: '字', text: '字' }]);
  });

  it('takes an ESC that nothing follows for Escape, only when told that nothing does', () => {
    const decoder = new KeyDecoder();
    assert.deepEqual(decoder.push(Buffer.from('\x1b')), []);
    assert.equal(decoder.isWaiting, true);
    assert.deepEqual(decoder.flush(), [{ name: 'escape', text: undefined }]);
    assert.equal(decoder.isWaiting, false);
    assert.deepEqual(names('\x1b\x1b[A'), ['escape', 'up']);
  });

  it('takes a paste as one, never as keys', () => {
    const decoder = new KeyDecoder();
    const keys = ['a\x1b[200~q\x03', 'uit\x1b[20', '1~b'].flatMap((read) => decoder.push(Buffer.from(read)));
    assert.deepEqual(
      keys.map(({ name }) => name),
      ['a', 'paste', 'b'],
    );
    assert.equal(keys[1]?.text, 'q\x03uit');
  });

  it('survives anything', () => {
    const decoder = new KeyDecoder();
    for (let round = 0; round < 2000; round++) {
      const bytes = Uint8Array.from(
        { length: 1 + (round % 40) },
        (_, i) => (round * 7919 + i * 104_729 + i * i * round) % 256,
      );
      decoder.push(bytes);
      if (round % 3 === 0) decoder.flush();
    }
    decoder.push(Buffer.from('\x1b[201~'));
    decoder.flush();
    assert.deepEqual(decoder.push(Buffer.from('z')).at(-1)?.name, 'z');
  });
});
