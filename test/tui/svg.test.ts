import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { svgOf } from '../../tui/export/svg.js';
import { Grid } from '../../tui/terminal/grid.js';

function picture(frame: string): string {
  const grid = new Grid(10, 2);
  grid.fill(frame);
  return svgOf(grid, 'a < b');
}

describe('the screen as SVG', () => {
  it('has text and colours in their places', () => {
    const svg = picture('ab\u001b[31mred\u001b[0m\n\u001b[48;5;80mx\u001b[0m');
    assert.match(svg, /width="84" height="36"/);
    assert.match(svg, /<text x="0" y="13.5" textLength="16.8" [^>]*fill="#d4d7da">ab</);
    assert.match(svg, /<text x="16.8" y="13.5" [^>]*fill="#d05050">red</);
    assert.match(svg, /<rect x="0" y="18" width="8.4" height="18" fill="#5fd7d7"\/>/);
  });
  it('escapes what would be markup', () => {
    const svg = picture('<&">');
    assert.match(svg, /&lt;&amp;&quot;&gt;/);
    assert.match(svg, /<title>a &lt; b<\/title>/);
  });
  it('keeps wide characters in their two columns', () => {
    assert.match(picture('字ab'), /textLength="84" [^>]*>字ab {6}</);
  });
});
