/**
 * `:record` in the whole live view, with LTTng's real daemons: only that, as this machine's kernel need not be traceable, what
 * is asked of the kernel is done with the events of a user-space program (ust/lttng).
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../native/recordings.js';
import { hasTmux, Tmux } from '../tui/tmux.js';

const skip = hasTmux() ? false : 'tmux is not installed';
const NOBODY = 65534;
const UST = join(root, 'test/native/ust');
/** Two threads with 200 events each. */
const EVENTS = { 'boxtop_test:integers': 400 };

describe('a recording that begins while one watches', { skip, timeout: 240_000 }, () => {
  let tmux: Tmux;
  let home: string;
  before(async () => {
    tmux = new Tmux(100, 24);
    home = join(tmux.folder, 'home');
    const tools = join(tmux.folder, 'tools');
    mkdirSync(home);
    cpSync(join(root, 'test/session/ust'), tools, { recursive: true });
    const program = [join(UST, 'program.c'), '-llttng-ust', '-ldl', '-lpthread', '-lm'];
    execFileSync('gcc', ['-O1', '-I', UST, '-o', join(tools, 'program'), ...program]);
    if (process.getuid?.() === 0) {
      // Root's session daemon would be the machine's own.
      chmodSync(tmux.folder, 0o755);
      chownSync(home, NOBODY, NOBODY);
      tmux.type(`exec setpriv --reuid ${NOBODY} --regid ${NOBODY} --clear-groups bash --norc --noprofile -i`);
    }
    const settings = ['HOME', 'LTTNG_HOME', 'XDG_RUNTIME_DIR', 'XDG_STATE_HOME', 'XDG_CONFIG_HOME'];
    tmux.type(
      `export ${settings.map((name) => `${name}=${home}`).join(' ')} LTTNG_UST_REGISTER_TIMEOUT=5000`,
    );
    tmux.type(`export PATH=${tools}:$PATH; cd ${home}; lttng-sessiond --no-kernel --daemonize; clear`);
    await tmux.until(/^\$$/m);
  });
  after(async () => {
    const pidFile = join(home, '.lttng/lttng-sessiond.pid');
    if (existsSync(pidFile)) process.kill(Number(readFileSync(pidFile, 'utf8')));
    await sleep(200);
    tmux.close();
  });

  const watch = async (...args: string[]) => {
    tmux.type(`clear; node ${root}/dist/test/session/watch.js ${args.join(' ')}`);
    await tmux.until(/ live /);
  };
  /** Runs the traced program once, as the same user, beside the screen. */
  const trace = async () => {
    tmux.keys('C-z');
    await tmux.until(/Stopped/);
    tmux.type('program; clear; fg');
    await tmux.until(/ live /);
  };
  const command = async (line: string, answer: RegExp) => {
    tmux.type(`:${line}`);
    return tmux.until(answer);
  };
  const eventsOf = (recording: string) => {
    const args = [join(root, 'bin/boxtop.js'), 'info', join(home, recording), '-f', 'json'];
    return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })).events;
  };
  const sessions = () => readdirSync(home).filter((name) => name.startsWith('boxtop-'));

  it('has what happens from then on, to where it is ended', async () => {
    await watch();
    assert.doesNotMatch(tmux.screen(), / rec /);
    await trace();
    await command('record', /a recording needs a directory/);
    tmux.keys('Escape');
    await tmux.until(/F1 Help/);
    await command('record part', /Recording what happens from now on to part; :record ends it/);
    assert.match(tmux.screen().split('\n')[0]!, / live +● rec /);
    await trace();
    await command('record other', /part is being recorded/);
    await command('record', /Recorded .* nothing lost: boxtop replay part/);
    assert.doesNotMatch(tmux.screen().split('\n')[0]!, / rec /);
    await trace();
    assert.deepEqual(eventsOf('part'), EVENTS);
    assert.match(readFileSync(join(home, 'part/recording.json'), 'utf8'), /"ended_ns": "\d+"/);
    assert.match(readFileSync(join(home, 'part/inventory.jsonl'), 'utf8'), /^\{.*"complete":true/);
    await command('record stop', /nothing is being recorded/);
    await command('record part', /part is not empty/);
    assert.doesNotMatch(tmux.screen().split('\n')[0]!, / rec /);
  });
  it('is ended well with boxtop, which leaves nothing', async () => {
    await command('record last', /Recording what happens from now on to last/);
    await trace();
    tmux.keys('q');
    await tmux.until(/^boxtop: Recorded .* boxtop replay last$/m);
    await tmux.until(/^\$$/m);
    assert.deepEqual(eventsOf('last'), EVENTS);
    assert.deepEqual(sessions(), []);
  });
  it('stays readable where boxtop is killed, and its session goes', async () => {
    await watch();
    await command('record cut', /Recording what happens from now on to cut/);
    await trace();
    tmux.keys('C-z');
    await tmux.until(/Stopped/);
    tmux.type('kill -9 %1; clear');
    for (let waited = 0; waited < 20_000 && sessions().length > 0; waited += 100) await sleep(100);
    assert.deepEqual(sessions(), []);
    tmux.type('clear; lttng --no-sessiond list');
    await tmux.until(/no recording session|Currently no/i);
    assert.deepEqual(eventsOf('cut'), EVENTS);
  });
  it('is not made of what is recorded anyway', async () => {
    await watch('whole');
    assert.match(tmux.screen().split('\n')[0]!, / live +● rec /);
    await command('record more', /whole is being recorded/);
    await command('record', /whole is recorded until boxtop ends \(--record\)/);
    await trace();
    tmux.keys('q');
    await tmux.until(/^\$$/m);
    assert.deepEqual(eventsOf('whole'), EVENTS);
  });
});
