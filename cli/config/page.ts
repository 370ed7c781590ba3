/** `boxtop config`: the effective configuration, as one that could be used itself. */

import { Chosen } from '../../tui/app/chosen.js';
import { views } from '../../tui/app/views.js';
import type { Kept } from '../../tui/preferences.js';
import { formatInterval } from '../../tui/text/format.js';
import { DEFAULT_INTERVAL_NS } from '../options.js';
import { type Configuration, SETTINGS } from './settings.js';

interface Places {
  readonly config: string;
  readonly hasConfig: boolean;
  readonly state: string;
}

/** Behind each value stands where it comes from: the line of the configuration, the screen, or a default. */
export function configPage({ settings, lines }: Configuration, kept: Kept, places: Places): string {
  const chosen = new Chosen(settings, kept);
  const from = (key: string, isKept = false): string =>
    isKept ? 'chosen on the screen' : lines.has(key) ? `line ${lines.get(key)}` : 'default';
  const body: Record<string, () => string[]> = {
    theme: () => [`"theme": ${json(chosen.theme)}, // ${from('theme', kept.theme !== undefined)}`],
    interval: () => [
      `"interval": ${json(formatInterval(settings.interval ?? DEFAULT_INTERVAL_NS))}, // ${from('interval')}`,
    ],
    mouse: () => [`"mouse": ${settings.mouse ?? true}, // ${from('mouse')}`],
    keys: () => [
      '"keys": {',
      ...Object.entries(settings.keys ?? {}).map(
        ([id, keys]) => `  ${json(id)}: ${json(keys)}, // ${from(`keys.${id}`)}`,
      ),
      '},',
    ],
    views: () => [
      '"views": {',
      ...views.flatMap((view) => viewLines(view.id).map((line) => `  ${line}`)),
      '},',
    ],
  };
  const viewLines = (id: string): string[] => {
    const view = views.find((candidate) => candidate.id === id)!;
    const key = `views.${id}`;
    const { column, descending } = chosen.sortOf(view);
    const columns = chosen.columnsOf(view);
    const filter = chosen.filterOf(view);
    return [
      `${json(id)}: {`,
      ...(columns === undefined
        ? []
        : [
            `  "columns": ${json(columns)}, // ${from(`${key}.columns`, kept.views[id]?.columns !== undefined)}`,
          ]),
      `  "sort": ${json((descending ? '-' : '+') + column)}, // ${from(`${key}.sort`, kept.views[id]?.sort !== undefined)}`,
      ...(filter === '' ? [] : [`  "filter": ${json(filter)}, // ${from(`${key}.filter`)}`]),
      '},',
    ];
  };
  return [
    `// Configuration: ${places.config}${places.hasConfig ? '' : ' (not there)'}`,
    `// What was chosen on the screen: ${places.state}`,
    '{',
    ...SETTINGS.flatMap(({ key, doc }) => [`// ${doc}`, ...body[key]!()].map((line) => `  ${line}`)),
    '}',
    '',
  ].join('\n');
}

function json(value: unknown): string {
  return JSON.stringify(value).replaceAll('","', '", "');
}
