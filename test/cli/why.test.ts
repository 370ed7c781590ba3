import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import test from 'node:test';
import { runWhy } from '../../cli/commands/why.js';
import { unpackDemo } from '../../recordings/demo.js';
import { recording } from '../native/recordings.js';

const whatif = recording('whatif');
const skip = whatif === undefined && 'no ../shared/traces here';

async function page(name: string, path: string, inventory: readonly string[] = []): Promise<string> {
  const stream = new PassThrough({ encoding: 'utf8' });
  await runWhy({ name, path, inventory }, stream);
  return String(stream.read());
}

test('the page tells the verdict first, then the figures, then what would help', async () => {
  const text = await page('miner', await unpackDemo());
  assert.match(text, /^miner \(.*podman, 8e3a1844d60e\)/);
  assert.match(text, /\n\nQuota: throttled \d+%, 6\d\d times\.\n/);
  assert.match(text, /its limit is 0\.25 CPUs\./);
  assert.match(text, /used up in 6\d\d periods, .* \(measured by kprobes\)\./);
  assert.match(text, /Second by second, of 64: quota 64\./);
  assert.match(text, /What would help: a higher CPU limit than 0\.25 CPUs\./);
});

test('a limit that a pod or slice sets is told with its cgroup', async () => {
  const demo = await unpackDemo();
  const [batch] = JSON.parse(await readFile(join(demo, 'host-before/docker-inspect.json'), 'utf8')).filter(
    ({ Name }: { Name: string }) => Name === '/batch',
  );
  const directory = await mkdtemp(join(tmpdir(), 'boxtop-why-'));
  const file = join(directory, 'inventory.json');
  const pageWith = async (limits: object) => {
    const container = { id: batch.Id, runtime: 'docker', name: 'batch', limit_cpus: 0.2, limits };
    const document = { format: 'boxtop-inventory', version: 1, time: '1', complete: true };
    await writeFile(file, JSON.stringify({ ...document, containers: [container] }));
    return page('batch', demo, [file]);
  };
  const own = { cpu_quota_us: 20_000, cpu_period_us: 100_000, cpus: 0.2, cpus_set_by: '/docker/x' };
  assert.match(await pageWith(own), /its limit is 0\.20 CPUs\./);
  const above = { cpu_period_us: 100_000, cpus: 0.2, cpus_set_by: '/kubepods/pod1' };
  assert.match(
    await pageWith(above),
    /its limit is 0\.20 CPUs, set above it by the cgroup \/kubepods\/pod1\./,
  );
  await rm(directory, { recursive: true });
});

test('who crowds it out is named with what they used', { skip }, async () => {
  const text = await page('api', join(whatif!, 'hog2'));
  assert.match(text, /Crowded out by hog1, hog2: \d+%\./);
  assert.match(text, /a limit for hog1 \(0\.\d\d CPUs, no limit is known\), hog2 \(/);
});

test('whom it waits for is named, with that one’s verdict', { skip }, async () => {
  const text = await page('/^[0-9a-f]{12}$/', join(whatif!, 'q20'));
  assert.match(text, /Waiting for api: \d+%\./);
  assert.match(text, /look at api, of which the verdict is “quota: throttled/);
});

test('a name that no container has is an error that lists the names', async () => {
  await assert.rejects(
    page('nix', await unpackDemo()),
    /no container has the name nix: there are .*web-client/,
  );
});
