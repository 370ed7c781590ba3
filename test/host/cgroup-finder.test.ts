import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import type { Hierarchies } from '../../host/cgroup/hierarchies.js';
import { CgroupFinder } from '../../host/inventory/cgroup-finder.js';

it('a runtime’s own process in a cgroup is not taken for the container’s init', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'boxtop-cgroup-'));
  const helper = spawn('sleep', ['100'], { argv0: '/usr/bin/runc' });
  try {
    await once(helper, 'spawn');
    const tree = { primary: 'unified', directoryOf: () => directory } as unknown as Hierarchies;
    const initWith = async (...pids: number[]) => {
      await writeFile(join(directory, 'cgroup.procs'), `${pids.join('\n')}\n`);
      return new CgroupFinder(tree, () => {}).initOf('/system.slice/docker-x.scope');
    };
    assert.equal(await initWith(helper.pid!), undefined);
    assert.equal(await initWith(helper.pid!, process.pid), process.pid);
  } finally {
    helper.kill();
    await rm(directory, { recursive: true });
  }
});
