/** `json` is one array, `jsonl` one object a line; both have the same objects, keyed by column id. */
import type { Cells } from '../view.js';
import { escapeHostile, unicodeEscape } from './escape.js';
import { type Format, type Heading, plainValue } from './format.js';

export function jsonLines(): Format {
  let columns: readonly Heading[] = [];
  return {
    begin(headings) {
      columns = headings;
      return '';
    },
    frame: (rows) => rows.map((row) => `${jsonObject(columns, row)}\n`).join(''),
    end: () => '',
  };
}

export function jsonArray(): Format {
  let columns: readonly Heading[] = [];
  let separator = '\n';
  return {
    begin(headings) {
      columns = headings;
      return '[';
    },
    frame: (rows) =>
      rows
        .map((row) => {
          const text = separator + jsonObject(columns, row);
          separator = ',\n';
          return text;
        })
        .join(''),
    end: () => '\n]\n',
  };
}

/** JSON on one line that can also be shown: control and bidirectional characters are \u escapes. */
export function jsonText(value: unknown): string {
  return escapeHostile(JSON.stringify(value), unicodeEscape);
}

function jsonObject(columns: readonly Heading[], row: Cells): string {
  return jsonText(
    Object.fromEntries(columns.map(({ id, unit }, index) => [id, plainValue(unit, row[index])])),
  );
}
