/** The generated page of keys and commands. */
import { groups } from './actions/action.js';
import { actions } from './actions.js';
import { commands } from './commands.js';
import { fullTitle, keyName } from './key-names.js';

/** docs/keys.md: generated from the tables of actions and commands, and compared with them in the tests. */
export function keysMarkdown(): string {
  const sections = groups.map((group) => {
    const rows = actions
      .filter((action) => action.group === group)
      .map(
        (action) => `| ${action.keys.map(markdownKey).join(' ')} | ${fullTitle(action)} | \`${action.id}\` |`,
      );
    return [`## ${group}`, '', '| keys | | action |', '|---|---|---|', ...rows].join('\n');
  });
  const rows = commands.map(
    ({ id, argument, title }) => `| ${markdownCode(`:${id} ${argument}`)} | ${title} |`,
  );
  const palette = [
    '## Commands',
    '',
    '`:` takes these, and the name of each action above; a few letters find them. A line that begins with a digit, `+`, `-` or `@` is a jump.',
    '',
    '| command | |',
    '|---|---|',
    ...rows,
  ].join('\n');
  return `# Keys and commands\n\nGenerated from \`tui/app/actions.ts\` and \`tui/app/commands.ts\`. The same list is on \`?\` in boxtop.\n\n${[...sections, palette].join('\n\n')}\n`;
}

function markdownKey(key: string): string {
  return markdownCode(keyName(key));
}

function markdownCode(text: string): string {
  const code = text === '`' ? '`` ` ``' : `\`${text}\``;
  return code.replaceAll('|', '\\|');
}
