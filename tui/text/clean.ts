/**
 * Text from a trace, made fit for the screen. It is hostile: a container's name can hold escape sequences, marks that turn
 * the direction of writing, or a hundred accents on one letter. Everything that components draw goes through `clean`.
 */

/** Longest text that is looked at; no cell shows more. */
const MOST_CHARACTERS = 512;
/**
 * Controls (Cc), format characters (Cf: bidirectional marks, zero-width joiners, tags), lone surrogates (Cs), line and
 * paragraph separators, and what Unicode calls ignorable: variation selectors, fillers that look like nothing.
 */
const UNFIT = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
const PLAIN = /^[\x20-\x7e]*$/;
/** More combining marks than any script needs. */
const PILED_MARKS = /(\p{M}{2})\p{M}+/gu;

export function clean(text: string): string {
  const head = text.length > MOST_CHARACTERS ? text.slice(0, MOST_CHARACTERS) : text;
  if (PLAIN.test(head)) return head;
  return head.normalize('NFC').replace(UNFIT, '').replace(PILED_MARKS, '$1');
}

/** What typography has that ASCII can stand for. */
const ASCII_FOR: Readonly<Record<string, string>> = {
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '–': '-',
  '—': '-',
  '…': '...',
  '×': 'x',
  µ: 'u',
};

/** As `clean`, in ASCII, with `?` for what it has not: for locales that have no more. */
export function cleanAscii(text: string): string {
  return clean(text).replace(/[^\x20-\x7e]/gu, (character) => ASCII_FOR[character] ?? '?');
}
