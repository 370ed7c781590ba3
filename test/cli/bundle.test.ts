/** The script that `npm run build` makes of all modules, with its bytecode: what runs, and what runs where it cannot. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { root } from '../native/recordings.js';

/** Tells of `--version` what was run for it, and whether V8 took the bytecode. */
const TELL = `
import { isBundled, loadBundle, setCompilerFlags } from './bin/bundle.js';
setCompilerFlags();
console.log(isBundled(), isBundled() ? loadBundle().script.cachedDataRejected : undefined);
`;

describe('the bundle', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'boxtop-bundle-'));
    const parts = ['analyzers', 'bundle', 'cli', 'host', 'native', 'recordings', 'tui'];
    for (const path of ['bin', 'package.json', ...parts.map((part) => `dist/${part}`)])
      cpSync(join(root, path), join(directory, path), { recursive: true, preserveTimestamps: true });
    symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
    writeFileSync(join(directory, 'tell.mjs'), TELL);
  });
  after(() => rmSync(directory, { recursive: true }));

  const run = (...args: string[]) => {
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: directory, encoding: 'utf8' });
    return stdout + stderr;
  };
  const version = () => run('bin/boxtop.js', '--version');
  const bundle = () => join(directory, 'dist/bundle');
  const bytecode = () => join(bundle(), readdirSync(bundle()).find((name) => name.endsWith('.bytecode'))!);

  it('is what runs, with bytecode that V8 takes', () => {
    assert.equal(run('tell.mjs'), 'true false\n');
    assert.match(version(), /^\d+\.\d+\.\d+\n$/);
  });

  it('runs where V8 refuses the bytecode', () => {
    writeFileSync(bytecode(), 'of another V8');
    assert.equal(run('tell.mjs'), 'true true\n');
    assert.match(version(), /^\d+\.\d+\.\d+\n$/);
  });

  it('runs without bytecode', () => {
    rmSync(bytecode());
    assert.equal(run('tell.mjs'), 'true undefined\n');
    assert.match(version(), /^\d+\.\d+\.\d+\n$/);
  });

  it('is left aside where the modules are newer', () => {
    utimesSync(join(directory, 'dist/cli/main.js'), new Date(), new Date(Date.now() + 5000));
    assert.equal(run('tell.mjs'), 'false undefined\n');
    assert.match(version(), /^\d+\.\d+\.\d+\n$/);
  });
});
