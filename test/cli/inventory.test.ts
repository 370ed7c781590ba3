import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readInventory } from '../../host/inspect.js';
import { namespacesOf } from '../../host/processes.js';
import { bin, boxtop, demoRecording, output } from './boxtop.js';

describe('boxtop inventory', () => {
  let demo: Awaited<ReturnType<typeof demoRecording>>;
  before(async () => {
    demo = await demoRecording();
  });
  after(() => demo.remove());

  it('prints one document, whatever runs here', async () => {
    const document = JSON.parse(await output('inventory'));
    assert.deepEqual([document.format, document.version, document.complete], ['boxtop-inventory', 1, true]);
    assert.ok(Math.abs(Number(document.time) / 1e6 - Date.now()) < 60_000);
    assert.match(document.host.cgroup, /^(v1|v2|hybrid)$/);
    assert.ok(Array.isArray(document.runtimes) && Array.isArray(document.containers));
  });

  it('goes on with --watch until it is told to end', async () => {
    const child = spawn(process.execPath, [bin, 'inventory', '--watch'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    let text = '';
    const first = new Promise<void>((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (text.includes('\n')) resolve();
      });
    });
    await first;
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
    const lines = text.trimEnd().split('\n');
    assert.equal(JSON.parse(lines[0]!).complete, true);
    for (const line of lines) assert.equal(JSON.parse(line).format, 'boxtop-inventory');
  });

  it('is what --inventory takes, with pod, service, project, memory and limits', async () => {
    const inspected = JSON.parse(
      await output(
        'dump',
        'containers',
        demo.path,
        '--total',
        '-f',
        'json',
        '-c',
        'name,id',
        '--name',
        'web',
      ),
    );
    const counters = {
      cpu_usage_us: 1,
      cpu_periods: 1,
      cpu_throttled_periods: 0,
      cpu_throttled_us: 0,
      pids: 1,
    };
    const container = {
      id: inspected[0].id,
      runtime: 'docker',
      name: 'front/web',
      pod: 'shop/front',
      service: 'web',
      project: 'shop',
      limit_cpus: 0.2,
      limits: { memory_bytes: 1 << 20 },
      samples: [
        { time: '1', ...counters, memory_bytes: 4096, oom_kills: 1 },
        { time: '2', ...counters, memory_bytes: 8192, oom_kills: 1 },
      ],
    };
    const file = join(demo.path, 'own.json');
    await writeFile(
      file,
      JSON.stringify(
        { format: 'boxtop-inventory', version: 1, time: '1', complete: true, containers: [container] },
        undefined,
        2,
      ),
    );
    const columns = 'name,pod,service,project,limit_cpus,mem_bytes,mem_limit_bytes,oom_kills';
    const rows = JSON.parse(
      await output(
        'dump',
        'containers',
        demo.path,
        '--total',
        '-f',
        'json',
        '-c',
        columns,
        '--name',
        'front/web',
        '--inventory',
        file,
      ),
    );
    assert.deepEqual(rows, [
      {
        name: 'front/web',
        pod: 'shop/front',
        service: 'web',
        project: 'shop',
        limit_cpus: 0.2,
        mem_bytes: 8192,
        mem_limit_bytes: 1 << 20,
        oom_kills: 0,
      },
    ]);
  });

  it('takes what it printed itself of what runs here', async () => {
    const id = 'c'.repeat(64);
    const socket = join(demo.path, 'docker.sock');
    const daemon = createServer((request, response) => {
      const { pid } = process;
      if (request.url === '/_ping') response.setHeader('server', 'Docker/1.2 (linux)').end('OK');
      else if (request.url === '/containers/json') response.end(JSON.stringify([{ Id: id }]));
      else if (request.url === `/containers/${id}/json`) {
        const labels = { 'com.docker.compose.service': 'front', 'com.docker.compose.project': 'shop' };
        const State = { Pid: pid, StartedAt: '2026-11-22T16:10:40.5Z' };
        const answer = {
          Id: id,
          Name: '/renamed',
          State,
          Config: { Image: 'tiny:1\u001b[2J', Labels: labels },
        };
        response.end(JSON.stringify(answer));
      } else response.writeHead(200).flushHeaders();
    });
    await new Promise<void>((resolve) => daemon.listen(socket, resolve));
    const { code, stdout } = await boxtop(['inventory'], { DOCKER_HOST: `unix://${socket}` });
    daemon.closeAllConnections();
    daemon.close();
    assert.equal(code, 0);
    const printed = JSON.parse(stdout).containers.find((entry: { id: string }) => entry.id === id);
    const file = join(demo.path, 'printed.json');
    await writeFile(file, stdout);
    const read = (await readInventory([file])).find((entry) => entry.id === id)!;
    assert.deepEqual(
      [read.name, read.service, read.project, read.initPid, read.image],
      ['renamed', 'front', 'shop', process.pid, 'tiny:1\u001b[2J'],
    );
    assert.equal(read.startedAt, BigInt(printed.started_at));
    assert.deepEqual(read.namespaces, namespacesOf(process.pid));
    assert.equal(read.privileges?.capEffective, BigInt(`0x${printed.privileges.cap_effective}`));
    assert.deepEqual(read.limits?.cpuset, printed.limits.cpuset ?? undefined);
  });

  it('refuses a version that it does not know, in one line', async () => {
    const file = join(demo.path, 'newer.json');
    await writeFile(file, '{"format":"boxtop-inventory","version":99,"containers":[]}');
    const { code, stderr } = await boxtop(['dump', 'containers', demo.path, '--inventory', file]);
    assert.equal(code, 1);
    assert.match(stderr, /^boxtop: .*newer\.json: document 1 has version 99; this boxtop reads 1\n$/);
  });
});
