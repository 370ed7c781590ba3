/**
 * Where a text stops being JSON (RFC 8259): `JSON.parse` says it in words that differ from one Node to the next and often
 * without a position.
 */
const SPACE = /[ \t\r\n]*/y;
const SCALAR =
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const KEY = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"[ \t\r\n]*:/y;
/** The beginning of a token that the end of the text cut off. */
const CUT = /(?:"(?:[^"\\\u0000-\u001f]|\\.)*(?:\\|"[ \t\r\n]*)?|[.eE+-]+|t|tr|tru|f|fa|fal|fals|n|nu|nul)$/y;

/** Offset of the first token that cannot stand where it stands; the text's length where it ends in the middle. */
export function jsonFault(text: string): number {
  const at = firstFault(text);
  CUT.lastIndex = at;
  return CUT.test(text) ? text.length : at;
}

function firstFault(text: string): number {
  const open: ('{' | '[')[] = [];
  let at = 0;
  let afterValue = false;
  let afterOpening = false;
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const matched = pattern.test(text);
    if (matched) at = pattern.lastIndex;
    return matched;
  };
  for (;;) {
    skip(SPACE);
    if (at >= text.length) return text.length;
    const character = text[at];
    const top = open.at(-1);
    const closes = character === (top === '{' ? '}' : ']');
    if (top !== undefined && closes && (afterValue || afterOpening)) {
      open.pop();
      at++;
      afterValue = true;
      afterOpening = false;
      continue;
    }
    if (afterValue) {
      if (top === undefined || character !== ',') return at;
      at++;
      skip(SPACE);
      afterValue = false;
    }
    afterOpening = false;
    if (at >= text.length) return text.length;
    if (top === '{') {
      if (!skip(KEY)) return at;
      skip(SPACE);
      if (at >= text.length) return text.length;
    }
    const opening = text[at];
    if (opening === '{' || opening === '[') {
      open.push(opening);
      at++;
      afterOpening = true;
    } else if (skip(SCALAR)) {
      afterValue = true;
    } else {
      return at;
    }
  }
}
