import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { root } from '../native/recordings.js';

const NOBODY = 65534;
const CHILD = fileURLToPath(new URL('child.js', import.meta.url));
const UST = join(root, 'test/native/ust');

describe('a live session of our own', { timeout: 120_000 }, () => {
  let directory: string;
  let home: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'boxtop-test-'));
    home = join(directory, 'home');
    mkdirSync(home);
    if (process.getuid?.() === 0) {
      chmodSync(directory, 0o755);
      chownSync(home, NOBODY, NOBODY);
    }
    const program = [join(UST, 'program.c'), '-llttng-ust', '-ldl', '-lpthread', '-lm'];
    execFileSync('gcc', ['-O1', '-I', UST, '-o', join(directory, 'program'), ...program]);
  });
  after(async () => {
    const pidFile = join(home, '.lttng/lttng-sessiond.pid');
    if (existsSync(pidFile)) process.kill(Number(readFileSync(pidFile, 'utf8')));
    await sleep(200);
    rmSync(directory, { recursive: true, force: true });
  });

  /** As root, everything runs as nobody, because root's session daemon would be the machine's own. */
  const run = (...args: string[]) =>
    new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
      const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
      execFile(
        process.execPath,
        [CHILD, join(directory, 'program'), ...args],
        {
          ...user,
          cwd: home,
          env: {
            PATH: process.env.PATH,
            HOME: home,
            LTTNG_HOME: home,
            XDG_RUNTIME_DIR: home,
            LTTNG_UST_REGISTER_TIMEOUT: '5000',
          },
        },
        (error, stdout, stderr) => resolve({ code: error?.signal ?? error?.code ?? 0, stdout, stderr }),
      );
    });

  it('can be read from its first event on, and leaves nothing', async () => {
    const { code, stdout, stderr } = await run();
    assert.equal(code, 0, stderr);
    const found = JSON.parse(stdout);
    assert.equal(found.events, 400, 'two threads with 200 events each');
    assert.deepEqual(found.losses, { discardedEvents: 0, lostPackets: 0 });
    assert.ok(found.url.endsWith(`/${found.name}`));
    assert.deepEqual([found.names, found.before, found.after], [[found.name], [found.name], []]);
    assert.deepEqual(found.warnings, []);
  });

  it('leaves the recording that was wanted, with all that was seen', async () => {
    const { code, stdout, stderr } = await run('record');
    assert.equal(code, 0, stderr);
    const { events, recorded, after: left } = JSON.parse(stdout);
    assert.deepEqual([events, recorded, left], [400, 400, []]);
  });

  it('is taken away by its guard where boxtop is killed', async () => {
    const { code, stdout } = await run('die');
    assert.equal(code, 'SIGKILL');
    const { name } = JSON.parse(stdout);
    for (let waited = 0; waited < 20_000 && isThere(name); waited += 100) await sleep(100);
    assert.ok(!isThere(name), 'directory or relay daemon are still there');
  });

  it('says so when its relay daemon dies, and leaves nothing', async () => {
    const { code, stdout, stderr } = await run('bereave');
    assert.equal(code, 0, stderr);
    const { message, after: left } = JSON.parse(stdout);
    assert.match(message, /^the tracing session is over \(its relay daemon has ended\): nothing more comes/);
    assert.deepEqual(left, []);
  });

  function isThere(name: string): boolean {
    const lists = existsSync(join(home, name));
    const runs = readdirSync('/proc').some((pid) => {
      try {
        return (
          /^\d+$/.test(pid) &&
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`--working-directory=${join(home, name)}`)
        );
      } catch {
        return false;
      }
    });
    return lists || runs;
  }
});
