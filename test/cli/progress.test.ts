import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it, mock } from 'node:test';
import { progressLine, startProgress } from '../../cli/progress.js';

describe('the progress line', () => {
  it('has a bar as long as what was read, and fits into the terminal', () => {
    assert.equal(progressLine('reading', 0.5), 'reading [############------------]  50%');
    assert.equal(progressLine('reading', 1.2), 'reading [########################] 100%');
    assert.equal(progressLine('reading', undefined), 'reading …');
    assert.equal(progressLine('reading', 0.5, 20).length, 19);
  });

  it('comes after a second on a terminal, and goes without a trace', () => {
    process.env.TERM = 'xterm';
    mock.timers.enable({ apis: ['setInterval'] });
    const now = mock.method(performance, 'now', () => 0);
    const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: true, columns: 80 });
    const progress = startProgress('reading', () => 0.25, stream);
    mock.timers.tick(200);
    assert.equal(stream.read(), null);
    now.mock.mockImplementation(() => 1500);
    mock.timers.tick(200);
    assert.match(stream.read(), /^\rreading \[######-+\] {2}25%/);
    progress.stop();
    assert.equal(stream.read(), '\r\u001b[K');
    mock.timers.tick(1000);
    assert.equal(stream.read(), null);
    mock.reset();
    mock.timers.reset();
  });

  it('is not shown where nobody looks', () => {
    const stream = new PassThrough();
    const progress = startProgress('reading', () => 0.25, stream);
    progress.clear();
    progress.stop();
    assert.equal(stream.read(), null);
  });
});
