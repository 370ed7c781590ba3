/** What the screen does with containers, with real runtimes in a real terminal: each thing has really happened. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Hierarchies } from '../../../host/cgroup/hierarchies.js';
import { membershipOf } from '../../../host/processes.js';
import { hasTmux, Tmux } from '../../tui/tmux.js';
import { missing, run, startDaemon, tinyImage, type Workspace, workspace } from './engine.js';

/** Says something, and ends when it is asked to. */
const PROGRAM = 'echo a line of the log; trap "exit 0" TERM PWR; while :; do sleep 0.2; done';
const LXC_NAME = `boxtop-acted-${process.pid}`;
const LXC_PROGRAMS = ['info', 'attach', 'freeze', 'unfreeze', 'stop', 'cgroup'];

interface Engine {
  readonly runtime: string;
  readonly id: string;
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  /** Labels of the menu, in its order. */
  readonly offers: readonly string[];
  /** As the runtime says it, in small letters. */
  state(): Promise<string>;
  initPid(): Promise<number>;
  readonly frozen: RegExp;
  readonly stopped: RegExp;
}

const ALL = ['Logs', 'Inspect', 'Shell', 'Pause', 'Unpause', 'Stop', 'Limit CPU'];
const EVERY_ENGINE: readonly { name: string; needs: string[]; start(space: Workspace): Promise<Engine> }[] = [
  {
    name: 'Docker',
    needs: ['dockerd', 'docker', 'runc', 'busybox'],
    async start(space) {
      const env = { DOCKER_HOST: `unix://${join(space.directory, 'docker.sock')}` };
      const docker = (...args: readonly string[]) => run('docker', args, env);
      const at = (name: string) => join(space.directory, name);
      await startDaemon(
        space,
        'dockerd',
        [
          ...['--iptables=false', '--ip6tables=false', '--bridge=none', '--exec-opt'],
          ...['native.cgroupdriver=cgroupfs', '--data-root', at('data'), '--exec-root', at('exec')],
          ...['--pidfile', at('docker.pid'), '-H', env.DOCKER_HOST],
        ],
        () => docker('version'),
      );
      await docker('import', await tinyImage(space.directory), 'tiny:1');
      const id = await docker('run', '-d', '--network', 'none', 'tiny:1', 'sh', '-c', PROGRAM);
      space.cleanups.push(() => docker('rm', '-f', id));
      return engineLike('docker', id, env, docker);
    },
  },
  {
    name: 'Podman',
    needs: ['podman', 'runc', 'conmon', 'busybox'],
    async start(space) {
      const file = join(space.directory, 'storage.conf');
      const paths = `graphroot = "${space.directory}/root"\nrunroot = "${space.directory}/run"`;
      writeFileSync(file, `[storage]\ndriver = "vfs"\n${paths}\n`);
      const env = { CONTAINERS_STORAGE_CONF: file };
      const podman = (...args: readonly string[]) => run('podman', args, env);
      const common = ['--runtime', 'runc', '--cgroup-manager', 'cgroupfs'];
      await podman(...common, 'import', await tinyImage(space.directory), 'tiny:1');
      const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1000:1000'];
      const id = await podman(
        ...[...common, 'run', '-d', '--network', 'none', ...limits, 'tiny:1', 'sh', '-c', PROGRAM],
      );
      space.cleanups.push(() => podman('rm', '--force', '--time', '0', id));
      return engineLike('podman', id, env, podman);
    },
  },
  {
    name: 'LXC',
    needs: ['lxc-start', 'lxc-create', 'lxc-cgroup', 'busybox'],
    async start(space) {
      const directory = join(space.directory, 'lxc');
      const tools = join(space.directory, 'tools');
      for (const path of [directory, tools]) mkdirSync(path);
      // The programs that boxtop calls look where the system keeps its containers.
      for (const program of LXC_PROGRAMS) {
        const file = join(tools, `lxc-${program}`);
        writeFileSync(file, `#!/bin/sh\nPATH=\${PATH#*:}\nexec lxc-${program} -P ${directory} "$@"\n`);
        chmodSync(file, 0o755);
      }
      const configuration = join(space.directory, 'base.conf');
      writeFileSync(configuration, 'lxc.net.0.type = empty\n');
      const lxc = (program: string, ...args: readonly string[]) =>
        run(`lxc-${program}`, ['-P', directory, '-n', LXC_NAME, ...args]);
      await lxc('create', '-f', configuration, '-t', 'busybox');
      space.cleanups.push(() => lxc('stop', '-k').catch(() => {}));
      await lxc('start');
      return {
        runtime: 'lxc',
        id: LXC_NAME,
        name: LXC_NAME,
        env: { PATH: `${tools}:${process.env.PATH}` },
        offers: ALL.slice(1),
        state: async () => (await lxc('info', '-s', '-H')).toLowerCase(),
        initPid: async () => Number(await lxc('info', '-p', '-H')),
        frozen: /frozen/,
        stopped: /stopped/,
      };
    },
  },
];

function engineLike(
  runtime: string,
  id: string,
  env: Engine['env'],
  call: (...args: readonly string[]) => Promise<string>,
): Engine {
  const told = (field: string) => call('inspect', '-f', `{{.State.${field}}}`, id);
  return {
    ...{ runtime, id, env, name: 'acted', offers: ALL, frozen: /paused/, stopped: /exited/ },
    state: () => told('Status'),
    initPid: async () => Number(await told('Pid')),
  };
}

/** CPUs by the quota of the process's own cgroup; undefined for none. */
function cpuLimit(pid: number): number | undefined {
  const hierarchies = Hierarchies.read();
  const hierarchy = hierarchies.hierarchyOf('cpu')!;
  const path = hierarchies.parseMembership(membershipOf(pid) ?? '').get(hierarchy)!;
  const directory = hierarchies.directoryOf(hierarchy, path)!;
  const text = (file: string) => readFileSync(join(directory, file), 'utf8').trim();
  const [quota, period] = hierarchies.isV1('cpu')
    ? [text('cpu.cfs_quota_us'), text('cpu.cfs_period_us')]
    : text('cpu.max').split(' ');
  return Number(quota) > 0 ? Number(quota) / Number(period) : undefined;
}

for (const { name, needs, start } of EVERY_ENGINE) {
  const skip = missing(...needs) || (hasTmux() ? false : 'tmux is not installed');
  describe(`actions on a container of ${name}`, { skip, timeout: 240_000 }, () => {
    let space: Workspace;
    let engine: Engine;
    let tmux: Tmux;
    let restored: string;
    /** The modes of the terminal that programs change. */
    const modes = () => tmux.ask('#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{keypad_flag}');
    before(async () => {
      space = await workspace('acted');
      engine = await start(space);
      tmux = new Tmux(80, 24, engine.env);
      tmux.type(
        `clear; stty -a > ${tmux.folder}/before; node dist/test/tui/with-actions.js ${engine.runtime} ${engine.id} ${engine.name}`,
      );
      await tmux.until(/CPU%▼/);
      tmux.keys('Down');
      await tmux.until(/ pid_ns:\d+ · ID/);
      restored = modes();
    });
    after(async () => {
      tmux?.close();
      await space?.remove();
    });

    const act = async (label: string) => {
      await tmux.until(/F1 Help|^ Done|^ Nothing/m);
      tmux.keys('F9');
      await tmux.until(new RegExp(`^ ${label}( |$)`, 'm'));
      tmux.keys(...new Array<string>(engine.offers.indexOf(label)).fill('Down'), 'Enter');
    };
    /** Answers the question for confirmation. */
    const answer = async (text: string, said: RegExp) => {
      await tmux.until(/\? y\/n:/);
      tmux.type(text);
      await tmux.until(said);
    };
    const becomes = async (what: RegExp) => {
      for (let waited = 0; waited < 20_000; waited += 100) {
        if (what.test(await engine.state())) return;
        await sleep(100);
      }
      assert.match(await engine.state(), what);
    };

    it('are those that it offers', async () => {
      tmux.keys('F9');
      const screen = await tmux.until(/^ Limit CPU/m);
      const labels = ALL.filter((label) => new RegExp(`^ ${label}( |$)`, 'm').test(screen));
      assert.deepEqual(labels, engine.offers);
      tmux.keys('Escape');
      await tmux.until(/F1 Help/);
    });
    it('show its log and what is told of it, and give the screen back', async () => {
      if (engine.offers.includes('Logs')) {
        await act('Logs');
        await tmux.until(/^a line of the log$/m);
        assert.match(modes(), /^0 /);
        tmux.keys('C-c');
        await tmux.until(/F1 Help/);
        assert.equal(modes(), restored);
      }
      await act('Inspect');
      await tmux.until(engine.runtime === 'lxc' ? /State: +RUNNING/ : /"Id": "[0-9a-f]{64}"|"Args"|^\[/m);
      tmux.keys('Escape');
      await tmux.until(/F1 Help/);
    });
    it('open a shell in it', async () => {
      await act('Shell');
      await tmux.until(/[#$] *$/);
      tmux.type('readlink /proc/self/ns/pid || /bin/busybox readlink /proc/self/ns/pid');
      const inside = /pid:\[\d+\]/.exec(await tmux.until(/pid:\[\d+\]/))![0];
      assert.equal(inside, await run('readlink', [`/proc/${await engine.initPid()}/ns/pid`]));
      tmux.type('exit');
      await tmux.until(/F1 Help/);
      assert.equal(modes(), restored);
    });
    it('freeze it and let it go on, after a yes only', async () => {
      await act('Pause');
      await answer('n', /Nothing was done/);
      assert.match(await engine.state(), /running/);
      await act('Pause');
      await answer('y', /Done: /);
      await becomes(engine.frozen);
      await act('Unpause');
      await answer('y', /Done: /);
      await becomes(/running/);
    });
    it('give it another limit', async () => {
      const pid = await engine.initPid();
      assert.equal(cpuLimit(pid), undefined);
      await act('Limit CPU');
      await tmux.until(/CPUs of /);
      tmux.type('0.5');
      await answer('y', /Done: /);
      assert.equal(cpuLimit(pid), 0.5);
    });
    it('stop it, and say why a shell is not to be had then', async () => {
      await act('Stop');
      await answer('y', /Done: /);
      await becomes(engine.stopped);
      await act('Shell');
      await tmux.until(/\[it ended with code \d+: Enter returns to boxtop\]/);
      assert.match(tmux.screen(), /not running|on running|is not|Failed/i);
      tmux.keys('Enter');
      await tmux.until(/F1 Help/);
      assert.equal(modes(), restored);
    });
    it('let one read the log of one that has ended', async () => {
      if (!engine.offers.includes('Logs')) return;
      await act('Logs');
      await tmux.until(/a line of the log[\s\S]*\[it has ended: Enter returns to boxtop\]/);
      tmux.keys('Enter');
      await tmux.until(/F1 Help/);
    });
    it('leave the terminal as it was', async () => {
      tmux.keys('q');
      await tmux.until((screen) => screen.endsWith('$'));
      tmux.type(`stty -a > ${tmux.folder}/after; echo done`);
      await tmux.until(/^done$/m);
      assert.equal(tmux.file('after'), tmux.file('before'));
      assert.match(modes(), /^0 1 0/);
    });
  });
}
