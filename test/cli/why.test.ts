import assert from 'node:assert/strict';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import test from 'node:test';
import { runWhy } from '../../cli/commands/why.js';
import { unpackDemo } from '../../recordings/demo.js';
import { recording } from '../native/recordings.js';

const whatif = recording('whatif');
const skip = whatif === undefined && 'no ../shared/traces here';

async function page(name: string, path: string): Promise<string> {
  const stream = new PassThrough({ encoding: 'utf8' });
  await runWhy({ name, path, inventory: [] }, stream);
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
