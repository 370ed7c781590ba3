import assert from 'node:assert/strict';
import test from 'node:test';
import { strip } from '../../tui/components/strip.js';
import { glyphsFor, Painter, themes } from '../../tui/theme.js';

const painter = (isUnicode: boolean, depth: 'none' | '256' = 'none') =>
  new Painter(themes[depth], glyphsFor(isUnicode, depth));

test('a strip shares its cells out, with names where there is room', () => {
  const parts = [
    { name: 'web', share: 0.5, token: 'series1' },
    { name: 'database', share: 0.2, token: 'series2' },
    { name: 'host', share: 0.1, token: 'host' },
  ] as const;
  assert.equal(strip(parts, 20, painter(false)).text, 'web#######dat~==....');
  assert.equal(strip(parts, 20, painter(true)).text, 'web███████dat…▓▓····');
  const { text, painted } = strip(parts, 20, painter(true, '256'));
  assert.equal(painted.replace(/\u001b\[[0-9;]*m/g, ''), text);
  assert.equal(painted.match(/\u001b\[0m/g)?.length, 4);
});

test('a strip never outgrows its width, whatever the shares and names', () => {
  const parts = Array.from(
    { length: 9 },
    (_, i) => ({ name: `\u001b[2J長い名前${i}`, share: 0.17, token: 'host' }) as const,
  );
  for (const width of [0, 1, 7, 40]) {
    const { text } = strip(parts, width, painter(true));
    assert.ok(!text.includes('\u001b'));
    assert.ok([...text].reduce((sum, char) => sum + (char > '\u2fff' ? 2 : 1), 0) === width, text);
  }
});
