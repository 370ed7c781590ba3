import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startNotice } from '../../cli/commands/top.js';
import { bin, boxtop, demoRecording, output } from './boxtop.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

describe('boxtop', () => {
  for (const command of ['replay', 'dump', 'why', 'info', 'demo']) {
    it(`${command} --help shows options and examples`, async () => {
      const help = await output(command, '--help');
      assert.match(help, new RegExp(`^boxtop ${command}`));
      assert.match(help, /Options:/);
      assert.match(help, new RegExp(`Examples:\n(.|\n)*boxtop (${command}|dump)`));
    });
  }

  it('--help names the commands, --version the version', async () => {
    assert.match(await output('--help'), /boxtop replay <path>(.|\n)*boxtop completion/);
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    assert.equal(await output('--version'), `${version}\n`);
  });

  it('help of dump lists every column', async () => {
    const help = (await output('dump', '--help')).replace(/\s+/g, ' ');
    assert.match(help, /containers: time name id runtime image .*cpu_ns cpu_pct/);
  });

  it('completion prints a script that completes commands, tables and formats', async () => {
    assert.match(
      await output('completion'),
      /complete -o bashdefault -o default -F _boxtop_yargs_completions boxtop/,
    );
    const words = async (...line: string[]) =>
      (await output('--get-yargs-completions', 'boxtop', ...line)).trim().split('\n');
    assert.deepEqual(await words(''), [
      'replay',
      'dump',
      'record',
      'why',
      'compare',
      'denials',
      'info',
      'doctor',
      'sessions',
      'inventory',
      'config',
      'demo',
      'completion',
    ]);
    assert.deepEqual(await words('dump', 'c'), ['containers', 'cpus', 'connections']);
    assert.deepEqual(await words('dump', 'containers', 'x', '--format'), [
      'table',
      'json',
      'jsonl',
      'csv',
      'tsv',
    ]);
    assert.ok((await words('replay', '--')).includes('--speed'));
    assert.deepEqual(await words('replay', ''), ['']);
  });

  for (const [args, why] of [
    [['dmup'], /there is no command dmup; did you mean boxtop dump\?/],
    [['/var/trace'], /unexpected \/var\/trace; a recording is opened by boxtop replay PATH/],
    [['demo', '--speed', '2'], /unknown argument speed/],
    [['replay', 'x', '--speed', 'fast'], /“fast” is no speed/],
    [['replay'], /something is missing: boxtop replay <path>/],
  ] as const) {
    it(`${args.join(' ')} is wrong usage`, async () => {
      const { code, stderr } = await boxtop(args);
      assert.equal(code, 2);
      assert.match(stderr, why);
    });
  }

  for (const args of [[], ['demo'], ['replay', '/nonexistent']]) {
    it(`${args.join(' ') || 'without a command'} says in one line to use dump where there is no terminal`, async () => {
      const { code, stdout, stderr } = await boxtop(args);
      assert.equal(code, 1);
      assert.match(stderr, /^boxtop: [^\n]*boxtop dump[^\n]*\n$/);
      assert.equal(stdout, '');
    });
  }

  it('says which part of LTTng is missing', () => {
    assert.match(
      startNotice({ kernel: '6.1', modules: false, sessiond: false }),
      /^no LTTng kernel tracing on this machine \(no lttng-modules for Linux 6\.1, no lttng-sessiond\): playing the demo$/,
    );
    assert.match(
      startNotice({ kernel: '6.1', modules: false, sessiond: true }),
      /\(no lttng-modules for Linux 6\.1\)/,
    );
  });

  it('says what to do where it is not built', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'boxtop-test-'));
    try {
      await cp(join(root, 'bin'), join(directory, 'bin'), { recursive: true });
      const { status, stderr } = spawnSync(process.execPath, [join(directory, 'bin/boxtop.js')], {
        encoding: 'utf8',
      });
      assert.equal(status, 1);
      assert.equal(
        stderr,
        `boxtop: it is not built or installed completely: run “npm ci” in ${directory}/\n`,
      );
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('shows where an error came from only when asked', async () => {
    const quiet = await boxtop(['info', '/nonexistent']);
    assert.equal(quiet.stderr, 'boxtop: there is no /nonexistent\n');
    const loud = await boxtop(['info', '/nonexistent'], { BOXTOP_DEBUG: '1' });
    assert.match(loud.stderr, /\n +at .*recordings\/open\.ts/);
  });

  it('has documents that are what the code says', () => {
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/docs.mjs'), '--check'], {
      encoding: 'utf8',
    });
    assert.equal(stderr, '');
    assert.equal(status, 0);
  });

  it('is a program that can be started', () => {
    assert.equal(spawnSync(bin, ['--version'], { encoding: 'utf8' }).status, 0);
  });
});

describe('boxtop info', () => {
  let demo: string;
  let remove: () => Promise<void>;
  before(async () => {
    ({ path: demo, remove } = await demoRecording());
  });
  after(() => remove());

  it('counts events by name, and tells first and last and what was lost', async () => {
    const info = JSON.parse(await output('info', demo, '--format', 'json'));
    assert.equal(info.begin_ns, '1795363872425465355');
    assert.equal(info.end_ns, '1795363935961645965');
    assert.equal(info.discarded_events, 0);
    assert.equal(info.discarded_packets, 0);
    assert.equal(info.events.sched_switch, 78410);
    const counts = Object.values<number>(info.events);
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      993_548,
    );
  });

  it('describes host, tracer and channels with their contexts', async () => {
    const [trace] = JSON.parse(await output('info', demo, '-f', 'json')).traces;
    assert.equal(trace.host, 'vm');
    assert.equal(trace.kernel, '6.1.0-50-amd64');
    assert.equal(trace.tracer, 'lttng-modules 2.13.9');
    const life = trace.channels.find(({ name }: { name: string }) => name === 'life');
    assert.deepEqual(life.cpus, [0, 1]);
    assert.deepEqual(life.contexts, ['pid_ns', 'net_ns', 'cgroup_ns', 'user_ns', 'ipc_ns', 'uts_ns']);
  });

  it('says the same to people', async () => {
    const text = await output('info', demo);
    assert.match(text, /^kernel +6\.1\.0-50-amd64$/m);
    assert.match(text, /life on CPUs 0-1: \d+ kinds of events, contexts pid_ns net_ns/);
    assert.match(text, /^ +sched_switch +78410$/m);
    assert.match(text, /^lost +nothing$/m);
    assert.match(text, /^lacks +The trace has no signal_generate: .* \(denials\)$/m);
  });

  it('says in one line that the disk is full', () => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(bin, ['info', demo], {
      encoding: 'utf8',
      stdio: ['ignore', full, 'pipe'],
    });
    closeSync(full);
    assert.equal(status, 1);
    assert.match(stderr, /^boxtop: ENOSPC[^\n]*\n$/);
  });

  it('says what a trace lacks, which panels lack it, and what to do', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'boxtop-test-'));
    try {
      const trace = join(demo, 'trace/kernel');
      for (const name of readdirSync(trace)) symlinkSync(join(trace, name), join(directory, name));
      rmSync(join(directory, 'metadata'));
      const text = plainMetadata(readFileSync(join(trace, 'metadata')));
      writeFileSync(join(directory, 'metadata'), text.replaceAll('"sched_switch"', '"sched_swap"'));
      const info = JSON.parse(await output('info', directory, '-f', 'json'));
      assert.equal(info.events.sched_swap, 78410);
      assert.deepEqual(
        info.lacks.map(({ what, panels }: { what: string; panels: string[] }) => [what, ...panels]),
        [
          ['sched_switch', 'containers', 'processes', 'threads', 'cpus'],
          ['signal_generate', 'denials'],
        ],
      );
      const shown = await output('info', directory);
      assert.match(
        shown,
        /^lacks +The trace has no sched_switch: .*\n +Enable them when recording: lttng enable-event/m,
      );
      assert.match(shown, /^inventory +none/m);
      const [row] = JSON.parse(await output('dump', 'containers', directory, '--total', '-f', 'json'));
      assert.equal(row.cpu_ns, null);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

/** The text of packetized metadata: each packet has a header of 37 bytes, with its content's bits at byte 24. */
function plainMetadata(bytes: Buffer): string {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at + 28) / 8) {
    texts.push(bytes.toString('latin1', at + 37, at + bytes.readUInt32LE(at + 24) / 8));
  }
  return texts.join('');
}
