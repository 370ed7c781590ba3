// Writes the documents that are made of tables in the code: node scripts/docs.mjs [--check]
//
// With --check it writes nothing and fails where a document is not what the code says.
import { readFileSync, writeFileSync } from 'node:fs';
import { tables } from '../dist/analyzers/columns/index.js';
import { FILTER_SYNTAX } from '../dist/analyzers/filter/syntax.js';
import { keysMarkdown } from '../dist/tui/app/keys-page.js';

const UNITS = {
  text: 'text',
  count: 'number',
  duration: 'ns',
  percent: '% of one CPU',
  time: 'ns since the epoch, as a string',
  cpus: 'CPUs',
  bytes: 'bytes',
  tid: 'number',
};

const documents = {
  'columns.md': columnsMarkdown(),
  'filter.md': filterMarkdown(),
  'keys.md': keysMarkdown(),
};
const differing = Object.entries(documents).filter(([name, text]) => textOf(name) !== text);
if (process.argv.includes('--check')) {
  for (const [name] of differing) console.error(`docs/${name} is not what the code says: npm run docs`);
  process.exit(differing.length === 0 ? 0 : 1);
}
for (const [name, text] of differing) writeFileSync(placeOf(name), text);

function columnsMarkdown() {
  const sections = Object.values(tables).map(
    ({ id, doc, columns }) =>
      `## ${id}\n\n${doc}\n\n| id | on screen | value | meaning |\n| --- | --- | --- | --- |\n${columns.map(columnLine).join('\n')}\n`,
  );
  return `# Columns

Generated from \`analyzers/columns/\` by \`npm run docs\`. What \`boxtop dump TABLE\` writes and the screen shows. The ids are stable: scripts may rely on them. Values are those of
json, jsonl, csv and tsv; unknown is \`null\` in JSON, empty in CSV and TSV, and \`–\` on screen.

${sections.join('\n')}`;
}

function filterMarkdown() {
  const rows = FILTER_SYNTAX.map(
    ({ form, doc }) =>
      `| ${form
        .split('  ')
        .map((part) => `\`${part}\``)
        .join(' ')} | ${cell(doc)} |`,
  );
  const aliases = Object.values(tables).flatMap(({ id, columns }) =>
    columns
      .filter(({ alias }) => alias !== undefined)
      .map((column) => `\`${column.alias}\` is \`${column.id}\` (${id})`),
  );
  return `# Filters

Generated from \`analyzers/filter/syntax.ts\` by \`npm run docs\`. The same language is in \`--filter\`, in the filter line of the screen (\`/\`, \`F4\`) and in the configuration.

| | |
| --- | --- |
${rows.join('\n')}

Columns are named by their id ([columns.md](columns.md)), by their id without its unit (\`cpu\` is \`cpu_pct\`, \`mem\` is \`mem_bytes\`, \`limit\` is
\`limit_cpus\`; of a share and a duration the share is meant), or by their title on the screen (\`wait\` is \`runnable_ns\`). Besides: ${aliases.join(', ')}. On the
screen \`Tab\` completes names of columns and values of texts. Regular expressions end after 0.2 s on one text.
`;
}

function columnLine({ id, title, unit, doc, unknown, priority }) {
  const meaning = unknown === undefined ? doc : `${doc} Unknown: ${unknown}`;
  const shown = priority === undefined ? '' : title;
  return `| \`${id}\` | ${cell(shown)} | ${UNITS[unit]} | ${cell(meaning)} |`;
}

function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function placeOf(name) {
  return new URL(`../docs/${name}`, import.meta.url);
}

function textOf(name) {
  try {
    return readFileSync(placeOf(name), 'utf8');
  } catch {
    return undefined;
  }
}
