/**
 * What hostile text must not carry. Names, paths and labels come from containers: a control character could rewrite the
 * reader's terminal, and a bidirectional one make a name look like another.
 */

/** C0 and C1 controls, line and paragraph separators, bidirectional marks, embeddings, overrides and isolates (UTR 36), lone surrogates. */
const HOSTILE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Each hostile character as `substitute` writes its code. */
export function escapeHostile(text: string, substitute: (code: number) => string): string {
  return text.replace(HOSTILE, (character) => substitute(character.charCodeAt(0)));
}

/** As JSON and JavaScript write it: \u001b. */
export function unicodeEscape(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`;
}
