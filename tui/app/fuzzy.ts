/** Finds things by a few of their letters. */

const WORD_BEGIN = /[\s\-_./:]/;

/**
 * How well `typed` fits `text`: undefined if its characters are not in it in that order; else higher is better. Characters
 * that follow each other and that begin words count more, letters left out before the end count less.
 */
export function fuzzyScore(typed: string, text: string): number | undefined {
  const wanted = typed.toLowerCase();
  const hay = text.toLowerCase();
  if (wanted === '') return 0;
  if (hay === wanted) return 1000;
  const at = hay.indexOf(wanted);
  if (at === 0) return 500 - hay.length;
  if (at > 0) return (WORD_BEGIN.test(hay[at - 1]!) ? 300 : 200) - hay.length;
  let score = 0;
  let from = 0;
  let last = -2;
  for (const character of wanted) {
    const found = hay.indexOf(character, from);
    if (found < 0) return undefined;
    if (found === last + 1) score += 8;
    else if (found === 0 || WORD_BEGIN.test(hay[found - 1]!)) score += 6;
    else score -= Math.min(4, found - from);
    last = found;
    from = found + 1;
  }
  return score - hay.length / 10;
}

/**
 * Those that fit, best first; equally good ones as they came. The first of an item's texts is its name, of which a few
 * letters are enough; the others explain it, and have to have what was typed as it stands.
 */
export function fuzzyFind<T>(
  typed: string,
  items: readonly T[],
  textsOf: (item: T) => readonly string[],
): T[] {
  const scored: { readonly item: T; readonly score: number; readonly index: number }[] = [];
  for (const [index, item] of items.entries()) {
    const [name = '', ...others] = textsOf(item);
    const score = fuzzyScore(typed, name) ?? inAny(typed, others);
    if (score !== undefined) scored.push({ item, score, index });
  }
  return scored.sort((a, b) => b.score - a.score || a.index - b.index).map(({ item }) => item);
}

/** Worse than what a name has. */
function inAny(typed: string, texts: readonly string[]): number | undefined {
  const found = texts.findIndex((text) => text.toLowerCase().includes(typed.toLowerCase()));
  return found < 0 ? undefined : -1000 - found;
}
