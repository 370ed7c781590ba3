import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Hierarchies } from '../../../host/cgroup/hierarchies.js';
import { machinesIn } from '../../../host/inventory/runtimes/machines.js';
import { InventoryWatcher } from '../../../host/inventory/watcher.js';
import { missing, removeCgroups, tinyImage, until, type Workspace, workspace } from './engine.js';

const OURS = `/boxtop-test-${process.pid}`;
const NAME = `tiny-${process.pid}`;
/** As systemd-machined calls the scope of a machine, with what a unit's name must not have escaped. */
const SCOPE = `${OURS}/machine.slice/machine-${NAME.replaceAll('-', '\\x2d')}.scope`;

/** systemd-nspawn itself; what systemd-machined would do for it, its scope and its file, is made by hand. */
describe('systemd-nspawn', { skip: missing('systemd-nspawn', 'busybox') }, () => {
  let space: Workspace;
  let watcher: InventoryWatcher;
  let machines: string;
  const hierarchies = Hierarchies.read();
  const entry = () =>
    watcher.snapshot().containers.find((each) => each.name === NAME && each.finishedAt === undefined);

  async function scopes(): Promise<string[]> {
    const directories = (['cpu', 'cpuacct', 'memory', 'pids', 'systemd', 'unified'] as const).flatMap(
      (controller) => hierarchies.directoryOf(controller, SCOPE) ?? [],
    );
    for (const directory of directories) await mkdir(directory, { recursive: true });
    return [...new Set(directories)];
  }

  before(async () => {
    space = await workspace('nspawn');
    await tinyImage(space.directory);
    const root = join(space.directory, 'tiny');
    await mkdir(join(root, 'etc'));
    await mkdir(join(root, 'usr'));
    await writeFile(join(root, 'etc/os-release'), 'ID=tiny\n');
    machines = join(space.directory, 'machines');
    await mkdir(machines);
    const directories = await scopes();
    const isV1 = hierarchies.isV1('cpu');
    const cpu = hierarchies.directoryOf(hierarchies.hierarchyOf('cpu')!, SCOPE)!;
    if (isV1) await writeFile(join(cpu, 'cpu.cfs_quota_us'), '30000');
    else await writeFile(join(cpu, 'cpu.max'), '30000 100000');
    const enter = directories.map((directory) => `echo $$ > '${directory}/cgroup.procs'`).join('; ');
    const nspawn = `exec systemd-nspawn --register=no --keep-unit -q -D '${root}' -M '${NAME}' /bin/sleep 1000`;
    // Seen by the watcher as the shell that it is, for longer than what starts a container usually takes.
    const child = spawn('sh', ['-c', `${enter}; sleep 2.5; ${nspawn}`], { stdio: 'ignore' });
    space.cleanups.push(() => child.kill('SIGKILL'));
    watcher = new InventoryWatcher({
      runtimes: [machinesIn(machines)],
      times: { look: 50, firstRetry: 20, longestRetry: 100 },
      sampleMs: 100,
    });
    watcher.start();
  });
  after(async () => {
    watcher?.stop();
    await space.remove();
    await removeCgroups(OURS);
  });

  it('is known by its cgroup, with its first process and not its supervisor', async () => {
    const found = await until(
      'its init is known',
      () => (entry()?.namespaces?.pid !== undefined && entry()?.samples ? entry() : undefined),
      15_000,
    );
    assert.deepEqual([found.runtime, found.id, found.cgroupPath], ['systemd-nspawn', NAME, SCOPE]);
    const of = (file: string) => {
      const pid = entry()?.initPid;
      return pid === undefined ? '' : readFileSync(`/proc/${pid}/${file}`, 'utf8');
    };
    await until('its init is its program', () => of('cmdline').startsWith('/bin/sleep\0'));
    const status = of('status');
    assert.match(status, /^NSpid:.*\t1$/m);
    assert.deepEqual([entry()!.limitCpus, entry()!.limits?.cpusSetBy], [0.3, SCOPE]);
    await until('its counters are read', () => entry()?.samples?.at(-1)?.cpuUsageUs);
  });

  it('has its image and start from the file of systemd-machined', async () => {
    const leader = entry()!.initPid!;
    const root = join(space.directory, 'tiny');
    await writeFile(
      join(machines, NAME),
      `NAME=${NAME}\nSCOPE=machine-${NAME}.scope\nSERVICE=systemd-nspawn\nROOT="${root}"\nCLASS=container\nLEADER=${leader}\nREALTIME=1700000000000000\n`,
    );
    const told = await until('its image is known', () => entry()?.image !== undefined && entry());
    assert.deepEqual([told.image, told.initPid, told.cgroupPath], [root, leader, SCOPE]);
    assert.equal(told.startedAt, 1_700_000_000_000_000_000n);
  });

  it('ends with its first process', async () => {
    const { initPid } = entry()!;
    process.kill(initPid!, 'SIGKILL');
    await writeFile(join(machines, NAME), '');
    await until('its end is known', () => entry() === undefined);
  });
});
