/** Field by field equal to babeltrace2: every stream of every trace at hand, by a digest of its text. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { unpackDemo } from '../../recordings/demo.js';
import { streamFiles } from '../ctf/files.js';
import { writeFiles } from '../ctf/writer.js';
import {
  assertSameOutput,
  babeltrace,
  buildCtfText,
  ctfText,
  digest,
  linkStream,
  temporary,
  verify,
} from './oracle.js';
import { piece, recording } from './recordings.js';
import { authored } from './traces/index.js';
import { recordUserSpace } from './ust/record.js';

const scratch = temporary('oracle');
before(buildCtfText);
after(scratch.remove);

let next = 0;
const emptyDirectory = (): string => join(scratch.path, String(next++));

async function assertStream(ours: string, theirs: string, files: readonly string[]): Promise<void> {
  const [left, right] = [emptyDirectory(), emptyDirectory()];
  linkStream(ours, files, left);
  linkStream(theirs, files, right);
  // The text comes from a plain decoder; what fills batches is held to that one in turn.
  await Promise.all([assertSameOutput(ctfText(left), babeltrace(right)), digest(verify(left))]);
}

describe('traces written by hand', () => {
  for (const trace of authored) {
    it(`${trace.name}: ${trace.why}`, async () => {
      const ours = emptyDirectory();
      writeFiles(ours, trace.files);
      let theirs = ours;
      if (trace.equivalent) {
        theirs = emptyDirectory();
        writeFiles(theirs, trace.equivalent);
      }
      for (const files of trace.streams ?? streamFiles(ours).map((file) => [file]))
        await assertStream(ours, theirs, files);
    });
  }
});

it('a user-space trace made by lttng-ust now', async (t) => {
  const { trace, remove } = await recordUserSpace();
  for (const file of streamFiles(trace)) await t.test(file, () => assertStream(trace, trace, [file]));
  remove();
});

describe('pieces of real recordings', () => {
  for (const name of ['shop', 'deny', 'whatif']) {
    for (const file of streamFiles(piece(name))) {
      it(`${name}: ${file}`, () => assertStream(piece(name), piece(name), [file]));
    }
  }
  it('the demo recording', async (t) => {
    const demo = await unpackDemo(emptyDirectory());
    for (const file of streamFiles(demo)) await t.test(file, () => assertStream(demo, demo, [file]));
  });
});

describe('whole recordings', () => {
  for (const name of ['whatif', 'market', 'deny', 'shop']) {
    const directory = recording(name);
    if (!directory) {
      it(name, { skip: 'this machine has no ../shared/traces' }, () => {});
      continue;
    }
    const traces =
      name === 'whatif' ? readdirSync(directory).map((run) => join(directory, run)) : [directory];
    for (const trace of traces) {
      for (const file of streamFiles(trace))
        it(`${trace.slice(trace.indexOf(name))}: ${file}`, () => assertStream(trace, trace, [file]));
    }
  }
});
