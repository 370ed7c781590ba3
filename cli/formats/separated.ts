/** `csv` (RFC 4180) and `tsv` (the escapes of PostgreSQL's COPY): a line of column ids, then one line a row; unknown is empty. */
import { escapeHostile, unicodeEscape } from './escape.js';
import { type Format, type Heading, plainValue } from './format.js';

/** Spreadsheets take text that begins so for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * Fields are quoted where they must be. Text that a spreadsheet would run as a formula gets a ' before it, and control
 * characters other than tab and line ends, for which CSV has no escape, become U+FFFD: use tsv or json for exact text.
 */
export function csv(): Format {
  return separated(',', '\r\n', (text) => {
    const shown = text.replace(/[^\t\r\n]+/g, (part) => escapeHostile(part, () => '\ufffd'));
    const safe = FORMULA.test(shown) ? `'${shown}` : shown;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  });
}

/** \t, \n, \r and \\ stand for what would break the line; other control characters are \xHH or \uHHHH. */
export function tsv(): Format {
  const named: Readonly<Record<number, string>> = { 9: '\\t', 10: '\\n', 13: '\\r' };
  const escapeCode = (code: number) =>
    named[code] ?? (code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : unicodeEscape(code));
  return separated('\t', '\n', (text) => escapeHostile(text.replaceAll('\\', '\\\\'), escapeCode));
}

function separated(separator: string, lineEnd: string, escapeText: (text: string) => string): Format {
  let columns: readonly Heading[] = [];
  const line = (cells: readonly string[]) => cells.join(separator) + lineEnd;
  return {
    begin(headings) {
      columns = headings;
      return line(columns.map(({ id }) => id));
    },
    frame: (rows) =>
      rows
        .map((row) =>
          line(
            columns.map(({ unit }, index) => {
              const value = plainValue(unit, row[index]);
              return typeof value === 'string' ? escapeText(value) : String(value ?? '');
            }),
          ),
        )
        .join(''),
    end: () => '',
  };
}
