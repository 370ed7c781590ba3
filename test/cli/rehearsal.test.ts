import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Engine } from '../../analyzers/engine.js';
import { exporter } from '../../cli/exporter.js';
import { nameMatcher } from '../../cli/match.js';
import { rehearse } from '../../cli/rehearsal.js';
import { prepareEnvironment } from '../../tui/environment.js';

prepareEnvironment(process.env);

it('a rehearsal draws containers, and takes neither keys nor signals', async () => {
  const shown = new Set<string>();
  const listeners = () => [process, process.stdin, process.stdout].map((emitter) => emitter.eventNames());
  const before = listeners();
  const isRaw = process.stdin.isRaw;
  const matches = (name: string): boolean => {
    shown.add(name);
    assert.equal(process.stdin.isRaw, isRaw);
    return true;
  };
  await rehearse(
    {
      names: { label: 'all', matches },
      exporter,
      actions: 'this is a test',
      compilePattern: (pattern) => nameMatcher([pattern]),
    },
    Engine.subscription(),
    [],
    () => true,
  );
  assert.ok(shown.size > 0);
  assert.deepEqual(listeners(), before);
});
