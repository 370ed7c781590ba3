/** The generated page of keys. */
import { actions, groups } from './actions.js';
import { fullTitle, keyName } from './key-names.js';

/** docs/keys.md: generated from the table of actions, and compared with it in the tests. */
export function keysMarkdown(): string {
  const sections = groups.map((group) => {
    const rows = actions
      .filter((action) => action.group === group)
      .map(
        (action) => `| ${action.keys.map(markdownKey).join(' ')} | ${fullTitle(action)} | \`${action.id}\` |`,
      );
    return [`## ${group}`, '', '| keys | | action |', '|---|---|---|', ...rows].join('\n');
  });
  return `# Keys\n\nGenerated from \`tui/app/actions.ts\`. The same list is on \`?\` in boxtop.\n\n${sections.join('\n\n')}\n`;
}

function markdownKey(key: string): string {
  const name = keyName(key);
  const code = name === '`' ? '`` ` ``' : `\`${name}\``;
  return code.replaceAll('|', '\\|');
}
