import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { parseJsonc } from '../../cli/config/jsonc.js';
import { loadConfiguration, loadScreenSettings } from '../../cli/config/load.js';
import { configPage } from '../../cli/config/page.js';
import { configPlace, statePlace } from '../../cli/config/places.js';
import { NO_CONFIGURATION, readConfiguration } from '../../cli/config/settings.js';
import { NOTHING_KEPT } from '../../tui/preferences.js';

const read = (text: string) => readConfiguration(text, 'config.json');

describe('a configuration', () => {
  it('says everything that there is to say', () => {
    const { settings, lines } = read(`// mine
{
  "theme": "light",
  "interval": "500ms",
  "mouse": false,
  "keys": { "quit": ["X", "f10"], "half-page-up": [] },
  "views": {
    "containers": { "columns": ["name", "cpu", "MEM"], "sort": "-mem", "filter": "not host" }, /* and */
    "threads": { "sort": "wait" },
  },
}
`);
    assert.deepEqual(settings, {
      theme: 'light',
      interval: 500e6,
      mouse: false,
      keys: { quit: ['X', 'f10'], 'half-page-up': [] },
      views: {
        containers: {
          columns: ['name', 'cpu_pct', 'mem_bytes'],
          sort: { column: 'mem_bytes', descending: true },
          filter: 'not host',
        },
        threads: { sort: { column: 'runnable_ns', descending: true } },
      },
    });
    assert.equal(lines.get('views.containers.sort'), 8);
    assert.equal(lines.get('keys.quit'), 6);
  });

  for (const [text, message] of [
    ['[]', /^config\.json:1: the configuration is not an object/],
    ['{', /^config\.json:1: the end stands where a key in double quotes, or \} has to/],
    ['{\n"theme" "dark"}', /^config\.json:2: “"” stands where : after "theme" has to/],
    ['{"theme": dark}', /^config\.json:1: “d” stands where a value has to/],
    ['{"theme": "dark}', /^config\.json:1: a text has no " at its end/],
    ['{"mouse": true "theme": "dark"}', /stands where , or \} has to/],
    ['{"mouse": true, "mouse": true}', /mouse stands twice/],
    ['{} x', /“x” stands where the end has to/],
    [`{"a": ${'['.repeat(50)}`, /too much inside of each other/],
    ['{\n\n"tehme": "dark"}', /^config\.json:3: tehme: there is no such setting; did you mean theme\?/],
    ['{"theme": "pink"}', /theme: there is no theme “pink”; there are auto dark/],
    ['{"theme": 5}', /theme: it is not a text in quotes/],
    ['{"mouse": "yes"}', /mouse: it is neither true nor false/],
    ['{"interval": "5"}', /interval: .*has no unit/],
    ['{"keys": {\n"quit": ["j"]}}', /^config\.json:2: keys\.quit: the key j is that of “down” already/],
    ['{"keys": {"quitt": ["j"]}}', /keys\.quitt: there is no action “quitt”/],
    ['{"keys": {"quit": [5]}}', /keys\.quit: it is not a list of texts/],
    ['{"views": {"container": {}}}', /views\.container: there is no such setting; did you mean containers\?/],
    ['{"views": {"containers": []}}', /views\.containers: it is not an object/],
    ['{"views": {"containers": {"order": 1}}}', /views\.containers\.order: there is no such setting/],
    ['{"views": {"containers": {"columns": ["cpux"]}}}', /containers have no column “cpux”/],
    [
      '{"views": {"containers": {\n"sort": "-nmae"}}}',
      /^config\.json:2: views\.containers\.sort: .*did you mean name\?/,
    ],
    ['{"views": {"containers": {"filter": "cpu>"}}}', /the filter “cpu>”, at its end: a value is missing/],
  ] as const)
    it(`is refused with file, line and key: ${text.slice(0, 40)}`, () =>
      assert.throws(() => read(text), { name: 'CommandError', message }));
});

describe('JSON with comments', () => {
  it('is read as JSON is', () => {
    const plain = (node: ReturnType<typeof parseJsonc>): unknown =>
      node.kind === 'value'
        ? node.value
        : node.kind === 'array'
          ? node.items.map(plain)
          : Object.fromEntries([...node.entries].map(([key, entry]) => [key, plain(entry.node)]));
    for (const value of [
      null,
      true,
      -1.5e3,
      'a "b" \\ \u00e9 // no /* comment */',
      [],
      {},
      { a: [1, { b: [] }] },
    ])
      assert.deepEqual(plain(parseJsonc(JSON.stringify(value, undefined, 2))), value);
    assert.deepEqual(plain(parseJsonc('/* a */ [1, // b\n 2,] // c')), [1, 2]);
  });
});

describe('where it lies', () => {
  let folder: string;
  let env: Record<string, string>;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'boxtop-config-'));
    env = { HOME: folder };
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is the XDG place', () => {
    assert.equal(configPlace(env), join(folder, '.config/boxtop/config.json'));
    assert.equal(statePlace(env), join(folder, '.local/state/boxtop/state.json'));
    assert.equal(configPlace({ ...env, XDG_CONFIG_HOME: '/x' }), '/x/boxtop/config.json');
    assert.equal(configPlace({ ...env, XDG_CONFIG_HOME: 'x' }), join(folder, '.config/boxtop/config.json'));
  });
  it('may hold none', async () => {
    assert.equal(await loadConfiguration(env), NO_CONFIGURATION);
    assert.deepEqual((await loadScreenSettings(env)).kept, NOTHING_KEPT);
  });
  it('gets what was chosen, and gives it back', async () => {
    const { keep } = await loadScreenSettings(env);
    const kept = {
      theme: 'dark',
      views: { containers: { columns: ['name'], sort: { column: 'name', descending: false } } },
      commands: ['sort name'],
      filters: ['web'],
    } as const;
    await keep(kept);
    assert.deepEqual((await loadScreenSettings(env)).kept, kept);
    assert.deepEqual(readdirSync(join(folder, '.local/state/boxtop')), ['state.json']);
  });
  it('does no harm with what is broken or cannot be written', async () => {
    mkdirSync(join(folder, '.local/state/boxtop'), { recursive: true });
    for (const text of [
      '',
      '{',
      '5',
      '{"views": 5, "theme": "pink", "commands": [5], "filters": {}}',
      '{"views": {"x": 5}}',
    ]) {
      writeFileSync(statePlace(env), text);
      const { kept } = await loadScreenSettings(env);
      assert.deepEqual([kept.commands, kept.filters, kept.theme], [[], [], undefined]);
    }
    const nowhere = { HOME: join(folder, 'file') };
    writeFileSync(nowhere.HOME, '');
    await (await loadScreenSettings(nowhere)).keep(NOTHING_KEPT);
    assert.ok(!existsSync(statePlace(nowhere)));
  });
  it('is told on a page that is a configuration itself', () => {
    const text =
      '{\n"interval": "2s",\n"keys": {"quit": ["X"]},\n"views": {"containers": {"sort": "name", "filter": "not \\"a b\\""}}}';
    const configuration = read(text);
    const kept = { ...NOTHING_KEPT, views: { threads: { columns: ['tid', 'comm'] } } };
    const page = configPage(configuration, kept, { config: '/c', hasConfig: true, state: '/s' });
    assert.match(page, /"theme": "auto", \/\/ default/);
    assert.match(page, /"interval": "2s", \/\/ line 2/);
    assert.match(page, /"quit": \["X"\], \/\/ line 3/);
    assert.match(page, /"sort": "\+name", \/\/ line 4/);
    assert.match(page, /"columns": \["tid", "comm"\], \/\/ chosen on the screen/);
    const again = read(page).settings;
    assert.equal(again.interval, 2e9);
    assert.deepEqual(again.views?.containers, configuration.settings.views?.containers);
    assert.deepEqual(again.views?.threads?.columns, ['tid', 'comm']);
    assert.equal(readFileSync('README.md', 'utf8').includes('boxtop config'), true);
  });
});
