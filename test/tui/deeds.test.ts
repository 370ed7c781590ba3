/** Acting on containers from the screen in a real terminal: programs that get the terminal, and those that do not. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { hasTmux, Tmux } from './tmux.js';

const skip = hasTmux() ? false : 'tmux is not installed';
const F9 = 'F9';

/** Writes down what it is asked for; `exec` is a shell that reads lines, `logs` goes on until it is interrupted. */
const DOCKER = `#!/bin/sh
printf '%s|' "$@" >> "$DOCKER_LOG"; echo >> "$DOCKER_LOG"
case "$1" in
  inspect) echo '[{"Id": "c0ffee"}]' ;;
  exec) echo "in the box"; while read -r line; do [ "$line" = exit ] && exit 0; echo "box said $line"; done ;;
  logs) echo "a line of the log"; exec sleep 600 ;;
  unpause) echo "Error: it is not paused" >&2; exit 3 ;;
esac
`;

describe('actions on a container, in a terminal', { skip }, () => {
  let tmux: Tmux;
  const asked = () => {
    const file = join(tmux.folder, 'docker.log');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  };
  /** The menu's nth entry. */
  const act = async (n: number) => {
    tmux.keys(F9);
    await tmux.until(/Inspect/);
    tmux.keys(...new Array<string>(n).fill('Down'), 'Enter');
  };
  before(async () => {
    tmux = new Tmux(80, 24);
    writeFileSync(join(tmux.folder, 'docker'), DOCKER);
    chmodSync(join(tmux.folder, 'docker'), 0o755);
    tmux.type(`export PATH=${tmux.folder}:$PATH DOCKER_LOG=${tmux.folder}/docker.log`);
    tmux.type(`clear; stty -a > ${tmux.folder}/before; node dist/test/tui/with-actions.js`);
    await tmux.until(/CPU%▼/);
    tmux.keys('I', 'k');
    await tmux.until(/CPU%▲/);
  });
  after(() => tmux.close());

  it('shows what the runtime tells', async () => {
    await act(1);
    await tmux.until(/"Id": "c0ffee"/);
    tmux.keys('Escape');
    await tmux.until((screen) => !screen.includes('c0ffee') && /CPU%/.test(screen));
    assert.deepEqual(asked(), ['inspect|c0ffee|']);
  });
  it('hands the terminal to a shell, and takes it back', async () => {
    await act(2);
    await tmux.until(/in the box/);
    assert.equal(tmux.ask('#{alternate_on} #{cursor_flag}'), '0 1');
    tmux.type('hello');
    await tmux.until(/box said hello/);
    tmux.resize(100, 30);
    tmux.type('exit');
    await tmux.until(/F1 Help/);
    assert.equal(tmux.screen().split('\n').length, 30);
    tmux.resize(80, 24);
    tmux.keys('?');
    await tmux.until(/A page down/);
    tmux.keys('Escape');
    await tmux.until(/CPU%▲/);
    assert.equal(asked().at(-1), 'exec|--interactive|--tty|c0ffee|sh|');
  });
  it('returns from a log by Ctrl-C', async () => {
    await act(0);
    await tmux.until(/a line of the log/);
    tmux.keys('C-c');
    await tmux.until(/F1 Help/);
    assert.equal(asked().at(-1), 'logs|--follow|--tail|200|c0ffee|');
  });
  it('asks before it changes something', async () => {
    await act(5);
    await tmux.until(/Stop \S+\? y\/n:[\s\S]*y runs: docker stop c0ffee/);
    tmux.keys('n', 'Enter');
    await tmux.until(/Nothing was done/);
    assert.notEqual(asked().at(-1), 'stop|c0ffee|');
    await act(5);
    await tmux.until(/Stop \S+\?/);
    tmux.keys('y', 'Enter');
    await tmux.until(/Done: docker stop c0ffee/);
    assert.equal(asked().at(-1), 'stop|c0ffee|');
  });
  it('sets a limit, and says why it could not do something', async () => {
    await act(6);
    await tmux.until(/CPUs of \S+:/);
    tmux.type('many');
    await tmux.until(/is no number of CPUs/);
    tmux.keys('C-u');
    tmux.type('0.5');
    await tmux.until(/Limit CPU \S+\?/);
    tmux.keys('y', 'Enter');
    await tmux.until(/Done: docker update --cpus 0\.5 c0ffee/);
    await act(4);
    await tmux.until(/Unpause \S+\?/);
    tmux.keys('y', 'Enter');
    await tmux.until(/docker failed \(3\): Error: it is not paused/);
    assert.deepEqual(asked().slice(-2), ['update|--cpus|0.5|c0ffee|', 'unpause|c0ffee|']);
  });
  it('ends with the program that has the terminal, and leaves the terminal as it was', async () => {
    await act(0);
    await tmux.until(/a line of the log/);
    process.kill(tmux.child()!, 'SIGTERM');
    await tmux.until((screen) => screen.endsWith('$'));
    tmux.type(`echo code $?; stty -a > ${tmux.folder}/after; pgrep -f "^sleep 600" -P 1,$$ ; echo "done"`);
    const screen = await tmux.until(/done\n\$/);
    assert.match(screen, /code 143/);
    assert.equal(tmux.file('after'), tmux.file('before'));
    assert.equal(tmux.ask('#{alternate_on} #{cursor_flag} #{wrap_flag}'), '0 1 1');
  });
});
