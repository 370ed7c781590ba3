import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { RecordingError } from '../../recordings/error.js';
import { findRecording } from '../../recordings/open.js';

const complaint = (pattern: RegExp) => (error: Error) =>
  error instanceof RecordingError && pattern.test(error.message);

describe('what a path holds', () => {
  let root: string;
  const file = async (path: string) => {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), path.endsWith('.json') ? '[]' : '');
  };
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'boxtop-test-'));
    await file('recording/trace/kernel/metadata');
    await file('recording/host-before/docker-inspect.json');
    await file('recording/host-before/podman-inspect.json');
    await file('recording/host-after/docker-inspect.json');
    await file('recording/host-after/cgroup.json');
    await writeFile(join(root, 'recording/host-after/podman-inspect.json'), '');
    await file('session/ust/uid/1000/64-bit/metadata');
    await file('session/host-before/docker-inspect.json');
    await file('nothing/below/here');
    await file('locked/kernel/metadata');
  });
  after(() => rm(root, { recursive: true }));

  it('is a recording where trace/ lies in it, with the inventories in the order of knowledge', async () => {
    const path = join(root, 'recording');
    assert.deepEqual(await findRecording(path), {
      path,
      trace: join(path, 'trace'),
      inventoryFiles: [
        'host-before/docker-inspect.json',
        'host-before/podman-inspect.json',
        'host-after/docker-inspect.json',
      ].map((name) => join(path, name)),
      inventoryLog: undefined,
    });
  });

  it('takes the inventory that boxtop kept where boxtop recorded', async () => {
    const path = join(root, 'own');
    await file('own/trace/kernel/metadata');
    await writeFile(join(path, 'inventory.jsonl'), '{}\n');
    assert.equal((await findRecording(path)).inventoryLog, undefined);
    await writeFile(join(path, 'recording.json'), JSON.stringify({ format: 'boxtop-recording', version: 1 }));
    assert.equal((await findRecording(path)).inventoryLog, join(path, 'inventory.jsonl'));
    await writeFile(join(path, 'recording.json'), JSON.stringify({ format: 'boxtop-recording', version: 2 }));
    await assert.rejects(findRecording(path), /recorded by a newer boxtop/);
  });

  it('is a trace where a metadata file lies somewhere below', async () => {
    for (const name of ['session', 'session/ust', 'session/ust/uid/1000/64-bit']) {
      const path = join(root, name);
      assert.deepEqual(await findRecording(path), {
        path,
        trace: path,
        inventoryFiles: [],
        inventoryLog: undefined,
      });
    }
  });

  it('is nothing otherwise, and says what', async () => {
    await assert.rejects(findRecording(join(root, 'none')), complaint(/^there is no .*none$/));
    await assert.rejects(findRecording(join(root, 'nothing')), complaint(/no file named metadata/));
    await assert.rejects(
      findRecording(join(root, 'nothing/below/here')),
      complaint(/is a file: a recording is the directory/),
    );
  });

  it('may not be readable', {
    skip: process.getuid?.() === 0 ? 'root reads everything' : false,
  }, async () => {
    await chmod(join(root, 'locked'), 0);
    await assert.rejects(findRecording(join(root, 'locked')), complaint(/may not be read/));
    await chmod(join(root, 'locked'), 0o755);
  });
});
